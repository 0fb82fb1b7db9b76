package server

import (
	"net"
	"net/http"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// webConnections counts the connections of the HTTP server.
type webConnections struct{ accepted, gone atomic.Int64 }

var (
	webOpen     = describe("drover_http_connections", "HTTP connections that are open, without those that became WebSockets.")
	webAccepted = describe("drover_http_connections_accepted_total", "HTTP connections accepted.")
)

// changed is http.Server.ConnState.
func (c *webConnections) changed(_ net.Conn, s http.ConnState) {
	switch s {
	case http.StateNew:
		c.accepted.Add(1)
	case http.StateClosed, http.StateHijacked:
		c.gone.Add(1)
	case http.StateActive, http.StateIdle:
	}
}

// Describe implements prometheus.Collector.
func (c *webConnections) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, ch) }

// Collect implements prometheus.Collector.
func (c *webConnections) Collect(ch chan<- prometheus.Metric) {
	gone := c.gone.Load()
	accepted := c.accepted.Load()
	gauge(ch, webOpen, float64(accepted-gone))
	counter(ch, webAccepted, accepted)
}
