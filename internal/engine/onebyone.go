package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
)

// mostFailures is how many in a row may fail until the store is asked whether
// it is a trouble of all: a full disk, say.
const mostFailures = 10

// part is some of what is due; one member is set.
type part struct {
	timer job.Ref // of an execution
	job   int64
	group int64  // a deleted one that has members
	list  string // what cannot even be listed
}

// round is one pass over all that is due, each part in a transaction of its own:
// where a page or a row is damaged, that stops nobody who does not need it.
type round struct {
	*Engine
	failed map[part]bool
	undone undone
	row    int // failures one behind the other
}

// oneByOne does what is due by a round, behind one transaction for all that
// failed. What fails again stays due, so there is an error to answer: that of
// the parts, else whole, that of all together.
func (e *Engine) oneByOne(ctx context.Context, whole error) error {
	r := &round{Engine: e, failed: map[part]bool{}}
	for due := r.due(ctx); len(due) > 0; due = r.due(ctx) {
		for _, p := range due {
			r.try(ctx, p, p.do)
			if r.over(ctx) {
				return r.answer(whole)
			}
		}
	}
	return r.answer(whole)
}

func (r *round) answer(whole error) error {
	if len(r.undone.failures) == 0 {
		return whole
	}
	return &r.undone
}

// over tells that it makes no sense to go on.
func (r *round) over(ctx context.Context) bool {
	if r.row >= mostFailures {
		if r.store.Ready(ctx) != nil {
			return true
		}
		r.row = 0
	}
	return ctx.Err() != nil
}

// due is what is due and has not failed yet. Each kind is listed by itself and
// by its keys alone: the rows may be what is damaged.
func (r *round) due(ctx context.Context) []part {
	n := len(r.failed)
	due := dueOf(ctx, r, "timers that are due", func(o *operation) ([]job.Ref, error) {
		return o.tx.DueTimers(o.now, dueExecutions+n)
	}, func(ref job.Ref) part { return part{timer: ref} })
	due = append(due, dueOf(ctx, r, "jobs that are due", func(o *operation) ([]int64, error) {
		return o.tx.DueJobs(o.now, dueJobs+n)
	}, func(id int64) part { return part{job: id} })...)
	return append(due, dueOf(ctx, r, "deleted groups", func(o *operation) ([]fleet.Group, error) {
		return o.tx.GoneGroups(1 + n)
	}, func(g fleet.Group) part { return part{group: g.ID} })...)
}

// dueOf is the parts of one kind.
func dueOf[T any](ctx context.Context, r *round, what string, read func(*operation) ([]T, error), of func(T) part) (parts []part) {
	self := part{list: what}
	if r.failed[self] {
		return nil
	}
	var keys []T
	r.try(ctx, self, func(o *operation) (err error) {
		keys, err = read(o)
		return err
	})
	for _, key := range keys {
		if p := of(key); !r.failed[p] {
			parts = append(parts, p)
		}
	}
	return parts
}

// try does something for a part; if it fails, the round passes the part over
// from now on.
func (r *round) try(ctx context.Context, p part, do func(*operation) error) {
	err := r.write(ctx, do)
	if err == nil {
		r.row = 0
		return
	}
	r.row++
	r.failed[p] = true
	r.undone.note(func() string { return r.nameOf(ctx, p) }, err)
}

// nameOf names a part for the operator, by what can still be read of it.
func (e *Engine) nameOf(ctx context.Context, p part) (name string) {
	if p.list != "" {
		return p.list
	}
	_ = e.write(ctx, func(o *operation) error { // without it the name is a number
		name = p.name(o)
		return nil
	})
	return name
}

func (p part) name(o *operation) string {
	if p.group != 0 {
		return fmt.Sprintf("members of the deleted group with id %d", p.group)
	}
	if p.job != 0 {
		return o.nameOfJob(p.job)
	}
	name := "timer of " + o.nameOfJob(p.timer.Job)
	thing, err := o.ThingByID(p.timer.Thing)
	if err != nil {
		return fmt.Sprintf("%s on the thing with id %d", name, p.timer.Thing)
	}
	return name + " on thing " + thing.Name
}

func (o *operation) nameOfJob(id int64) string {
	j, err := o.JobByID(id)
	if err != nil {
		return fmt.Sprintf("the job with id %d", id)
	}
	return "job " + j.Name
}

func (p part) do(o *operation) error {
	switch {
	case p.group != 0:
		return o.gone(fleet.Group{ID: p.group})
	case p.job != 0:
		_, err := o.tickIfDue(p.job, sliceSize)
		return err
	default:
		return o.fireIfDue(p.timer)
	}
}

func (o *operation) fireIfDue(ref job.Ref) error {
	x, err := o.Execution(ref)
	if d := x.Deadline(); err != nil || d.IsZero() || d.After(o.now) {
		return err
	}
	return o.fire(x)
}

// mostNamed is how many failures of a round are told by name.
const mostNamed = 20

// undone is the error of a round: what could not be done. All else is done.
type undone struct{ failures []failure }

type failure struct {
	part string
	err  error
}

func (f failure) Error() string { return f.part + ": " + f.err.Error() }

func (f failure) Unwrap() error { return f.err }

// note takes a failure up. Beyond the bound it names no more.
func (u *undone) note(name func() string, err error) {
	switch n := len(u.failures); {
	case n < mostNamed:
		u.failures = append(u.failures, failure{name(), err})
	case n == mostNamed:
		u.failures = append(u.failures, failure{"more than can be named", err})
	}
}

// Error tells of the first failure.
func (u *undone) Error() string {
	if n := len(u.failures) - 1; n > 0 {
		return fmt.Sprintf("%v (and %d more)", u.failures[0], n)
	}
	return u.failures[0].Error()
}

func (u *undone) Unwrap() error { return u.failures[0] }

// complain logs what could not be done, each once until it is done: it is
// tried again for as long as it takes. It answers what is to be said no more.
func (e *Engine) complain(err error, said map[string]bool) map[string]bool {
	lines := []error{err}
	if u, ok := errors.AsType[*undone](err); ok {
		lines = nil
		for _, f := range u.failures {
			lines = append(lines, f)
		}
	}
	now := map[string]bool{}
	for _, line := range lines {
		text := line.Error()
		if now[text] = true; !said[text] {
			e.log.Error("work that is due", "err", line)
		}
	}
	return now
}

// standing tells whoever moves a clock what keeps it where it is.
func standing(err error) error {
	u, ok := errors.AsType[*undone](err)
	if !ok {
		return err
	}
	return fault.Wrap(fault.Unavailable, err, "The clock stands still: what is due cannot be done: "+u.failures[0].part)
}
