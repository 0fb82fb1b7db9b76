package sqlstore

import (
	"context"
	"fmt"
	"time"

	"github.com/drover-iot/drover/internal/clock"
)

// complaint is what the log said last of a change that could not be stored.
type complaint struct {
	text string
	at   time.Time
}

// sameAgain is how long the same complaint is not made again: what is damaged
// may be asked for at any rate.
const sameAgain = time.Minute

// complain logs why a batch was not stored. When nothing can be stored, it says
// so once.
func (w *writer) complain(err error) {
	if w.cfg.Dialect.Broken(err) {
		w.failures.Add(1)
		if !w.stuck.Swap(true) {
			w.cfg.Log.Error("nothing can be stored", "err", err)
		}
		return
	}
	now := clock.Wall()
	if c := (complaint{err.Error(), now}); c.text != w.complaint.text || now.Sub(w.complaint.at) > sameAgain {
		w.cfg.Log.Error("a change could not be stored", "err", err)
		w.complaint = c
	}
}

// stored notes that a batch was committed. Behind one that was not, it may have
// written nothing at all, so a probe is written to see whether there is room, one
// at a time. It says nothing of what failed behind it.
func (w *writer) stored() {
	if w.cfg.Committed != nil {
		w.cfg.Committed()
	}
	if !w.stuck.Load() || w.syncer.failure() != nil || w.probing.Swap(true) {
		return
	}
	failures := w.failures.Load()
	t := newTicket()
	t.cmd = probe
	a := w.attempt([]*ticket{t})
	if a.err != nil {
		w.rollback()
	}
	// The batch before it is not synced yet, so there is something to sync even
	// if the probe was refused.
	w.syncer.hand(commit{number: a.number, wrote: true, tell: func(err error) {
		w.probing.Store(false)
		if a.err == nil && err == nil && w.failures.Load() == failures {
			w.stuck.Store(false)
			w.cfg.Log.Warn("changes are stored again")
		}
	}})
}

// unsynced notes that what was committed could not be brought onto the disk.
func (s *Store) unsynced(err error) {
	s.stuck.Store(true)
	s.cfg.Log.Error("what was stored may not last, and nothing is stored until the node starts anew", "err", err)
}

// probe is a command that writes something that is not there yet: what is there
// the engine would not write again.
var probe = inBatch(func(t *tx) error {
	_, err := t.exec("set_meta", "probe", clock.Wall().UnixNano())
	return err
})

// Ready tells whether the store can be read, and written. Only behind a commit
// that failed it tries the latter, so that a store that has healed is ready
// although nobody changes anything.
func (s *Store) Ready(ctx context.Context) error {
	if _, _, err := s.NextDue(ctx); err != nil {
		return fmt.Errorf("read the store: %w", err)
	}
	if !s.stuck.Load() {
		return nil
	}
	if err := s.Submit(probe).Wait(ctx); err != nil {
		return fmt.Errorf("write to the store: %w", err)
	}
	return nil
}
