package sqlstore

import (
	"cmp"
	"slices"
	"time"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// work is the state of one transaction of the writer: what was looked at, and
// over it what was put and is not saved yet.
type work struct {
	*Store
	conn *Conn
	now  time.Time

	exact map[job.Ref]job.Execution // as saved
	// Names that are not there.
	absentThings, absentJobs map[string]bool

	order   []*change           // of executions, as put
	changes map[int64][]*change // the same by thing
	touched []*jobEntry         // jobs whose rows or counters are to be saved
	debts   []debt
	events  [][]any // rows
	thens   []func(store.Tx) error
	bytes   int // of what is to be saved, roughly
	journal []undo

	rows      int               // saved so far
	tally     store.Turn        // what is counted of it, so far
	earliest  time.Time         // of all dues and deadlines saved
	wrote     bool              // something reached the database
	announces *store.EventKinds // which events are announced; nil until it is asked
	resets    bool              // that is to be so from this commit on
	failed    error             // of a put of the present command
	broken    error             // the transaction is lost: nothing may run in it any more
}

// change is what becomes of one execution. Before is as saved.
type change struct{ before, after job.Execution }

// debt is a notice for the listeners of a thing.
type debt struct {
	thing, namespace string
	notice           job.Notice
}

func (s *Store) newWork(c *Conn, now time.Time) *work {
	w := &work{
		Store: s, conn: c, now: now, exact: map[job.Ref]job.Execution{},
		absentThings: map[string]bool{}, absentJobs: map[string]bool{},
	}
	w.forgetPut()
	return w
}

func (w *work) forgetPut() {
	w.order, w.changes, w.touched = nil, map[int64][]*change{}, nil
	w.debts, w.events, w.thens, w.bytes, w.journal = nil, nil, nil, 0, nil
}

// Now implements store.Work.
func (w *work) Now() time.Time { return w.now }

// Thing implements store.Work.
func (w *work) Thing(name string) (fleet.Thing, error) {
	if t, ok := w.known.thing(name); ok {
		return t, nil
	}
	absent := fault.New(fault.NotFound, "Thing %s does not exist", name)
	if w.absentThings[name] {
		return fleet.Thing{}, absent
	}
	w.missed()
	t, ok, err := one(w.asSaved(), scanNamed, "living_thing", name)
	if err != nil {
		return t, err
	}
	if !ok {
		return t, absent
	}
	w.known.keepThing(t)
	return t, nil
}

// ThingByID implements store.Work.
func (w *work) ThingByID(id int64) (fleet.Thing, error) {
	if t, ok := w.known.thingByID(id); ok {
		return t, nil
	}
	t, ok, err := one(w.asSaved(), scanNamed, "thing_by_id", id)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "Thing %d does not exist", id)
	}
	return t, err
}

// Latest implements store.Work.
func (w *work) Latest(k job.Key) (job.Execution, error) {
	e, err := w.latestSaved(k)
	if err != nil {
		return job.Execution{}, err
	}
	var put job.Execution
	for _, c := range w.changes[k.Thing] {
		if c.after.Key == k && c.after.Number > put.Number {
			put = c.after
		}
	}
	for !e.None() && e.Number > put.Number {
		c := w.changeOf(e.Ref)
		if c == nil {
			return e, nil
		}
		// It is to be deleted: the one below it counts.
		e, _, err = one(w.asSaved(), scanExecution, "latest_execution_below", k.Job, k.Thing, e.Number)
		if err != nil {
			return job.Execution{}, err
		}
	}
	return put, nil
}

func (w *work) latestSaved(k job.Key) (job.Execution, error) {
	if e, ok := w.known.latest[k]; ok {
		return e, nil
	}
	w.missed()
	e, _, err := one(w.asSaved(), scanExecution, "latest_execution", k.Job, k.Thing)
	if err == nil {
		w.known.keepLatest(k, e)
	}
	return e, err
}

// Execution implements store.Work.
func (w *work) Execution(r job.Ref) (job.Execution, error) {
	if c := w.changeOf(r); c != nil {
		return c.after, nil
	}
	if e, ok := w.exact[r]; ok {
		return e, nil
	}
	if e, ok := w.known.latest[r.Key]; ok && e.Number == r.Number {
		return e, nil
	}
	w.missed()
	e, _, err := one(w.asSaved(), scanExecution, "execution", r.Job, r.Thing, r.Number)
	if err == nil {
		w.exact[r] = e
	}
	return e, err
}

// changeOf is what becomes of an execution, or nil if nothing was put.
func (w *work) changeOf(r job.Ref) *change {
	for _, c := range w.changes[r.Thing] {
		if c.ref() == r {
			return c
		}
	}
	return nil
}

// Pending implements store.Work.
func (w *work) Pending(thing int64) ([]job.Execution, error) {
	saved, err := w.pendingSaved(thing)
	if err != nil {
		return nil, err
	}
	changes := w.changes[thing]
	if len(changes) == 0 {
		return slices.Clone(saved), nil
	}
	list := make([]job.Execution, 0, len(saved)+len(changes))
	for _, e := range saved {
		if w.changeOf(e.Ref) == nil {
			list = append(list, e)
		}
	}
	for _, c := range changes {
		if toDo(c.after) {
			list = append(list, c.after)
		}
	}
	slices.SortFunc(list, inListOrder)
	return list, nil
}

func (w *work) pendingSaved(thing int64) ([]job.Execution, error) {
	if list, ok := w.known.pending[thing]; ok {
		return list, nil
	}
	w.missed()
	list, err := all(w.asSaved(), scanExecution, "pending_executions", thing)
	if err == nil {
		w.known.keepPending(thing, list)
	}
	return list, err
}

// inListOrder is the order of a thing's pending list.
func inListOrder(a, b job.Execution) int {
	return cmp.Or(a.QueuedAt.Compare(b.QueuedAt), cmp.Compare(a.Job, b.Job), cmp.Compare(a.Number, b.Number))
}

// LastQueued implements store.Work.
func (w *work) LastQueued(thing int64) (time.Time, error) {
	last, err := w.lastQueuedSaved(thing)
	if err != nil {
		return time.Time{}, err
	}
	for _, c := range w.changes[thing] {
		if c.after.QueuedAt.After(last) {
			last = c.after.QueuedAt
		}
	}
	return last, nil
}

// lastQueuedSaved is the latest queuedAt among the saved executions that keep
// theirs.
func (w *work) lastQueuedSaved(thing int64) (time.Time, error) {
	moved := int64(0)
	for _, c := range w.changes[thing] {
		if c.requeued() {
			moved++
		}
	}
	if last, ok := w.known.queued[thing]; ok && moved == 0 {
		return last, nil
	}
	w.missed()
	list, err := all(w.asSaved(), scanExecution, "last_queued", thing, moved+1)
	if err != nil {
		return time.Time{}, err
	}
	var last time.Time
	for _, e := range list {
		if c := w.changeOf(e.Ref); c == nil || !c.requeued() {
			last = e.QueuedAt
			break
		}
	}
	if moved == 0 {
		w.known.queued[thing] = last
	}
	return last, nil
}

// requeued tells that an execution is deleted, or gets another queuedAt.
func (c *change) requeued() bool {
	return !c.before.None() && !c.before.QueuedAt.Equal(c.after.QueuedAt)
}
