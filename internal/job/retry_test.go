package job

import (
	"slices"
	"testing"
	"time"
)

func retrying(criteria ...Retry) Job {
	return rolled(Settings{Retry: criteria, Timeout: TimeoutConfig{InProgressMinutes: 5}}, Counts{InProgress: 1})
}

// fail runs attempts that end as told, from the first; it answers the numbers
// and retry counts of all attempts that were made.
func fail(j Job, ends ...State) (numbers []int64, attempts []int) {
	e := Fresh(Ref{Key{1, 1}, 1}, noon, noon)
	for _, end := range ends {
		numbers, attempts = append(numbers, e.Number), append(attempts, e.Retries.Attempt())
		e.State = end
		next, ok := j.RetryOf(e, e.QueuedAt, noon)
		if !ok {
			break
		}
		e = next
	}
	return numbers, attempts
}

// spec: rollout-abort-timeout-retry-schedule.md#4-retries
func TestRetries(t *testing.T) {
	for _, c := range []struct {
		name string
		job  Job
		ends []State
		want int // attempts made
	}{
		{"the example", retrying(Retry{FailureFailed, 2}, Retry{FailureTimedOut, 1}), []State{Failed, TimedOut, Failed, TimedOut, Failed}, 4},
		{"none configured", retrying(), []State{Failed, Failed}, 1},
		{"FAILED three times", retrying(Retry{FailureFailed, 3}), []State{Failed, Failed, Failed, Failed, Failed}, 4},
		{"FAILED does not answer a time-out", retrying(Retry{FailureFailed, 3}), []State{TimedOut, Failed}, 1},
		{"TIMED_OUT does not answer a failure", retrying(Retry{FailureTimedOut, 3}), []State{Failed, Failed}, 1},
		{"ALL is one counter for both", retrying(Retry{FailureAll, 3}), []State{Failed, TimedOut, Failed, TimedOut, Failed}, 4},
		{"switched off", retrying(Retry{FailureFailed, 0}), []State{Failed, Failed}, 1},
		{"success ends it", retrying(Retry{FailureAll, 9}), []State{Failed, Succeeded, Failed}, 2},
		{"REJECTED is final", retrying(Retry{FailureAll, 9}), []State{Rejected, Failed}, 1},
		{"CANCELED is final", retrying(Retry{FailureAll, 9}), []State{Canceled, Failed}, 1},
		{"REMOVED is final", retrying(Retry{FailureAll, 9}), []State{Removed, Failed}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			numbers, attempts := fail(c.job, c.ends...)
			want, wantAttempts := []int64{1, 2, 3, 4}[:c.want], []int{0, 1, 2, 3}[:c.want]
			if !slices.Equal(numbers, want) || !slices.Equal(attempts, wantAttempts) {
				t.Errorf("executionNumbers %v, retryAttempts %v; want %v, %v", numbers, attempts, want, wantAttempts)
			}
		})
	}
}

func TestAJobThatHasEndedRetriesNothing(t *testing.T) {
	j := retrying(Retry{FailureFailed, 3})
	for _, s := range []Status{StatusCompleted, StatusCanceled, StatusDeleting} {
		j.Status = s
		if _, ok := j.RetryOf(in(Failed), noon, noon); ok {
			t.Errorf("a job that is %v queued a retry", s)
		}
	}
}

func TestARetryIsANewExecution(t *testing.T) {
	failed := in(Failed)
	failed.Forced, failed.Retries = true, Retries{Failed: 1}
	got, ok := retrying(Retry{FailureFailed, 3}).RetryOf(failed, clockAt(-120), noon)
	if !ok || got.Number != 2 || got.State != Queued || got.Version != 1 || !got.StartedAt.IsZero() ||
		got.Details != nil || got.Forced || !got.Deadline().IsZero() || got.Retries.Attempt() != 2 || !got.UpdatedAt.Equal(noon) {
		t.Errorf("the retry is %+v", got)
	}
}

func TestQueuedAtOfARetry(t *testing.T) {
	for _, c := range []struct {
		name                string
		attempt, last, want float64
	}{
		{"now", -120, -120, 0},
		{"a whole second behind the attempt before", -0.3, -0.3, 0.7},
		{"behind what the thing has", -120, 0.5, 0.501},
		{"behind what it got in the same millisecond", -120, 0, 0.001},
	} {
		t.Run(c.name, func(t *testing.T) {
			failed := in(Failed)
			failed.QueuedAt = clockAt(c.attempt)
			got, _ := retrying(Retry{FailureFailed, 1}).RetryOf(failed, clockAt(c.last), noon)
			if !got.QueuedAt.Equal(clockAt(c.want)) {
				t.Errorf("queued at %v, want %v", got.QueuedAt, clockAt(c.want))
			}
			if c.attempt > -1 && !got.QueuedAt.Truncate(time.Second).After(failed.QueuedAt.Truncate(time.Second)) {
				t.Error("its queuedAt in seconds is not later")
			}
		})
	}
}

// spec: rollout-abort-timeout-retry-schedule.md#54-outside-a-window
func TestRetriesOutsideAWindow(t *testing.T) {
	one := []Retry{{FailureFailed, 1}}
	for _, c := range []struct {
		name      string
		of        func(*Job)
		end       State
		deferred  bool // is marked
		thenWaits bool // when what of did is undone but for the window
	}{
		{"a failure waits", func(*Job) {}, Failed, true, true},
		{"in a window it does not", func(j *Job) { j.Status = StatusInProgress }, Failed, false, false},
		{"one that is not retried is final", func(*Job) {}, TimedOut, false, false},
		{"what did not fail is final", func(*Job) {}, Rejected, false, false},
		{"behind the end of the job it is final", func(j *Job) { j.Rollout.End = noon }, Failed, false, false},
		{"in a job that was cancelled it is final", func(j *Job) { j.Status = StatusCanceled }, Failed, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			j := retrying(one...)
			j.Status = StatusScheduled
			c.of(&j)
			got := j.Deferred(in(c.end))
			if got.Retries.Waits != c.deferred || j.Waits(got) != c.thenWaits {
				t.Errorf("marked %v, waits %v", got.Retries.Waits, j.Waits(got))
			}
			if _, ok := j.RetryOf(got, noon, noon); ok != (j.Status == StatusInProgress) {
				t.Errorf("it is retried at once: %v", ok)
			}
		})
	}
}

func TestARetryThatWaited(t *testing.T) {
	j := retrying(Retry{FailureAll, 2})
	j.Status = StatusScheduled
	deferred := j.Deferred(in(TimedOut))
	if _, _, ok := j.Resume(deferred, noon, noon); ok {
		t.Error("it comes before the window opens")
	}
	j.Status = StatusInProgress
	ended, next, ok := j.Resume(deferred, noon, clockAt(5))
	if !ok || ended.Retries.Waits || ended.Version != deferred.Version || next.Retries != (Retries{All: 1}) ||
		next.Number != 2 || next.State != Queued || !next.QueuedAt.Equal(clockAt(5)) {
		t.Errorf("%v: %+v is followed by %+v", ok, ended, next)
	}
	if again, _, ok := j.Resume(ended, noon, noon); ok || again.Retries.Waits {
		t.Error("it comes twice")
	}
}

func TestARetryThatIsGivenUp(t *testing.T) {
	j := retrying(Retry{FailureAll, 2})
	j.Status = StatusScheduled
	final, ok := j.Deferred(in(Failed)).GiveUp()
	if !ok || j.Waits(final) {
		t.Errorf("%v: it waits still: %+v", ok, final)
	}
	if _, ok := final.GiveUp(); ok {
		t.Error("it is given up twice")
	}
}

// The mark stays on the row; whether it means anything is the job's to say.
func TestAMarkMeansNothingWithoutRetries(t *testing.T) {
	for _, c := range []struct {
		name string
		of   func(*Job)
	}{
		{"retries were switched off", func(j *Job) { j.Settings.Retry[0].Number = 0 }},
		{"the job was cancelled", func(j *Job) { j.Status = StatusCanceled }},
		{"the job has ended", func(j *Job) { j.Rollout.End = noon }},
	} {
		t.Run(c.name, func(t *testing.T) {
			j := retrying(Retry{FailureFailed, 2})
			j.Status = StatusScheduled
			deferred := j.Deferred(in(Failed))
			j.Counts = Counts{Failed: 1, WaitFailed: 1}
			if !j.Waits(deferred) || j.done() || j.final().Failed != 0 {
				t.Error("it does not wait before that")
			}
			c.of(&j)
			if j.Waits(deferred) || !j.done() || j.final().Failed != 1 {
				t.Errorf("it waits still: %+v", j.final())
			}
		})
	}
}
