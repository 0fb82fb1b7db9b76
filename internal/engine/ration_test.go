package engine

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/quota"
)

// rationed is an engine with a quota of releases over a hall of 100 things.
func rationed(t *testing.T, most int) *Engine {
	t.Helper()
	e := bounded(t, quota.Numbers{ReleasesPerMinute: most})
	_, err := e.CreateGroup(t.Context(), fleet.Group{Name: "hall"}, nil)
	check(t, err)
	for i := range 100 {
		name := fmt.Sprintf("press-%02d", i)
		_, err := e.CreateThing(t.Context(), fleet.Thing{Name: name})
		check(t, err)
		check(t, e.AddThing(t.Context(), name, "hall"))
	}
	return e
}

// roll makes a job for the hall.
func roll(t *testing.T, e *Engine, name string, rate int) {
	t.Helper()
	_, err := e.CreateJob(t.Context(), CreateJob{
		Name: name, Document: []byte("{}"), Targets: []job.Target{{Group: true, Name: "hall"}},
		Settings: job.Settings{Rollout: job.RolloutConfig{MaximumPerMinute: rate}},
	})
	check(t, err)
}

// gone is how many things each of the jobs has released.
func gone(t *testing.T, e *Engine, jobs ...string) (n []int) {
	t.Helper()
	for _, name := range jobs {
		j, err := e.Job(t.Context(), name)
		check(t, err)
		n = append(n, int(j.Counts.Notified))
	}
	return n
}

func pass(t *testing.T, e *Engine, by time.Duration) {
	t.Helper()
	_, err := e.advance(t.Context(), advance{asked: t.Context(), by: by})
	check(t, err)
}

// spec: rollout-abort-timeout-retry-schedule.md#1-rollout-rate
func TestRolloutsShareTheReleasesOfAMinute(t *testing.T) {
	for _, c := range []struct {
		name  string
		most  int // 0: there is no quota
		rates []int
		want  []int // in the first minute; twice as much in two
	}{
		{"without a quota each has its own rate", 0, []int{40, 50, 30}, []int{40, 50, 30}},
		{"one that is alone has all", 50, []int{1000}, []int{50}},
		{"two have half each", 60, []int{1000, 1000}, []int{30, 30}},
		{"who wants less leaves the rest to the others", 60, []int{1000, 10, 1000}, []int{25, 10, 25}},
		{"where there is enough nobody waits", 60, []int{20, 40}, []int{20, 40}},
		{"each gets something", 4, []int{1000, 1000, 1000, 1000}, []int{1, 1, 1, 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := rationed(t, c.most)
			var jobs []string
			for i, rate := range c.rates {
				jobs = append(jobs, fmt.Sprint("fw-", i))
				roll(t, e, jobs[i], rate)
			}
			pass(t, e, 59*time.Second)
			if diff := cmp.Diff(c.want, gone(t, e, jobs...)); diff != "" {
				t.Errorf("after a minute (-want +got):\n%s", diff)
			}
			pass(t, e, time.Minute)
			for i := range c.want {
				c.want[i] *= 2
			}
			if diff := cmp.Diff(c.want, gone(t, e, jobs...)); diff != "" {
				t.Errorf("after two (-want +got):\n%s", diff)
			}
			pass(t, e, 3*time.Hour)
			for i, n := range gone(t, e, jobs...) {
				if n != 100 {
					t.Errorf("%d of 100 things have got %s", n, jobs[i])
				}
			}
		})
	}
}

func TestWhatDoesNotFitInAMinuteWaitsForTheNextOverARestartToo(t *testing.T) {
	e := rationed(t, 60)
	roll(t, e, "early", 1000)
	pass(t, e, 59*time.Second)
	roll(t, e, "late", 1000)
	pass(t, e, 900*time.Millisecond)
	if got := gone(t, e, "early", "late"); !cmp.Equal(got, []int{60, 0}) {
		t.Errorf("in the first minute %v were released", got)
	}
	e = New(Config{Store: e.store, Clock: e.clock, Log: slog.New(slog.DiscardHandler), Quotas: quota.Numbers{ReleasesPerMinute: 60}})
	pass(t, e, 50*time.Millisecond)
	if got := gone(t, e, "early", "late"); !cmp.Equal(got, []int{60, 0}) {
		t.Errorf("after a restart %v were released", got)
	}
	pass(t, e, 59*time.Second)
	got := gone(t, e, "early", "late")
	if got[0]+got[1] > 120 || got[0] < 88 || got[1] < 28 {
		t.Errorf("in the second minute %v were released", got)
	}
	pass(t, e, time.Hour)
	if got := gone(t, e, "early", "late"); !cmp.Equal(got, []int{100, 100}) {
		t.Errorf("in the end %v were released", got)
	}
}

func TestAPausedRolloutLeavesItsShareToTheOthers(t *testing.T) {
	e := rationed(t, 30)
	roll(t, e, "idle", 1000)
	roll(t, e, "busy", 1000)
	_, err := e.PauseJob(t.Context(), Asked{Job: "idle"}, false)
	check(t, err)
	pass(t, e, 59*time.Second)
	if got := gone(t, e, "idle", "busy"); !cmp.Equal(got, []int{0, 30}) {
		t.Errorf("%v were released", got)
	}
}

// spec: job-lifecycle.md#11-limits-and-quotas
func TestTargetsForWhichThereIsNoRoomToRollAreRefused(t *testing.T) {
	e := rationed(t, 0)
	e.quotas.ConcurrentJobs = 1
	for _, g := range []string{"annex", "shed"} {
		_, err := e.CreateGroup(t.Context(), fleet.Group{Name: g}, nil)
		check(t, err)
	}
	_, err := e.CreateJob(t.Context(), CreateJob{
		Name: "follows", Document: []byte("{}"), Selection: job.Continuous, Targets: []job.Target{{Group: true, Name: "annex"}},
	})
	check(t, err)
	pass(t, e, time.Second) // it is rolled out
	add := func() error {
		_, err := e.AssociateTargets(t.Context(), Asked{Job: "follows"}, []job.Target{{Group: true, Name: "shed"}}, "")
		return err
	}
	roll(t, e, "slow", 1)
	if err := add(); !fault.Is(err, fault.LimitExceeded) {
		t.Errorf("while another rolls out: %v", err)
	}
	_, err = e.CancelJob(t.Context(), Asked{Job: "slow"}, job.Cancel{})
	check(t, err)
	check(t, add())
}
