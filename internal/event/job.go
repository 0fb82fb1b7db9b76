package event

import (
	"time"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/store"
)

// jobBody is an event of a job. Its own times are milliseconds, that of the event
// is seconds. spec: device-api.md#111-awseventsjobjobidoperation
type jobBody struct {
	head
	JobID             string   `json:"jobId"`
	Status            string   `json:"status"`
	TargetSelection   string   `json:"targetSelection"`
	Targets           []string `json:"targets"`
	Description       string   `json:"description,omitempty"`
	Comment           string   `json:"comment,omitempty"`
	CompletedAt       int64    `json:"completedAt,omitempty"`
	CreatedAt         int64    `json:"createdAt"`
	LastUpdatedAt     int64    `json:"lastUpdatedAt"`
	JobProcessDetails *process `json:"jobProcessDetails,omitempty"`
}

// process is how many things stand where.
type process struct {
	Canceled   int64 `json:"numberOfCanceledThings"`
	Rejected   int64 `json:"numberOfRejectedThings"`
	Failed     int64 `json:"numberOfFailedThings"`
	Removed    int64 `json:"numberOfRemovedThings"`
	Succeeded  int64 `json:"numberOfSucceededThings"`
	Queued     int64 `json:"numberOfQueuedThings"`
	InProgress int64 `json:"numberOfInProgressThings"`
	TimedOut   int64 `json:"numberOfTimedOutThings"`
}

// job is the body of an event of a job; which members it has depends on what has
// become of the job.
func (d *Door) job(e store.Event) any {
	j := e.Job
	b := jobBody{
		head: headOf(e, e.Kind.String(), e.At.Unix(), e.Operation), JobID: j.Name, Status: j.Status, TargetSelection: j.Selection.String(),
		Targets: d.targets(j), Description: j.Description, CreatedAt: j.CreatedAt.UnixMilli(), LastUpdatedAt: j.UpdatedAt.UnixMilli(),
	}
	switch e.Operation {
	case "completed":
		b.CompletedAt, b.JobProcessDetails = millis(j.CompletedAt), processOf(j)
	case "canceled":
	default:
		b.Comment = j.Comment
	}
	return b
}

func (d *Door) targets(j *store.JobEvent) []string {
	targets := make([]string, len(j.Targets))
	for i, t := range j.Targets {
		kind := awsapi.ResourceThing
		if t.Group {
			kind = awsapi.ResourceThingGroup
		}
		targets[i] = d.scope.ARN(kind, t.Name)
	}
	return targets
}

func processOf(j *store.JobEvent) *process {
	c := j.Counts
	return &process{
		Canceled: c.Canceled, Rejected: c.Rejected, Failed: c.Failed, Removed: c.Removed,
		Succeeded: c.Succeeded, Queued: c.Queued, InProgress: c.InProgress, TimedOut: c.TimedOut,
	}
}

// millis is t for a member that is left out if there is none.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// executionBody is an event of an execution.
// spec: device-api.md#112-awseventsjobexecutionjobidoperation
type executionBody struct {
	head
	JobID         string            `json:"jobId"`
	ThingARN      string            `json:"thingArn"`
	Status        string            `json:"status"`
	StatusDetails map[string]string `json:"statusDetails,omitempty"`
}

func (d *Door) execution(e store.Event) any {
	x := e.Execution
	return executionBody{
		head: headOf(e, e.Kind.String(), e.At.Unix(), e.Operation), JobID: x.Job, ThingARN: d.scope.ARN(awsapi.ResourceThing, x.Thing),
		Status: x.State.String(), StatusDetails: x.Details,
	}
}
