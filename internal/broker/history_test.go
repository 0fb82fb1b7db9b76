package broker

import (
	"context"
	"fmt"
	"net"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/drover-iot/drover/internal/mqtt"
)

// TestHistoriesOfAPersistentSessionLoseNothing lets a subscriber acknowledge
// some of what it gets, vanish and come back, and the broker restart, in random
// order: on each connection it gets what it has not acknowledged, in the order
// of publishing.
func TestHistoriesOfAPersistentSessionLoseNothing(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		rapid.Check(t, func(r *rapid.T) {
			h := &history{t: t, version: version, memory: newMemory(1000), window: rapid.IntRange(1, 8).Draw(r, "window")}
			h.start()
			defer h.stop()
			h.comeBack()
			h.sub.subscribe(1, "a")
			r.Repeat(map[string]func(*rapid.T){
				"publish":   func(r *rapid.T) { h.publish(rapid.IntRange(1, 6).Draw(r, "n")) },
				"read":      func(r *rapid.T) { h.read(rapid.IntRange(1, 6).Draw(r, "n"), rapid.Bool().Draw(r, "ack")) },
				"vanish":    func(*rapid.T) { h.vanish() },
				"come back": func(*rapid.T) { h.comeBack() },
				"restart":   func(*rapid.T) { h.restart() },
			})
			h.vanish()
			h.comeBack()
			h.read(len(h.due), true)
			h.vanish()
			if len(h.kept) > 0 {
				r.Fatalf("%v was never acknowledged", h.kept)
			}
		})
	})
}

// history is the run, and the model: what the subscriber must get next.
type history struct {
	t        *testing.T
	version  byte
	memory   *memory
	window   int
	b        *testBroker
	shutdown func()
	sub      *peer // nil: away

	published int
	kept      []string // published and not acknowledged, in order
	due       []string // of them, what is still to arrive on this connection
	flying    int      // arrived on this connection and not acknowledged
}

func (h *history) start() {
	b, err := New(h.t.Context(), Config{Sessions: h.memory, Limits: Limits{InFlight: h.window}})
	if err != nil {
		h.t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		h.t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- b.Serve(context.Background(), l) }()
	h.b = &testBroker{Broker: b, t: h.t, addr: l.Addr().String()}
	h.shutdown = func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := b.Shutdown(ctx); err != nil {
			h.t.Error(err)
		}
		<-served
	}
}

func (h *history) stop() {
	h.vanish()
	h.shutdown()
}

func (h *history) restart() {
	h.stop()
	h.start()
}

func (h *history) publish(n int) {
	for range n {
		payload := fmt.Sprintf("m%d", h.published)
		h.published++
		if err := h.b.Publish(h.t.Context(), mqtt.Message{Topic: "a", Payload: []byte(payload), QoS: 1}); err != nil {
			h.t.Fatal(err)
		}
		h.kept = append(h.kept, payload)
		h.due = append(h.due, payload)
	}
}

// read takes up to n of the messages that must come.
func (h *history) read(n int, ack bool) {
	for range n {
		if h.sub == nil || len(h.due) == 0 || h.flying == h.window {
			return
		}
		m := next[*mqtt.Publish](h.sub)
		h.arrived(m)
		if ack {
			h.sub.send(&mqtt.Ack{Kind: mqtt.TypePuback, ID: m.ID})
			h.flying--
			h.kept = slices.DeleteFunc(h.kept, func(s string) bool { return s == string(m.Payload) })
		}
	}
}

func (h *history) arrived(m *mqtt.Publish) {
	if string(m.Payload) != h.due[0] {
		h.t.Fatalf("got %q, due is %v", m.Payload, h.due)
	}
	h.due = h.due[1:]
	h.flying++
}

// vanish ends the connection without a word, after the broker has taken the
// PUBACKs.
func (h *history) vanish() {
	if h.sub == nil {
		return
	}
	h.sub.send(&mqtt.Ping{})
	for {
		p, err := h.sub.read()
		if err != nil {
			h.t.Fatal(err)
		}
		if _, pong := p.(*mqtt.Ping); pong {
			break
		}
		h.arrived(p.(*mqtt.Publish))
	}
	h.b.drop(h.sub, "sub")
	h.sub = nil
}

func (h *history) comeBack() {
	if h.sub != nil {
		return
	}
	h.sub, _ = h.b.persistent(h.version, "sub")
	h.due, h.flying = slices.Clone(h.kept), 0
}
