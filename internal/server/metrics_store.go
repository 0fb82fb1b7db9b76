package server

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/drover-iot/drover/internal/store"
	"github.com/drover-iot/drover/internal/store/sqlite"
)

// storeMeters are what the store tells of: its transactions and checkpoints.
// The writer's goroutine writes here, so no more than a few hundred
// nanoseconds a command.
type storeMeters struct {
	took, saved, waited, commands prometheus.Histogram
	failed, events, unannounced   prometheus.Counter
	log                           prometheus.Gauge
	free, held                    prometheus.Observer // checkpoints, by whether the writer was held
	checkpoints                   *prometheus.HistogramVec
	owed, paid, dropped           *atomic.Int64 // for others to show
}

func newStoreMeters() storeMeters {
	checkpoints := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "drover_store_checkpoint_seconds", Buckets: spread,
		Help: "How long a pass took that copied the log into the database, by whether the writer was held for it.",
	}, []string{"writer"})
	return storeMeters{
		took:     histogram("drover_store_transaction_seconds", "How long a transaction of the writer took, from its begin to the end of its commit.", spread),
		saved:    histogram("drover_store_commit_seconds", "Of a transaction, how long saving its rows and committing took.", spread),
		waited:   histogram("drover_store_wait_seconds", "How long a command waited until its transaction began.", spread),
		commands: histogram("drover_store_transaction_commands", "How many commands shared a transaction.", prometheus.ExponentialBuckets(1, 2, 10)),
		failed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "drover_store_transactions_failed_total", Help: "Transactions that the database refused: nothing of them was acknowledged.",
		}),
		events: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "drover_events_stored_total", Help: "Events that were stored, to be published.",
		}),
		unannounced: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "drover_events_dropped_total", Help: "Events that were dropped before they were published, since too many waited.",
		}),
		log: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "drover_store_log_bytes", Help: "What the write-ahead log held at the last checkpoint.",
		}),
		checkpoints: checkpoints, free: checkpoints.WithLabelValues("free"), held: checkpoints.WithLabelValues("held"),
		owed: &atomic.Int64{}, paid: &atomic.Int64{}, dropped: &atomic.Int64{},
	}
}

// spread are buckets from a tenth of a millisecond to ten seconds.
var spread = []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

func histogram(name, help string, buckets []float64) prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets})
}

func (m storeMeters) all() []prometheus.Collector {
	return []prometheus.Collector{m.took, m.saved, m.waited, m.commands, m.failed, m.events, m.unannounced, m.log, m.checkpoints}
}

// turned is store.Options.Turned.
func (m storeMeters) turned(t store.Turn) {
	if t.Failed {
		m.failed.Inc()
		return
	}
	m.took.Observe(t.Took.Seconds())
	m.saved.Observe(t.Saved.Seconds())
	m.commands.Observe(float64(t.Commands))
	for _, waited := range t.Waited {
		m.waited.Observe(waited.Seconds())
	}
	m.owed.Add(t.Owed)
	m.paid.Add(t.Paid)
	m.dropped.Add(t.Dropped)
	m.events.Add(float64(t.Events))
	m.unannounced.Add(float64(t.Unannounced))
}

// checkpointed is sqlite.Config.Checkpointed.
func (m storeMeters) checkpointed(c sqlite.Checkpoint) {
	m.log.Set(float64(c.Log))
	if c.Held {
		m.held.Observe(c.Took.Seconds())
	} else {
		m.free.Observe(c.Took.Seconds())
	}
}

// storeFigures reads how the store stands when it is asked.
type storeFigures struct{ store *sqlite.Store }

var (
	queueLength = describe("drover_store_queue_length", "Commands that wait for the writer.")
	fileBytes   = describe("drover_store_file_bytes", "Size on the disk, by file: a log keeps the size that it once had.", "file")
)

// Describe implements prometheus.Collector.
func (f storeFigures) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(f, ch) }

// Collect implements prometheus.Collector.
func (f storeFigures) Collect(ch chan<- prometheus.Metric) {
	gauge(ch, queueLength, float64(f.store.Waiting()))
	database, log := f.store.Size()
	gauge(ch, fileBytes, float64(database), "database")
	gauge(ch, fileBytes, float64(log), "log")
}
