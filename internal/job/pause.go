package job

import (
	"time"

	"github.com/drover-iot/drover/internal/fault"
)

// Pause holds a job where it is. What runs goes on, with its timers.
// spec: job-lifecycle.md#124-pause-and-resume
type Pause struct {
	Since time.Time `json:"since,omitzero"` // zero: not paused
	Hides bool      `json:"hides,omitempty"`
}

// Paused tells whether an operator holds the job: nothing is released, no retry
// is queued, and joins wait.
func (j Job) Paused() bool { return j.Live() && !j.Rollout.Pause.Since.IsZero() }

// Pause holds a live job; hide takes what is QUEUED out of its things' lists.
func (j Job) Pause(hide bool, now time.Time) (Job, error) {
	switch {
	case !j.Live():
		return j, fault.New(fault.InvalidStateTransition, "Job %s is %s and cannot be paused", j.Name, j.Status)
	case j.Paused() && j.Rollout.Pause.Hides == hide:
		return j, fault.New(fault.InvalidStateTransition, "Job %s is paused already", j.Name)
	}
	next := j
	if !j.Paused() {
		next.Rollout.Pause.Since = now
	}
	next.Rollout.Pause.Hides = hide
	next.Rollout.Rate = 0 // nothing bursts when it goes on
	return next.visited(j).changed(now).WithDue(now), nil
}

// Resumed lets a paused job go on. Retries that have waited are queued by a
// sweep, then things that wait to join.
func (j Job) Resumed(now time.Time) (Job, error) {
	if !j.Paused() {
		return j, fault.New(fault.InvalidStateTransition, "Job %s is not paused", j.Name)
	}
	next := j
	next.Rollout.Pause = Pause{}
	next = next.visited(j)
	if !next.holds() && next.final() != next.Counts {
		next.Sweep = Sweep{Active: true, Hidden: j.hides()}
	}
	return next.changed(now).WithDue(now), nil
}

// visited is the job, which was before, with a sweep that tells the listeners of
// what is QUEUED if it shows or hides them.
func (j Job) visited(before Job) Job {
	if j.hidesQueued() != before.hidesQueued() && j.Counts.Queued > 0 {
		j.Sweep = Sweep{Active: true, Hidden: before.hides()}
	}
	return j
}

// holds tells whether retries wait.
func (j Job) holds() bool { return j.Status == StatusScheduled || j.Paused() }

// hidesQueued tells whether no list shows what is QUEUED.
func (j Job) hidesQueued() bool {
	return j.Status == StatusScheduled || j.Paused() && j.Rollout.Pause.Hides
}

// JoinsWait tells whether a thing that joins waits, behind those that do.
func (j Job) JoinsWait() bool { return j.Paused() || j.Rollout.Joins || j.Slots() == 0 }

// Admits tells whether things that wait to join may.
func (j Job) Admits() bool { return j.Rollout.Joins && j.TakesJoins() && !j.Paused() && j.Slots() > 0 }
