package bench

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/server"
)

// newTestStand is a stand of a test.
func newTestStand(t *testing.T) *stand {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
	st, err := newStand(Config{Quick: true, Err: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.close(); err != nil {
			t.Error(err)
		}
	})
	return st
}

// serve runs a node on a folder in this process until the test ends, or end is
// called, and answers where it listens for MQTT.
func serve(t *testing.T, dir string) (mqtt string, end func()) {
	t.Helper()
	cfg := server.Defaults()
	cfg.Data, cfg.HTTP, cfg.MQTT, cfg.Volatile = dir, "127.0.0.1:0", "127.0.0.1:0", true
	n, err := server.New(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := n.Run(ctx); err != nil {
			t.Error(err)
		}
	}()
	end = func() {
		stop()
		<-ended
	}
	t.Cleanup(end)
	return "mqtt://" + n.MQTTAddr(), end
}

// dialOnce is a load of ten connections that take the executions of a fleet,
// and some that are missing.
func dialOnce(t *testing.T, things, missing int) (l *load, end func()) {
	t.Helper()
	st := newTestStand(t)
	dir, err := st.folder(t.Context(), fleet{things: things, queued: true})
	if err != nil {
		t.Fatal(err)
	}
	url, end := serve(t, dir)
	l, err = dial(t.Context(), url, 10, &once{things: things + missing})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.close)
	return l, end
}

func TestALoadThatRunsOutOfWorkIsAnError(t *testing.T) {
	l, _ := dialOnce(t, 30, 0)
	_, err := l.run(t.Context(), time.Hour, 0)
	if err == nil || !strings.Contains(err.Error(), "too few") {
		t.Errorf("error = %v", err)
	}
}

func TestARefusedReportEndsALoad(t *testing.T) {
	l, _ := dialOnce(t, 2, 20)
	_, err := l.run(t.Context(), time.Hour, 0)
	if err == nil || !strings.Contains(err.Error(), "/rejected: ") {
		t.Errorf("error = %v", err)
	}
}

func TestALoadEndsWithItsContext(t *testing.T) {
	l, _ := dialOnce(t, 2, 0)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := l.run(ctx, time.Hour, 0); err == nil {
		t.Error("it ended without an error")
	}
}

func TestALoadWhoseConnectionsBreakIsAnError(t *testing.T) {
	l, end := dialOnce(t, 2, 0)
	end()
	for _, c := range l.lines {
		<-c.client.Done()
	}
	if _, err := l.run(t.Context(), 0, 0); err == nil {
		t.Error("it ended without an error")
	}
}
