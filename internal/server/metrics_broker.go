package server

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/drover-iot/drover/internal/broker"
)

// brokerFigures reads the broker's counters when it is asked.
type brokerFigures struct {
	broker *broker.Broker
	meters *meters
}

var (
	connections  = describe("drover_mqtt_connections", "MQTT connections that are open.")
	sessions     = describe("drover_mqtt_sessions", "MQTT sessions, connected or kept.")
	heldBytes    = describe("drover_mqtt_held_bytes", "What MQTT connections together make the node hold in memory, about.")
	accepted     = describe("drover_mqtt_connections_accepted_total", "MQTT connections accepted.")
	ended        = describe("drover_mqtt_connections_ended_total", "MQTT connections ended, by cause and the finer reason.", "cause", "reason")
	packetsIn    = describe("drover_mqtt_packets_received_total", "MQTT packets received.")
	packetsOut   = describe("drover_mqtt_packets_sent_total", "MQTT packets sent.")
	bytesIn      = describe("drover_mqtt_received_bytes_total", "Bytes of MQTT packets received.")
	bytesOut     = describe("drover_mqtt_sent_bytes_total", "Bytes of MQTT packets sent.")
	dropped      = describe("drover_mqtt_messages_dropped_total", "Messages that a client missed, by why.", "reason")
	refused      = describe("drover_mqtt_refused_total", "Publishes and subscriptions refused on connections that went on, by what was wrong.", "reason")
	paused       = describe("drover_mqtt_reads_paused_total", "Times that a connection with too much under way was not read for a while, by the bound.", "bound")
	codecPanics  = describe("drover_mqtt_packet_panics_total", "MQTT packets over which the codec panicked.")
	brokerFaults = describe("drover_mqtt_faults_total", "MQTT packets and their steps over which the node panicked.")
)

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

// Describe implements prometheus.Collector.
func (f brokerFigures) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(f, ch) }

// Collect implements prometheus.Collector.
func (f brokerFigures) Collect(ch chan<- prometheus.Metric) {
	s := f.broker.Stats()
	gauge(ch, connections, float64(s.Connections))
	gauge(ch, sessions, float64(s.Sessions))
	gauge(ch, heldBytes, float64(s.HeldBytes))
	counter(ch, accepted, s.Accepted)
	counter(ch, packetsIn, s.PacketsIn)
	counter(ch, packetsOut, s.PacketsOut)
	counter(ch, bytesIn, s.BytesIn)
	counter(ch, bytesOut, s.BytesOut)
	counter(ch, codecPanics, s.Panics)
	counter(ch, brokerFaults, s.Faults)
	for _, e := range s.Ended {
		counter(ch, ended, e.N, e.Why.Cause().String(), e.Why.String())
	}
	counters(ch, dropped, s.Dropped)
	counter(ch, dropped, f.meters.store.dropped.Load(), "session_queue_full")
	counters(ch, refused, s.Refused)
	counters(ch, paused, s.Paused)
}
