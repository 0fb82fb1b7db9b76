package broker

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/drover-iot/drover/internal/clock"
)

// Serve accepts connections until Shutdown, the end of ctx, or an error of the
// listener, which it closes. It returns nil for the first two.
func (b *Broker) Serve(ctx context.Context, l net.Listener) error {
	if !b.listen(l) {
		return l.Close() // Shutdown came first
	}
	defer b.wg.Done()
	defer b.unlisten(l)
	defer context.AfterFunc(ctx, func() { l.Close() })()
	var pause time.Duration
	for {
		nc, err := l.Accept()
		switch {
		case err == nil:
			pause = 0
			b.accept(newSocket(nc, b.limits))
		case errors.Is(err, net.ErrClosed):
			return nil
		default:
			pause = min(max(2*pause, 5*time.Millisecond), time.Second)
			b.log.Warn("accept failed, trying again", "err", err, "pause", pause)
			_ = clock.Rest(ctx, pause) // the listener is closed if ctx ends
		}
	}
}

func (b *Broker) listen(l net.Listener) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stopping {
		return false
	}
	b.listeners[l] = struct{}{}
	b.wg.Add(1)
	return true
}

func (b *Broker) unlisten(l net.Listener) {
	l.Close()
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.listeners, l)
}

// accept starts a connection over t.
func (b *Broker) accept(t transport) {
	c := newConn(b, t)
	ok, leaves := b.admit(c)
	if leaves != nil {
		leaves.end(connectCrowded, 0)
		leaves.t.Close()
	}
	if ok {
		go c.serve()
	}
}

// admit takes c in. If there are as many connections as there may be, a
// stranger leaves for it: the one who has been silent for the longest, or else
// c itself, which is then not served.
func (b *Broker) admit(c *conn) (ok bool, leaves *conn) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stopping {
		c.watch.Stop()
		c.t.Close()
		return false, nil
	}
	b.stats.accepted.Add(1)
	if oldest := b.strangers.Front(); len(b.conns) >= b.limits.Connections {
		if oldest == nil {
			c.watch.Stop()
			b.stats.ended[connectCrowded].Add(1)
			return false, c
		}
		leaves = b.strangers.Remove(oldest).(*conn)
		leaves.stranger = nil
	}
	b.conns[c] = struct{}{}
	c.stranger = b.strangers.PushBack(c)
	b.wg.Add(1)
	b.stats.connections.Add(1)
	return true, leaves
}

// met notes that c has said who it is, or has left. It is called under b.mu.
func (b *Broker) met(c *conn) {
	if c.stranger != nil {
		b.strangers.Remove(c.stranger)
		c.stranger = nil
	}
}

func (b *Broker) forget(c *conn) {
	b.mu.Lock()
	delete(b.conns, c)
	b.met(c)
	b.mu.Unlock()
	b.stats.connections.Add(-1)
	b.wg.Done()
}
