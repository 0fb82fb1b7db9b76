package promise

import (
	"context"
	"fmt"
	"slices"

	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// rows: one live execution a job and thing, and it is the latest; a terminal
// one never changes; a version never falls, and rises with a change.
func (c Check) rows() (broken []string) {
	say := func(format string, args ...any) { broken = append(broken, fmt.Sprintf(format, args...)) }
	for ref, e := range c.Now.Rows {
		if !e.State.Terminal() && c.latest[e.Key].Number != e.Number {
			say("%v is %s and not the latest", ref, e.State)
		}
		was, known := c.Before.Rows[ref]
		switch {
		case !known:
		case was.State.Terminal() && (was.State != e.State || was.Version != e.Version):
			say("%v was %s version %d and is %s version %d", ref, was.State, was.Version, e.State, e.Version)
		case e.Version < was.Version || was.State != e.State && e.Version == was.Version:
			say("%v went from version %d %s to %d %s", ref, was.Version, was.State, e.Version, e.State)
		}
	}
	return broken
}

// counters equal the rows, unless the job is being deleted: nobody counts what
// had ended then and goes.
func (c Check) counters(j job.Job) []string {
	if j.Status == job.StatusDeleting {
		return nil
	}
	var counted job.Counts
	for key, e := range c.latest {
		if key.Job == j.ID {
			*counted.Of(e.State)++
		}
	}
	counted.Notified = j.Counts.Notified
	if counted == j.Counts {
		return nil
	}
	return []string{fmt.Sprintf("job %s counts %+v, its rows are %+v", j.Name, j.Counts, counted)}
}

// end: a job is completed and aborted exactly when it should be.
func (c Check) end(j job.Job) (broken []string) {
	open := j.Counts.Open()
	if j.Status == job.StatusCompleted && (open > 0 || !j.RolledOut() || j.Selection == job.Continuous) {
		broken = append(broken, fmt.Sprintf("job %s is COMPLETED with %d open", j.Name, open))
	}
	if j.Status != job.StatusInProgress {
		return broken
	}
	if j.Selection == job.Snapshot && j.RolledOut() && open == 0 {
		broken = append(broken, fmt.Sprintf("job %s has nothing left to do and is IN_PROGRESS", j.Name))
	}
	for _, a := range j.Settings.Abort {
		executed := j.Counts.Executed()
		if executed >= int64(a.Min) && 100*float64(j.Counts.Failures(a.Failure))/float64(executed) >= float64(a.Percent)/100 {
			broken = append(broken, fmt.Sprintf("job %s meets %+v and goes on: %+v", j.Name, a, j.Counts))
		}
	}
	return broken
}

// rate: what a rollout released in a minute never exceeds the highest cap that
// was in force in it. Joins are not part of it: they are not the rollout's.
func (c Check) rate(j job.Job) []string {
	if most := c.Cap(j); j.Rollout.Released > most {
		return []string{fmt.Sprintf("job %s released %d in minute %d, at most %d were allowed",
			j.Name, j.Rollout.Released, j.Rollout.Minute, most)}
	}
	return nil
}

// outside: no thing outside the targets of a CONTINUOUS job has one to do.
func (c Check) outside(ctx context.Context, thing fleet.Thing) (broken []string, err error) {
	var held map[int64]bool
	err = c.Store.Write(ctx, func(tx store.Tx) (err error) {
		held, err = tx.GroupsOf(thing.ID)
		return err
	})
	for _, j := range c.Now.Jobs {
		if j.Selection != job.Continuous || j.Status != job.StatusInProgress {
			continue
		}
		e := c.latest[job.Key{Job: j.ID, Thing: thing.ID}]
		if !e.None() && !e.State.Terminal() && !j.Aims(thing.ID, held) {
			broken = append(broken, fmt.Sprintf("%s is not in the targets of %s and has execution %+v", thing.Name, j.Name, e))
		}
	}
	return broken, err
}

// list: the pending list is what the rows say, in order.
func (c Check) list(ctx context.Context, thing fleet.Thing) ([]string, error) {
	shows := map[int64]job.Job{}
	for _, j := range c.Now.Jobs {
		shows[j.ID] = j
	}
	var rows []job.Execution
	for _, e := range c.Now.Rows {
		if e.Thing == thing.ID && !e.State.Terminal() && visible(shows[e.Job], e) {
			rows = append(rows, e)
		}
	}
	slices.SortFunc(rows, job.Order)
	var want []job.Ref
	for _, e := range rows {
		want = append(want, e.Ref)
	}
	told, err := c.Pending(ctx, thing.Name)
	if err != nil || slices.Equal(told, want) {
		return nil, err
	}
	return []string{fmt.Sprintf("%s is told to do %v, its rows say %v", thing.Name, told, want)}, nil
}

// visible tells whether a device sees an open execution of the job.
func visible(j job.Job, e job.Execution) bool {
	return j.Status == job.StatusInProgress || j.Status == job.StatusCanceled && e.State == job.InProgress && !j.Forced
}
