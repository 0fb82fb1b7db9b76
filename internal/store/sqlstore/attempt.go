package sqlstore

import (
	"fmt"
	"runtime/debug"
	"time"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/store"
)

// attempt is one transaction over a batch.
type attempt struct {
	*writer
	work  *work
	batch []*ticket
	left  []*ticket // of the batch, not done because of its bounds
	clock time.Time // stored with it
	real  bool      // the same
	began time.Time
	saved time.Time // when saving and committing began

	number int64 // of its commit, once that has begun, if it is to be synced; see syncer

	outcomes map[*ticket]error // of those whose own fault it was
	saving   bool              // err came from the database, not from a ticket
	err      error             // nothing is committed
}

func (w *writer) attempt(batch []*ticket) *attempt {
	a := &attempt{writer: w, work: w.newWork(w.conn, w.now()), outcomes: map[*ticket]error{}, clock: w.clock, real: w.real, began: clock.Wall()}
	for _, t := range batch {
		if t.begin() {
			a.batch = append(a.batch, t)
		}
	}
	if len(a.batch) > 0 {
		a.err = a.run()
	}
	return a
}

// run is the order of a batch: load, decide, save, what is to be done then,
// the closures, commit.
func (a *attempt) run() error {
	a.saving = true
	if err := a.begin(); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	a.decide()
	if len(a.work.thens) > 0 || a.countClosures() > 0 {
		if err := a.work.flush(); err != nil {
			return err
		}
		if err := a.then(); err != nil {
			return err
		}
		a.work.rows = 0
		if err := a.runClosures(); err != nil {
			return err
		}
	}
	if err := a.storeClock(); err != nil {
		return err
	}
	a.saved = clock.Wall()
	if a.synced {
		return a.commitSynced()
	}
	a.number = a.syncer.begin()
	return a.work.save(true)
}

// commitSynced commits so that it lasts, and notes what that takes.
func (a *attempt) commitSynced() error {
	if err := a.work.flush(); err != nil {
		return err
	}
	began := clock.Wall()
	err := a.work.save(true)
	if a.work.wrote {
		a.syncer.took.Store(int64(clock.Wall().Sub(began)))
	}
	return err
}

func (a *attempt) begin() error {
	if !a.cfg.Prefetch {
		return a.cfg.Dialect.Begin(a.work.conn, nil)
	}
	a.known.forgetLists() // what is loaded is added
	h := distinctHints(a.hints())
	look, err := a.work.lookups(h)
	if err != nil {
		return err
	}
	if err := a.cfg.Dialect.Begin(a.work.conn, look); err != nil {
		return err
	}
	a.work.noteAbsent(h)
	return nil
}

func (a *attempt) hints() store.Hints {
	var h store.Hints
	for _, t := range a.batch {
		if t.cmd != nil {
			if err := a.guard(func() error { t.cmd.Hint(&h); return nil }); err != nil {
				a.cfg.Log.Error("a hint is missing", "err", err) // hints only speed up
			}
		}
	}
	return h
}

// decide lets each command decide, in order. What one put is seen by the next;
// what it put and then failed is seen by nobody.
func (a *attempt) decide() {
	w := a.work
	for i, t := range a.batch {
		if len(w.order) >= mostRows || w.bytes >= mostBytes {
			a.batch, a.left = a.batch[:i:i], a.batch[i:]
			return
		}
		if t.cmd == nil {
			continue
		}
		m := w.begin()
		err := a.guard(func() error { return t.cmd.Decide(w) })
		if err == nil {
			err = w.failed
		}
		if err != nil {
			a.outcomes[t] = err
			w.drop(m)
		}
	}
}

// then runs what commands asked for. An error fails the command: what it put
// is among the rows already, so the batch is undone and run one by one.
func (a *attempt) then() error {
	err := a.guard(a.work.runThens)
	a.saving = err == nil || a.work.broken != nil
	return err
}

// runThens runs what was asked for, and what that asks for in turn.
func (w *work) runThens() error {
	for len(w.thens) > 0 {
		fn := w.thens[0]
		w.thens = w.thens[1:]
		if err := fn(w.tx()); err != nil {
			return err
		}
		if w.failed != nil {
			return w.failed
		}
		if err := w.flush(); err != nil {
			return err
		}
	}
	return nil
}

func (a *attempt) countClosures() (n int) {
	for _, t := range a.batch {
		n += t.closures()
	}
	return n
}

// runClosures runs the closures, each within a savepoint. When they have changed as
// many rows as a batch may, the rest is left for the next.
func (a *attempt) runClosures() error {
	for i, t := range a.batch {
		if t.cmd != nil {
			continue
		}
		if a.work.rows >= mostRows {
			a.leave(i)
			return nil
		}
		if err := a.closure(t); err != nil {
			return err
		}
	}
	return nil
}

// leave leaves the closures from place i on.
func (a *attempt) leave(i int) {
	var done, left []*ticket
	for n, t := range a.batch {
		if n >= i && t.cmd == nil {
			left = append(left, t)
		} else {
			done = append(done, t)
		}
	}
	a.batch, a.left = done, append(left, a.left...)
}

// closure runs one closure. An error of its own undoes it and nothing else.
func (a *attempt) closure(t *ticket) error {
	w := a.work
	if err := w.control("SAVEPOINT closure"); err != nil {
		return err
	}
	wrote, tally := w.wrote, w.tally
	w.wrote = false
	m := w.begin()
	err := a.guard(func() error { return w.runClosure(t.fn) })
	if w.broken != nil {
		return w.broken
	}
	if err != nil {
		a.outcomes[t] = err
		w.tally = tally
		if err := w.reopen(m); err != nil {
			return err
		}
	}
	w.wrote = w.wrote || wrote
	return w.control("RELEASE closure")
}

// runClosure runs fn, saves what it put and runs what it asked for.
func (w *work) runClosure(fn func(store.Tx) error) error {
	if err := fn(w.tx()); err != nil {
		return err
	}
	if w.failed != nil {
		return w.failed
	}
	if err := w.flush(); err != nil {
		return err
	}
	return w.runThens()
}

// reopen undoes a closure. If it reached the database, what was seen or
// remembered may be of what is undone.
func (w *work) reopen(m mark) error {
	w.drop(m)
	w.thens = nil
	if w.wrote {
		w.known.forget()
		w.wrote = false
	}
	for _, e := range w.touched {
		e.touched = false // it is remembered longer than the list
	}
	clear(w.exact)
	w.forgetPut()
	return w.control("ROLLBACK TO closure")
}

// control runs a statement of transaction control.
func (w *work) control(text string) error {
	if w.broken != nil {
		return w.broken
	}
	if _, err := w.conn.Exec(text); err != nil {
		w.broken = fmt.Errorf("%s: %w", text, err)
	}
	return w.broken
}

// storeClock keeps the virtual time in the same transaction, or in the first of
// all that times are real.
func (a *attempt) storeClock() error {
	if !a.cfg.Virtual {
		return a.storeReal()
	}
	if a.clock.Equal(a.work.now) {
		return nil
	}
	a.clock = a.work.now
	if err := a.work.flush(); err != nil {
		return err
	}
	a.work.wrote = true
	_, err := a.work.asSaved().exec("set_meta", metaClock, a.clock.UnixMilli())
	return err
}

func (a *attempt) storeReal() error {
	if a.real {
		return nil
	}
	if err := a.work.flush(); err != nil {
		return err
	}
	a.real, a.work.wrote = true, true
	_, err := a.work.asSaved().exec("set_meta", metaReal, 1)
	return err
}

// guard turns a panic of fn into an error that tells where, so that it ends one
// ticket only.
func (a *attempt) guard(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("a command panicked: %v\n%s", p, debug.Stack())
		}
	}()
	return fn()
}

// finish wakes everybody of the batch: with the fault of their own, else with
// err.
func (a *attempt) finish(err error) {
	for _, t := range a.batch {
		if own := a.outcomes[t]; own != nil {
			t.finish(own)
		} else {
			t.finish(err)
		}
	}
}

// tx is the work with SQL beside it. It may insert what the batch found
// absent.
func (w *work) tx() *tx {
	w.absentThings, w.absentJobs = nil, nil
	return &tx{work: w}
}
