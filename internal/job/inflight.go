package job

import (
	"math"
	"time"

	"github.com/drover-iot/drover/internal/fault"
)

// Limit sets how many things may have the job to do at once, QUEUED or
// IN_PROGRESS; 0 is any number. What is above it is not taken back.
// spec: job-lifecycle.md#125-things-in-flight
func (j Job) Limit(n int, now time.Time) (Job, error) {
	if !j.Live() {
		return j, fault.New(fault.InvalidStateTransition, "Job %s is %s and cannot be changed", j.Name, j.Status)
	}
	j.Settings.MaximumInProgress = n
	return j.changed(now).WithDue(now), nil
}

// Slots is how many things more may have the job to do. A failure whose retry
// waits keeps its slot for it.
func (j Job) Slots() int64 {
	most := int64(j.Settings.MaximumInProgress)
	if most == 0 {
		return math.MaxInt64
	}
	retries := j.Counts.Executed() - j.final().Executed()
	return max(0, most-j.Counts.Open()-retries)
}
