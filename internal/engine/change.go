package engine

import (
	"context"
	"time"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/job"
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
// version that he has seen, announces it and adds it to the job's history. To put
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

// inNamespace refuses a job that is in another namespace than the request gives.
func inNamespace(j job.Job, namespace string) error {
	if j.In(namespace) {
		return nil
	}
	return fault.New(fault.NotFound, "Job %s is not in namespace %s", j.Name, namespace)
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
