package sqlstore

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/store"
)

// ticket is a command or a closure on its way through the writer.
type ticket struct {
	cmd store.Command
	fn  func(store.Tx) error // if cmd is nil

	since time.Time    // when it was made
	state atomic.Int32 // waiting, begun or dropped

	mu      sync.Mutex // guards what follows
	settled bool
	err     error         // the outcome
	then    func()        // called when it is settled; nil: nobody asked
	done    chan struct{} // closed when it is settled; nil: nobody waits
}

const (
	waiting int32 = iota
	begun
	dropped
)

// Wait implements store.Ticket. When ctx ends, a command that has not begun is
// dropped; of one that has, the outcome is waited for.
func (t *ticket) Wait(ctx context.Context) error {
	done := t.outstanding()
	if done == nil {
		return t.err
	}
	select {
	case <-done:
		return t.err
	case <-ctx.Done():
	}
	if t.state.CompareAndSwap(waiting, dropped) {
		return fmt.Errorf("wait for the writer: %w", ctx.Err())
	}
	<-done
	return t.err
}

// outstanding is closed when the ticket is settled; nil if it is.
func (t *ticket) outstanding() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.settled {
		return nil
	}
	if t.done == nil {
		t.done = make(chan struct{})
	}
	return t.done
}

// Then implements store.Ticket.
func (t *ticket) Then(fn func()) {
	t.mu.Lock()
	settled := t.settled
	t.then = fn
	t.mu.Unlock()
	if settled {
		fn()
	}
}

// begin claims the ticket for the writer; false if it was dropped.
func (t *ticket) begin() bool {
	return t.state.CompareAndSwap(waiting, begun) || t.state.Load() == begun
}

// finish settles the outcome.
func (t *ticket) finish(err error) {
	t.mu.Lock()
	t.settled, t.err = true, err
	then := t.then
	if t.done != nil {
		close(t.done)
	}
	t.mu.Unlock()
	if then != nil {
		then()
	}
}

func newTicket() *ticket { return &ticket{since: clock.Wall()} }

// Submit implements store.Writer.
func (s *Store) Submit(c store.Command) store.Ticket {
	t := newTicket()
	t.cmd = c
	s.writer.put(context.Background(), t)
	return t
}

// Write implements store.Writer.
func (s *Store) Write(ctx context.Context, fn func(store.Tx) error) error {
	t := newTicket()
	t.fn = fn
	s.writer.put(ctx, t)
	return t.Wait(ctx)
}

// Barrier implements store.Writer.
func (s *Store) Barrier(ctx context.Context) error {
	return s.Submit(inBatch(nil)).Wait(ctx)
}

// Watch implements store.Writer.
func (s *Store) Watch(fn watch) { s.writer.watch = fn }

// inBatch runs fn in the next batch, after the rows of its commands; durable
// on return.
func (s *Store) inBatch(ctx context.Context, fn func(*tx) error) error {
	return s.Submit(inBatch(fn)).Wait(ctx)
}

// later runs fn in the next batch, and nobody waits for it.
func (s *Store) later(fn func(*tx) error) { s.Submit(inBatch(fn)) }

// inBatch is a command of the store's own: it decides nothing and runs SQL.
type inBatch func(*tx) error

// Hint implements store.Command.
func (inBatch) Hint(*store.Hints) {}

// Decide implements store.Command.
func (fn inBatch) Decide(w store.Work) error {
	if fn != nil {
		w.Then(func(t store.Tx) error { return fn(t.(*tx)) })
	}
	return nil
}

func unavailable(err error, what string) error {
	if err == nil {
		return fault.New(fault.Unavailable, "%s", what)
	}
	return fault.Wrap(fault.Unavailable, err, what)
}
