package engine

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
)

// ears hear what is told of each thing.
type ears struct{ heard map[string][]ListChange }

func (e *ears) Changed(changes []ListChange) {
	for _, c := range changes {
		e.heard[c.Thing.Name] = append(e.heard[c.Thing.Name], c)
	}
}

func (*ears) Drain(context.Context) error { return nil }

func (c *counted) listen() *ears {
	e := &ears{heard: map[string][]ListChange{}}
	var n Notifier = e
	c.notifier.Store(&n)
	return e
}

// due does one transaction of what is due.
func (c *counted) due() {
	c.Helper()
	check(c.T, c.write(c.Context(), (*operation).doDue))
}

func (c *counted) job() job.Job {
	c.Helper()
	j, err := c.Job(c.Context(), "fw")
	check(c.T, err)
	return j
}

// hall is a group of so many things, with a job in the first two minutes of
// each hour, and the first of its windows over.
func hall(t *testing.T, things int) (*counted, []string) {
	t.Helper()
	c := newCounted(t) // begins at an hour
	names := make([]string, things)
	_, err := c.CreateGroup(t.Context(), fleet.Group{Name: "hall"}, nil)
	check(t, err)
	for i := range names {
		names[i] = fmt.Sprintf("press-%04d", i)
		_, err := c.CreateThing(t.Context(), fleet.Thing{Name: names[i]})
		check(t, err)
		check(t, c.AddThing(t.Context(), names[i], "hall"))
	}
	_, err = c.CreateJob(t.Context(), CreateJob{
		Name: "fw", Document: []byte(`{}`), Targets: []job.Target{{Group: true, Name: "hall"}},
		Settings: job.Settings{
			Schedule: job.Schedule{Windows: []job.Window{{StartTime: "0 * * * ? *", Minutes: 2}}},
			Retry:    []job.Retry{{Failure: job.FailureFailed, Number: 1}},
		},
	})
	check(t, err)
	_, err = c.advance(t.Context(), advance{asked: t.Context(), by: 2 * time.Minute})
	check(t, err)
	return c, names
}

// pending is the list of a thing, as its device is told.
func (c *counted) pending(thing string) int {
	c.Helper()
	_, items, err := c.Pending(c.Context(), thing, "")
	check(c.T, err)
	return len(items)
}

func TestAWindowOpensForAllAtOnceAndIsToldInSlices(t *testing.T) {
	c, names := hall(t, 2600)
	if j := c.job(); j.Status != job.StatusScheduled || j.Sweep.Active || j.Counts.Queued != 2000 {
		t.Fatalf("behind the first window it is %v, sweeping %+v, %+v", j.Status, j.Sweep, j.Counts)
	}
	failed := names[1900]
	_, _, err := c.Update(Update{Thing: failed, Job: "fw", Report: job.Report{State: job.Failed}}).Wait(t.Context())
	check(t, err)
	ears := c.listen()

	c.clock.Set(c.clock.Now().Add(58 * time.Minute))
	c.due()
	if j := c.job(); j.Status != job.StatusInProgress || !j.Sweep.Active || len(ears.heard) != 1000 || c.pending(names[1800]) != 1 {
		t.Fatalf("it is %v, sweeping %+v, %d were told, the list of one that was not has %d", j.Status, j.Sweep, len(ears.heard), c.pending(names[1800]))
	}

	started, finished := names[1800], names[1850]
	_, changes, err := c.StartNext(Start{Thing: started}).Wait(t.Context())
	check(t, err)
	ears.Changed(changes)
	_, changes, err = c.Update(Update{Thing: finished, Job: "fw", Report: job.Report{State: job.Succeeded}}).Wait(t.Context())
	check(t, err)
	if len(changes) > 0 {
		t.Errorf("%s, which nobody was told of, has ended, and that is told: %+v", finished, changes)
	}
	c.due()
	if j := c.job(); !j.Sweep.Active || j.Counts.Notified <= 2000 {
		t.Errorf("the rollout waits for the sweep: %+v, %d notified", j.Sweep, j.Counts.Notified)
	}

	c.later(0)
	j := c.job()
	if j.Sweep.Active || j.Counts.Failed != 0 || j.Counts.Waiting() != 0 || c.pending(failed) != 1 {
		t.Errorf("in the end: sweeping %+v, %+v, the retry shows %d times", j.Sweep, j.Counts, c.pending(failed))
	}
	for i, name := range names[:j.Counts.Notified] {
		heard, first := ears.heard[name], job.Head{Job: j.ID, Number: 1}
		switch {
		case name == failed:
			first.Number = 2
		case name == finished && len(heard) == 0:
			continue
		case i >= 2000 && len(heard) == 2: // by the rollout, and by the sweep that it overtook
			heard = heard[:1]
		}
		if len(heard) != 1 || !heard[0].Notice.Members || !heard[0].Notice.NextChanged(first) {
			t.Fatalf("%s was told %+v", name, heard)
		}
	}
}

func TestAWindowClosesForAllAtOnceAndIsToldInSlices(t *testing.T) {
	c, names := hall(t, 1700)
	c.clock.Set(c.clock.Now().Add(58 * time.Minute))
	c.later(0)
	ears := c.listen()
	c.clock.Set(c.clock.Now().Add(2 * time.Minute))
	c.due()
	if j := c.job(); j.Status != job.StatusScheduled || !j.Sweep.Active || len(ears.heard) != 1000 || c.pending(names[1600]) != 0 {
		t.Fatalf("it is %v, sweeping %+v, %d were told, the list of one that was not has %d", j.Status, j.Sweep, len(ears.heard), c.pending(names[1600]))
	}
	_, changes, err := c.Update(Update{Thing: names[1600], Job: "fw", Report: job.Report{State: job.InProgress}}).Wait(t.Context())
	check(t, err)
	if len(changes) > 0 {
		t.Errorf("%s was in its list and is, and that is told: %+v", names[1600], changes)
	}
	check(t, c.DeleteThing(t.Context(), names[1650], nil))
	c.later(0)
	for i, name := range names {
		want := 1
		if i == 1600 || i == 1650 {
			want = 0
		}
		if heard := ears.heard[name]; len(heard) != want || want > 0 && (!heard[0].Notice.Members || !heard[0].Notice.NextChanged(job.Head{})) {
			t.Fatalf("%s was told %+v", name, heard)
		}
	}
}

func TestWhatWaitedIsForgottenWithItsJob(t *testing.T) {
	for name, end := range map[string]func(*counted) error{
		"cancelled": func(c *counted) error {
			_, err := c.CancelJob(c.Context(), Asked{Job: "fw"}, job.Cancel{})
			return err
		},
		"without retries": func(c *counted) error {
			_, err := c.UpdateJob(c.Context(), Asked{Job: "fw"}, job.Patch{Retry: &[]job.Retry{{Failure: job.FailureFailed}}})
			return err
		},
		"deleted": func(c *counted) error { return c.DeleteJob(c.Context(), Asked{Job: "fw"}, true) },
	} {
		t.Run(name, func(t *testing.T) {
			c, names := hall(t, 3)
			for _, thing := range names {
				_, _, err := c.Update(Update{Thing: thing, Job: "fw", Report: job.Report{State: job.Failed}}).Wait(t.Context())
				check(t, err)
			}
			if n := c.job().Counts.WaitFailed; n != 3 {
				t.Fatalf("%d wait", n)
			}
			check(t, end(c))
			c.later(0)
			for _, thing := range names {
				if _, rows, err := c.store.PendingOf(t.Context(), thing); err != nil || len(rows) > 0 {
					t.Errorf("%s still has %+v, %v", thing, rows, err)
				}
			}
		})
	}
}
