package server

import (
	"container/list"
	"net"
	"net/http"
	"sync"
	"time"
)

// crowd keeps the HTTP connections apart by what they are at: those that wait,
// for a first request or the next, and those with a request under way. It
// bounds how many there are, and makes the last call when the node stops.
type crowd struct {
	limit int // at once

	mu       sync.Mutex // guards what follows
	at       map[net.Conn]*list.Element
	waiting  list.List     // of net.Conn, those first that have waited longest
	working  list.List     // likewise
	leaving  bool          // the last call was made
	nobody   chan struct{} // closed when nobody is there; nil: nobody asked
	accepted int64
	crowded  int64
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
		c.wait(nc)
	case http.StateIdle:
		c.wait(nc)
	case http.StateActive:
		c.take(nc)
		c.at[nc] = c.working.PushBack(nc)
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
// there may be: the one that has waited longest, else the one whose request has
// been under way for the longest.
func (c *crowd) makeRoom() {
	if len(c.at) < c.limit {
		return
	}
	from := &c.waiting
	if from.Len() == 0 {
		from = &c.working
	}
	oldest := from.Front().Value.(net.Conn)
	c.take(oldest)
	c.crowded++
	oldest.Close()
}

func (c *crowd) wait(nc net.Conn) {
	c.take(nc)
	c.at[nc] = c.waiting.PushBack(nc)
	if l, ok := nc.(*webConn); ok && c.leaving {
		l.lastCall()
	}
}

func (c *crowd) take(nc net.Conn) {
	e := c.at[nc]
	if e == nil {
		return
	}
	delete(c.at, nc)
	c.waiting.Remove(e)
	c.working.Remove(e)
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
	for e := c.waiting.Front(); e != nil; e = e.Next() {
		if l, ok := e.Value.(*webConn); ok {
			l.lastCall()
		}
	}
	return done
}
