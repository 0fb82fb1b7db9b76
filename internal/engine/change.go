package engine

import (
	"cmp"
	"context"
	"time"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// Asked is who asks for a change of which job, and at which of its versions.
type Asked struct {
	Job       string
	Namespace string // that the request gives, or empty
	By        string // who, for the history
	// Versions are those that the job may be at, else nothing is changed; nil
	// is any.
	Versions []int64
}

// change has an operator's change done to a job, unless it is not at the
// version that he has seen, tells of it and adds it to the job's history. To put
// the job is the caller's.
func (o *operation) change(a Asked, what job.Operation, do func(job.Job) (job.Job, error)) (job.Job, error) {
	before, err := o.jobIn(a.Job, a.Namespace)
	if err != nil {
		return before, err
	}
	if err := before.CheckVersion(a.Versions); err != nil {
		return before, err
	}
	after, err := do(before)
	if err != nil {
		return before, err
	}
	o.announceJob(before, after)
	return after, o.tx.NoteChange(after.ID, job.ChangeOf(what, a.By, before, after, o.now))
}

// jobIn finds a job that a request names, maybe with its namespace.
func (t *turn) jobIn(name, namespace string) (job.Job, error) {
	j, err := t.Job(name)
	if err == nil {
		err = inNamespace(j, namespace)
	}
	return j, err
}

// noteEnd tells that a job has ended by itself, if it has, and adds it to the
// history.
func (t *turn) noteEnd(before, after job.Job) {
	what, ok := job.EndOf(before, after)
	if !ok {
		return
	}
	t.announceJob(before, after)
	c := job.ChangeOf(what, "", before, after, t.now)
	t.Then(func(tx store.Tx) error { return tx.NoteChange(after.ID, c) })
}

// History is the changes of a job, the newest first. Errors: NotFound,
// InvalidRequest (a cursor of another list).
func (e *Engine) History(ctx context.Context, name string, p store.Page) ([]job.Change, store.Cursor, error) {
	j, err := e.store.Job(ctx, name)
	if err != nil {
		return nil, "", err
	}
	return e.store.History(ctx, j.ID, p)
}

// TryUpdateJob tells what UpdateJob would do, and changes nothing. It looks at
// the job and at what is left of its targets one after the other.
//
// Errors: those of UpdateJob.
func (e *Engine) TryUpdateJob(ctx context.Context, a Asked, p job.Patch) (job.Rehearsal, error) {
	before, err := e.store.Job(ctx, a.Job)
	if err != nil {
		return job.Rehearsal{}, err
	}
	if err := cmp.Or(inNamespace(before, a.Namespace), before.CheckVersion(a.Versions)); err != nil {
		return job.Rehearsal{}, err
	}
	now := e.clock.Now()
	after, err := before.Update(p, now)
	if err != nil {
		return job.Rehearsal{}, err
	}
	left, err := e.store.Left(ctx, before)
	if err != nil {
		return job.Rehearsal{}, err
	}
	select {
	case e.rehearsals <- struct{}{}:
		defer func() { <-e.rehearsals }()
		return job.Rehearse(before, after, left, now), nil
	case <-ctx.Done():
		return job.Rehearsal{}, ctx.Err()
	}
}

// inNamespace refuses a job that is in another namespace than the request gives.
func inNamespace(j job.Job, namespace string) error {
	if j.In(namespace) {
		return nil
	}
	return fault.New(fault.NotFound, "Job %s is not in namespace %s", j.Name, namespace)
}

// PauseJob holds a live job; hide takes what is QUEUED out of its things' lists.
// spec: job-lifecycle.md#124-pause-and-resume
//
// Errors: NotFound, InvalidStateTransition, PreconditionFailed.
func (e *Engine) PauseJob(ctx context.Context, a Asked, hide bool) (job.Job, error) {
	return e.changed(ctx, a, job.PausedBy, func(j job.Job, now time.Time) (job.Job, error) { return j.Pause(hide, now) })
}

// ResumeJob lets a paused job go on. Errors: those of PauseJob.
func (e *Engine) ResumeJob(ctx context.Context, a Asked) (job.Job, error) {
	return e.changed(ctx, a, job.ResumedBy, job.Job.Resumed)
}

// LimitJob sets how many things may have a job to do at once; 0 is any number.
// spec: job-lifecycle.md#125-things-in-flight Errors: those of PauseJob.
func (e *Engine) LimitJob(ctx context.Context, a Asked, most int) (job.Job, error) {
	return e.changed(ctx, a, job.Limited, func(j job.Job, now time.Time) (job.Job, error) { return j.Limit(most, now) })
}

// changed has an operator's change done to a job, and puts it.
func (e *Engine) changed(ctx context.Context, a Asked, what job.Operation, do func(job.Job, time.Time) (job.Job, error)) (after job.Job, err error) {
	err = e.write(ctx, func(o *operation) (err error) {
		after, err = o.change(a, what, func(j job.Job) (job.Job, error) { return do(j, o.now) })
		if err == nil {
			o.put(after)
		}
		return err
	})
	return after, err
}
