package sqlstore

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/drover-iot/drover/internal/clock"
)

// syncer makes last what the writer has committed, while the writer is at its
// next batches. Nobody is told of a commit before it lasts, and no read that may
// have seen it is answered. While the disk is slow the writer has the engine do
// it, and what it hands over lasts.
type syncer struct {
	sync   func() error  // nil: a commit lasts by itself
	long   time.Duration // a sync that takes as long is slow
	failed func(error)   // told once, when sync fails
	took   atomic.Int64  // the last sync, in nanoseconds

	commits chan commit
	ended   chan struct{}

	begun   atomic.Int64 // commits that a read may have seen
	lasting atomic.Int64 // of them, those that last or came to nothing

	mu    sync.Mutex    // guards what follows
	grown chan struct{} // closed when lasting has grown, or will never
	err   error         // why it never will
}

// mostAhead is how many commits may wait for the one that is being synced. With
// none the writer would wait for each sync to begin; with many, batches would
// become small.
const mostAhead = 2

// commit is one that was begun.
type commit struct {
	number int64       // 0: it was not
	wrote  bool        // there is something to sync
	tell   func(error) // nil: nobody waits for it
}

// slow tells that syncs take so long that nothing is gained by a batch beside
// them: the engine is to sync as it commits, so that reads need not wait.
func (s *syncer) slow() bool { return time.Duration(s.took.Load()) >= s.long }

func newSyncer(do func() error, long time.Duration, failed func(error)) *syncer {
	return &syncer{
		sync: do, long: long, failed: failed,
		commits: make(chan commit, mostAhead), ended: make(chan struct{}), grown: make(chan struct{}),
	}
}

// begin numbers a commit that is about to be. It is to be handed over, whatever
// becomes of it.
func (s *syncer) begin() int64 { return s.begun.Add(1) }

// hand has c synced and then told.
func (s *syncer) hand(c commit) {
	if s.sync == nil {
		c.told(nil)
		return
	}
	s.commits <- c
}

func (c commit) told(err error) {
	if c.tell != nil {
		c.tell(err)
	}
}

func (s *syncer) run() {
	defer close(s.ended)
	for c := range s.commits {
		c = s.gather(c)
		c.told(s.settle(c))
	}
}

// gather is c with those that wait behind it: one sync is enough for them.
func (s *syncer) gather(c commit) commit {
	for range mostAhead {
		select {
		case next, ok := <-s.commits:
			if !ok {
				return c
			}
			c = c.and(next)
		default:
			return c
		}
	}
	return c
}

// and is c and the commit behind it as one. Also one that lasts already fails
// with the sync of the other: behind it nothing is certain.
func (c commit) and(next commit) commit {
	return commit{
		number: max(c.number, next.number), wrote: c.wrote || next.wrote,
		tell: func(err error) { c.told(err); next.told(err) },
	}
}

// close waits until all that was handed over is told.
func (s *syncer) close() {
	close(s.commits)
	if s.sync != nil {
		<-s.ended
	}
}

// settle has c last. What could not be synced once is lost to the system, which
// does not try again: from then on nothing is certain, and all fails.
func (s *syncer) settle(c commit) error {
	if err := s.failure(); err != nil {
		return err
	}
	if c.wrote {
		began := clock.Wall()
		if err := s.sync(); err != nil {
			s.fail(err)
			return s.failure()
		}
		s.took.Store(int64(clock.Wall().Sub(began)))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lasting.Store(max(s.lasting.Load(), c.number))
	close(s.grown)
	s.grown = make(chan struct{})
	return nil
}

func (s *syncer) fail(err error) {
	s.failed(err)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = unavailable(err, "what was stored may not last")
	close(s.grown)
}

// failure is why nothing lasts any more; nil while it does.
func (s *syncer) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// await waits until all commits that have begun last.
func (s *syncer) await(ctx context.Context) error {
	if s.sync == nil {
		return nil
	}
	for n := s.begun.Load(); s.lasting.Load() < n; {
		s.mu.Lock()
		grown, err := s.grown, s.err
		lasts := s.lasting.Load() >= n
		s.mu.Unlock()
		if lasts || err != nil {
			return err
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
