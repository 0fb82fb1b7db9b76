package broker

import "sync/atomic"

// idleWorkers is how many workers stay when there is nothing to do.
const idleWorkers = 16

// workers do duties, each one at a time. A few that have nothing to do stay, for
// the stacks that they have grown: to read from the store needs one that a new
// goroutine gets by copying it again and again.
type workers struct {
	waiting chan duty // without room: a duty is handed over or not
	idle    atomic.Int32
	end     <-chan struct{}
}

// duty is what a worker is called for: the steps of a connection, or answers.
type duty interface{ work() }

// do has d done.
func (w *workers) do(d duty) {
	select {
	case w.waiting <- d:
	default:
		go w.run(d)
	}
}

func (w *workers) run(d duty) {
	for d != nil {
		d.work()
		d = w.next()
	}
}

// next waits for a duty; nil is the end.
func (w *workers) next() duty {
	defer w.idle.Add(-1)
	if w.idle.Add(1) > idleWorkers {
		return nil
	}
	select {
	case d := <-w.waiting:
		return d
	case <-w.end:
		return nil
	}
}
