package job

import (
	"time"

	"github.com/drover-iot/drover/internal/fault"
)

// Cancel is what CancelJob asks for.
type Cancel struct {
	Force           bool
	Reason, Comment string
}

// Cancel ends the job. Its executions follow by a sweep.
// spec: job-lifecycle.md#51-canceljob-put-jobsjobidcancelforce
func (j Job) Cancel(c Cancel, now time.Time) (Job, error) {
	if !j.Live() {
		return j, fault.New(fault.InvalidRequest, "Job %s is %s and cannot be cancelled", j.Name, j.Status)
	}
	return j.changed(now).cancel(c, now), nil
}

// crowdedReason is the reasonCode of a job that was crowded out.
const crowdedReason = "CONCURRENT_JOBS_LIMIT_REACHED"

// CrowdedOut ends a job whose rollout would open when too many jobs roll out
// already. spec: job-lifecycle.md#11-job-transitions
func (j Job) CrowdedOut(why string, now time.Time) Job {
	return j.cancel(Cancel{Reason: crowdedReason, Comment: why}, now)
}

func (j Job) cancel(c Cancel, now time.Time) Job {
	hidden := j.hides()
	j.Status, j.Forced, j.Rollout.Pause = StatusCanceled, c.Force, Pause{}
	if c.Reason != "" {
		j.Reason = c.Reason
	}
	if c.Comment != "" {
		j.Comment = c.Comment
	}
	j.UpdatedAt, j.CompletedAt = now, now
	j.Sweep = j.cancelSweep(hidden)
	return j.WithDue(now)
}
