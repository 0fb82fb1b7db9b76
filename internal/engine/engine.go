// Package engine holds the use cases: what an operator or a device asks for,
// one file a resource, and the clockwork that does what time makes due. It joins the
// pure rules of package job to a store, and knows no protocol: the doors above
// decode requests for it and render what it answers.
//
// Begin with [Engine]. Its caller gives it two goroutines: one runs [Engine.Run],
// one [Engine.Announce], which publishes events. Every other method runs on its caller's and may be called from many.
// Whatever a method answered without an error is durable.
package engine

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/fleet/query"
	"github.com/drover-iot/drover/internal/job/managed"
	"github.com/drover-iot/drover/internal/quota"
	"github.com/drover-iot/drover/internal/store"
)

// Config is what an Engine is made of.
type Config struct {
	Store store.Store
	Clock clock.Clock
	Log   *slog.Logger
	// Searches and Groups are how much a search and the query of a dynamic group
	// may ask.
	Searches, Groups query.Limits
	// Quotas is how many there may be of some things; zero members do not
	// bound.
	Quotas quota.Numbers
	// Artifacts are where documents may lie, and sign what devices download.
	// Nil: there are none, and jobs that need them are refused.
	Artifacts Artifacts
	// Turned is told what a turn did when it is committed, on the goroutine of
	// whoever waited for it; of most reports there is nothing to tell. Nil:
	// nobody asks.
	Turned func(Tally)
}

// Engine runs the use cases over one store.
type Engine struct {
	store    store.Store
	clock    clock.Clock
	log      *slog.Logger
	quotas   quota.Numbers
	files    Artifacts   // may be nil
	turned   func(Tally) // may be nil
	managed  managed.Set
	notifier atomic.Pointer[Notifier]
	alarm    *alarm
	advances chan advance
	// departed tells that memberships have ended, or that a rollout which may
	// have needed ended ones is over.
	departed   atomic.Bool
	building   atomic.Bool // the walks over all things may have something to do
	index      *index
	searches   query.Limits
	groups     query.Limits
	turns      atomic.Int64 // taken so far
	outbox     outbox
	ration     ration        // where there is a quota of releases
	refusing   atomic.Int64  // the job whose packages a shadow refused last
	rehearsals chan struct{} // has room for one: each takes a processor for a moment
	settled    atomic.Int64  // up to this turn all are committed or undone
}

// Notifier tells listeners of changes that are committed.
type Notifier interface {
	// Changed takes changes over; it never blocks.
	Changed([]ListChange)
	// Drain waits until all that was taken over is handed to its connections.
	Drain(context.Context) error
}

// New makes an engine; it does nothing by itself until Run.
func New(c Config) *Engine {
	e := &Engine{
		store: c.Store, clock: c.Clock, log: c.Log, quotas: c.Quotas, files: c.Artifacts, turned: c.Turned,
		managed:  managed.Builtin(),
		alarm:    newAlarm(),
		advances: make(chan advance),
		index:    newIndex(),
		searches: c.Searches, groups: c.Groups,
		outbox: outbox{ring: make(chan struct{}, 1)}, rehearsals: make(chan struct{}, 1),
	}
	e.departed.Store(true) // whatever the process before has left
	e.building.Store(true)
	c.Store.Watch(e.committed)
	c.Store.WatchEvents(e.outbox.wake)
	return e
}

// committed is called after each commit, where turns are decided.
func (e *Engine) committed(earliest time.Time) {
	e.settled.Store(e.turns.Load())
	e.index.committed()
	if !earliest.IsZero() {
		e.alarm.set(earliest)
	}
}

// Settled is a turn up to which every change is part of what is read from now
// on.
func (e *Engine) Settled() int64 { return e.settled.Load() }

// Now is the fleet's time.
func (e *Engine) Now() time.Time { return e.clock.Now() }

// tell hands changes to the doors, once they are there.
func (e *Engine) tell(changes []ListChange) {
	if n := e.notifier.Load(); n != nil && len(changes) > 0 {
		(*n).Changed(changes)
	}
}

// write runs fn as one transaction and tells what it changed.
func (e *Engine) write(ctx context.Context, fn func(*operation) error) error {
	var o *operation
	err := e.store.Write(ctx, func(tx store.Tx) error {
		o = e.begin(tx).behind(tx)
		return fn(o)
	})
	if err != nil {
		return err
	}
	e.tell(o.changes)
	e.after(o.turn)
	return nil
}

// after does what a committed turn has left to do, but for telling its changes.
func (e *Engine) after(t *turn) {
	e.did(&t.tally)
	if t.departed {
		e.departed.Store(true)
	}
	if t.building {
		e.building.Store(true)
	}
	if t.departed || t.building {
		e.alarm.set(e.clock.Now())
	}
}
