// Package job is the domain: what a job and its executions may do, as plain
// functions of (state, command, time). It does no I/O, reads no clock and
// starts no goroutine; the server and the property tests run the same code.
//
// Begin with [Job] and [Execution]. Values are never changed in place: a rule
// takes a value and answers the next one. Times are UTC in whole milliseconds.
// The one thing it asks of the machine is a time zone by its name, when a
// schedule is read.
package job

import "time"

// Status is the state of a job. spec: job-lifecycle.md#1-job-states
type Status uint8

// The states of a job. The numbers are stored: new ones go to the end.
const (
	StatusScheduled Status = iota + 1
	StatusInProgress
	StatusCompleted
	StatusCanceled
	StatusDeleting // DELETION_IN_PROGRESS
)

// Selection tells whether a job follows its target groups.
type Selection uint8

// The selections. The numbers are stored.
// spec: job-lifecycle.md#82-snapshot-and-continuous
const (
	Snapshot Selection = iota + 1
	Continuous
)

// Job is one job as it stands. Its document is kept apart: it never changes.
type Job struct {
	ID        int64  // Drover's own, in order of creation
	Name      string // jobId
	Namespace string // namespaceId, or empty
	Selection Selection
	Status    Status
	Settings  Settings
	Targets   []Target
	// Members is the membership sequence when the rollout began, or before
	// that at creation: a SNAPSHOT job sees the groups as they were at that
	// number.
	Members   int64
	CreatedAt time.Time
	UpdatedAt time.Time
	// Version is 1 at first, +1 for each change that an operator was granted.
	Version     int64
	CompletedAt time.Time // zero until COMPLETED or CANCELED
	Forced      bool      // cancelled with force
	Comment     string
	Reason      string // reasonCode
	Rollout     Rollout
	Sweep       Sweep
	Counts      Counts
	// Due is when the clockwork must look at the job again; zero is never.
	Due time.Time
}

// Target is a thing or a thing group that a job is for.
type Target struct {
	Group bool   `json:"group,omitempty"`
	Name  string `json:"name"`
	ID    int64  `json:"id"`
}

// Sweep is how far the bulk work of a cancel, a delete or an edge of the
// schedule has come: executions are visited in order of (thing, number).
type Sweep struct {
	Active bool  `json:"active,omitempty"`
	Thing  int64 `json:"thing,omitempty"` // last one visited
	// Hidden tells that no list showed what was QUEUED when the sweep began.
	Hidden bool `json:"hidden,omitempty"`
}

// hides tells whether no list shows what is QUEUED, and all listeners know.
func (j Job) hides() bool { return j.hidesQueued() && !j.Sweep.Active }

// Live tells whether the job can still change: it counts as active.
func (j Job) Live() bool {
	return j.Status == StatusInProgress || j.Status == StatusScheduled
}

// RolledOut tells whether every target has been looked at to its end, or
// endTime has come.
func (j Job) RolledOut() bool {
	return j.Rollout.Target >= len(j.Targets) || !j.Rollout.End.IsZero()
}

// Rolling tells whether the rollout is open and not at its end.
func (j Job) Rolling() bool { return j.Status == StatusInProgress && !j.RolledOut() && !j.Paused() }

// Processing is the targets still being rolled out.
// spec: job-lifecycle.md#7-counters-jobprocessdetails
func (j Job) Processing() []Target {
	if !j.Live() || j.RolledOut() {
		return nil
	}
	return j.Targets[j.Rollout.Target:]
}

// Concurrent is isConcurrent: rolling out, paused or not, or cancelling. The
// quota on concurrent jobs does not count one that is cancelling.
// spec: job-lifecycle.md#1-job-states
func (j Job) Concurrent() bool {
	switch j.Status {
	case StatusInProgress:
		return !j.RolledOut() || j.cancelsAtEnd() && j.Sweep.Active
	case StatusCanceled:
		return j.Sweep.Active
	default:
		return false
	}
}

var statusNames = [...]string{"", "SCHEDULED", "IN_PROGRESS", "COMPLETED", "CANCELED", "DELETION_IN_PROGRESS"}

func (s Status) String() string { return statusNames[s] }

// ParseStatus finds the status that is spelt s on the wire.
func ParseStatus(s string) (Status, bool) {
	for i, name := range statusNames[1:] {
		if name == s {
			return Status(i + 1), true
		}
	}
	return 0, false
}

func (s Selection) String() string {
	if s == Continuous {
		return "CONTINUOUS"
	}
	return "SNAPSHOT"
}

// ParseSelection finds the selection that is spelt s on the wire.
func ParseSelection(s string) (Selection, bool) {
	switch s {
	case "SNAPSHOT":
		return Snapshot, true
	case "CONTINUOUS":
		return Continuous, true
	default:
		return 0, false
	}
}
