package server

import (
	"container/list"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/drover-iot/drover/internal/clock"
)

// What a request may take while others find no room. Beyond that it leaves
// before connections at rest, which may be wanted again.
const (
	timeToSay  = 100 * time.Millisecond // to come whole; the first, from the connection on
	timeToTake = 5 * time.Second        // from then on, until its answer has gone
)

// crowd keeps the HTTP connections apart by what they are at: those that have
// not said anything whole yet, those that wait for the next request, those whose
// body has come in part, and those whose request is worked on. It bounds how
// many there are, and makes the last call when the node stops.
type crowd struct {
	limit int // at once

	mu       sync.Mutex // guards what follows
	at       map[net.Conn]*list.Element
	fresh    list.List     // of seat, those first that have been there for longest
	waiting  list.List     // likewise
	saying   list.List     // likewise
	working  list.List     // likewise
	streams  list.List     // of artifacts, those first that have not moved on for longest
	leaving  bool          // the last call was made
	nobody   chan struct{} // closed when nobody is there; nil: nobody asked
	accepted int64
	crowded  int64
}

// seat is a connection in one of the lists.
type seat struct {
	nc    net.Conn
	in    *list.List
	since time.Time
}

// changed is http.Server.ConnState.
func (c *crowd) changed(nc net.Conn, s http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at == nil {
		c.at = map[net.Conn]*list.Element{}
	}
	switch s {
	case http.StateNew:
		c.accepted++
		c.makeRoom()
		c.wait(nc, &c.fresh)
	case http.StateIdle:
		c.wait(nc, &c.waiting)
	case http.StateActive:
		c.move(nc, &c.saying)
		if l, ok := nc.(*webConn); ok {
			l.stay(Grace)
		}
	case http.StateClosed, http.StateHijacked:
		c.take(nc)
	}
	if c.nobody != nil && len(c.at) == 0 {
		close(c.nobody)
		c.nobody = nil
	}
}

// makeRoom closes a connection for one that comes, if there are as many as
// there may be.
func (c *crowd) makeRoom() {
	if len(c.at) < c.limit {
		return
	}
	oldest := c.first().Value.(seat).nc
	c.take(oldest)
	c.crowded++
	oldest.Close()
}

// first is who leaves first: who stalls on purpose would stay for a minute
// otherwise, and those at rest would leave for it.
func (c *crowd) first() *list.Element {
	switch {
	case isLate(&c.saying, timeToSay):
		return c.saying.Front()
	case isLate(&c.fresh, timeToSay):
		return c.fresh.Front()
	case isLate(&c.working, timeToTake):
		return c.working.Front()
	case isLate(&c.streams, timeToTake):
		return c.streams.Front()
	case c.waiting.Len() > 0:
		return c.waiting.Front()
	case c.fresh.Len() > 0:
		return c.fresh.Front()
	case c.saying.Len() > 0:
		return c.saying.Front()
	case c.working.Len() > 0:
		return c.working.Front()
	default:
		return c.streams.Front()
	}
}

func isLate(l *list.List, after time.Duration) bool {
	oldest := l.Front()
	return oldest != nil && clock.Wall().Sub(oldest.Value.(seat).since) > after
}

func (c *crowd) wait(nc net.Conn, in *list.List) {
	c.move(nc, in)
	if l, ok := nc.(*webConn); ok && c.leaving {
		l.lastCall()
	}
}

func (c *crowd) move(nc net.Conn, to *list.List) {
	c.take(nc)
	c.at[nc] = to.PushBack(seat{nc, to, clock.Wall()})
}

func (c *crowd) take(nc net.Conn) {
	e := c.at[nc]
	if e == nil {
		return
	}
	delete(c.at, nc)
	e.Value.(seat).in.Remove(e)
}

// lastCall lets each connection serve the requests that have come in already,
// and end. It returns when all have, or after a while.
func (c *crowd) lastCall(most time.Duration) {
	late := time.NewTimer(most)
	defer late.Stop()
	select {
	case <-c.callAll():
	case <-late.C:
	}
}

func (c *crowd) callAll() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.leaving = true
	done := make(chan struct{})
	if len(c.at) == 0 {
		close(done)
		return done
	}
	c.nobody = done
	for _, in := range []*list.List{&c.fresh, &c.waiting} {
		for e := in.Front(); e != nil; e = e.Next() {
			if l, ok := e.Value.(seat).nc.(*webConn); ok {
				l.lastCall()
			}
		}
	}
	return done
}
