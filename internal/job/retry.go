package job

import (
	"slices"
	"time"
)

// RetryOf is the attempt that follows ended, queued in the same change; ok is
// false if there is none, since the failure is final or the retry waits for a
// window. last is the latest queuedAt of the thing, behind which the new one
// goes. spec: rollout-abort-timeout-retry-schedule.md#4-retries
func (j Job) RetryOf(ended Execution, last, now time.Time) (next Execution, ok bool) {
	retries, ok := j.spendRetry(ended)
	if !ok || j.holds() {
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
	r.Waits = false
	if !j.retries(ended.State) {
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

// retries tells whether a failure of that kind may still be followed by a
// retry: none is queued once the job or its rollout has ended.
func (j Job) retries(s State) bool {
	return j.Live() && !j.Ended() && slices.ContainsFunc(j.Settings.Retry, func(c Retry) bool {
		return c.Number > 0 && c.answers(s)
	})
}

// Deferred is an attempt that has just ended, marked if its retry has to wait for
// the next window. spec: rollout-abort-timeout-retry-schedule.md#54-outside-a-window
func (j Job) Deferred(ended Execution) Execution {
	if _, left := j.spendRetry(ended); left && j.holds() {
		ended.Retries.Waits = true
	}
	return ended
}

// Waits tells whether a retry of e, the latest of its thing, is still to come.
func (j Job) Waits(e Execution) bool {
	_, left := j.spendRetry(e)
	return left && e.Retries.Waits
}

// Resume is e without its mark and the retry that waited, now that a window is
// open; ok is false if none did. last is as in [Job.RetryOf].
func (j Job) Resume(e Execution, last, now time.Time) (ended, next Execution, ok bool) {
	if !j.Waits(e) {
		return e, Execution{}, false
	}
	next, ok = j.RetryOf(e, last, now)
	if ok {
		e.Retries.Waits = false
	}
	return e, next, ok
}

// GiveUp is e without its mark: its retry does not come, since the thing left
// the job's targets or the registry. ok is false if none waited.
func (e Execution) GiveUp() (final Execution, ok bool) {
	ok = e.Retries.Waits
	e.Retries.Waits = false
	return e, ok
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
		return s == Failed || s == TimedOut
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
