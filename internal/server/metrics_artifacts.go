package server

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/drover-iot/drover/internal/s3"
)

// artifactFigures reads what is under way at the node's own store of artifacts
// when it is asked; with a store elsewhere they are 0.
type artifactFigures struct{ door *s3.Door }

var (
	artifactBodies  = describe("drover_artifact_bodies", "Bodies of artifacts that come or go.")
	artifactUploads = describe("drover_artifact_uploads", "Uploads of artifacts in parts that have begun and not ended.")
)

// Describe implements prometheus.Collector.
func (f artifactFigures) Describe(ch chan<- *prometheus.Desc) {
	ch <- artifactBodies
	ch <- artifactUploads
}

// Collect implements prometheus.Collector.
func (f artifactFigures) Collect(ch chan<- prometheus.Metric) {
	var s s3.Stats
	if f.door != nil {
		var err error
		if s, err = f.door.Stats(); err != nil {
			ch <- prometheus.NewInvalidMetric(artifactUploads, err)
			return
		}
	}
	gauge(ch, artifactBodies, float64(s.Bodies))
	gauge(ch, artifactUploads, float64(s.Uploads))
}
