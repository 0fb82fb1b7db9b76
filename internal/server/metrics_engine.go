package server

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/drover-iot/drover/internal/device"
	"github.com/drover-iot/drover/internal/engine"
	"github.com/drover-iot/drover/internal/job"
)

// engineMeters are what committed turns did.
type engineMeters struct {
	queued, ended              *prometheus.CounterVec
	byRollout, byJoin, byRetry prometheus.Counter
	byState                    [job.Removed + 1]prometheus.Counter // of ended
	aborted                    prometheus.Counter
	lag                        *prometheus.HistogramVec
}

func newEngineMeters() engineMeters {
	m := engineMeters{
		queued: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "drover_executions_queued_total", Help: "Executions queued, by what queued them.",
		}, []string{"by"}),
		ended: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "drover_executions_ended_total", Help: "Executions that have ended, by their state then; each attempt counts.",
		}, []string{"status"}),
		aborted: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "drover_jobs_aborted_total", Help: "Jobs that an abort criterion ended.",
		}),
		lag: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "drover_due_lag_seconds", Help: "How late work was done after the instant at which it was due, by the work.",
			Buckets: []float64{.001, .01, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600},
		}, []string{"work"}),
	}
	m.byRollout, m.byJoin, m.byRetry = m.queued.WithLabelValues("rollout"), m.queued.WithLabelValues("join"), m.queued.WithLabelValues("retry")
	for s := job.Succeeded; s <= job.Removed; s++ {
		m.byState[s] = m.ended.WithLabelValues(s.String())
	}
	for _, work := range engine.Works() {
		m.lag.WithLabelValues(work)
	}
	return m
}

func (m engineMeters) all() []prometheus.Collector {
	return []prometheus.Collector{m.queued, m.ended, m.aborted, m.lag}
}

// turned is engine.Config.Turned.
func (m engineMeters) turned(t engine.Tally) {
	m.byRollout.Add(float64(t.Released))
	m.byJoin.Add(float64(t.Joined))
	m.byRetry.Add(float64(t.Retried))
	m.aborted.Add(float64(t.Aborted))
	for s, n := range t.Ended {
		if n > 0 {
			m.byState[s].Add(float64(n))
		}
	}
	for _, l := range t.Late {
		m.lag.WithLabelValues(l.Work).Observe(l.By.Seconds())
	}
}

// engineFigures reads how the clockwork stands, and what waits behind it, when
// it is asked.
type engineFigures struct{ engine *engine.Engine }

var (
	behind        = describe("drover_due_behind_seconds", "How long the oldest work that is due waits already.")
	eventsWaiting = describe("drover_events_waiting", "Events that are stored and wait to be published.")
	walks         = describe("drover_walks", "Walks over all things that are under way or wait for their turn, by what they are of.", "of")
)

// patience is how long a scrape waits for the store.
const patience = 5 * time.Second

// Describe implements prometheus.Collector.
func (f engineFigures) Describe(ch chan<- *prometheus.Desc) {
	ch <- behind
	ch <- eventsWaiting
	ch <- walks
}

// Collect implements prometheus.Collector.
func (f engineFigures) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if by, err := f.engine.Behind(ctx); err != nil {
		ch <- prometheus.NewInvalidMetric(behind, err)
	} else {
		gauge(ch, behind, by.Seconds())
	}
	b, err := f.engine.Backlog(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(eventsWaiting, err)
		return
	}
	gauge(ch, eventsWaiting, float64(b.Events))
	gauge(ch, walks, float64(b.Index), "index")
	gauge(ch, walks, float64(b.Groups), "group")
}

// deviceFigures reads what became of notices when it is asked.
type deviceFigures struct {
	device *device.Door
	meters *meters
}

var (
	noticesTold = describe("drover_notices_told_total", "Notices handed to connections, once for each session.")
	noticesOwed = describe("drover_notices_owed_total", "Notices written down for persistent sessions, once for each session and thing.")
	noticesPaid = describe("drover_notices_paid_total", "Notices that were written down and taken away when they were acknowledged.")
)

// Describe implements prometheus.Collector.
func (f deviceFigures) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(f, ch) }

// Collect implements prometheus.Collector.
func (f deviceFigures) Collect(ch chan<- prometheus.Metric) {
	counter(ch, noticesTold, f.device.Told())
	counter(ch, noticesOwed, f.meters.store.owed.Load())
	counter(ch, noticesPaid, f.meters.store.paid.Load())
}
