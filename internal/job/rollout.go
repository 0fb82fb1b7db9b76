package job

import "time"

// DefaultRate is the rate of a job without a rollout configuration, and the
// cap of an exponential one without maximumPerMinute: things per minute.
const DefaultRate = 1000

// Rollout is a job's progress through its targets. It is data, so that the
// rate is exact over restarts. spec: rollout-abort-timeout-retry-schedule.md#1-rollout-rate
type Rollout struct {
	Start    time.Time `json:"start,omitzero"` // the first tick: origin of the grid of minutes
	Target   int       `json:"target,omitempty"`
	After    int64     `json:"after,omitempty"`    // last thing looked at in that target
	Minute   int64     `json:"minute,omitempty"`   // minute of the grid that Released counts
	Released int       `json:"released,omitempty"` // released in that minute
	Rate     int       `json:"rate,omitempty"`     // in force
	Since    int       `json:"since,omitempty"`    // second of the minute from which it is in force
	Before   int       `json:"before,omitempty"`   // released in that minute before Since
	Step     int       `json:"step,omitempty"`     // increases so far
	// The criteria count from here: moved by an UpdateJob of the rollout.
	BaseNotified  int64 `json:"baseNotified,omitempty"`
	BaseSucceeded int64 `json:"baseSucceeded,omitempty"`
}
