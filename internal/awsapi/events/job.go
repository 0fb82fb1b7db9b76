package events

// Job is an event of a job. Its own times are milliseconds, that of the event
// is seconds. spec: device-api.md#111-awseventsjobjobidoperation
type Job struct {
	Head
	JobID             string   `json:"jobId"`
	Status            string   `json:"status"`
	TargetSelection   string   `json:"targetSelection"`
	Targets           []string `json:"targets"`
	Description       string   `json:"description,omitempty"`
	Comment           string   `json:"comment,omitempty"`
	CompletedAt       int64    `json:"completedAt,omitempty"`
	CreatedAt         int64    `json:"createdAt"`
	LastUpdatedAt     int64    `json:"lastUpdatedAt"`
	JobProcessDetails *Process `json:"jobProcessDetails,omitempty"`
}

// Process is how many things stand where.
type Process struct {
	Canceled   int64 `json:"numberOfCanceledThings"`
	Rejected   int64 `json:"numberOfRejectedThings"`
	Failed     int64 `json:"numberOfFailedThings"`
	Removed    int64 `json:"numberOfRemovedThings"`
	Succeeded  int64 `json:"numberOfSucceededThings"`
	Queued     int64 `json:"numberOfQueuedThings"`
	InProgress int64 `json:"numberOfInProgressThings"`
	TimedOut   int64 `json:"numberOfTimedOutThings"`
}

// Execution is an event of an execution.
// spec: device-api.md#112-awseventsjobexecutionjobidoperation
type Execution struct {
	Head
	JobID         string            `json:"jobId"`
	ThingARN      string            `json:"thingArn"`
	Status        string            `json:"status"`
	StatusDetails map[string]string `json:"statusDetails,omitempty"`
}
