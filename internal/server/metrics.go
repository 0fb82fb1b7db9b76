package server

import (
	"log/slog"
	"net/http"
	"runtime"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// meters are the node's figures. No other room knows Prometheus: what happens
// there is told by the functions of their configurations, which write here, and
// what they count themselves is read when somebody asks.
//
// Label values are of fixed sets: none is a name that somebody gave, or
// anything else that a stranger sends. docs/metrics.md lists them all.
type meters struct {
	registry *prometheus.Registry
	store    storeMeters
	engine   engineMeters
	requests requestMeters
	leftOut  *prometheus.CounterVec // lines of the log, by level
}

func newMeters(version string) *meters {
	m := &meters{
		registry: prometheus.NewRegistry(),
		store:    newStoreMeters(), engine: newEngineMeters(), requests: newRequestMeters(),
		leftOut: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "drover_log_lines_left_out_total",
			Help: "Lines about devices and peers that the log left out because there were too many, by level.",
		}, []string{"level"}),
	}
	for _, l := range []slog.Level{slog.LevelInfo, slog.LevelError} {
		m.leftOut.WithLabelValues(l.String())
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "drover_build_info", Help: "Always 1; the labels say what runs.",
		ConstLabels: prometheus.Labels{"version": version, "goversion": runtime.Version()},
	})
	build.Set(1)
	m.registry.MustRegister(
		build, m.leftOut,
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	m.registry.MustRegister(m.store.all()...)
	m.registry.MustRegister(m.engine.all()...)
	m.registry.MustRegister(m.requests.all()...)
	return m
}

// registerFigures adds what the parts are asked for when somebody looks: all of
// them are there.
func (n *Node) registerFigures() {
	n.meters.registry.MustRegister(
		brokerFigures{n.broker, n.meters}, storeFigures{n.store}, engineFigures{n.engine}, deviceFigures{n.device, n.meters},
		&n.connections, unreadFigures{&n.unread}, artifactFigures{n.artifacts},
	)
}

// metrics serves the node's figures in Prometheus' text form. Those that cannot
// be had are left out, such as the store's when it fails: the others are wanted
// then.
func (n *Node) metrics() http.Handler {
	return promhttp.HandlerFor(n.meters.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
}

func gauge(ch chan<- prometheus.Metric, d *prometheus.Desc, n float64, labels ...string) {
	ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, n, labels...)
}

func counter(ch chan<- prometheus.Metric, d *prometheus.Desc, n int64, labels ...string) {
	ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), labels...)
}

// counters are the counters of one name by the word that is their only label.
func counters(ch chan<- prometheus.Metric, d *prometheus.Desc, by map[string]int64) {
	for word, n := range by {
		counter(ch, d, n, word)
	}
}
