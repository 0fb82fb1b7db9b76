package broker

import "sync"

// queue holds what waits for a few goroutines. Each leaves when nothing waits;
// who puts something there decides whether another is to come.
type queue[T any] struct {
	mu      sync.Mutex // guards what follows
	waiting []*T       // in order
	at      int        // goroutines that are at it
}

// take is what is next; nil: nothing waits, and the goroutine leaves.
func (q *queue[T]) take() *T {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		q.waiting = nil // at rest it holds nothing
		q.at--
		return nil
	}
	next := q.waiting[0]
	q.waiting[0] = nil
	q.waiting = q.waiting[1:]
	return next
}
