package storetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// at is an instant n seconds behind the start.
func at(n int) time.Time { return start.Add(time.Duration(n) * time.Second) }

// shapes are the ways in which an execution changes, each with the columns
// that an engine writes.
var shapes = []struct {
	name          string
	before, after job.Execution
}{
	{
		"it is queued",
		job.Execution{},
		job.Execution{State: job.Queued, Version: 1, QueuedAt: at(1), UpdatedAt: at(1)},
	},
	{
		"a retry is queued",
		job.Execution{},
		job.Execution{State: job.Queued, Version: 1, QueuedAt: at(1), UpdatedAt: at(1), Retries: job.Retries{Failed: 1, TimedOut: 2, All: 3}},
	},
	{
		"it starts without a timer",
		job.Execution{State: job.Queued, Version: 1, QueuedAt: at(1), UpdatedAt: at(1)},
		job.Execution{State: job.InProgress, Version: 2, QueuedAt: at(1), StartedAt: at(2), UpdatedAt: at(2), Details: map[string]string{"a": "ä<&>\""}},
	},
	{
		"it starts with both timers",
		job.Execution{State: job.Queued, Version: 1, QueuedAt: at(1), UpdatedAt: at(1)},
		job.Execution{State: job.InProgress, Version: 2, QueuedAt: at(1), StartedAt: at(2), UpdatedAt: at(2), Timer: at(600), Step: at(60)},
	},
	{
		"it progresses",
		job.Execution{State: job.InProgress, Version: 2, QueuedAt: at(1), StartedAt: at(2), UpdatedAt: at(2), Timer: at(600)},
		job.Execution{State: job.InProgress, Version: 3, QueuedAt: at(1), StartedAt: at(2), UpdatedAt: at(3), Timer: at(600), Details: map[string]string{"p": "1"}},
	},
	{
		"it drops its details",
		job.Execution{State: job.InProgress, Version: 2, QueuedAt: at(1), StartedAt: at(2), UpdatedAt: at(2), Details: map[string]string{"p": "1"}},
		job.Execution{State: job.InProgress, Version: 3, QueuedAt: at(1), StartedAt: at(2), UpdatedAt: at(3)},
	},
	{
		"it progresses and moves its step timer",
		job.Execution{State: job.InProgress, Version: 2, QueuedAt: at(1), StartedAt: at(2), UpdatedAt: at(2), Timer: at(600), Step: at(60)},
		job.Execution{State: job.InProgress, Version: 3, QueuedAt: at(1), StartedAt: at(2), UpdatedAt: at(3), Timer: at(600), Step: at(90)},
	},
	{
		"it ends without a timer",
		job.Execution{State: job.InProgress, Version: 2, QueuedAt: at(1), StartedAt: at(2), UpdatedAt: at(2)},
		job.Execution{State: job.Succeeded, Version: 3, QueuedAt: at(1), StartedAt: at(2), UpdatedAt: at(3)},
	},
	{
		"it ends with a timer",
		job.Execution{State: job.InProgress, Version: 2, QueuedAt: at(1), StartedAt: at(2), UpdatedAt: at(2), Timer: at(600)},
		job.Execution{State: job.TimedOut, Version: 3, QueuedAt: at(1), StartedAt: at(2), UpdatedAt: at(3), Timer: at(600)},
	},
	{
		"it ends without ever starting",
		job.Execution{State: job.Queued, Version: 1, QueuedAt: at(1), UpdatedAt: at(1)},
		job.Execution{State: job.Rejected, Version: 2, QueuedAt: at(1), UpdatedAt: at(3)},
	},
	{
		"it starts and ends at once",
		job.Execution{State: job.Queued, Version: 1, QueuedAt: at(1), UpdatedAt: at(1)},
		job.Execution{State: job.Succeeded, Version: 2, QueuedAt: at(1), StartedAt: at(3), UpdatedAt: at(3)},
	},
	{
		"it is cancelled with force",
		job.Execution{State: job.InProgress, Version: 2, QueuedAt: at(1), StartedAt: at(2), UpdatedAt: at(2), Step: at(60)},
		job.Execution{State: job.Canceled, Version: 3, Forced: true, QueuedAt: at(1), StartedAt: at(2), UpdatedAt: at(3)},
	},
	{
		"it ends otherwise than it had",
		job.Execution{State: job.Canceled, Version: 3, QueuedAt: at(1), UpdatedAt: at(3)},
		job.Execution{State: job.Removed, Version: 4, QueuedAt: at(1), UpdatedAt: at(4)},
	},
	{
		"it is deleted",
		job.Execution{State: job.Queued, Version: 1, QueuedAt: at(1), UpdatedAt: at(1)},
		job.Execution{},
	},
}

// Executions is about the rows of executions, each shape of change of them.
func Executions(t *testing.T, fresh Fresh) {
	h := newHouse(t, fresh)
	for _, c := range shapes {
		t.Run(c.name, func(t *testing.T) {
			h := &house{TB: t, Store: h.Store, clock: h.clock}
			h.changes(c.name, c.before, c.after)
		})
	}
	t.Run("what was not found is named", func(t *testing.T) {
		h := &house{TB: t, Store: h.Store, clock: h.clock}
		h.notFound()
	})
}

// changes saves before and then after, and looks at after in every way.
func (h *house) changes(name string, before, after job.Execution) {
	j, t := h.job(name), h.thing(name)
	ref := job.Ref{Key: job.Key{Job: j.ID, Thing: t.ID}, Number: 1}
	for _, e := range []*job.Execution{&before, &after} {
		if e.State != 0 {
			e.Ref = ref
		}
	}
	if !before.None() {
		h.must(h.do(func(w store.Work) error { w.PutExecution(job.Execution{}, before); return nil }))
	}
	h.must(h.do(func(w store.Work) error { w.PutExecution(before, after); return nil }))
	h.wantSaved(j, ref, after)
	h.wantRead(t.Name, j.Name, after)
}

// wantSaved looks from within a transaction.
func (h *house) wantSaved(j job.Job, ref job.Ref, want job.Execution) {
	h.Helper()
	var got job.Execution
	var open, due []job.Execution
	h.write(func(tx store.Tx) (err error) {
		if got, err = tx.Execution(ref); err != nil {
			return err
		}
		if open, _, _, err = tx.OpenOf(j.ID, 0, 10, 10); err != nil {
			return err
		}
		due, err = tx.DueExecutions(at(1e6), 1000)
		return err
	})
	if diff := cmp.Diff(want, got); diff != "" {
		h.Errorf("saved (-want +got):\n%s", diff)
	}
	if isOpen := want.State == job.Queued || want.State == job.InProgress; isOpen != (len(open) == 1) {
		h.Errorf("open are %v", open)
	}
	found := slices.ContainsFunc(due, func(e job.Execution) bool { return e.Ref == ref })
	if found != !want.Deadline().IsZero() {
		h.Errorf("found by its deadline: %v, want %v", found, !found)
	}
}

// wantRead looks from outside.
func (h *house) wantRead(thing, name string, want job.Execution) {
	h.Helper()
	ctx := context.Background()
	got, err := h.ExecutionOf(ctx, thing, name, 0)
	switch {
	case want.None() && !fault.Is(err, fault.NotFound):
		h.Errorf("the deleted execution is read with error %v", err)
	case !want.None():
		h.must(err)
		if diff := cmp.Diff(want, got.Execution); diff != "" {
			h.Errorf("read (-want +got):\n%s", diff)
		}
		if got.Job.Name != name || got.Thing.Name != thing {
			h.Errorf("it is read as one of %s on %s", got.Job.Name, got.Thing.Name)
		}
	}
	_, list, err := h.PendingOf(ctx, thing)
	h.must(err)
	isOpen := want.State == job.Queued || want.State == job.InProgress
	if isOpen != (len(list) == 1) {
		h.Errorf("the pending list is %v", list)
	}
	if len(list) == 1 {
		if diff := cmp.Diff(want, list[0].Execution); diff != "" || list[0].Job.Name != name || list[0].Thing.Name != thing {
			h.Errorf("pending (-want +got):\n%s of %s on %s", diff, list[0].Job.Name, list[0].Thing.Name)
		}
	}
}

func (h *house) notFound() {
	j, t := h.job("known"), h.thing("known")
	h.queue(j, t)
	for _, c := range []struct {
		thing, job string
		number     int64
	}{{"unknown", "known", 0}, {"known", "unknown", 0}, {"known", "known", 2}} {
		if _, err := h.ExecutionOf(context.Background(), c.thing, c.job, c.number); !fault.Is(err, fault.NotFound) {
			h.Errorf("execution %d of %s on %s is read with error %v", c.number, c.job, c.thing, err)
		}
	}
	if _, _, err := h.PendingOf(context.Background(), "unknown"); !fault.Is(err, fault.NotFound) {
		h.Errorf("the list of an unknown thing is read with error %v", err)
	}
}
