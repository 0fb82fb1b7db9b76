package engine

import (
	"context"
	"sync"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/store"
)

// eventsAtOnce is how many events are read and announced together.
const eventsAtOnce = 500

// Announcer publishes events.
type Announcer interface {
	// Announce publishes events in order, and has the store forget each with the
	// commit that hands it to persistent sessions.
	Announce(context.Context, []store.Event) error
}

// outbox is what has happened and waits to be published. It lies in the store;
// here is only who is to be woken.
type outbox struct {
	mu        sync.Mutex // held while events are published: one after the other
	announcer Announcer  // nil until there is one
	ring      chan struct{}
}

// wake has what waits published soon.
func (b *outbox) wake() {
	select {
	case b.ring <- struct{}{}:
	default:
	}
}

// Announce publishes by a what has happened, in the order in which it did, until
// ctx ends. What a process before has left is published first.
func (e *Engine) Announce(ctx context.Context, a Announcer) error {
	e.outbox.mu.Lock()
	e.outbox.announcer = a
	e.outbox.mu.Unlock()
	e.outbox.wake()
	said := ""
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-e.outbox.ring:
		}
		err := e.announceAll(ctx)
		if err == nil || ctx.Err() != nil {
			said = ""
			continue
		}
		if err.Error() != said {
			said = err.Error()
			e.log.Error("publish events", "err", err)
		}
		if clock.Rest(ctx, pauseOnError) == nil {
			e.outbox.wake()
		}
	}
}

// announceAll publishes all that waits.
func (e *Engine) announceAll(ctx context.Context) error {
	b := &e.outbox
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.announcer == nil {
		return nil
	}
	for {
		list, more, err := e.store.Events(ctx, eventsAtOnce)
		if err != nil || len(list) == 0 {
			return err
		}
		if err := b.announcer.Announce(ctx, list); err != nil {
			return err
		}
		if !more {
			return nil
		}
	}
}
