package job

import (
	"cmp"
	"time"

	"github.com/drover-iot/drover/internal/fault"
)

// Update applies UpdateJob to a live job: its rollout feels it at the next
// tick, and a criterion that is met already aborts at once.
// spec: job-lifecycle.md#9-updatejob-patch-jobsjobid
func (j Job) Update(p Patch, now time.Time) (Job, error) {
	if !j.Live() {
		return j, fault.New(fault.InvalidRequest, "Job %s is %s and cannot be updated", j.Name, j.Status)
	}
	if p.Retry != nil {
		if err := j.retryMay(*p.Retry); err != nil {
			return j, err
		}
	}
	settings := p.Over(j.Settings)
	if err := settings.Check(); err != nil {
		return j, err
	}
	settings.URLs = settings.URLs.since(j.Settings.Presigned, settings.Presigned, now)
	j.Settings = settings
	if p.Rollout != nil {
		j.Rollout = j.restarted(now)
	}
	return j.changed(now).WithDue(now).Judge(now), nil
}

// restarted is the progress when the rollout's configuration was given anew:
// the criteria count from here, the rate is at its base from the next tick.
func (j Job) restarted(now time.Time) Rollout {
	r := j.Rollout
	r.Step, r.BaseNotified, r.BaseSucceeded = 0, j.Counts.Notified, j.Counts.Succeeded
	if r.Rate == 0 {
		return r
	}
	return r.turned(j.Settings.Rollout.Rate(0), now)
}

// Over is s with the members that the patch gives.
func (p Patch) Over(s Settings) Settings {
	if p.Description != nil {
		s.Description = *p.Description
	}
	if p.Rollout != nil {
		s.Rollout = *p.Rollout
	}
	if p.Abort != nil {
		s.Abort = *p.Abort
	}
	if p.Timeout != nil {
		s.Timeout = *p.Timeout
	}
	if p.Retry != nil {
		s.Retry = *p.Retry
	}
	if p.Presigned != nil {
		s.Presigned = *p.Presigned
	}
	return s
}

// retryMay: each type keeps its number or goes to 0.
func (j Job) retryMay(criteria []Retry) error {
	for _, c := range criteria {
		if c.Number != 0 && c.Number != j.Settings.retries(c.Failure) {
			return fault.New(fault.InvalidRequest,
				"Value %d at 'jobExecutionsRetryConfig' is not allowed: the number of %s retries can only be switched to 0", c.Number, c.Failure)
		}
	}
	return nil
}

func (s Settings) retries(f Failure) int {
	for _, c := range s.Retry {
		if c.Failure == f {
			return c.Number
		}
	}
	return 0
}

// Check holds the rules that join members; the wire has checked each alone. A
// schedule is checked against the time at which its job is made, by [New].
// spec: job-lifecycle.md#81-validation-in-this-order-order-is-a-decision
func (s Settings) Check() error {
	return cmp.Or(s.checkPresigned(), s.checkRamp(), s.checkRetry())
}

func (s Settings) checkRamp() error {
	if e := s.Rollout.Exponential; e.Base != 0 && e.Notified == 0 && e.Succeeded == 0 {
		return fault.New(fault.InvalidRequest, "'jobExecutionsRolloutConfig.exponentialRate.rateIncreaseCriteria' must have numberOfNotifiedThings or numberOfSucceededThings")
	}
	return nil
}

func (s Settings) checkRetry() error {
	sum := 0
	for i, c := range s.Retry {
		sum += c.Number
		for _, other := range s.Retry[:i] {
			if other.Failure == c.Failure || other.Failure == FailureAll || c.Failure == FailureAll {
				return fault.New(fault.InvalidRequest, "'jobExecutionsRetryConfig.criteriaList' has %s beside %s", c.Failure, other.Failure)
			}
		}
		if c.Number > 0 && c.Failure != FailureFailed && s.Timeout.InProgressMinutes == 0 {
			return fault.New(fault.InvalidRequest, "Retries of %s need 'timeoutConfig.inProgressTimeoutInMinutes'", c.Failure)
		}
	}
	if sum > maxRetries {
		return fault.New(fault.InvalidRequest, "'jobExecutionsRetryConfig.criteriaList' has %d retries, at most %d are allowed", sum, maxRetries)
	}
	return nil
}

const maxRetries = 10
