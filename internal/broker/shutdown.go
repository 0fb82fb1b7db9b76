package broker

import (
	"context"

	"github.com/drover-iot/drover/internal/tcp"
)

// Shutdown stops: no new connections and packets, answers in flight are sent,
// MQTT 5 clients get DISCONNECT 0x8B. At the end of ctx it cuts what is left
// and cancels the contexts that Requests and Sessions were given. It returns
// when every goroutine of the broker has ended; ctx's error if it had to cut.
// spec: device-api.md#97-violations
func (b *Broker) Shutdown(ctx context.Context) error {
	for _, c := range b.stop() {
		c.drain(shutdown, tcp.Lull)
	}
	done := make(chan struct{})
	go func() { b.wg.Wait(); close(done) }()
	defer b.cancel()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		b.cut()
		<-done
		return ctx.Err()
	}
}

// stop marks the broker as stopping and tells which connections there are.
func (b *Broker) stop() []*conn {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stopping = true
	for l := range b.listeners {
		l.Close()
	}
	for _, s := range b.sessions {
		s.stopTimers()
	}
	conns := make([]*conn, 0, len(b.conns))
	for c := range b.conns {
		conns = append(conns, c)
	}
	return conns
}

func (b *Broker) cut() {
	b.cancel()
	b.mu.Lock()
	defer b.mu.Unlock()
	for c := range b.conns {
		c.call(c.line.hurry())
		c.t.Close()
	}
}
