package server

import (
	"errors"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// requestMeters are the requests to operations, over both doors.
type requestMeters struct {
	total    *prometheus.CounterVec
	took     *prometheus.HistogramVec
	tooLarge prometheus.Counter // bodies
}

func newRequestMeters() requestMeters {
	return requestMeters{
		total: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "drover_requests_total", Help: "Requests answered, by service, operation, door and outcome.",
		}, []string{"service", "operation", "door", "outcome"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "drover_request_seconds", Help: "How long requests took, from their arrival to their answer, by service, operation and door.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"service", "operation", "door"}),
		tooLarge: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "drover_http_bodies_too_large_total", Help: "Requests refused because their body was over the limit.",
		}),
	}
}

func (m requestMeters) all() []prometheus.Collector {
	return []prometheus.Collector{m.total, m.took, m.tooLarge}
}

// count counts a request.
func (m requestMeters) count(r request) {
	m.total.WithLabelValues(r.service, r.operation, r.door, r.outcome).Inc()
	m.took.WithLabelValues(r.service, r.operation, r.door).Observe(r.took.Seconds())
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(r.err, &tooLarge) {
		m.tooLarge.Inc()
	}
}

// request is one that was answered, as it is counted and logged.
type request struct {
	service   string // as its model names it: an operation's name may be of two
	operation string // in the service model; noOperation if there is none
	door      string // http or mqtt
	outcome   string // accepted, or the error as the client reads it
	took      time.Duration
	err       error
}

const (
	noOperation = "none"
	isAccepted  = "accepted"
	isGone      = "ClientGone" // it did not wait for the answer
	overHTTP    = "http"
	overMQTT    = "mqtt"
)
