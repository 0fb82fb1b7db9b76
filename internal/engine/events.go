package engine

import (
	"context"
	"strings"

	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// The last levels of the topics of events.
// spec: device-api.md#11-events
const (
	toldCreated  = "created"
	toldUpdated  = "updated"
	toldDeleted  = "deleted"
	toldAdded    = "added"
	toldRemoved  = "removed"
	toldDone     = "completed"
	toldCanceled = "canceled"
)

// EventSettings is which events are told.
func (e *Engine) EventSettings(ctx context.Context) (store.EventSettings, error) {
	return e.store.EventSettings(ctx)
}

// SetEvents switches kinds of event on or off; those that are not named stay as
// they are. spec: wire-protocol.md#12-event-configurations
func (e *Engine) SetEvents(ctx context.Context, on map[store.EventKind]bool) error {
	return e.write(ctx, func(o *operation) error {
		s, err := o.tx.EventSettings()
		if err != nil {
			return err
		}
		for kind, in := range on {
			s.Kinds = s.Kinds.With(kind, in)
		}
		if s.ChangedAt = o.now; s.CreatedAt.IsZero() {
			s.CreatedAt = o.now
		}
		return o.tx.PutEventSettings(s)
	})
}

// happened stores an event of a kind that is told.
func (t *turn) happened(e store.Event) {
	e.At = t.now
	t.Tell(e)
}

// toldOfJob tells what a change of a job's status means to whoever follows jobs.
// spec: device-api.md#111-awseventsjobjobidoperation
func (t *turn) toldOfJob(before, j job.Job) {
	if before.Status == j.Status || !t.Tells(store.EventJob) {
		return
	}
	switch j.Status {
	case job.StatusCompleted:
		t.jobHappened(j, toldDone, j.Status.String())
	case job.StatusCanceled:
		t.jobHappened(j, "cancellation_in_progress", "CANCELLATION_IN_PROGRESS")
		if !j.Sweep.Active {
			t.jobHappened(j, toldCanceled, j.Status.String())
		}
	case job.StatusDeleting:
		t.jobHappened(j, "deletion_in_progress", j.Status.String())
	default: // nothing is told of a start
	}
}

// toldSwept tells that a cancel or a delete has come past the last execution.
func (t *turn) toldSwept(j job.Job) {
	switch {
	case !t.Tells(store.EventJob):
	case j.Status == job.StatusDeleting:
		t.jobHappened(j, toldDeleted, "DELETED")
	case j.Status == job.StatusCanceled:
		t.jobHappened(j, toldCanceled, j.Status.String())
	}
}

func (t *turn) jobHappened(j job.Job, operation, status string) {
	t.happened(store.Event{Kind: store.EventJob, Operation: operation, Job: &store.JobEvent{
		Name: j.Name, Status: status, Selection: j.Selection, Targets: j.Targets,
		Description: j.Settings.Description, Comment: j.Comment,
		CreatedAt: j.CreatedAt, UpdatedAt: j.UpdatedAt, CompletedAt: j.CompletedAt, Counts: j.Counts,
	}})
}

// toldOfEnd tells that an attempt has ended.
// spec: device-api.md#112-awseventsjobexecutionjobidoperation
func (t *turn) toldOfEnd(thing fleet.Thing, j job.Job, x job.Execution) {
	if x.State.Terminal() && t.Tells(store.EventExecution) {
		t.executionHappened(thing, j, x, strings.ToLower(x.State.String()))
	}
}

// toldErased tells that an attempt is deleted, with the state that it had.
func (t *turn) toldErased(thing fleet.Thing, j job.Job, x job.Execution) {
	if !t.Tells(store.EventExecution) {
		return
	}
	if shown := j.Effective(x); !shown.None() {
		x = shown
	}
	t.executionHappened(thing, j, x, toldDeleted)
}

// toldOfShadow tells of a change of a shadow that nobody asked for: what is to be
// done still, and what has become of the document.
// spec: device-api.md#13-device-shadows
func (t *turn) toldOfShadow(c ShadowChange) {
	thing := &fleet.Thing{Name: c.Thing.Name}
	if c.After.Delta().State != nil {
		t.happened(store.Event{Kind: store.EventShadow, Operation: "delta", Thing: thing, Shadow: &store.ShadowEvent{
			Name: c.Name, After: c.After,
		}})
	}
	t.happened(store.Event{Kind: store.EventShadow, Operation: "documents", Thing: thing, Shadow: &store.ShadowEvent{
		Name: c.Name, Before: c.Before, After: c.After,
	}})
}

func (t *turn) executionHappened(thing fleet.Thing, j job.Job, x job.Execution, operation string) {
	t.happened(store.Event{Kind: store.EventExecution, Operation: operation, Execution: &store.ExecutionEvent{
		Job: j.Name, Thing: thing.Name, State: x.State, Details: x.Details,
	}})
}

// toldEnded tells of the ended attempts that the deletion of a job takes along,
// for the things behind after up to upTo.
func (o *operation) toldEnded(j job.Job, after, upTo int64) error {
	if !o.Tells(store.EventExecution) {
		return nil
	}
	ended, err := o.tx.EndedOf(j.ID, after, upTo)
	if err != nil {
		return err
	}
	for _, x := range ended {
		thing, err := o.ThingByID(x.Thing)
		if err != nil {
			return err
		}
		o.executionHappened(thing, j, x, toldDeleted)
	}
	return nil
}
