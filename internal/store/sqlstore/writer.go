package sqlstore

import (
	"context"
	"sync"
	"time"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/store"
)

// The bounds of a batch, and of what waits for one.
const (
	mostCommands = 512
	mostClosures = 16
	mostRows     = 1000
	mostBytes    = 4 << 20
	mostWaiting  = 4096
)

// watch is told of each commit, with the earliest instant that it made due.
type watch = func(earliest time.Time)

// writer takes tickets in order and commits them in batches. All but the queue
// belongs to its goroutine.
type writer struct {
	*Store
	conn      *Conn
	watch     watch
	happened  func()    // called after a commit that stored events; may be nil
	last      time.Time // Now of the last batch
	clock     time.Time // as stored, if it is virtual
	real      bool      // as stored: times are of the real clock
	left      []*ticket // taken, but beyond the bounds of the last batch
	complaint complaint
	synced    bool // commits last by themselves

	queue  chan *ticket
	mu     sync.RWMutex // guards closed; held while putting, so that nobody puts behind the end
	closed bool
	ended  chan struct{}
	err    error // of the connection's end; valid when ended is closed

	waited []time.Duration // of the turn that is told; the syncer's, kept for its room
}

func newWriter(s *Store, conn *Conn, last time.Time) *writer {
	return &writer{
		Store: s, conn: conn, last: last, clock: last,
		queue: make(chan *ticket, mostWaiting), ended: make(chan struct{}),
	}
}

// put queues a ticket, or finishes it at once if the store is closing or ctx
// ends before there is room.
func (w *writer) put(ctx context.Context, t *ticket) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		t.finish(unavailable(nil, "the store is closing"))
		return
	}
	select {
	case w.queue <- t:
	case <-ctx.Done():
		t.finish(ctx.Err())
	}
}

// close waits until all that was put is done.
func (w *writer) close() error {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.queue)
	}
	w.mu.Unlock()
	<-w.ended
	return w.err
}

func (w *writer) run() {
	defer close(w.ended)
	for {
		batch := w.take()
		if len(batch) == 0 {
			w.syncer.close()
			w.err = w.conn.Close()
			return
		}
		w.turn(batch)
	}
}

// take waits for the first ticket and takes all that wait behind it, within
// the bounds of a batch. None is the end.
func (w *writer) take() []*ticket {
	batch := w.left
	w.left = nil
	if len(batch) == 0 {
		t, ok := <-w.queue
		if !ok {
			return nil
		}
		batch = append(batch, t)
	}
	closures := 0
	for _, t := range batch {
		closures += t.closures()
	}
	for len(batch) < mostCommands && closures < mostClosures {
		select {
		case t, ok := <-w.queue:
			if !ok {
				return batch
			}
			closures += t.closures()
			batch = append(batch, t)
		default:
			return batch
		}
	}
	return batch
}

func (t *ticket) closures() int {
	if t.cmd == nil {
		return 1
	}
	return 0
}

// turn brings a batch to its end: together, or if a statement of it was
// refused, one by one, so that only the guilty one fails.
func (w *writer) turn(batch []*ticket) {
	if w.syncer.failure() != nil {
		w.syncer.hand(commit{tell: func(err error) { w.forfeit(batch, err) }})
		return
	}
	w.chooseSync()
	if w.cfg.Gate != nil {
		w.cfg.Gate.Lock()
		defer w.cfg.Gate.Unlock()
	}
	a := w.attempt(batch)
	switch {
	case a.err == nil:
		w.committed(a)
	case len(a.batch) == 1 || w.cfg.Dialect.Broken(a.err):
		w.undone(a)
	default:
		w.rollback()
		w.syncer.hand(commit{number: a.number})
		w.oneByOne(a.batch)
	}
	w.left = a.left
}

// chooseSync leaves the syncing of commits to the engine while it takes long.
func (w *writer) chooseSync() {
	slow := w.syncer.slow()
	if w.cfg.Sync == nil || slow == w.synced {
		return
	}
	err := w.cfg.SyncCommits(w.conn, slow)
	if err != nil {
		w.cfg.Log.Error("choose who syncs", "err", err)
	}
	w.synced = slow && err == nil
}

func (w *writer) oneByOne(batch []*ticket) {
	for _, t := range batch {
		a := w.attempt([]*ticket{t})
		if a.err == nil {
			w.committed(a)
		} else {
			w.undone(a)
		}
	}
}

// committed tells the watcher, and wakes those who wait once the commit lasts.
func (w *writer) committed(a *attempt) {
	if !w.cfg.Alone {
		w.known.forget()
	}
	w.known.trim()
	w.clock, w.real = a.clock, a.real
	w.owed.Store(w.seq)
	if a.work.resets {
		w.announced.Store(uint32(*a.work.announces))
	}
	if a.work.wrote {
		w.stored()
	}
	if w.happened != nil && a.work.tally.Events > 0 {
		w.happened()
	}
	if w.watch != nil {
		w.watch(a.work.earliest)
	}
	w.syncer.hand(commit{number: a.number, wrote: a.work.wrote && a.number > 0, tell: func(err error) {
		if err != nil {
			w.forfeit(a.batch, err)
			return
		}
		ended := clock.Wall()
		a.finish(nil)
		w.tell(a, ended)
	}})
}

// forfeit fails a batch of which nobody can say what became of it, also those
// with a fault of their own: they may have it from what is lost.
func (w *writer) forfeit(batch []*ticket, err error) {
	w.tellFailed()
	for _, t := range batch {
		t.finish(err)
	}
}

func (w *writer) tellFailed() {
	if w.cfg.Turned != nil {
		w.cfg.Turned(store.Turn{Failed: true})
	}
}

// tell tells in figures of a turn that is committed.
func (w *writer) tell(a *attempt, ended time.Time) {
	if w.cfg.Turned == nil || len(a.batch) == 0 {
		return
	}
	w.waited = w.waited[:0]
	for _, t := range a.batch {
		w.waited = append(w.waited, a.began.Sub(t.since))
	}
	turn := a.work.tally
	turn.Commands, turn.Waited = len(a.batch), w.waited
	turn.Took, turn.Saved = ended.Sub(a.began), ended.Sub(a.saved)
	w.cfg.Turned(turn)
}

// undone fails a batch of which nothing was committed.
func (w *writer) undone(a *attempt) {
	w.rollback()
	err := a.err
	if a.saving {
		w.complain(err)
		err = unavailable(err, "the change could not be stored")
	}
	w.syncer.hand(commit{number: a.number, tell: func(lost error) {
		if lost != nil {
			w.forfeit(a.batch, lost)
			return
		}
		if a.saving {
			w.tellFailed()
		}
		a.finish(err)
	}})
}

// rollback ends the transaction, if the engine has not, and forgets what was
// remembered of it.
func (w *writer) rollback() {
	w.known.forget()
	if _, err := w.conn.ExecContext(context.Background(), "ROLLBACK"); err == nil {
		return
	}
	if w.conn.PingContext(context.Background()) == nil {
		return
	}
	_ = w.conn.Close() // it is lost
	w.recent.forget()  // who answers next may lack the last commits
	conn, err := NewConn(context.Background(), w.cfg.Write)
	if err != nil {
		w.cfg.Log.Error("reconnect the writer", "err", err)
		return
	}
	w.conn, w.synced = conn, false
}

// now is the time of a batch.
func (w *writer) now() time.Time {
	if now := w.cfg.Clock.Now(); now.After(w.last) {
		w.last = now
	}
	return w.last
}

var _ store.Writer = (*Store)(nil)
