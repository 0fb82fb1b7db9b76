package engine

import (
	"context"
	"time"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/store"
)

// Virtual tells whether the node stands on a virtual clock.
func (e *Engine) Virtual() bool {
	_, ok := e.virtual()
	return ok
}

// Advance moves a virtual clock by a positive duration, from one due instant to the
// next, and answers the new time when nothing is due any more and every notice
// of it was handed over. On a real clock it is InvalidStateTransition. If work
// that is due cannot be done, it is Unavailable, and the clock stands where
// that work was met. One that would pass [clock.End] is InvalidRequest. When ctx
// ends, the clock stands at the instant that is due then. It needs Run.
func (e *Engine) Advance(ctx context.Context, by time.Duration) (time.Time, error) {
	if !e.Virtual() {
		return time.Time{}, fault.New(fault.InvalidStateTransition, "The node runs on the real clock")
	}
	a := advance{asked: ctx, by: by, done: make(chan advanced, 1)}
	select {
	case e.advances <- a:
	case <-ctx.Done():
		return time.Time{}, ctx.Err()
	}
	select {
	case d := <-a.done:
		return d.now, d.err
	case <-ctx.Done():
		return time.Time{}, ctx.Err()
	}
}

// advance runs on the clockwork's goroutine. What is due at an instant is done
// whole, also for somebody who has gone.
func (e *Engine) advance(ctx context.Context, a advance) (time.Time, error) {
	v, _ := e.virtual()
	end := v.Now().Add(a.by)
	if last := clock.End(); end.After(last) {
		return v.Now(), fault.New(fault.InvalidRequest, "Value '%s' at 'by' is too long: the clock stands at %s and ends at %s",
			a.by, v.Now().Format(time.RFC3339), last.Format(time.RFC3339))
	}
	for {
		next, ok, err := e.quiet(ctx)
		if err != nil {
			return v.Now(), standing(err)
		}
		if a.asked.Err() != nil {
			end = v.Now()
			break
		}
		if !ok || next.After(end) {
			break
		}
		v.Set(next)
	}
	v.Set(end)
	// The commit stores the time, so that it survives a restart.
	return v.Now(), e.store.Write(ctx, func(store.Tx) error { return nil })
}

// quiet does all that is due now and waits until it is told and published.
func (e *Engine) quiet(ctx context.Context) (next time.Time, ok bool, err error) {
	if next, ok, err = e.settleDue(ctx); err != nil {
		return next, ok, err
	}
	if err := e.store.Barrier(ctx); err != nil {
		return next, ok, err
	}
	if n := e.notifier.Load(); n != nil {
		if err := (*n).Drain(ctx); err != nil {
			return next, ok, err
		}
	}
	if err := e.announceAll(ctx); err != nil {
		return next, ok, err
	}
	return e.settleDue(ctx)
}

// advance asks the clockwork's goroutine to move a virtual clock.
type advance struct {
	asked context.Context // done when nobody waits for it
	by    time.Duration
	done  chan advanced
}

type advanced struct {
	now time.Time
	err error
}

func (a advance) answer(now time.Time, err error) { a.done <- advanced{now, err} }

// virtual is the clock if it can be moved.
func (e *Engine) virtual() (*clock.Virtual, bool) {
	v, ok := e.clock.(*clock.Virtual)
	return v, ok
}
