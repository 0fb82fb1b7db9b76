package job

import (
	"time"

	"github.com/drover-iot/drover/internal/fault"
)

// MaxDeleting is how many jobs may be DELETION_IN_PROGRESS at once.
// spec: job-lifecycle.md#11-limits-and-quotas
const MaxDeleting = 10

// Delete begins the deletion of the job. Its executions follow by a sweep,
// and then the job itself. spec: job-lifecycle.md#6-delete
func (j Job) Delete(force bool, now time.Time) (Job, error) {
	if j.Status == StatusDeleting {
		return j, fault.New(fault.InvalidStateTransition, "Job %s is already being deleted", j.Name)
	}
	if j.Live() && !force {
		return j, fault.New(fault.InvalidStateTransition, "Job %s is %s and can be deleted only with force", j.Name, j.Status)
	}
	j = j.changed(now)
	j.Sweep = Sweep{Active: true, Hidden: j.hides()}
	j.Status = StatusDeleting
	return j.WithDue(now), nil
}
