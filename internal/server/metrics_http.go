package server

import (
	"github.com/prometheus/client_golang/prometheus"
)

var (
	webOpen     = describe("drover_http_connections", "HTTP connections that are open, without those that became WebSockets.")
	webAccepted = describe("drover_http_connections_accepted_total", "HTTP connections accepted.")
	webCrowded  = describe("drover_http_connections_crowded_total", "HTTP connections closed to make room for others.")
)

// Describe implements prometheus.Collector.
func (c *crowd) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, ch) }

// Collect implements prometheus.Collector.
func (c *crowd) Collect(ch chan<- prometheus.Metric) {
	c.mu.Lock()
	defer c.mu.Unlock()
	gauge(ch, webOpen, float64(len(c.at)))
	counter(ch, webAccepted, c.accepted)
	counter(ch, webCrowded, c.crowded)
}
