package engine

import (
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/fleet/query"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// counted is an engine on a virtual clock, with a line of two things, and what
// it told.
type counted struct {
	*Engine
	*testing.T
	clock *clock.Virtual
	told  Tally
}

func newCounted(t *testing.T) *counted {
	t.Helper()
	s, v := newStore(t)
	c := &counted{T: t, clock: v}
	c.Engine = New(Config{
		Store: s, Clock: v, Log: slog.New(slog.DiscardHandler),
		Turned: func(o Tally) { c.told.add(o) },
	})
	_, err := c.CreateGroup(t.Context(), fleet.Group{Name: "line"}, nil)
	check(t, err)
	for _, name := range []string{"a", "b", "c"} {
		_, err := c.CreateThing(t.Context(), fleet.Thing{Name: name})
		check(t, err)
	}
	check(t, c.AddThing(t.Context(), "a", "line"))
	check(t, c.AddThing(t.Context(), "b", "line"))
	return c
}

// roll creates a job for the line and releases it to both.
func (c *counted) roll(s job.Settings) {
	c.Helper()
	_, err := c.CreateJob(c.Context(), CreateJob{
		Name: "fw", Selection: job.Continuous, Settings: s, Document: []byte(`{}`),
		Targets: []job.Target{{Group: true, Name: "line"}},
	})
	check(c.T, err)
	c.later(0)
}

// later does what is due when so much time has passed at once.
func (c *counted) later(d time.Duration) {
	c.Helper()
	c.clock.Set(c.clock.Now().Add(d))
	_, _, err := c.settleDue(c.Context())
	check(c.T, err)
}

func (c *counted) report(thing string, s job.State) {
	c.Helper()
	_, _, err := c.Update(Update{Thing: thing, Job: "fw", Report: job.Report{State: s}}).Wait(c.Context())
	check(c.T, err)
}

func TestATurnTellsWhatItDid(t *testing.T) {
	ended := func(s job.State, n int) (counts [job.Removed + 1]int) {
		counts[s] = n
		return counts
	}
	timed := job.Settings{Timeout: job.TimeoutConfig{InProgressMinutes: 1}}
	released := Tally{Released: 2, Late: []Late{{"rollout", 0}}}
	cases := []struct {
		name string
		do   func(c *counted)
		want Tally
	}{
		{"a rollout", func(c *counted) { c.roll(job.Settings{}) }, released},
		{"a rollout that comes late", func(c *counted) {
			c.roll(job.Settings{Rollout: job.RolloutConfig{MaximumPerMinute: 1}})
			c.later(63 * time.Second)
		}, Tally{Released: 2, Late: []Late{{"rollout", 0}, {"rollout", 3 * time.Second}}}},
		{"a join", func(c *counted) {
			c.roll(job.Settings{})
			check(c.T, c.AddThing(c.Context(), "c", "line"))
		}, Tally{Released: 2, Joined: 1, Late: released.Late}},
		{"a report that succeeds", func(c *counted) {
			c.roll(job.Settings{})
			c.report("a", job.InProgress)
			c.report("a", job.Succeeded)
		}, Tally{Released: 2, Late: released.Late, Ended: ended(job.Succeeded, 1)}},
		{"a retry", func(c *counted) {
			c.roll(job.Settings{Retry: []job.Retry{{Failure: job.FailureFailed, Number: 1}}})
			c.report("a", job.Failed)
		}, Tally{Released: 2, Retried: 1, Late: released.Late, Ended: ended(job.Failed, 1)}},
		{"a timer that fires late", func(c *counted) {
			c.roll(timed)
			c.report("a", job.InProgress)
			c.later(65 * time.Second)
		}, Tally{Released: 2, Late: append(released.Late, Late{"timer", 5 * time.Second}), Ended: ended(job.TimedOut, 1)}},
		{"an abort, with all that it cancels", func(c *counted) {
			c.roll(job.Settings{Abort: []job.Criterion{{Failure: job.FailureFailed, Percent: 1000, Min: 1}}})
			c.report("a", job.Failed)
		}, Tally{Released: 2, Aborted: 1, Late: released.Late, Ended: func() [job.Removed + 1]int {
			both := ended(job.Failed, 1)
			both[job.Canceled] = 1
			return both
		}()}},
		{"a cancel is no abort", func(c *counted) {
			c.roll(job.Settings{})
			_, err := c.CancelJob(c.Context(), Asked{Job: "fw"}, job.Cancel{})
			check(c.T, err)
		}, Tally{Released: 2, Late: released.Late, Ended: ended(job.Canceled, 2)}},
		{"what fails did nothing", func(c *counted) {
			_, _, err := c.Update(Update{Thing: "a", Job: "fw", Report: job.Report{State: job.Failed}}).Wait(c.Context())
			if err == nil {
				c.Error("a report without an execution was accepted")
			}
		}, Tally{}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			e := newCounted(t)
			c.do(e)
			if diff := cmp.Diff(c.want, e.told); diff != "" {
				t.Errorf("told (-want +got):\n%s", diff)
			}
		})
	}
}

func TestASweepThatGoesOnIsDueWork(t *testing.T) {
	c := newCounted(t)
	const more = 1200 // beyond the first slice, which is part of the cancel
	check(t, c.store.Write(t.Context(), func(tx store.Tx) error {
		line, err := tx.Group("line")
		for i := 0; i < more && err == nil; i++ {
			var id int64
			if id, err = tx.InsertThing(fleet.Thing{Name: thingName(i), UID: thingName(i), CreatedAt: tx.Now()}); err == nil {
				err = tx.Join(line.ID, id, true)
			}
		}
		return err
	}))
	c.roll(job.Settings{Rollout: job.RolloutConfig{MaximumPerMinute: 1_000_000}})
	c.later(time.Minute)
	_, err := c.CancelJob(t.Context(), Asked{Job: "fw"}, job.Cancel{})
	check(t, err)
	c.told.Late = nil
	c.later(3 * time.Second)
	if want := []Late{{"sweep", 3 * time.Second}}; !slices.Equal(c.told.Late, want) {
		t.Errorf("late was %v, want %v", c.told.Late, want)
	}
	if n := c.told.Ended[job.Canceled]; n != more+2 {
		t.Errorf("%d were told as cancelled, want all %d", n, more+2)
	}
}

func TestBehindIsHowLongTheOldestWorkWaits(t *testing.T) {
	c := newCounted(t)
	wantBehind(c, 0)
	c.roll(job.Settings{Timeout: job.TimeoutConfig{InProgressMinutes: 1}})
	c.report("a", job.InProgress)
	wantBehind(c, 0)
	c.clock.Set(c.clock.Now().Add(65 * time.Second))
	wantBehind(c, 5*time.Second)
	c.later(0)
	wantBehind(c, 0)
}

func wantBehind(c *counted, want time.Duration) {
	c.Helper()
	if got, err := c.Behind(c.Context()); err != nil || got != want {
		c.Errorf("behind by %s, %v; want %s", got, err, want)
	}
}

func TestABacklogIsWhatWaits(t *testing.T) {
	c := newCounted(t)
	want := func(want Backlog) {
		t.Helper()
		if got, err := c.Backlog(t.Context()); err != nil || got != want {
			t.Errorf("there is %+v, %v; want %+v", got, err, want)
		}
	}
	want(Backlog{})
	check(t, c.SetEvents(t.Context(), map[store.EventKind]bool{store.EventThing: true}))
	for _, name := range []string{"d", "e"} {
		_, err := c.CreateThing(t.Context(), fleet.Thing{Name: name})
		check(t, err)
	}
	want(Backlog{Events: 2})
	check(t, c.UpdateIndexing(t.Context(), query.Indexing{Registry: true}))
	_, err := c.CreateDynamicGroup(t.Context(), fleet.Group{Name: "all", Query: "*"}, nil)
	check(t, err)
	want(Backlog{Events: 2, Index: 1, Groups: 1})
	c.later(0)
	want(Backlog{Events: 2})
}

// add takes what another did along.
func (t *Tally) add(other Tally) {
	t.Released += other.Released
	t.Joined += other.Joined
	t.Retried += other.Retried
	t.Aborted += other.Aborted
	for state, n := range other.Ended {
		t.Ended[state] += n
	}
	t.Late = append(t.Late, other.Late...)
}
