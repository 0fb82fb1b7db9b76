package broker

import "sync"

// answers has the steps done that wait for nothing: very many at once when a
// commit is told, each of them short. A worker for each would take longer to
// begin than to do them.
type answers struct {
	workers *workers

	mu      sync.Mutex // guards what follows
	waiting []*conn    // with such steps, in order
	at      int        // workers that are at them
}

// answersEach is how many connections wait for one worker, at most: with fewer
// there are more workers, which gains nothing.
const answersEach = 16

// put has the steps of c done.
func (a *answers) put(c *conn) {
	a.mu.Lock()
	a.waiting = append(a.waiting, c)
	more := len(a.waiting) > answersEach*a.at
	if more {
		a.at++
	}
	a.mu.Unlock()
	if more {
		a.workers.do(a)
	}
}

// work implements duty.
func (a *answers) work() {
	for c := a.next(); c != nil; c = a.next() {
		c.answer()
	}
}

// next is a connection that waits; nil: none does, and the worker leaves.
func (a *answers) next() *conn {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.waiting) == 0 {
		a.waiting = nil // at rest it holds nothing
		a.at--
		return nil
	}
	c := a.waiting[0]
	a.waiting[0] = nil
	a.waiting = a.waiting[1:]
	return c
}
