package job

import (
	"time"

	"github.com/drover-iot/drover/internal/fault"
)

// State is the state of a job execution.
// spec: job-lifecycle.md#2-execution-states
type State uint8

// The states of an execution. The numbers are stored: new ones go to the end.
const (
	Queued State = iota + 1
	InProgress
	Succeeded
	Failed
	Rejected
	TimedOut
	Canceled
	Removed
)

var stateNames = [...]string{"", "QUEUED", "IN_PROGRESS", "SUCCEEDED", "FAILED", "REJECTED", "TIMED_OUT", "CANCELED", "REMOVED"}

func (s State) String() string { return stateNames[s] }

// ParseState finds the state that is spelt s on the wire.
func ParseState(s string) (State, bool) {
	for i, name := range stateNames[1:] {
		if name == s {
			return State(i + 1), true
		}
	}
	return 0, false
}

// Terminal tells whether the state is final.
func (s State) Terminal() bool { return s > InProgress }

// Key names all executions of one job on one thing, by their internal numbers.
type Key struct{ Job, Thing int64 }

// Ref names one execution.
type Ref struct {
	Key
	Number int64 // executionNumber: 1, 2, … for a job and thing
}

// AttemptNumber is the number of the execution that a request asks for, 0 for the
// latest if it asks for none. Numbers begin at 1: less is NotFound.
// spec: job-lifecycle.md#3-numbers-that-identify-an-execution
func AttemptNumber(asked *int64) (int64, error) {
	if asked == nil {
		return 0, nil
	}
	if *asked < 1 {
		return 0, fault.New(fault.NotFound, "No execution has the number %d", *asked)
	}
	return *asked, nil
}

// Execution is one attempt of a job on a thing. The zero Execution is none.
type Execution struct {
	Ref
	State     State
	Version   int64 // 1 when queued, +1 for each accepted change
	Forced    bool  // cancelled with force while IN_PROGRESS
	QueuedAt  time.Time
	StartedAt time.Time // zero if it never was IN_PROGRESS
	UpdatedAt time.Time
	Details   map[string]string // statusDetails; shared, never changed in place
	Timer     time.Time         // when the in-progress timer fires; zero is never
	Step      time.Time         // when the step timer fires; zero is never
	Retries   Retries           // retries that led to this attempt
}

// Retries counts the retries made so far on a thing, by what they answered.
type Retries struct {
	Failed   int `json:"failed,omitempty"`
	TimedOut int `json:"timedOut,omitempty"`
	All      int `json:"all,omitempty"`
	// Waits marks an attempt that has failed and whose retry waits for a
	// window. What the mark means is for [Job.Waits] to say.
	Waits bool `json:"waits,omitempty"`
}

// Attempt is retryAttempt: 0 for the first.
func (r Retries) Attempt() int { return r.Failed + r.TimedOut + r.All }

// None tells that there is no execution.
func (e Execution) None() bool { return e.Number == 0 }

// Deadline is when the execution times out: the nearer of both timers, zero
// if it has none or is not IN_PROGRESS.
func (e Execution) Deadline() time.Time {
	switch {
	case e.State != InProgress:
		return time.Time{}
	case e.Timer.IsZero() || !e.Step.IsZero() && e.Step.Before(e.Timer):
		return e.Step
	default:
		return e.Timer
	}
}

// Head is the identity of the first execution of a thing's pending list; the
// zero Head is an empty list. spec: device-api.md#72-when
type Head struct{ Job, Number int64 }
