package job

// Settings is what an operator may choose for a job and, but for its schedule
// and where it came from, change while it is live. It is one value, stored as
// one JSON column: it is read whole and never searched. Zero members are absent
// ones. CreateJob fills it, [Patch] changes it.
type Settings struct {
	Description string        `json:"description,omitempty"`
	Rollout     RolloutConfig `json:"rollout,omitzero"`
	Abort       []Criterion   `json:"abort,omitempty"`
	Timeout     TimeoutConfig `json:"timeout,omitzero"`
	Retry       []Retry       `json:"retry,omitempty"`
	Presigned   Presigned     `json:"presigned,omitzero"`
	Source      string        `json:"source,omitempty"` // documentSource: the URL of the object that the document was read from
	URLs        URLs          `json:"urls,omitzero"`
	Schedule    Schedule      `json:"schedule,omitzero"`
	Origin      Origin        `json:"origin,omitzero"`
	Packages    []Destination `json:"packages,omitempty"` // destinationPackageVersions, as they were at creation
	// MaximumInProgress is how many things may have the job to do at once; 0: any.
	MaximumInProgress int `json:"maximumInProgress,omitempty"`
}

// RolloutConfig is jobExecutionsRolloutConfig. Rates are things per minute.
// spec: rollout-abort-timeout-retry-schedule.md#1-rollout-rate
type RolloutConfig struct {
	MaximumPerMinute int         `json:"maximumPerMinute,omitempty"` // 0: DefaultRate
	Exponential      Exponential `json:"exponential,omitzero"`
}

// Exponential is exponentialRate; absent when Base is 0.
type Exponential struct {
	Base   int `json:"base,omitempty"`   // baseRatePerMinute
	Factor int `json:"factor,omitempty"` // incrementFactor in tenths: 11 to 50
	// Notified and Succeeded are the steps of the criteria; 0 is absent.
	Notified  int `json:"notified,omitempty"`
	Succeeded int `json:"succeeded,omitempty"`
}

// Failure is the kind of failure that a criterion counts.
type Failure uint8

// The kinds of failure. The numbers are stored: new ones go to the end.
const (
	FailureFailed Failure = iota + 1
	FailureRejected
	FailureTimedOut
	FailureAll
)

// Criterion is one abort criterion; its action is always CANCEL.
// spec: rollout-abort-timeout-retry-schedule.md#2-abort
type Criterion struct {
	Failure Failure `json:"failure"`
	Percent int     `json:"percent"` // thresholdPercentage in hundredths: 1 to 10000
	Min     int     `json:"min"`     // minNumberOfExecutedThings
}

// TimeoutConfig is the in-progress timer in minutes; 0 is none.
// spec: rollout-abort-timeout-retry-schedule.md#3-timeouts
type TimeoutConfig struct {
	InProgressMinutes int `json:"inProgressMinutes,omitempty"`
}

// Retry is one retry criterion.
// spec: rollout-abort-timeout-retry-schedule.md#4-retries
type Retry struct {
	Failure Failure `json:"failure"` // FAILED, TIMED_OUT or ALL
	Number  int     `json:"number"`
}

// Patch is what UpdateJob asks for: a nil member leaves what is there, any
// other replaces the whole of it. spec: job-lifecycle.md#9-updatejob-patch-jobsjobid
type Patch struct {
	Description *string
	Rollout     *RolloutConfig
	Abort       *[]Criterion
	Timeout     *TimeoutConfig
	Retry       *[]Retry
	Presigned   *Presigned
}

var failureNames = [...]string{"", "FAILED", "REJECTED", "TIMED_OUT", "ALL"}

func (f Failure) String() string { return failureNames[f] }

// ParseFailure finds the failure that is spelt s on the wire.
func ParseFailure(s string) (Failure, bool) {
	for i, name := range failureNames[1:] {
		if name == s {
			return Failure(i + 1), true
		}
	}
	return 0, false
}
