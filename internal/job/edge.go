package job

import "time"

// Begun tells whether the rollout was ever open: before that the job has no
// executions. spec: job-lifecycle.md#11-job-transitions
func (j Job) Begun() bool { return !j.Rollout.Start.IsZero() }

// Ended tells whether endTime has stopped the rollout. The job lives on until
// all its executions are terminal.
// spec: rollout-abort-timeout-retry-schedule.md#53-state-machine
func (j Job) Ended() bool { return !j.Rollout.End.IsZero() }

// TakesJoins tells whether a thing that joins a target of a CONTINUOUS job gets
// its execution in the same commit; outside a window it is hidden like others
// that are QUEUED. Before the rollout has begun, that will find the thing.
func (j Job) TakesJoins() bool { return j.Live() && j.Begun() && !j.Ended() }

// Upcoming is scheduledJobRollouts: when the rollout of a live job opens next,
// at most seven times. It is empty for a job without windows.
// spec: rollout-abort-timeout-retry-schedule.md#51-fields
func (j Job) Upcoming(now time.Time) []time.Time {
	if !j.Live() {
		return nil
	}
	return j.Settings.Schedule.upcoming(now)
}

// AtEdge tells whether the schedule says something else by now: then
// [Job.PassEdge] comes before all else.
func (j Job) AtEdge(now time.Time) bool {
	return j.Live() && !j.Rollout.Edge.IsZero() && !now.Before(j.Rollout.Edge)
}

// PassEdge is the job as its schedule has it at now: a window or the rollout
// opens or closes, or endTime has come. members is the membership sequence now.
//
// The executions follow by a sweep. It takes each to [Job.Effective], queues
// the retries that waited while the job is IN_PROGRESS, takes the mark of those
// that come no more, and tells the listeners of what [Job.Shows] now shows or
// hides.
// spec: rollout-abort-timeout-retry-schedule.md#53-state-machine
func (j Job) PassEdge(now time.Time, members int64) Job {
	if !j.AtEdge(now) {
		return j
	}
	return j.scheduled(now, members).WithDue(now).Judge(now)
}

// scheduled is the job in the phase of now.
func (j Job) scheduled(now time.Time, members int64) Job {
	phase, until := j.Settings.Schedule.At(now)
	j.Rollout.Edge = until
	switch phase {
	case PhaseOpen:
		return j.opened(now, members)
	case PhaseEnded:
		return j.ended(now)
	default:
		return j.closed(now)
	}
}

// opened is the job IN_PROGRESS.
func (j Job) opened(now time.Time, members int64) Job {
	if j.Status == StatusInProgress {
		return j
	}
	if !j.Begun() {
		j.Rollout.Start, j.Members = now, members
	}
	j.Status, j.UpdatedAt, j.Sweep = StatusInProgress, now, Sweep{}
	if j.Counts.Queued > 0 && !j.hidesQueued() || j.final() != j.Counts && !j.Paused() {
		j.Sweep = Sweep{Active: true, Hidden: true}
	}
	return j
}

// closed is the job SCHEDULED, its QUEUED executions hidden. When it opens, its
// rate counts as new, so nothing bursts.
func (j Job) closed(now time.Time) Job {
	if j.Status == StatusScheduled {
		return j
	}
	hidden := j.hides()
	j.Status, j.UpdatedAt = StatusScheduled, now
	j.Rollout.Rate = 0
	j.Sweep = Sweep{Active: j.Counts.Queued > 0 && !hidden}
	return j
}

// ended is the job at or behind its endTime. Executions that may still be run
// are shown in its windows as before; the others are cancelled.
func (j Job) ended(now time.Time) Job {
	if !j.Ended() {
		j.Rollout.End, j.UpdatedAt = now, now
	}
	if j.cancelsAtEnd() {
		hidden := j.hides()
		j.Status = StatusInProgress // it waits for no window any more
		j.Sweep = j.cancelSweep(hidden)
		return j
	}
	open, until := j.Settings.Schedule.window(now)
	j.Rollout.Edge = until
	if open {
		return j.opened(now, j.Members)
	}
	return j.closed(now)
}

// cancelsAtEnd tells whether endTime has come and cancels executions.
func (j Job) cancelsAtEnd() bool {
	return j.Ended() && j.Settings.Schedule.EndBehavior >= CancelQueued
}
