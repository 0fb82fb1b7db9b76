package job

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// midway is a job that rolls out at a rate and has released so many in its
// first minute.
func midway(rate, released int) Job {
	return Job{
		Status: StatusInProgress, Targets: []Target{{Group: true, ID: 1}},
		Rollout: Rollout{Start: time.Unix(1_800_000_000, 0).UTC(), Rate: rate, Released: released},
	}
}

func TestASharedRolloutIsDueAtTheTickAtWhichItsShareAllowsOneMore(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		share := rapid.IntRange(1, 1000).Draw(rt, "share")
		j := midway(1000, rapid.IntRange(0, 1100).Draw(rt, "released"))
		j.Rollout = j.Rollout.Shared(share, time.Time{})
		due := j.Rollout.Wait
		before := due.Add(-time.Second)
		if !before.Before(j.Rollout.Start) {
			if _, n := j.Allow(before); j.Within(share, n, before) != 0 && before.Before(j.Rollout.at(1, 0)) {
				rt.Fatalf("a second before %s one is within the share", due)
			}
		}
		var allowed int
		if j.Rollout, allowed = j.Allow(due); j.Within(share, max(1, allowed), due) == 0 {
			rt.Fatalf("at %s none is within the share", due)
		}
	})
}

func TestAMinuteHasNoMoreThanTheShare(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		share := rapid.IntRange(1, 1000).Draw(rt, "share")
		j := midway(rapid.IntRange(1, 1000).Draw(rt, "rate"), 0)
		for second := range 60 {
			now := j.Rollout.at(0, second)
			progress, allowed := j.Allow(now)
			j.Rollout = progress
			j.Rollout = j.Rollout.Took(j.Within(share, allowed, now))
		}
		if want := min(share, j.Rollout.Rate); j.Rollout.Released != want {
			rt.Fatalf("%d are released in a minute, want %d", j.Rollout.Released, want)
		}
	})
}

func TestARolloutWantsItsRateUnlessItHasNothingToDo(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Job)
		want   int
	}{
		{"a rollout", func(*Job) {}, 50},
		{"one that is about to open", func(j *Job) { j.Rollout.Rate, j.Settings.Rollout.MaximumPerMinute = 0, 40 }, 40},
		{"one that is paused", func(j *Job) { j.Rollout.Pause.Since = j.Rollout.Start }, 0},
		{"one that is at its end", func(j *Job) { j.Rollout.Target = 1 }, 0},
		{"one outside its window", func(j *Job) { j.Status = StatusScheduled }, 0},
		{"one whose slots are taken", func(j *Job) { j.Settings.MaximumInProgress, j.Counts.Queued = 2, 2 }, 0},
	} {
		j := midway(50, 0)
		c.change(&j)
		if got := j.Wants(); got != c.want {
			t.Errorf("%s wants %d, want %d", c.name, got, c.want)
		}
	}
}
