package job

import (
	"testing"
	"time"
)

// The hot path of a report is Report, Moved and Judge; that of a tick, Allow
// and WithDue. None may allocate.

func busy() Job {
	j := rolled(Settings{
		Rollout: exampleA, Timeout: TimeoutConfig{10},
		Abort: []Criterion{{FailureFailed, 2000, 100}, {FailureTimedOut, 5000, 200}},
		Retry: []Retry{{FailureFailed, 3}, {FailureTimedOut, 3}},
	}, Counts{Queued: 4000, InProgress: 900, Succeeded: 90, Failed: 10, Notified: 5000})
	j.Rollout.Target = 0
	return j.WithDue(noon)
}

func BenchmarkReport(b *testing.B) {
	e, r, c := in(InProgress), Report{State: InProgress, Details: map[string]string{"progress": "40"}}, TimeoutConfig{10}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Report(r, c, noon); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkJudge(b *testing.B) {
	j := busy()
	b.ReportAllocs()
	for b.Loop() {
		j.Counts = j.Counts.Plus(Moved(InProgress, Failed)).Plus(Moved(Failed, InProgress))
		j = j.Judge(noon)
	}
	if j.Status != StatusInProgress {
		b.Fatal(j.Status)
	}
}

func BenchmarkAllow(b *testing.B) {
	j, now := busy(), noon
	b.ReportAllocs()
	for b.Loop() {
		now = now.Add(time.Second)
		progress, n := j.Allow(now)
		j.Rollout = progress.Took(n)
		j = j.WithDue(now)
	}
}

func BenchmarkRetry(b *testing.B) {
	j, e := busy(), in(Failed)
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := j.RetryOf(e, noon, noon); !ok {
			b.Fatal("no retry")
		}
	}
}

func TestTheHotPathAllocatesNothing(t *testing.T) {
	j, e := busy(), in(InProgress)
	got := testing.AllocsPerRun(100, func() {
		next, _ := e.Report(Report{State: Failed}, j.Settings.Timeout, noon)
		retry, _ := j.RetryOf(next, noon, noon)
		j.Counts = j.Counts.Plus(Moved(e.State, retry.State)).Plus(Moved(retry.State, e.State))
		j = j.Judge(noon)
		progress, n := j.Allow(noon)
		j.Rollout = progress.Took(n)
		j = j.WithDue(noon)
	})
	if got != 0 {
		t.Errorf("%v allocations for a report, its retry, the judgement and a tick", got)
	}
}
