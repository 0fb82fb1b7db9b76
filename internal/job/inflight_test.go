package job

import (
	"math"
	"testing"

	"github.com/drover-iot/drover/internal/fault"
)

// spec: job-lifecycle.md#125-things-in-flight
func TestSlots(t *testing.T) {
	retrying := []Retry{{FailureFailed, 1}}
	for _, c := range []struct {
		name   string
		most   int
		counts Counts
		retry  []Retry
		status Status
		want   int64
	}{
		{"without a cap there are always some", 0, Counts{Queued: 1_000_000}, nil, StatusInProgress, math.MaxInt64},
		{"none is taken", 5, Counts{}, nil, StatusInProgress, 5},
		{"QUEUED and IN_PROGRESS take one each", 5, Counts{Queued: 1, InProgress: 2}, nil, StatusInProgress, 2},
		{"what has ended takes none", 5, Counts{Succeeded: 1, Failed: 1, Rejected: 1, TimedOut: 1, Canceled: 1, Removed: 1}, nil, StatusInProgress, 5},
		{"all are taken", 2, Counts{Queued: 2}, nil, StatusInProgress, 0},
		{"more are in flight than a cap that was lowered", 2, Counts{InProgress: 7}, nil, StatusInProgress, 0},
		{"a retry that waits keeps the slot of its attempt", 5, Counts{Failed: 3, WaitFailed: 2}, retrying, StatusScheduled, 3},
		{"one that comes no more does not", 5, Counts{Failed: 3, WaitFailed: 2}, nil, StatusScheduled, 5},
		{"nor one that waits for another kind of failure", 5, Counts{TimedOut: 2, WaitTimedOut: 2, WaitFailed: 1, Failed: 1}, retrying, StatusScheduled, 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			j := Job{Status: c.status, Settings: Settings{MaximumInProgress: c.most, Retry: c.retry}, Counts: c.counts}
			if got := j.Slots(); got != c.want {
				t.Errorf("there are %d, want %d", got, c.want)
			}
		})
	}
}

func TestACapIsForJobsThatLive(t *testing.T) {
	live := made(t, Schedule{})
	done := live
	done.Status = StatusCompleted
	cancelled, _ := live.Cancel(Cancel{}, noon)
	for _, c := range []struct {
		name string
		job  Job
		ok   bool
	}{
		{"one that is IN_PROGRESS", live, true},
		{"one that is SCHEDULED", made(t, Schedule{StartTime: "2026-01-31T13:00"}), true},
		{"one that is paused", paused(live, true), true},
		{"one that is COMPLETED", done, false},
		{"one that is CANCELED", cancelled, false},
	} {
		next, err := c.job.Limit(3, clockAt(1))
		switch {
		case c.ok && (err != nil || next.Settings.MaximumInProgress != 3 || next.Version != c.job.Version+1):
			t.Errorf("%s has %d at version %d, %v", c.name, next.Settings.MaximumInProgress, next.Version, err)
		case !c.ok && (!fault.Is(err, fault.InvalidStateTransition) || next.Settings.MaximumInProgress != 0):
			t.Errorf("%s has %d, %v", c.name, next.Settings.MaximumInProgress, err)
		}
	}
}

// Lowering the cap takes nothing back, raising it makes room at the next tick.
func TestACapHoldsTheRolloutAndLetsItGoOn(t *testing.T) {
	j := made(t, Schedule{})
	j.Counts.Queued = 4
	full, _ := j.Limit(2, clockAt(1))
	if _, n := full.Allow(clockAt(30)); n != 0 || full.Counts.Queued != 4 || !full.Due.IsZero() {
		t.Errorf("%d go out beside %d, due at %v", n, full.Counts.Queued, full.Due)
	}
	roomy, _ := full.Limit(7, clockAt(30))
	if _, n := roomy.Allow(clockAt(30)); n != 3 || roomy.Due.IsZero() || roomy.Due.After(clockAt(30)) {
		t.Errorf("%d go out, due at %v", n, roomy.Due)
	}
	full.Counts.Queued = 1
	if freed := full.Judge(clockAt(40)); freed.Due.IsZero() {
		t.Error("a slot that is free does not make the rollout due")
	}
}
