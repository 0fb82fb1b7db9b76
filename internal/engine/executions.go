package engine

import (
	"context"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// Execution is an execution as the control plane shows it; number 0 is the
// latest.
func (e *Engine) Execution(ctx context.Context, thing, jobName string, number int64) (store.Attempt, error) {
	return e.attempt(ctx, thing, jobName, number)
}

// CancelExecution cancels the latest execution of a job on a thing; no retry
// follows. spec: job-lifecycle.md#52-canceljobexecution-put-thingsthingjobsjobidcancelforce
//
// Errors: NotFound, VersionConflict, InvalidStateTransition.
func (e *Engine) CancelExecution(ctx context.Context, thing, jobName string, c job.CancelOne) error {
	if err := job.CheckDetails(c.Details); err != nil {
		return err
	}
	return e.write(ctx, func(o *operation) error {
		on, err := o.Thing(thing)
		if err != nil {
			return err
		}
		j, x, err := o.latest(on.ID, on.Name, jobName)
		if err != nil {
			return err
		}
		next, err := x.CancelOne(c, o.now)
		if err != nil {
			return err
		}
		return o.transition(on, j, x, next)
	})
}

// DeleteExecution deletes one attempt; one that is IN_PROGRESS needs force.
// spec: job-lifecycle.md#6-delete
func (e *Engine) DeleteExecution(ctx context.Context, w Wanted, force bool) error {
	return e.write(ctx, func(o *operation) error {
		on, err := o.Thing(w.Thing)
		if err != nil {
			return err
		}
		j, x, err := o.numbered(on, w.Job, w.Number)
		if err == nil && !j.In(w.Namespace) {
			err = noneIn(w.Namespace, w.Job, w.Thing)
		}
		if err != nil {
			return err
		}
		if err := j.Effective(x).Delete(force); err != nil {
			return err
		}
		return o.delete(on, j, x)
	})
}

// numbered is one attempt as its row stands.
func (t *turn) numbered(on fleet.Thing, jobName string, number int64) (job.Job, job.Execution, error) {
	j, err := t.Job(jobName)
	if err != nil {
		return j, job.Execution{}, err
	}
	x, err := t.Execution(job.Ref{Key: job.Key{Job: j.ID, Thing: on.ID}, Number: number})
	if err == nil && (x.None() || j.Status == job.StatusDeleting) {
		err = fault.New(fault.NotFound, "No execution %d of job %s on thing %s", number, jobName, on.Name)
	}
	return j, x, err
}

func (o *operation) delete(on fleet.Thing, j job.Job, x job.Execution) error {
	if err := o.erase(on, j, x); err != nil {
		return err
	}
	left, err := o.Latest(x.Key)
	if err != nil {
		return err
	}
	if left.None() { // the rollout does not come back to it
		if err := o.tx.Spend(x.Key); err != nil {
			return err
		}
	}
	return o.judge(j.ID)
}

// ExecutionsOfJob lists all attempts of a job, by thing in order of
// registration, then by number; state 0 is any.
func (e *Engine) ExecutionsOfJob(ctx context.Context, jobName string, s job.State, p store.Page) ([]store.Attempt, store.Cursor, error) {
	j, err := e.store.Job(ctx, jobName)
	if err != nil {
		return nil, "", err
	}
	rows, next, err := e.store.ExecutionsOfJob(ctx, j.ID, asRow(s), p)
	return effective(rows, s), next, err
}

// ExecutionFilter restricts ExecutionsOfThing; empty members do not.
type ExecutionFilter struct {
	Job       string
	State     job.State
	Namespace string // of the job
}

// ExecutionsOfThing lists all attempts on a thing, newest queuedAt first.
func (e *Engine) ExecutionsOfThing(ctx context.Context, thing string, f ExecutionFilter, p store.Page) ([]store.Attempt, store.Cursor, error) {
	on, err := e.store.Thing(ctx, thing)
	if err != nil {
		return nil, "", err
	}
	by := store.ExecutionFilter{State: asRow(f.State), Namespace: f.Namespace}
	if f.Job != "" {
		j, err := e.store.Job(ctx, f.Job)
		if err != nil || !j.SeenIn(f.Namespace) {
			return nil, "", err
		}
		by.Job, by.Namespace = j.ID, ""
	}
	rows, next, err := e.store.ExecutionsOfThing(ctx, on.ID, by, p)
	return effective(rows, f.State), next, err
}

// asRow is the state to look for among rows: what counts as CANCELED may be
// one that a sweep has not reached.
func asRow(s job.State) job.State {
	if s == job.Canceled {
		return 0
	}
	return s
}

// effective shows executions as a sweep under way will leave them, and drops
// those that thereby are not in state s.
func effective(rows []store.Attempt, s job.State) []store.Attempt {
	shown := rows[:0]
	for _, a := range rows {
		a.Execution = a.Job.Effective(a.Execution)
		if !a.None() && (s == 0 || a.State == s) {
			shown = append(shown, a)
		}
	}
	return shown
}
