// Package promise holds what a store has of jobs and executions to what the
// specification promises, whatever happened before and in whatever order. It is
// for tests that make things happen: the random histories of the engine, and
// the test that kills a node.
//
// Begin with [Look], which reads all there is, and [Check.Broken], which finds
// what of it breaks a promise. The promises hold behind each commit, also in
// the middle of a sweep or a rollout, so nobody has to wait for anything first;
// but nobody may write while they are looked at.
//
// What must stay out: anything that only a client knows. What was acknowledged
// to whom is for whoever asked.
package promise

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// Sight is all jobs and executions of a store, at one moment.
type Sight struct {
	Jobs map[string]job.Job // by name
	Rows map[job.Ref]job.Execution
}

// pageSize is how many rows are read at once.
const pageSize = 1000

// Look reads all jobs and executions, as their rows stand.
func Look(ctx context.Context, s store.Reader) (Sight, error) {
	seen := Sight{Jobs: map[string]job.Job{}, Rows: map[job.Ref]job.Execution{}}
	for p := (store.Page{Limit: pageSize}); ; {
		list, next, err := s.JobsBy(ctx, store.JobFilter{}, p)
		if err != nil {
			return seen, fmt.Errorf("list jobs: %w", err)
		}
		for _, j := range list {
			seen.Jobs[j.Name] = j
			if err := seen.executions(ctx, s, j); err != nil {
				return seen, fmt.Errorf("list executions of %s: %w", j.Name, err)
			}
		}
		if p.After = next; next == "" {
			return seen, nil
		}
	}
}

func (s Sight) executions(ctx context.Context, from store.Reader, j job.Job) error {
	for p := (store.Page{Limit: pageSize}); ; {
		rows, next, err := from.ExecutionsOfJob(ctx, j.ID, 0, p)
		if err != nil {
			return err
		}
		for _, a := range rows {
			s.Rows[a.Ref] = a.Execution
		}
		if p.After = next; next == "" {
			return nil
		}
	}
}

// latest are the executions with the highest number of each job and thing.
func (s Sight) latest() map[job.Key]job.Execution {
	latest := map[job.Key]job.Execution{}
	for _, e := range s.Rows {
		if e.Number > latest[e.Key].Number {
			latest[e.Key] = e
		}
	}
	return latest
}

// Check is what is looked at, and what is known of it.
type Check struct {
	// Store is only read, though what groups a thing is in is asked for in a
	// transaction that puts nothing: only that has them with their parents.
	Store store.Store
	// At is the time on the fleet's clock, when all that is due by then is done;
	// zero if something may still be due.
	At time.Time
	// Now and Before are two looks at the store; the first one ever has
	// nothing before it.
	Now, Before Sight
	// Things are the names whose lists and targets are looked at; one that
	// does not exist is passed over.
	Things []string
	// Pending is a thing's pending list in a namespace, or of the jobs without
	// one, as devices are told it.
	Pending func(ctx context.Context, thing, namespace string) ([]job.Ref, error)
	// Cap is the highest rate that was in force in the minute that a rollout
	// has come to, in things a minute.
	Cap func(job.Job) int
	// Open is the most things that had the job to do since its cap was set, or
	// how many had it then. Nil: those that had it Before.
	Open func(job.Job) int64

	latest map[job.Key]job.Execution
}

// Broken finds what is not as promised. The error is of reading.
func (c Check) Broken(ctx context.Context) (broken []string, err error) {
	c.latest = c.Now.latest()
	broken = c.rows()
	for _, j := range c.Now.Jobs {
		changes, _, err := c.Store.History(ctx, j.ID, store.Page{Limit: pageSize})
		if err != nil {
			return broken, fmt.Errorf("read the history of %s: %w", j.Name, err)
		}
		broken = slices.Concat(broken, c.rate(j), c.counters(j), c.end(j), c.schedule(j), c.history(j, changes), c.cap(j), c.pause(j, changes))
	}
	gone, err := c.gone(ctx)
	if err != nil {
		return broken, fmt.Errorf("look for things that are gone: %w", err)
	}
	broken = append(broken, gone...)
	for _, name := range c.Things {
		thing, err := c.Store.Thing(ctx, name)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return broken, err
		}
		outside, err := c.outside(ctx, thing)
		if err != nil {
			return broken, fmt.Errorf("read the groups of %s: %w", name, err)
		}
		list, err := c.lists(ctx, thing)
		if err != nil {
			return broken, fmt.Errorf("read the list of %s: %w", name, err)
		}
		broken = slices.Concat(broken, outside, list)
	}
	return broken, nil
}
