package sqlstore

import (
	"slices"

	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// undo takes back one put.
type undo struct {
	change *change
	fresh  bool // the put made the change
	after  job.Execution

	job *jobEntry
	was jobEntry
}

// mark is a point in a work that it can return to.
type mark struct {
	debts, events, thens, bytes int
	announces                   *store.EventKinds
	resets                      bool
}

// begin opens the journal of a command.
func (w *work) begin() mark {
	w.journal, w.failed = w.journal[:0], nil
	return mark{debts: len(w.debts), events: len(w.events), thens: len(w.thens), bytes: w.bytes, announces: w.announces, resets: w.resets}
}

// drop takes back all that was put since m.
func (w *work) drop(m mark) {
	for _, v := range slices.Backward(w.journal) {
		v.apply(w)
	}
	w.debts, w.events, w.thens, w.bytes = w.debts[:m.debts], w.events[:m.events], w.thens[:m.thens], m.bytes
	w.announces, w.resets = m.announces, m.resets
}

func (u undo) apply(w *work) {
	switch {
	case u.job != nil:
		u.was.touched = true // it stays in the list
		*u.job = u.was
	case u.fresh:
		thing := u.change.ref().Thing
		w.order = w.order[:len(w.order)-1]
		w.changes[thing] = w.changes[thing][:len(w.changes[thing])-1]
	default:
		u.change.after = u.after
	}
}

// PutExecution implements store.Work.
func (w *work) PutExecution(before, after job.Execution) {
	c := &change{before: before, after: after}
	if old := w.changeOf(c.ref()); old != nil {
		w.journal = append(w.journal, undo{change: old, after: old.after})
		old.after = after
		return
	}
	thing := c.ref().Thing
	w.order = append(w.order, c)
	w.changes[thing] = append(w.changes[thing], c)
	w.journal = append(w.journal, undo{change: c, fresh: true})
	w.bytes += detailsSize(after)
}

// ref names the execution that changes.
func (c *change) ref() job.Ref {
	if c.before.None() {
		return c.after.Ref
	}
	return c.before.Ref
}

// Owe implements store.Work.
func (w *work) Owe(thing fleet.Thing, namespace string, n job.Notice) {
	if w.listened.Load() {
		w.debts = append(w.debts, debt{thing: thing.Name, namespace: namespace, notice: n})
	}
}

// Then implements store.Work.
func (w *work) Then(fn func(store.Tx) error) { w.thens = append(w.thens, fn) }
