package server

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics serves the node's figures in Prometheus' text form.
func (n *Node) metrics() http.Handler {
	r := prometheus.NewRegistry()
	r.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		brokerFigures{n.broker},
	)
	return promhttp.HandlerFor(r, promhttp.HandlerOpts{})
}

func gauge(ch chan<- prometheus.Metric, d *prometheus.Desc, n int64) {
	ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(n))
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
