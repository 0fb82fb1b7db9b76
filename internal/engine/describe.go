package engine

import (
	"context"
	"slices"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// Described is an execution with what a device needs to run it; without an
// execution if nothing is pending.
type Described struct {
	Execution job.Execution
	Job       string // jobId
	Document  Document
}

func (e *Engine) described(ctx context.Context, x job.Execution, j job.Job) (Described, error) {
	if x.None() {
		return Described{}, nil
	}
	doc, err := e.documents.of(ctx, j.ID)
	if err != nil {
		return Described{}, err
	}
	return Described{Execution: x, Job: j.Name, Document: doc}, nil
}

// Document is the document of a job by its internal number.
func (e *Engine) Document(ctx context.Context, jobID int64) (Document, error) {
	return e.documents.of(ctx, jobID)
}

// Item is one entry of a pending list.
type Item struct {
	Execution job.Execution
	Job       string // jobId
	jobID     int64
}

// Pending is the whole pending list of a thing, in order: the IN_PROGRESS ones
// first. spec: job-lifecycle.md#4-order-of-executions-for-a-device
func (e *Engine) Pending(ctx context.Context, thing string) (fleet.Thing, []Item, error) {
	t, rows, err := e.store.PendingOf(ctx, thing)
	if err != nil {
		return t, nil, err
	}
	items := make([]Item, 0, len(rows))
	for _, a := range rows {
		if a.Job.Shows(a.Execution) {
			items = append(items, Item{Execution: a.Execution, Job: a.Job.Name, jobID: a.Job.ID})
		}
	}
	slices.SortFunc(items, func(a, b Item) int { return job.Order(a.Execution, b.Execution) })
	return t, items, nil
}

// Head is the first of a pending list with its document.
func (e *Engine) Head(ctx context.Context, items []Item) (Described, error) {
	if len(items) == 0 {
		return Described{}, nil
	}
	first := items[0]
	return e.described(ctx, first.Execution, job.Job{ID: first.jobID, Name: first.Job})
}

// Next describes the head of a thing's pending list without starting it.
func (e *Engine) Next(ctx context.Context, thing string) (Described, error) {
	_, items, err := e.Pending(ctx, thing)
	if err != nil {
		return Described{}, err
	}
	return e.Head(ctx, items)
}

// Describe answers a device about an execution; number 0 is the latest. One
// that has ended is TerminalState. spec: device-api.md#43-describejobexecution
func (e *Engine) Describe(ctx context.Context, thing, jobName string, number int64) (Described, error) {
	a, err := e.attempt(ctx, thing, jobName, number)
	if err != nil {
		return Described{}, err
	}
	if a.State.Terminal() {
		return Described{}, fault.New(fault.TerminalState, "Job Execution has reached terminal state. It is neither IN_PROGRESS nor QUEUED")
	}
	return e.described(ctx, a.Execution, a.Job)
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
