package server

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/control"
	"github.com/drover-iot/drover/internal/fault"
)

// webServer is the HTTP server: both services of AWS, and beside them what AWS
// does not have.
func (n *Node) webServer(c *control.Door) *http.Server {
	beside := c.Clock()
	beside["/mqtt"] = n.broker
	beside["GET /healthz"] = text(http.StatusOK, "ok\n")
	beside["GET /readyz"] = http.HandlerFunc(n.readyz)
	beside["GET /metrics"] = n.metrics()
	return &http.Server{
		Handler: fewFields(n.unread.seen(n.connections.seen(n.besideArtifacts(awsapi.NewMux(awsapi.MuxConfig{
			Routes: append(c.Routes(), n.device.Routes()...), Extended: c.Extended(), Beside: beside, Admit: n.admit, Spend: n.quotas.overHTTP, Served: n.servedOverHTTP,
		}))))),
		ConnContext: func(ctx context.Context, nc net.Conn) context.Context {
			return n.connections.connected(n.unread.connected(ctx, nc), nc)
		},
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		WriteTimeout:      time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    mostHeader,
		ConnState: func(nc net.Conn, s http.ConnState) {
			n.connections.changed(nc, s)
			n.unread.changed(nc, s)
		},
		ErrorLog: slog.NewLogLogger(n.outside.With("part", "http").Handler(), slog.LevelDebug),
	}
}

func text(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body) // the client has gone; there is nobody to tell
	}
}

// readyz tells whether the store answers and stores. The rest of the node
// serves if HTTP does, which is served last. A store that stores nothing has
// logged why.
func (n *Node) readyz(w http.ResponseWriter, r *http.Request) {
	err := n.store.Ready(r.Context())
	switch {
	case err == nil:
		text(http.StatusOK, "ready\n")(w, r)
	case fault.Is(err, fault.Unavailable):
		text(http.StatusServiceUnavailable, "the store stores nothing\n")(w, r)
	default:
		n.outside.Error("not ready", "err", err)
		text(http.StatusServiceUnavailable, "the store does not answer\n")(w, r)
	}
}
