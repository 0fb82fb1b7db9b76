package server

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/drover-iot/drover/internal/broker"
)

// brokerFigures reads the broker's counters when it is asked.
type brokerFigures struct{ broker *broker.Broker }

var (
	connections  = prometheus.NewDesc("drover_mqtt_connections", "MQTT connections that are open.", nil, nil)
	sessions     = prometheus.NewDesc("drover_mqtt_sessions", "MQTT sessions, connected or kept.", nil, nil)
	accepted     = prometheus.NewDesc("drover_mqtt_connections_accepted_total", "MQTT connections accepted.", nil, nil)
	ended        = prometheus.NewDesc("drover_mqtt_connections_ended_total", "MQTT connections that ended, by cause and by the finer reason.", []string{"cause", "reason"}, nil)
	packetsIn    = prometheus.NewDesc("drover_mqtt_packets_received_total", "MQTT packets received.", nil, nil)
	packetsOut   = prometheus.NewDesc("drover_mqtt_packets_sent_total", "MQTT packets sent.", nil, nil)
	bytesIn      = prometheus.NewDesc("drover_mqtt_received_bytes_total", "Bytes of MQTT packets received.", nil, nil)
	bytesOut     = prometheus.NewDesc("drover_mqtt_sent_bytes_total", "Bytes of MQTT packets sent.", nil, nil)
	dropped      = prometheus.NewDesc("drover_mqtt_messages_dropped_total", "Messages that a client missed, by why.", []string{"reason"}, nil)
	refused      = prometheus.NewDesc("drover_mqtt_refused_total", "Publishes and subscriptions that were refused while the connection went on, by what was wrong with them.", []string{"reason"}, nil)
	held         = prometheus.NewDesc("drover_mqtt_reads_held_total", "Times that a connection was not read because it had too much under way, by the bound.", []string{"bound"}, nil)
	codecPanics  = prometheus.NewDesc("drover_mqtt_packet_panics_total", "MQTT packets over which the codec panicked. Report them.", nil, nil)
	brokerFaults = prometheus.NewDesc("drover_mqtt_faults_total", "MQTT packets and their steps over which the node panicked: their connections were ended. Report them.", nil, nil)
)

// Describe implements prometheus.Collector.
func (f brokerFigures) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(f, ch) }

// Collect implements prometheus.Collector.
func (f brokerFigures) Collect(ch chan<- prometheus.Metric) {
	s := f.broker.Stats()
	gauge(ch, connections, s.Connections)
	gauge(ch, sessions, s.Sessions)
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
	counters(ch, refused, s.Refused)
	counters(ch, held, s.Held)
}
