package engine

import (
	"context"

	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// EventSettings is which events are announced.
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

// announce stores an event of a kind that is announced.
func (t *turn) announce(e store.Event) {
	e.At = t.now
	t.Announce(e)
}

// announceJob announces what a change of a job's status means to whoever follows jobs.
// spec: device-api.md#111-awseventsjobjobidoperation
func (t *turn) announceJob(before, j job.Job) {
	if before.Status == j.Status || !t.Announces(store.EventJob) {
		return
	}
	switch j.Status {
	case job.StatusCompleted:
		t.jobHappened(j, store.WasCompleted)
	case job.StatusCanceled:
		t.jobHappened(j, store.IsCanceling)
		if !j.Sweep.Active {
			t.jobHappened(j, store.WasCanceled)
		}
	case job.StatusDeleting:
		t.jobHappened(j, store.IsDeleting)
	default: // nothing is announced of a start
	}
}

// announceSwept announces that a cancel or a delete has come past the last execution.
func (t *turn) announceSwept(j job.Job) {
	switch {
	case !t.Announces(store.EventJob):
	case j.Status == job.StatusDeleting:
		t.jobHappened(j, store.WasDeleted)
	case j.Status == job.StatusCanceled:
		t.jobHappened(j, store.WasCanceled)
	}
}

func (t *turn) jobHappened(j job.Job, h store.Happening) {
	t.announce(store.Event{Kind: store.EventJob, Happened: h, Job: &store.JobEvent{
		Name: j.Name, Selection: j.Selection, Targets: j.Targets,
		Description: j.Settings.Description, Comment: j.Comment,
		CreatedAt: j.CreatedAt, UpdatedAt: j.UpdatedAt, CompletedAt: j.CompletedAt, Counts: j.Counts,
	}})
}

// announceEnd announces that an attempt has ended.
// spec: device-api.md#112-awseventsjobexecutionjobidoperation
func (t *turn) announceEnd(thing fleet.Thing, j job.Job, x job.Execution) {
	if x.State.Terminal() && t.Announces(store.EventExecution) {
		t.executionHappened(thing, j, x, store.HasEnded)
	}
}

// announceErased announces that an attempt is deleted, with the state that it had.
func (t *turn) announceErased(thing fleet.Thing, j job.Job, x job.Execution) {
	if !t.Announces(store.EventExecution) {
		return
	}
	if shown := j.Effective(x); !shown.None() {
		x = shown
	}
	t.executionHappened(thing, j, x, store.WasDeleted)
}

// announceShadow announces a change of a shadow that nobody asked for: what is to be
// done still, and what has become of the document.
// spec: device-api.md#13-device-shadows
func (t *turn) announceShadow(c ShadowChange) {
	thing := &fleet.Thing{Name: c.Thing.Name}
	if c.After.Delta().State != nil {
		t.announce(store.Event{Kind: store.EventShadow, Happened: store.HasDelta, Thing: thing, Shadow: &store.ShadowEvent{
			Name: c.Name, After: c.After,
		}})
	}
	t.announce(store.Event{Kind: store.EventShadow, Happened: store.HasDocuments, Thing: thing, Shadow: &store.ShadowEvent{
		Name: c.Name, Before: c.Before, After: c.After,
	}})
}

func (t *turn) executionHappened(thing fleet.Thing, j job.Job, x job.Execution, h store.Happening) {
	t.announce(store.Event{Kind: store.EventExecution, Happened: h, Execution: &store.ExecutionEvent{
		Job: j.Name, Thing: thing.Name, State: x.State, Details: x.Details,
	}})
}

// announceEnded announces the ended attempts that the deletion of a job takes along,
// for the things behind after up to upTo.
func (o *operation) announceEnded(j job.Job, after, upTo int64) error {
	if !o.Announces(store.EventExecution) {
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
		o.executionHappened(thing, j, x, store.WasDeleted)
	}
	return nil
}
