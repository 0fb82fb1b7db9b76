package sqlstore

import (
	"context"
	"math"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// listedExecution is an execution as far as a list looks at it.
type listedExecution struct {
	job.Ref
	queuedAt  int64 // milliseconds
	state     job.State
	namespace string // of its job, where the list asks for one
}

func scanListedExecution(r row) (k listedExecution, err error) {
	err = r.Scan(&k.Job, &k.Thing, &k.Number, &k.queuedAt, &k.state)
	return k, err
}

func scanListedWithNamespace(r row) (k listedExecution, err error) {
	err = r.Scan(&k.Job, &k.Thing, &k.Number, &k.queuedAt, &k.state, &k.namespace)
	return k, err
}

// inState tells what fits a list restricted to a state; 0 is any.
func inState(s job.State) func(listedExecution) bool {
	return func(k listedExecution) bool { return s == 0 || k.state == s }
}

// byThing is the place of an execution in the list of a job.
type byThing struct {
	Thing  int64 `json:"thing"`
	Number int64 `json:"number"`
}

// ExecutionsOfJob implements store.Reader.
func (s *Store) ExecutionsOfJob(ctx context.Context, jobID int64, state job.State, p store.Page) ([]store.Attempt, store.Cursor, error) {
	l := list[listedExecution, byThing]{
		name: "executions of a job",
		key:  func(k listedExecution) byThing { return byThing{k.Thing, k.Number} },
		fits: inState(state),
		read: func(after byThing, n int) ([]listedExecution, error) {
			return all(s.reads(ctx), scanListedExecution, "execution_keys_of_job", after.Thing, after.Number, n, jobID)
		},
	}
	page, next, err := l.page(p)
	if err != nil {
		return nil, "", err
	}
	attempts, err := s.attempts(ctx, page, l.fits)
	return attempts, next, err
}

// byQueued is the place of an execution in the list of a thing.
type byQueued struct {
	At     int64 `json:"at"` // queuedAt in milliseconds
	Job    int64 `json:"job"`
	Number int64 `json:"number"`
}

// ExecutionsOfThing implements store.Reader.
func (s *Store) ExecutionsOfThing(ctx context.Context, thing int64, f store.ExecutionFilter, p store.Page) ([]store.Attempt, store.Cursor, error) {
	l := list[listedExecution, byQueued]{
		name: "executions of a thing",
		from: byQueued{At: math.MaxInt64},
		key:  func(k listedExecution) byQueued { return byQueued{k.queuedAt, k.Job, k.Number} },
		fits: func(k listedExecution) bool {
			return inState(f.State)(k) && (f.Namespace == "" || k.namespace == f.Namespace)
		},
		read: func(after byQueued, n int) ([]listedExecution, error) {
			args := []any{after.At, after.Job, after.Number, n, thing}
			switch {
			case f.Namespace != "":
				return all(s.reads(ctx), scanListedWithNamespace, "execution_keys_with_namespace", args...)
			case f.Job != 0:
				return all(s.reads(ctx), scanListedExecution, "execution_keys_of_both", append(args, f.Job)...)
			}
			return all(s.reads(ctx), scanListedExecution, "execution_keys_of_thing", args...)
		},
	}
	page, next, err := l.page(p)
	if err != nil {
		return nil, "", err
	}
	attempts, err := s.attempts(ctx, page, l.fits)
	return attempts, next, err
}

// attempts loads the executions of a page that are still there and still fit,
// with their jobs and things.
func (s *Store) attempts(ctx context.Context, page []listedExecution, fits func(listedExecution) bool) ([]store.Attempt, error) {
	jobs := map[int64]job.Job{}
	list := make([]store.Attempt, 0, len(page))
	for _, k := range page {
		a, ok, err := one(s.reads(ctx), scanExecutionAndThing, "execution_and_thing", k.Job, k.Thing, k.Number)
		if err != nil {
			return nil, err
		}
		k.state = a.State
		if !ok || !fits(k) {
			continue
		}
		if a.Job, ok = jobs[k.Job]; !ok {
			a.Job, err = s.JobOf(ctx, k.Job)
		}
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		jobs[k.Job] = a.Job
		list = append(list, a)
	}
	return list, nil
}

func scanExecutionAndThing(r row) (store.Attempt, error) {
	var a store.Attempt
	err := r.Scan(append(executionColumns(&a.Execution), thingColumns(&a.Thing)...)...)
	return a, err
}
