package server

import (
	"errors"
	"maps"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// requestMeters are the requests to operations, over both doors.
type requestMeters struct {
	total    *prometheus.CounterVec
	took     *prometheus.HistogramVec
	tooLarge prometheus.Counter // bodies
	known    *knownAnswers
}

// knownAnswers are the series of answers that were counted before: to find
// them by their labels each time would cost more than all other figures of a
// report.
type knownAnswers struct {
	mu     sync.Mutex // held while changing series
	series atomic.Pointer[map[answer]answerSeries]
}

type answerSeries struct {
	total prometheus.Counter
	took  prometheus.Observer
}

func newRequestMeters() requestMeters {
	m := requestMeters{
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
		known: &knownAnswers{},
	}
	m.known.series.Store(&map[answer]answerSeries{})
	return m
}

func (m requestMeters) all() []prometheus.Collector {
	return []prometheus.Collector{m.total, m.took, m.tooLarge}
}

// count counts a request.
func (m requestMeters) count(r request) {
	s, ok := (*m.known.series.Load())[r.answer]
	if !ok {
		s = m.learn(r.answer)
	}
	s.total.Inc()
	s.took.Observe(r.took.Seconds())
	if r.err != nil && isTooLarge(r.err) {
		m.tooLarge.Inc()
	}
}

func (m requestMeters) learn(a answer) answerSeries {
	m.known.mu.Lock()
	defer m.known.mu.Unlock()
	s := answerSeries{
		total: m.total.WithLabelValues(a.service, a.operation, a.door, a.outcome),
		took:  m.took.WithLabelValues(a.service, a.operation, a.door),
	}
	series := maps.Clone(*m.known.series.Load())
	series[a] = s
	m.known.series.Store(&series)
	return s
}

func isTooLarge(err error) bool {
	_, ok := errors.AsType[*http.MaxBytesError](err)
	return ok
}

// request is one that was answered.
type request struct {
	answer
	took time.Duration
	err  error // nil: accepted
}

// answer is what became of a request, in words of fixed sets.
type answer struct {
	service   string // as its model names it: an operation's name may be of two
	operation string // in that model; noOperation if there is none
	door      string // overHTTP or overMQTT
	outcome   string // isAccepted, isGone, or the error as the client reads it
}

const (
	noOperation = "none"
	isAccepted  = "accepted"
	isGone      = "ClientGone" // it did not wait for the answer
	overHTTP    = "http"
	overMQTT    = "mqtt"
)
