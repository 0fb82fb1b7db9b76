package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/drover-iot/drover/internal/job"
)

// mostFailures is how many in a row may fail one by one until it is taken for a
// trouble of all: a full disk, say.
const mostFailures = 10

// part is some of what is due, as an operation for later.
type part struct {
	name string // for the operator
	do   func(*operation) error
}

// oneByOne does what is due, each in a transaction of its own, behind one for
// all that failed: where a page is damaged, that stops nobody who does not need
// it. What fails again stays due, so there is an error to answer: that of the
// first part that fails, else whole, that of all together.
func (e *Engine) oneByOne(ctx context.Context, whole error) error {
	var due []part
	err := e.write(ctx, func(o *operation) (err error) {
		due, err = o.parts()
		return err
	})
	if err != nil {
		return errors.Join(whole, fmt.Errorf("list what is due: %w", err))
	}
	var first error
	failures := 0
	for _, p := range due {
		if ctx.Err() != nil || failures == mostFailures {
			break
		}
		if err := e.write(ctx, p.do); err != nil {
			failures++
			first = cmp.Or(first, fmt.Errorf("%s: %w", p.name, err))
			continue
		}
		failures = 0
	}
	return cmp.Or(first, whole)
}

// parts is what is due.
func (o *operation) parts() ([]part, error) {
	executions, err := o.tx.DueExecutions(o.now, dueExecutions)
	if err != nil {
		return nil, err
	}
	jobs, err := o.tx.DueJobs(o.now, dueJobs)
	if err != nil {
		return nil, err
	}
	var parts []part
	for _, x := range executions {
		parts = append(parts, part{o.nameOf(x.Ref), func(o *operation) error { return o.fireIfDue(x.Ref) }})
	}
	for _, j := range jobs {
		parts = append(parts, part{"job " + j.Name, func(o *operation) error { return o.tickIfDue(j.ID) }})
	}
	return append(parts, part{"members of a deleted group", (*operation).emptyGone}), nil
}

// nameOf names an execution, whose job or thing may be what is damaged.
func (o *operation) nameOf(ref job.Ref) string {
	j, err := o.JobByID(ref.Job)
	thing, damaged := o.ThingByID(ref.Thing)
	if err != nil || damaged != nil {
		return fmt.Sprintf("timer of the job with id %d on the thing with id %d", ref.Job, ref.Thing)
	}
	return fmt.Sprintf("timer of job %s on thing %s", j.Name, thing.Name)
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
