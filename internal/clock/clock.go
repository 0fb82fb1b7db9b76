// Package clock is the only room that reads the time of day. Everything that
// is stored, compared or shown takes its time from a Clock, so that a node can
// stand on a virtual one.
//
// Socket deadlines, keep alive, session and message expiry and signature skew
// are not the fleet's time but the network's: they stay real, by [Wall].
package clock

import (
	"sync"
	"time"
)

// Clock tells the time of the fleet and wakes whoever waits for a moment.
type Clock interface {
	// Now is the present, in UTC, in whole milliseconds: what is stored
	// equals what was decided.
	Now() time.Time
	// Alarm sends once on the channel when Now reaches at, at once if it has.
	// stop releases it; the channel is then never sent on.
	Alarm(at time.Time) (ring <-chan struct{}, stop func())
}

// Wall is the real time: what sockets and signatures live by.
func Wall() time.Time { return time.Now() }

// Real is the clock of the machine.
type Real struct{}

// Now implements Clock.
func (Real) Now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

// Alarm implements Clock.
func (Real) Alarm(at time.Time) (<-chan struct{}, func()) {
	ring := make(chan struct{}, 1)
	t := time.AfterFunc(time.Until(at), func() { ring <- struct{}{} })
	return ring, func() { t.Stop() }
}

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
