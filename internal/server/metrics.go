package server

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/drover-iot/drover/internal/broker"
)

// metrics serves the node's figures in Prometheus' text form.
func (n *Node) metrics() http.Handler {
	r := prometheus.NewRegistry()
	r.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		brokerCollector{n.broker},
	)
	return promhttp.HandlerFor(r, promhttp.HandlerOpts{})
}

// brokerCollector reads the broker's counters when it is asked.
type brokerCollector struct{ broker *broker.Broker }

var (
	connections  = describe("connections", "MQTT connections that are open.")
	sessions     = describe("sessions", "MQTT sessions, connected or kept.")
	accepted     = describe("connections_accepted_total", "MQTT connections since the start.")
	packetsIn    = describe("packets_received_total", "MQTT packets received.")
	packetsOut   = describe("packets_sent_total", "MQTT packets sent.")
	bytesIn      = describe("received_bytes_total", "Bytes of MQTT packets received.")
	bytesOut     = describe("sent_bytes_total", "Bytes of MQTT packets sent.")
	dropped      = describe("messages_dropped_total", "Messages that a client missed: its queue was full, they expired or were too large.")
	panics       = describe("packet_panics_total", "MQTT packets over which the codec panicked. Report them.")
	faults       = describe("faults_total", "MQTT packets and their steps over which the node panicked: their connections were ended. Report them.")
	disconnected = describe("connections_ended_total", "MQTT connections that ended, by cause.", "cause")
)

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("drover_mqtt_"+name, help, labels, nil)
}

// Describe implements prometheus.Collector.
func (c brokerCollector) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, ch) }

// Collect implements prometheus.Collector.
func (c brokerCollector) Collect(ch chan<- prometheus.Metric) {
	s := c.broker.Stats()
	gauge := func(d *prometheus.Desc, n int64) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(n))
	}
	counter := func(d *prometheus.Desc, n int64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), labels...)
	}
	gauge(connections, s.Connections)
	gauge(sessions, s.Sessions)
	counter(accepted, s.Accepted)
	counter(packetsIn, s.PacketsIn)
	counter(packetsOut, s.PacketsOut)
	counter(bytesIn, s.BytesIn)
	counter(bytesOut, s.BytesOut)
	counter(dropped, s.Dropped)
	counter(panics, s.Panics)
	counter(faults, s.Faults)
	for cause, n := range s.Disconnected {
		counter(disconnected, n, cause.String())
	}
}
