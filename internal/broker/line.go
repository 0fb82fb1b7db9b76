package broker

import "sync"

// step is something a client asked for, in the order in which it asked.
type step interface {
	// do lets it take effect; it may wait for the store.
	do(c *conn)
	// by tells who is to do it now.
	by() hand
	// size is what it holds in memory, in bytes.
	size() int
	// acks tells whether a PUBACK is owed for it.
	acks() bool
}

// hand is who does a step.
type hand uint8

const (
	byNobody   hand = iota // it is to be done when its outcome is known
	byAnswerer             // it waits for nothing
	byWorker               // it may wait
)

// line is the queue of a connection's steps. The reader puts, one hand at a time
// takes; while the outcome of the first step is not known there is none.
type line struct {
	share *share

	mu      sync.Mutex // guards what follows
	steps   []step     // the first is being done, if taken
	taken   bool       // a hand is at the steps
	hurried bool       // outcomes are waited for no more
	bytes   int
	unacked int
	closed  bool
	coming  bool          // the reader was let in and is not through
	room    chan struct{} // the reader waits on it; nil: it does not
	empty   chan struct{} // closed when there is nothing left; nil: nobody asked
}

// admit waits until there is room for n more bytes, and is false when the
// line is closed. A step larger than all room is let in alone; while the node
// holds much, each is alone. Whoever was let in calls through when it has put
// its step, or has none.
func (l *line) admit(n int, limits Limits, count *counters) bool {
	for {
		room, ok := l.hasRoom(n, limits, count)
		if room == nil {
			return ok
		}
		<-room
	}
}

// hasRoom tells what to wait for, or else whether the line is open.
func (l *line) hasRoom(n int, limits Limits, count *counters) (wait chan struct{}, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	busy := len(l.steps) > 0
	many, large, pressed := len(l.steps) >= limits.InFlight, busy && l.bytes+n > limits.RequestBytes, busy && l.share.pressed()
	if l.closed || !many && !large && !pressed {
		l.coming = !l.closed
		return nil, !l.closed
	}
	switch {
	case many:
		count.inFlightPaused.Add(1)
	case large:
		count.bytesPaused.Add(1)
	default:
		count.pressedPaused.Add(1)
	}
	l.room = make(chan struct{})
	return l.room, true
}

// through ends what admit began.
func (l *line) through() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.coming = false
	l.tell()
}

// tell wakes whoever waits for the line to be empty, if it is.
func (l *line) tell() {
	if l.empty != nil && len(l.steps) == 0 && !l.coming {
		close(l.empty)
		l.empty = nil
	}
}

// put adds s at the end, and tells whom to call for the line. A closed line
// takes it too: what was begun is finished.
func (l *line) put(s step) hand {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.steps = append(l.steps, s)
	l.bytes += s.size()
	l.share.add(s.size())
	if s.acks() {
		l.unacked++
	}
	return l.take()
}

// take gives the line to whoever is to do its first step, if nobody has it and
// there is one to do. It is called under the lock.
func (l *line) take() hand {
	if l.taken || len(l.steps) == 0 {
		return byNobody
	}
	by := l.steps[0].by()
	if by == byNobody && l.hurried {
		by = byWorker
	}
	l.taken = by != byNobody
	return by
}

// known notes that the outcome of a is known, so that by can do it, and tells
// whom to call for the line.
func (l *line) known(a *answering, by hand) hand {
	l.mu.Lock()
	defer l.mu.Unlock()
	a.hand = by
	return l.take()
}

// hurry has steps done whose outcome is not known, and tells whom to call.
func (l *line) hurry() hand {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hurried = true
	return l.take()
}

// first is the step to do.
func (l *line) first() step {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.steps[0]
}

// done removes the first step and tells who is to go on.
func (l *line) done() hand {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.taken = false
	s := l.steps[0]
	l.steps[0] = nil
	l.steps = l.steps[1:]
	l.bytes -= s.size()
	l.share.add(-s.size())
	if l.room != nil {
		close(l.room)
		l.room = nil
	}
	if len(l.steps) == 0 {
		l.steps = nil // at rest it holds nothing
		l.tell()
	}
	return l.take()
}

// close lets no more steps in and wakes a reader that waits.
func (l *line) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	if l.room != nil {
		close(l.room)
		l.room = nil
	}
}

// drained is closed when the line is empty.
func (l *line) drained() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.empty == nil {
		l.empty = make(chan struct{})
	}
	drained := l.empty
	l.tell()
	return drained
}

func (l *line) isEmpty() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.steps) == 0
}

// acked notes that a PUBACK is about to be sent: the peer may know before the
// step is done, and send the next at once.
func (l *line) acked() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unacked--
}

func (l *line) acksOwed() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.unacked
}
