package device

import (
	"context"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/jobsdata"
	"github.com/drover-iot/drover/internal/engine"
	"github.com/drover-iot/drover/internal/job"
)

// listCap is how many executions of jobs without maintenance windows a list
// shows, windowsCap how many of jobs with some.
// spec: device-api.md#74-caps
const (
	listCap    = 10
	windowsCap = 5
)

// getPending lists what a thing has to do, of the jobs without a namespace.
// spec: device-api.md#41-getpendingjobexecutions
func (d *Door) getPending(in jobsdata.GetPendingJobExecutionsRequest) result[jobsdata.PendingAnswer] {
	return result[jobsdata.PendingAnswer]{wait: func(ctx context.Context) (*jobsdata.PendingAnswer, []engine.ListChange, error) {
		_, items, err := d.engine.Pending(ctx, in.ThingName, "")
		if err != nil {
			return nil, nil, err
		}
		running, queued := summaries(items)
		return &jobsdata.PendingAnswer{
			ClientToken: in.ClientToken, Timestamp: d.now(), InProgress: running, Queued: queued,
		}, nil, nil
	}}
}

// summaries are the first of a list, apart by state.
func summaries(items []engine.Described) (running, queued []jobsdata.Summary) {
	plain, windowed := listCap, windowsCap
	for _, item := range items {
		room := &plain
		if item.Windows {
			room = &windowed
		}
		if *room--; *room < 0 {
			continue
		}
		if item.Execution.State == job.InProgress {
			running = append(running, summary(item))
		} else {
			queued = append(queued, summary(item))
		}
	}
	return running, queued
}

// now is the time of an answer.
func (d *Door) now() awsapi.Seconds { return awsapi.SecondsAt(d.engine.Now()) }
