package engine

import (
	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/job"
)

// within refuses, as LimitExceeded, a new job that would be one too many.
// Nothing is counted where there is no quota.
// spec: job-lifecycle.md#11-limits-and-quotas
func (o *operation) within(j job.Job) error {
	if err := oneMore("active jobs", o.quotas.ActiveJobs, o.tx.CountActive); err != nil {
		return err
	}
	if j.Status != job.StatusInProgress { // a SCHEDULED job does not roll out yet
		return nil
	}
	return o.roomToRoll()
}

// roomToRoll refuses, as LimitExceeded, that one more job rolls out.
func (o *operation) roomToRoll() error {
	return oneMore("jobs that roll out at the same time", o.quotas.ConcurrentJobs, o.tx.CountUnfinished)
}

// orCrowded is next, a job behind an edge of its schedule, or the job cancelled
// if its rollout opens when too many roll out already.
// spec: job-lifecycle.md#11-job-transitions
func (o *operation) orCrowded(before, next job.Job) (job.Job, error) {
	if before.Status != job.StatusScheduled || next.Status != job.StatusInProgress || next.RolledOut() {
		return next, nil
	}
	err := o.roomToRoll()
	if full := fault.As(err); full != nil && full.Kind == fault.LimitExceeded {
		return before.CrowdedOut(full.Message, o.now), nil
	}
	return next, err
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
