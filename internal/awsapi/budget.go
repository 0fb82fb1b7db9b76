package awsapi

import (
	"container/list"
	"sync"
	"time"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/fault"
)

// What all bodies of requests together, and all answers, may take in memory.
const (
	freeBytes = 16 << 10 // of one, which count for nothing
	mostBytes = 64 << 20 // of all bodies, and of all answers, beyond what is free
)

// patience is how long a body may take to come, or an answer to go, while the
// budget is full.
const patience = time.Second

// budget is what bodies, or answers, together take in memory. When it is full,
// those leave that have been under way for longest: whoever stalls on purpose
// would keep its share, and the others would be refused.
type budget struct {
	mu   sync.Mutex // guards what follows and the shares
	held int64
	open list.List // of *share that can be cut, those first that have been under way for longest
}

// share is what one request takes of a budget.
type share struct {
	of    *budget
	stop  func() // ends what the request waits for
	since time.Time
	bytes int64
	place *list.Element // in of.open; nil: it cannot be cut
	cut   bool
}

func (b *budget) share(stop func()) *share { return &share{of: b, stop: stop} }

// grow takes n bytes more. It is refused if there is no room, or if the share
// had to make room for others.
func (s *share) grow(n int64) error {
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	if s.cut || !s.of.makeRoom(n) || s.cut {
		return fault.New(fault.Throttled, "Too many large requests at once")
	}
	s.of.held += n
	s.bytes += n
	if s.place == nil {
		s.since = clock.Wall()
		s.place = s.of.open.PushBack(s)
	}
	return nil
}

// makeRoom cuts until there is room for n bytes, if that can be.
func (b *budget) makeRoom(n int64) bool {
	for b.held+n > mostBytes {
		oldest := b.open.Front()
		if oldest == nil {
			return false
		}
		s := oldest.Value.(*share)
		if clock.Wall().Sub(s.since) < patience {
			return false
		}
		s.release()
		s.cut = true
		s.stop()
	}
	return true
}

// keep makes the share one that is not cut: what it waited for has come.
func (s *share) keep() {
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	if s.place != nil {
		s.of.open.Remove(s.place)
	}
}

// end gives the share back. It may be called again.
func (s *share) end() {
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	s.release()
}

func (s *share) release() {
	s.of.held -= s.bytes
	s.bytes = 0
	if s.place != nil {
		s.of.open.Remove(s.place)
	}
}
