package job

import "time"

// RetryOf is the attempt that follows ended, queued in the same change; ok is
// false if there is none: the failure is final. last is the latest queuedAt of
// the thing, behind which the new one goes.
// spec: rollout-abort-timeout-retry-schedule.md#4-retries
func (j Job) RetryOf(ended Execution, last, now time.Time) (next Execution, ok bool) {
	retries, ok := j.spendRetry(ended)
	if !ok {
		return Execution{}, false
	}
	ref := ended.Ref
	ref.Number++
	// Some clients take a second attempt for the first if its queuedAt, in
	// seconds, is not later.
	queuedAt := latest(Behind(last, now), ended.QueuedAt.Add(time.Second))
	next = Fresh(ref, queuedAt, now)
	next.Retries = retries
	return next, true
}

// spendRetry counts one more retry after ended, if one is left.
func (j Job) spendRetry(ended Execution) (Retries, bool) {
	r := ended.Retries
	if !j.Live() || ended.State != Failed && ended.State != TimedOut {
		return r, false
	}
	for _, c := range j.Settings.Retry {
		used := r.of(c.Failure)
		if c.answers(ended.State) && *used < c.Number {
			*used++
			return r, true
		}
	}
	return r, false
}

func (r *Retries) of(f Failure) *int {
	switch f {
	case FailureFailed:
		return &r.Failed
	case FailureTimedOut:
		return &r.TimedOut
	default:
		return &r.All
	}
}

func (c Retry) answers(s State) bool {
	switch c.Failure {
	case FailureAll:
		return true
	case FailureFailed:
		return s == Failed
	default:
		return s == TimedOut
	}
}

func latest(t time.Time, others ...time.Time) time.Time {
	for _, o := range others {
		if o.After(t) {
			t = o
		}
	}
	return t
}
