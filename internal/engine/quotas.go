package engine

import (
	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/quota"
)

// within refuses, as LimitExceeded, a new job that would be one too many.
// Nothing is counted where there is no quota.
// spec: job-lifecycle.md#11-limits-and-quotas
func (o *operation) within(q quota.Numbers, j job.Job) error {
	if err := oneMore("active jobs", q.ActiveJobs, o.tx.CountActive); err != nil {
		return err
	}
	if j.Status != job.StatusInProgress { // a SCHEDULED job does not roll out yet
		return nil
	}
	return oneMore("jobs that roll out at the same time", q.ConcurrentJobs, o.tx.CountRolling)
}

// oneMore refuses one more than most of what count counts; most 0 is any
// number.
func oneMore(what string, most int, count func() (int, error)) error {
	if most == 0 {
		return nil
	}
	n, err := count()
	if err == nil && n >= most {
		err = fault.New(fault.LimitExceeded, "The limit of %d %s is reached", most, what)
	}
	return err
}
