// Package clock is the only room that reads the time of day. Everything that
// is stored, compared or shown takes its time from a Clock, so that a node can
// stand on a virtual one.
//
// Socket deadlines, keep alive, session and message expiry and signature skew
// are not the fleet's time but the network's: they stay real, by [Wall].
package clock

import (
	"context"
	"sync"
	"time"
)

// Clock tells the time of the fleet and wakes whoever waits for a moment.
type Clock interface {
	// Now is the present, in UTC, in whole milliseconds: what is stored
	// equals what was decided.
	Now() time.Time
	// Alarm sends once on the channel when Now reaches at, at once if it has,
	// and maybe earlier. stop releases it.
	Alarm(at time.Time) (ring <-chan struct{}, stop func())
}

// Wall is the real time: what sockets and signatures live by.
func Wall() time.Time { return time.Now() }

// Rest waits for d of real time, or until ctx ends: then the error is that of
// ctx.
func Rest(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Real is the clock of the machine. It follows when the machine's clock is put
// forward, and goes on at its own pace when that is put back: time that was
// stored never lies ahead of it.
type Real struct {
	began time.Time // whose monotonic reading counts what has passed

	mu    sync.Mutex // guards base and since
	base  time.Time  // what the machine said last when it was ahead
	since time.Duration
}

// NewReal is the machine's clock from now on.
func NewReal() *Real {
	now := time.Now()
	return &Real{began: now, base: now.Round(0)}
}

// Now implements Clock.
func (r *Real) Now() time.Time {
	now := time.Now()
	return r.at(now.Round(0), now.Sub(r.began)).UTC().Truncate(time.Millisecond)
}

// at is the time when the machine says wall, and so much has really passed.
func (r *Real) at(wall time.Time, passed time.Duration) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	own := r.base.Add(passed - r.since)
	if wall.After(own) {
		r.base, r.since = wall, passed
		return wall
	}
	return own
}

// longestWait bounds how late an alarm can be after the machine was asleep or
// its clock was put forward: its timers do not count that.
const longestWait = 30 * time.Second

// Alarm implements Clock. It may ring early: look at Now.
func (r *Real) Alarm(at time.Time) (<-chan struct{}, func()) {
	ring := make(chan struct{}, 1)
	t := time.AfterFunc(min(at.Sub(r.Now()), longestWait), func() { ring <- struct{}{} })
	return ring, func() { t.Stop() }
}

// End is where a virtual clock ends: what lies some years ahead of it, such as the
// next window of a schedule, still has a year of four digits, as RFC 3339 wants.
func End() time.Time { return time.Date(9990, time.January, 1, 0, 0, 0, 0, time.UTC) }

// Virtual is a clock that stands still until it is set.
type Virtual struct {
	mu     sync.Mutex // guards now and alarms
	now    time.Time
	alarms map[chan struct{}]time.Time
}

// NewVirtual is a virtual clock that stands at now.
func NewVirtual(now time.Time) *Virtual {
	return &Virtual{now: now.UTC().Truncate(time.Millisecond), alarms: map[chan struct{}]time.Time{}}
}

// Now implements Clock.
func (v *Virtual) Now() time.Time {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.now
}

// Set moves the clock to t and rings what is due. It never moves back.
func (v *Virtual) Set(t time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	t = t.UTC().Truncate(time.Millisecond)
	if t.Before(v.now) {
		return
	}
	v.now = t
	for ring, at := range v.alarms {
		if !at.After(t) {
			delete(v.alarms, ring)
			ring <- struct{}{}
		}
	}
}

// Alarm implements Clock.
func (v *Virtual) Alarm(at time.Time) (<-chan struct{}, func()) {
	v.mu.Lock()
	defer v.mu.Unlock()
	ring := make(chan struct{}, 1)
	if !at.After(v.now) {
		ring <- struct{}{}
		return ring, func() {}
	}
	v.alarms[ring] = at
	return ring, func() {
		v.mu.Lock()
		defer v.mu.Unlock()
		delete(v.alarms, ring)
	}
}
