package engine

import (
	"context"

	"github.com/drover-iot/drover/internal/job"
)

// mostFailures is how many in a row may fail one by one until it is taken for a
// trouble of all: a full disk, say.
const mostFailures = 10

// oneByOne does what is due, each in a transaction of its own, behind one for
// all that failed: where a page is damaged, that stops nobody who does not need
// it. What fails again stays due, so the error is still to be answered.
func (e *Engine) oneByOne(ctx context.Context) {
	var due []func(*operation) error
	err := e.write(ctx, func(o *operation) (err error) {
		due, err = o.parts()
		return err
	})
	failures := 0
	for _, part := range due {
		if err != nil || ctx.Err() != nil || failures == mostFailures {
			return
		}
		if failures++; e.write(ctx, part) == nil {
			failures = 0
		}
	}
}

// parts is what is due, each as an operation for later.
func (o *operation) parts() ([]func(*operation) error, error) {
	executions, err := o.tx.DueExecutions(o.now, dueExecutions)
	if err != nil {
		return nil, err
	}
	jobs, err := o.tx.DueJobs(o.now, dueJobs)
	if err != nil {
		return nil, err
	}
	var parts []func(*operation) error
	for _, x := range executions {
		parts = append(parts, func(o *operation) error { return o.fireIfDue(x.Ref) })
	}
	for _, j := range jobs {
		parts = append(parts, func(o *operation) error { return o.tickIfDue(j.ID) })
	}
	return append(parts, (*operation).emptyGone), nil
}

func (o *operation) fireIfDue(ref job.Ref) error {
	x, err := o.Execution(ref)
	if d := x.Deadline(); err != nil || d.IsZero() || d.After(o.now) {
		return err
	}
	return o.fire(x)
}

func (o *operation) tickIfDue(jobID int64) error {
	j, err := o.JobByID(jobID)
	if err != nil || j.Due.IsZero() || j.Due.After(o.now) {
		return err
	}
	o.late(workOf(j), j.Due)
	_, err = o.tickOne(j, sliceSize)
	return err
}
