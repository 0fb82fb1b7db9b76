package engine

import (
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// How many executions a slice of a sweep looks at and changes: the first one
// is part of the commit that begins it.
const (
	sweepLook  = 5000
	sweepSlice = 500
)

// sweepFirst does the first slice of a sweep in the commit that begins it, so
// that up to 1,000 executions never lag behind their job.
// spec: job-lifecycle.md#51-canceljob-put-jobsjobidcancelforce
func (t *turn) sweepFirst(jobID int64) {
	t.Then(func(tx store.Tx) error {
		j, err := tx.JobByID(jobID)
		if err != nil || !j.Sweep.Active {
			return err
		}
		return t.behind(tx).sweep(j, sliceSize)
	})
}

// sweep takes the next executions of a job along, at most n.
func (o *operation) sweep(j job.Job, n int) error {
	open, next, end, err := o.tx.OpenOf(j.ID, j.Sweep.Thing, o.look(j), n)
	if err != nil {
		return err
	}
	for _, e := range open {
		if err := o.sweepOne(j, e); err != nil {
			return err
		}
	}
	if j.Status == job.StatusDeleting {
		if err := o.announceEnded(j, j.Sweep.Thing, next); err != nil {
			return err
		}
		if err := o.tx.DeleteEnded(j.ID, j.Sweep.Thing, next); err != nil {
			return err
		}
	}
	if end {
		o.announceSwept(j)
	}
	if end && j.Status == job.StatusDeleting {
		return o.tx.DropJob(j.ID)
	}
	swept, err := o.JobByID(j.ID)
	if err != nil || swept.Sweep != j.Sweep { // an abort begins another one
		return err
	}
	o.PutJob(swept.Swept(next, end, o.now))
	return nil
}

// look is how many executions a slice looks at: fewer if each is told of.
func (o *operation) look(j job.Job) int {
	if j.Status == job.StatusDeleting && o.Announces(store.EventExecution) {
		return sweepSlice
	}
	return sweepLook
}

// sweepOne takes an execution to where its job has it.
func (t *turn) sweepOne(j job.Job, e job.Execution) error {
	thing, err := t.ThingByID(e.Thing)
	if err != nil {
		return err
	}
	if j.Status == job.StatusDeleting {
		return t.erase(thing, j, e)
	}
	switch is := j.Effective(e); {
	case is.State != e.State:
		return t.transition(thing, j, e, is)
	case j.Waits(e):
		return t.visiting(thing, j, func() error { return t.resume(j, e) })
	case e.Retries.Waits: // for a retry that comes no more
		final, _ := e.GiveUp()
		t.replace(e, final)
		return nil
	case e.State == job.Queued: // shown, or hidden
		return t.visiting(thing, j, func() error { return nil })
	default:
		return nil
	}
}

// resume queues the retry that has waited for a window, if one is open.
func (t *turn) resume(j job.Job, e job.Execution) error {
	last, err := t.LastQueued(e.Thing)
	if err != nil {
		return err
	}
	ended, next, ok := j.Resume(e, last, t.now)
	if !ok {
		return nil
	}
	t.PutExecution(e, ended)
	t.PutExecution(job.Execution{}, next)
	t.tally.Retried++
	t.Count(j.ID, job.Recount(e, next))
	return nil
}
