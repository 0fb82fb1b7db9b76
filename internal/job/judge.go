package job

import (
	"fmt"
	"time"
)

// AbortReason is the reasonCode of a job that its abort criteria ended.
const AbortReason = "ABORT_CRITERIA_MET"

// Judge answers the job as its counters make it: aborted if a criterion is
// met, completed if nothing is left to do, else with another Rollout and Due
// when a step of the rate was reached, else as it is.
// spec: rollout-abort-timeout-retry-schedule.md#2-abort
func (j Job) Judge(now time.Time) Job {
	if !j.Live() {
		return j
	}
	if c, met := j.abortBy(); met {
		return j.cancel(Cancel{Reason: AbortReason, Comment: j.abortComment(c)}, now)
	}
	if j.done() {
		j.Status, j.CompletedAt, j.UpdatedAt, j.Rollout.Pause = StatusCompleted, now, now, Pause{}
		j.Sweep = Sweep{Active: j.Counts.Waiting() > 0} // of their marks
		return j.WithDue(now)
	}
	if j.climbs(j.steps()) || j.Settings.MaximumInProgress > 0 { // a slot may be free
		return j.WithDue(now)
	}
	return j
}

// abortBy is the first criterion in list order that is met.
func (j Job) abortBy() (Criterion, bool) {
	if len(j.Settings.Abort) == 0 {
		return Criterion{}, false
	}
	counts := j.Counts
	if counts.Waiting() > 0 {
		counts = j.final()
	}
	executed := counts.Executed()
	for _, c := range j.Settings.Abort {
		if executed >= int64(c.Min) && counts.Failures(c.Failure)*10000 >= int64(c.Percent)*executed {
			return c, true
		}
	}
	return Criterion{}, false
}

func (j Job) abortComment(c Criterion) string {
	counts := j.final()
	return fmt.Sprintf("Abort criterion %s met: %d of %d executed things, the threshold is %s%% of at least %d",
		c.Failure, counts.Failures(c.Failure), counts.Executed(), hundredths(c.Percent), c.Min)
}

// hundredths prints 1250 as 12.5 and 2000 as 20.
func hundredths(n int) string {
	switch {
	case n%100 == 0:
		return fmt.Sprint(n / 100)
	case n%10 == 0:
		return fmt.Sprintf("%d.%d", n/100, n%100/10)
	default:
		return fmt.Sprintf("%d.%02d", n/100, n%100)
	}
}

// done: all executions are terminal, no retry is to come, and the rollout is at
// its end: that of a CONTINUOUS job only by endTime.
// spec: job-lifecycle.md#11-job-transitions
func (j Job) done() bool {
	if j.Counts.Open() > 0 || j.Counts.Waiting() > 0 && j.final() != j.Counts {
		return false
	}
	return !j.Rollout.End.IsZero() || j.Selection == Snapshot && j.RolledOut()
}

// final is the counters without the failures that are not final, because a
// retry waits for a window.
func (j Job) final() Counts {
	c := j.Counts
	if j.retries(Failed) {
		c.Failed -= c.WaitFailed
	}
	if j.retries(TimedOut) {
		c.TimedOut -= c.WaitTimedOut
	}
	return c
}
