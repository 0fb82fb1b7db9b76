package job

import (
	"slices"
	"time"

	"github.com/drover-iot/drover/internal/fault"
)

// changed is the job behind a change that an operator was granted.
func (j Job) changed(now time.Time) Job {
	j.Version++
	j.UpdatedAt = now
	return j
}

// CheckVersion refuses a change of a job that is at none of the versions, with
// the job as Detail: whoever asks has not seen it as it is. Nil is any version.
func (j Job) CheckVersion(versions []int64) error {
	if versions == nil || slices.Contains(versions, j.Version) {
		return nil
	}
	err := fault.New(fault.PreconditionFailed, "Job %s is at version %d, which If-Match does not name", j.Name, j.Version)
	err.Detail = j
	return err
}
