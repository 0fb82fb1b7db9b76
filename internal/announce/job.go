package announce

import (
	"strings"
	"time"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/events"
	"github.com/drover-iot/drover/internal/store"
)

// job is the body of an event of a job; which members it has depends on what has
// become of the job.
func (d *Door) job(e store.Event) any {
	j := e.Job
	b := events.Job{
		Head: headOf(e, e.Kind.String(), e.At.Unix(), word(e)), JobID: j.Name, Status: strings.ToUpper(word(e)), TargetSelection: j.Selection.String(),
		Targets: d.targets(j), Description: j.Description, CreatedAt: j.CreatedAt.UnixMilli(), LastUpdatedAt: j.UpdatedAt.UnixMilli(),
	}
	switch e.Happened {
	case store.WasCompleted:
		b.CompletedAt, b.JobProcessDetails = millis(j.CompletedAt), processOf(j)
	case store.WasCanceled:
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

func processOf(j *store.JobEvent) *events.Process {
	c := j.Counts
	return &events.Process{
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

func (d *Door) execution(e store.Event) any {
	x := e.Execution
	return events.Execution{
		Head: headOf(e, e.Kind.String(), e.At.Unix(), word(e)), JobID: x.Job, ThingARN: d.scope.ARN(awsapi.ResourceThing, x.Thing),
		Status: x.State.String(), StatusDetails: x.Details,
	}
}
