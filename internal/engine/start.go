package engine

import (
	"context"
	"slices"

	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// Start is a device's wish for its next execution.
type Start struct {
	Thing       string
	Details     map[string]string // nil is absent
	StepMinutes int               // 0 is absent, job.RemoveTimer stops the timer
}

// StartNext submits a start at once. It takes from the list of the jobs without
// a namespace, and comes to a Described without execution if nothing is pending.
// There are changes only of an execution that listeners have not been told of
// yet.
// spec: device-api.md#42-startnextpendingjobexecution
func (e *Engine) StartNext(s Start) Submitted[Described] {
	if err := job.CheckDetails(s.Details); err != nil {
		return unsubmitted[Described]{err}
	}
	c := &start{ask: s, engine: e}
	c.ticket = e.store.Submit(c)
	return c
}

type start struct {
	underway
	ask     Start
	engine  *Engine
	done    Described
	changes []ListChange
}

// Outcome implements Submitted.
func (c *start) Outcome() Described { return c.done }

// Wait implements Submitted.
func (c *start) Wait(ctx context.Context) (Described, []ListChange, error) {
	if err := c.ticket.Wait(ctx); err != nil {
		return Described{}, nil, err
	}
	return c.done, c.changes, nil
}

func (c *start) Hint(h *store.Hints) { h.Pending = append(h.Pending, c.ask.Thing) }

func (c *start) Decide(w store.Work) error {
	c.done, c.changes = Described{}, nil
	t := c.engine.begin(w)
	thing, err := t.Thing(c.ask.Thing)
	if err != nil {
		return err
	}
	j, first, err := t.first(thing.ID)
	if err != nil || first.None() {
		return err
	}
	next := first.Start(c.ask.Details, c.ask.StepMinutes, j.Settings.Timeout, t.now)
	c.done = describe(next, j)
	switch {
	case next.State != first.State && !j.Told(first): // a window has just opened
		err = t.listing(thing, j, func() error { t.replace(first, next); return nil })
	case next.State != first.State: // the head stays the head: nothing to tell
		t.replace(first, next)
	case !next.Step.Equal(first.Step):
		t.PutExecution(first, next)
	}
	c.changes = t.changes
	return err
}

// first is the head of a thing's pending list, of the jobs without a namespace,
// with its job.
func (t *turn) first(thing int64) (job.Job, job.Execution, error) {
	rows, err := t.Pending(thing)
	if err != nil {
		return job.Job{}, job.Execution{}, err
	}
	slices.SortFunc(rows, job.Order)
	for _, e := range rows {
		j, err := t.JobByID(e.Job)
		if err != nil {
			return j, e, err
		}
		if j.Namespace == "" && j.Shows(e) {
			return j, e, nil
		}
	}
	return job.Job{}, job.Execution{}, nil
}
