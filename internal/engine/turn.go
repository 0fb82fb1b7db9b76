package engine

import (
	"time"

	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/quota"
	"github.com/drover-iot/drover/internal/store"
)

// turn is one command or operation under way: the view it works on, its time,
// and the changes to tell once it is committed. Many of them may share a turn of
// the store's writer, which is a whole transaction.
type turn struct {
	store.Work
	now     time.Time
	number  int64 // grows in the order in which turns decide
	engine  *Engine
	changes []ListChange
	tally   Tally
	// departed tells that the sweep of ended memberships may have something to
	// do: one has ended, or a rollout that needed ended ones has.
	departed bool
	building bool // there is something to build: the index, or a dynamic group
}

// begin begins a turn. It is called where the turn decides: one does at a time.
func (e *Engine) begin(w store.Work) *turn {
	return &turn{Work: w, now: w.Now(), number: e.turns.Add(1), engine: e}
}

// operation is a turn that is a whole transaction: it has the registry and
// set-based changes beside it, which a command of the hot path has not.
type operation struct {
	*turn
	tx     store.Tx
	index  *index
	quotas quota.Numbers
}

// behind is the turn where it has a whole transaction: at once, or as the rest
// of a command behind the rows of its batch. There other commands have decided
// since, and so it is numbered anew.
func (t *turn) behind(tx store.Tx) *operation {
	t.number = t.engine.turns.Add(1)
	return &operation{turn: t, tx: tx, index: t.engine.index, quotas: t.engine.quotas}
}

// put saves a job. If a sweep begins with that, its first slice is part of the
// commit.
func (t *turn) put(j job.Job) {
	t.PutJob(j)
	if j.Sweep.Active && j.Sweep.Thing == 0 {
		t.sweepFirst(j.ID)
	}
}

// transition takes an execution from before to after, with all that follows:
// counters, retry, notice, judgement. It is the one way for reports, timers
// and cancels alike.
func (t *turn) transition(thing fleet.Thing, j job.Job, before, after job.Execution) error {
	if before.State == after.State {
		t.PutExecution(before, after)
		return nil // progress: no counter, list or judgement depends on it
	}
	err := t.listing(thing, j, func() error { return t.settle(thing, j, before, after) })
	if err != nil {
		return err
	}
	return t.judge(j.ID)
}

// settle puts after for before, queues the retry of a failed attempt or has it
// wait, and counts the thing where its newest execution now is.
// spec: job-lifecycle.md#7-counters-jobprocessdetails
func (t *turn) settle(thing fleet.Thing, j job.Job, before, after job.Execution) error {
	after = j.Deferred(after)
	t.PutExecution(before, after)
	t.announceEnd(thing, j, after)
	if after.State.Terminal() {
		t.tally.Ended[after.State]++
	}
	newest := after
	if after.State == job.Failed || after.State == job.TimedOut {
		last, err := t.LastQueued(after.Thing)
		if err != nil {
			return err
		}
		if retry, ok := j.RetryOf(after, last, t.now); ok {
			t.PutExecution(job.Execution{}, retry)
			t.tally.Retried++
			newest = retry
		}
	}
	t.Count(j.ID, job.Recount(before, newest))
	return nil
}

// replace puts a change of an execution that no list or retry depends on, or
// that has been seen to.
func (t *turn) replace(before, after job.Execution) {
	t.PutExecution(before, after)
	t.Count(before.Job, job.Recount(before, after))
}

// queue gives a thing a new execution of j behind latest, which may be none.
func (t *turn) queue(thing fleet.Thing, j job.Job, latest job.Execution) error {
	last, err := t.LastQueued(thing.ID)
	if err != nil {
		return err
	}
	ref := job.Ref{Key: job.Key{Job: j.ID, Thing: thing.ID}, Number: latest.Number + 1}
	fresh := job.Fresh(ref, job.Behind(last, t.now), t.now)
	return t.listing(thing, j, func() error {
		t.PutExecution(job.Execution{}, fresh)
		t.tally.Joined++
		delta := job.Recount(latest, fresh)
		if latest.None() {
			delta.Notified = 1
		}
		t.Count(j.ID, delta)
		return nil
	})
}

// erase deletes an execution. If it was the latest, the thing counts where the
// one before it ended. spec: job-lifecycle.md#6-delete
func (t *turn) erase(thing fleet.Thing, j job.Job, e job.Execution) error {
	return t.listing(thing, j, func() error {
		t.PutExecution(e, job.Execution{})
		t.announceErased(thing, j, e)
		newest, err := t.Latest(e.Key)
		if err == nil && newest.Number < e.Number {
			t.Count(j.ID, job.Recount(e, newest))
		}
		return err
	})
}

// judge ends the job if its counters say so.
func (t *turn) judge(jobID int64) error {
	j, err := t.JobByID(jobID)
	if err != nil {
		return err
	}
	next := j.Judge(t.now)
	if next.Status == j.Status && next.Due.Equal(j.Due) && next.Rollout == j.Rollout {
		return nil
	}
	if next.Status == job.StatusCanceled {
		t.tally.Aborted++
	}
	t.noteEnd(j, next)
	t.put(next)
	return nil
}
