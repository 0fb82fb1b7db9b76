package job

import (
	"strings"
	"testing"
)

// rolled is a live SNAPSHOT job behind its rollout.
func rolled(s Settings, c Counts) Job {
	j, err := New(Create{Name: "fw", Settings: s, Targets: []Target{{ID: 1}}}, noon)
	if err != nil {
		panic(err)
	}
	j.Rollout.Target, j.Counts = 1, c
	return j.WithDue(noon)
}

// spec: rollout-abort-timeout-retry-schedule.md#2-abort
func TestAbort(t *testing.T) {
	example := []Criterion{
		{Failure: FailureFailed, Percent: 2000, Min: 100},
		{Failure: FailureTimedOut, Percent: 5000, Min: 200},
	}
	all := []Criterion{{Failure: FailureAll, Percent: 3000, Min: 10}}
	for _, c := range []struct {
		name     string
		criteria []Criterion
		counts   Counts
		comment  string // "" is no abort
	}{
		{"example: 99 executed", example, Counts{Succeeded: 39, Failed: 60}, ""},
		{"example: 100 executed, 20 failed", example, Counts{Succeeded: 80, Failed: 20}, "FAILED met: 20 of 100 executed things, the threshold is 20% of at least 100"},
		{"example: 150 executed, 29 failed, 100 timed out", example, Counts{Succeeded: 21, Failed: 29, TimedOut: 100}, ""},
		{"example: 200 executed, 39 failed, 100 timed out", example, Counts{Succeeded: 61, Failed: 39, TimedOut: 100}, "TIMED_OUT met: 100 of 200"},
		{"the first in list order names itself", example, Counts{Failed: 100, TimedOut: 100}, "FAILED met"},
		{"cancelled and removed things are not executed", example, Counts{Succeeded: 50, Failed: 40, Canceled: 100, Removed: 100}, ""},
		{"nothing executed", []Criterion{{Failure: FailureAll, Percent: 1, Min: 1}}, Counts{Queued: 5}, ""},
		{"ALL sums failed, rejected and timed out", all, Counts{Succeeded: 7, Failed: 1, Rejected: 1, TimedOut: 1}, "ALL met: 3 of 10"},
		{"ALL counts no other", all, Counts{Succeeded: 8, Failed: 1, Rejected: 1, Canceled: 5, Removed: 5}, ""},
		{"REJECTED alone", []Criterion{{Failure: FailureRejected, Percent: 10000, Min: 1}}, Counts{Rejected: 1}, "REJECTED met"},
		{"a hundredth below", []Criterion{{Failure: FailureFailed, Percent: 3334, Min: 3}}, Counts{Succeeded: 2, Failed: 1}, ""},
		{"a hundredth is met", []Criterion{{Failure: FailureFailed, Percent: 3333, Min: 3}}, Counts{Succeeded: 2, Failed: 1}, "33.33%"},
		{"a tenth is printed short", []Criterion{{Failure: FailureFailed, Percent: 1250, Min: 1}}, Counts{Failed: 1}, "12.5%"},
		{"no criteria", nil, Counts{Queued: 1, Failed: 1000}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.counts.Queued++ // else it completes
			j := rolled(Settings{Abort: c.criteria}, c.counts).Judge(clockAt(5))
			if aborted := j.Status == StatusCanceled; aborted != (c.comment != "") || !strings.Contains(j.Comment, c.comment) {
				t.Fatalf("job is %v with comment %q, want %q", j.Status, j.Comment, c.comment)
			}
			if c.comment != "" && (j.Reason != AbortReason || j.Forced || !j.Sweep.Active || !j.CompletedAt.Equal(clockAt(5)) || !j.Due.Equal(clockAt(5))) {
				t.Errorf("aborted as %+v", j)
			}
		})
	}
}

// spec: job-lifecycle.md#11-job-transitions
func TestCompletion(t *testing.T) {
	for _, c := range []struct {
		name string
		of   func(*Job)
		want Status
	}{
		{"every execution terminal", func(j *Job) { j.Counts = Counts{Succeeded: 3, Failed: 1, Removed: 1} }, StatusCompleted},
		{"no execution at all", func(j *Job) { j.Counts = Counts{} }, StatusCompleted},
		{"one still queued", func(j *Job) { j.Counts.Queued = 1 }, StatusInProgress},
		{"one still under way", func(j *Job) { j.Counts.InProgress = 1 }, StatusInProgress},
		{"not rolled out yet", func(j *Job) { j.Rollout.Target = 0 }, StatusInProgress},
		{"a CONTINUOUS job never", func(j *Job) { j.Selection = Continuous }, StatusInProgress},
		{"a cancelled job stays cancelled", func(j *Job) { j.Status = StatusCanceled }, StatusCanceled},
		{"a job being deleted too", func(j *Job) { j.Status = StatusDeleting }, StatusDeleting},
	} {
		t.Run(c.name, func(t *testing.T) {
			j := rolled(Settings{}, Counts{Succeeded: 3})
			c.of(&j)
			got := j.Judge(clockAt(9))
			if got.Status != c.want || got.CompletedAt.Equal(clockAt(9)) != (c.want == StatusCompleted) {
				t.Errorf("job is %v, completed at %v; want %v", got.Status, got.CompletedAt, c.want)
			}
		})
	}
}

func TestAnAbortComesBeforeCompletion(t *testing.T) {
	j := rolled(Settings{Abort: []Criterion{{Failure: FailureFailed, Percent: 10000, Min: 1}}}, Counts{Failed: 1}).Judge(noon)
	if j.Status != StatusCanceled || j.Sweep.Active {
		t.Errorf("job is %v, sweeping %v; want CANCELED with nothing to sweep", j.Status, j.Sweep.Active)
	}
}

func TestCounts(t *testing.T) {
	var c Counts
	for i, s := range states {
		*c.Of(s) = int64(i + 1)
	}
	want := Counts{Queued: 1, InProgress: 2, Succeeded: 3, Failed: 4, Rejected: 5, TimedOut: 6, Canceled: 7, Removed: 8}
	if c != want || c.Open() != 3 || c.Executed() != 18 || c.Failures(FailureAll) != 15 {
		t.Errorf("counts are %+v", c)
	}
	c = c.Plus(Moved(InProgress, Failed)).Plus(Moved(0, Queued)).Plus(Counts{Notified: 2})
	want = Counts{Queued: 2, InProgress: 1, Succeeded: 3, Failed: 5, Rejected: 5, TimedOut: 6, Canceled: 7, Removed: 8, Notified: 2}
	if c != want {
		t.Errorf("counts are %+v, want %+v", c, want)
	}
}

func TestRecount(t *testing.T) {
	waits := func(s State) Execution {
		e := in(s)
		e.Retries.Waits = true
		return e
	}
	for _, c := range []struct {
		name     string
		from, to Execution
		want     Counts
	}{
		{"the first execution of a thing", Execution{}, in(Queued), Counts{Queued: 1}},
		{"a failure that is final", in(InProgress), in(Failed), Counts{InProgress: -1, Failed: 1}},
		{"a failure whose retry waits", in(InProgress), waits(Failed), Counts{InProgress: -1, Failed: 1, WaitFailed: 1}},
		{"a time-out whose retry waits", in(InProgress), waits(TimedOut), Counts{InProgress: -1, TimedOut: 1, WaitTimedOut: 1}},
		{"the retry that waited", waits(TimedOut), in(Queued), Counts{TimedOut: -1, WaitTimedOut: -1, Queued: 1}},
		{"a retry that is given up", waits(Failed), in(Failed), Counts{WaitFailed: -1}},
		{"a failure that is deleted", waits(Failed), Execution{}, Counts{Failed: -1, WaitFailed: -1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Recount(c.from, c.to); got != c.want {
				t.Errorf("counted %+v, want %+v", got, c.want)
			}
		})
	}
}
