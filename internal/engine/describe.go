package engine

import (
	"context"
	"slices"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// Described is an execution and the job it is of; without an execution if
// nothing is pending.
type Described struct {
	Execution job.Execution
	Job       string // jobId
	JobID     int64  // for Document
	Windows   bool   // the job has maintenance windows
	Signing   job.Signing
}

// Wanted is an execution that a device asks for.
type Wanted struct {
	Thing, Job string
	Namespace  string // that the job must have; "" is any
	Number     int64  // executionNumber, 0 for the latest
}

// Document is the document of a job by its internal number, as it was given.
// It never changes.
func (e *Engine) Document(ctx context.Context, jobID int64) ([]byte, error) {
	return e.store.Document(ctx, jobID)
}

// Pending is the whole pending list of a thing in a namespace, "" for the jobs
// without one, in order: the IN_PROGRESS ones first.
// spec: job-lifecycle.md#4-order-of-executions-for-a-device
func (e *Engine) Pending(ctx context.Context, thing, namespace string) (fleet.Thing, []Described, error) {
	t, rows, err := e.store.PendingOf(ctx, thing)
	if err != nil {
		return t, nil, err
	}
	items := make([]Described, 0, len(rows))
	for _, a := range rows {
		if a.Job.Namespace == namespace && a.Job.Shows(a.Execution) {
			items = append(items, describe(a.Execution, a.Job))
		}
	}
	slices.SortFunc(items, func(a, b Described) int { return job.Order(a.Execution, b.Execution) })
	return t, items, nil
}

func describe(x job.Execution, j job.Job) Described {
	if x.None() {
		return Described{}
	}
	return Described{
		Execution: x, Job: j.Name, JobID: j.ID, Windows: len(j.Settings.Schedule.Windows) > 0, Signing: j.Settings.Signing(),
	}
}

// Next describes the head of a thing's pending list in a namespace without
// starting it.
func (e *Engine) Next(ctx context.Context, thing, namespace string) (Described, error) {
	_, items, err := e.Pending(ctx, thing, namespace)
	if err != nil || len(items) == 0 {
		return Described{}, err
	}
	return items[0], nil
}

// Describe answers a device about an execution. One that has ended is
// TerminalState. spec: device-api.md#43-describejobexecution
func (e *Engine) Describe(ctx context.Context, w Wanted) (Described, error) {
	a, err := e.attempt(ctx, w.Thing, w.Job, w.Number)
	if err != nil {
		return Described{}, err
	}
	if !a.Job.SeenIn(w.Namespace) {
		return Described{}, noneIn(w.Namespace, w.Job, w.Thing)
	}
	if a.State.Terminal() {
		return Described{}, fault.New(fault.TerminalState, "Job Execution has reached terminal state. It is neither IN_PROGRESS nor QUEUED")
	}
	return describe(a.Execution, a.Job), nil
}

// attempt is an execution as it effectively is.
func (e *Engine) attempt(ctx context.Context, thing, jobName string, number int64) (store.Attempt, error) {
	a, err := e.store.ExecutionOf(ctx, thing, jobName, number)
	if err != nil {
		return a, err
	}
	if a.Execution = a.Job.Effective(a.Execution); a.None() {
		return a, noExecution(jobName, thing)
	}
	return a, nil
}
