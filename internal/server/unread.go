package server

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// unread counts HTTP requests that no handler ever saw: their header was over
// the limit, malformed, or did not come in time, or the client went away. The
// HTTP server answers those itself, if at all, and tells nobody.
type unread struct {
	count  atomic.Int64
	visits sync.Map // net.Conn to *visit
}

// visit is the requests of one connection. It belongs to the connection's
// goroutine.
type visit struct {
	begun int // some bytes of them came in
	read  int // they reached a handler
}

type visitKey struct{}

// connected is http.Server.ConnContext.
func (u *unread) connected(ctx context.Context, nc net.Conn) context.Context {
	v := &visit{}
	u.visits.Store(nc, v)
	return context.WithValue(ctx, visitKey{}, v)
}

// changed is http.Server.ConnState.
func (u *unread) changed(nc net.Conn, s http.ConnState) {
	if s == http.StateNew || s == http.StateIdle {
		return
	}
	found, ok := u.visits.Load(nc)
	if !ok {
		return
	}
	v := found.(*visit)
	if s == http.StateActive {
		v.begun++
		return
	}
	u.visits.Delete(nc)
	if s == http.StateClosed && v.begun > v.read {
		u.count.Add(1)
	}
}

// seen is h, with each request noted as read.
func (u *unread) seen(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if v, ok := r.Context().Value(visitKey{}).(*visit); ok {
			v.read++
		}
		h.ServeHTTP(w, r)
	})
}

// unreadFigures reads the counter when it is asked.
type unreadFigures struct{ unread *unread }

var unreadRequests = describe("drover_http_requests_unread_total",
	"HTTP requests that no handler saw: their header was too large, malformed or late, or the client went away.")

// Describe implements prometheus.Collector.
func (f unreadFigures) Describe(ch chan<- *prometheus.Desc) { ch <- unreadRequests }

// Collect implements prometheus.Collector.
func (f unreadFigures) Collect(ch chan<- prometheus.Metric) {
	counter(ch, unreadRequests, f.unread.count.Load())
}
