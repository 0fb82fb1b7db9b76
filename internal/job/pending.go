package job

import (
	"cmp"
	"slices"
	"time"
)

// Effective is what a cancel, a delete or an endTime that has not reached the
// row yet makes of e: every read and decision goes through it. A deleted one is
// none.
// spec: job-lifecycle.md#51-canceljob-put-jobsjobidcancelforce
func (j Job) Effective(e Execution) Execution {
	switch {
	case e.None() || j.Status == StatusDeleting:
		return Execution{}
	case !j.Rollout.End.IsZero() && j.cancelsAtEnd(): // comes before a cancel that follows it
		e, _ = e.Cancel(j.Settings.Schedule.EndBehavior == CancelAll, j.Rollout.End)
	}
	if j.Status == StatusCanceled {
		e, _ = e.Cancel(j.Forced, j.CompletedAt)
	}
	return e
}

// Shows tells whether e is in its thing's pending list.
// spec: job-lifecycle.md#4-order-of-executions-for-a-device
func (j Job) Shows(e Execution) bool {
	switch j.Effective(e).State {
	case InProgress:
		return true
	case Queued:
		return !j.hidesQueued()
	default:
		return false
	}
}

// Told is Shows as listeners know it: they have not been told yet what a sweep
// makes of an execution that it has not visited. One that was queued ahead of
// the sweep is told twice: rather that than never.
func (j Job) Told(e Execution) bool {
	switch {
	case !j.Sweep.Active || e.Thing <= j.Sweep.Thing:
		return j.Shows(e)
	case e.State == Queued:
		return !j.Sweep.Hidden
	default:
		return e.State == InProgress
	}
}

// Behind is the queuedAt of an execution made at now on a thing whose latest
// queuedAt is last, zero for none: now, or the instant after last. So the order
// of a thing's list is that of creation, also within a millisecond, and what is
// added goes to its end: [Notice] relies on that.
func Behind(last, now time.Time) time.Time {
	if last.Before(now) {
		return now
	}
	return last.Add(time.Millisecond)
}

// Order sorts a pending list: IN_PROGRESS before QUEUED, then by queuedAt; the
// job made first breaks a tie.
func Order(a, b Execution) int {
	return cmp.Or(
		cmp.Compare(b.State, a.State), // IN_PROGRESS is the greater
		a.QueuedAt.Compare(b.QueuedAt),
		cmp.Compare(a.Job, b.Job),
		cmp.Compare(a.Number, b.Number),
	)
}

// HeadOf is the head of a list of executions that all show.
func HeadOf(list []Execution) Head {
	if len(list) == 0 {
		return Head{}
	}
	first := slices.MinFunc(list, Order)
	return first.Head()
}

// Head is e's identity as the head of a list.
func (e Execution) Head() Head { return Head{Job: e.Job, Number: e.Number} }
