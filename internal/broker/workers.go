package broker

import "sync/atomic"

// idleWorkers is how many workers stay when there is nothing to do.
const idleWorkers = 16

// workers do the steps of connections, each those of one at a time. A few that
// have nothing to do stay, for the stacks that they have grown: to read from
// the store needs one that a new goroutine gets by copying it again and again.
type workers struct {
	waiting chan *conn // without room: a connection is handed over or not
	idle    atomic.Int32
	end     <-chan struct{}
}

// do has the steps of c done.
func (w *workers) do(c *conn) {
	select {
	case w.waiting <- c:
	default:
		go w.run(c)
	}
}

func (w *workers) run(c *conn) {
	for c != nil {
		c.work()
		c = w.next()
	}
}

// next waits for a connection with something to do; nil is the end.
func (w *workers) next() *conn {
	defer w.idle.Add(-1)
	if w.idle.Add(1) > idleWorkers {
		return nil
	}
	select {
	case c := <-w.waiting:
		return c
	case <-w.end:
		return nil
	}
}
