package device

import (
	"context"
	"errors"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/jobsdata"
	"github.com/drover-iot/drover/internal/engine"
	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/mqtt"
)

// This file turns values of the domain into wire values and messages.

func summary(item engine.Described) jobsdata.Summary {
	x := item.Execution
	return jobsdata.Summary{
		JobID: item.Job, QueuedAt: awsapi.SecondsAt(x.QueuedAt), StartedAt: awsapi.SecondsAt(x.StartedAt),
		LastUpdatedAt: awsapi.SecondsAt(x.UpdatedAt), VersionNumber: x.Version, ExecutionNumber: x.Number,
	}
}

// execution is an execution as its device sees it.
// spec: device-api.md#62-jobexecution
func (d *Door) execution(ctx context.Context, thing string, item engine.Described, withDocument bool) (*jobsdata.Execution, error) {
	x := item.Execution
	shown := &jobsdata.Execution{
		JobID: item.Job, ThingName: thing, Status: x.State.String(), StatusDetails: x.Details,
		QueuedAt: awsapi.SecondsAt(x.QueuedAt), StartedAt: awsapi.SecondsAt(x.StartedAt),
		LastUpdatedAt: awsapi.SecondsAt(x.UpdatedAt), VersionNumber: x.Version, ExecutionNumber: x.Number,
	}
	if left, ok := x.SecondsLeft(d.engine.Now()); ok {
		shown.SecondsLeft = &left
	}
	if !withDocument {
		return shown, nil
	}
	var err error
	shown.Document, err = d.document(ctx, thing, item)
	return shown, err
}

func executionState(x job.Execution) *jobsdata.State {
	return &jobsdata.State{Status: x.State.String(), StatusDetails: x.Details, VersionNumber: x.Version}
}

// rejected is the refusal of a request.
// spec: device-api.md#5-rejected
func (d *Door) rejected(a answer) jobsdata.Rejected {
	var present *jobsdata.State
	if f := fault.As(a.err); f != nil {
		if x, ok := f.Detail.(job.Execution); ok {
			present = executionState(x)
		}
	}
	r := jobsdata.Reject(a.err, present)
	r.ClientToken, r.Timestamp = a.token, d.now()
	return r
}

// notify is the message that tells a thing's list.
func (d *Door) notify(l list) mqtt.Message {
	running, queued := summaries(l.items)
	n := jobsdata.Notify{Timestamp: d.now(), InProgress: running, Queued: queued}
	return mqtt.Message{Topic: noticeTopic(l.thing, notifyTopic, l.namespace), QoS: 1, Payload: n.AppendMQTT(nil)}
}

// notifyNext is the message that tells the head of a thing's list.
func (d *Door) notifyNext(ctx context.Context, l list) (mqtt.Message, error) {
	n := jobsdata.NotifyNext{Timestamp: d.now()}
	if len(l.items) > 0 {
		x, err := d.execution(ctx, l.thing, l.items[0], true)
		if errors.Is(err, errUnresolved) { // the device may ask again, and is told what there is
			d.log.Error("render notify-next", "thing", l.thing, "err", err)
			as := l.items[0]
			as.Signing.Needed = false
			x, err = d.execution(ctx, l.thing, as, true)
		}
		if err != nil {
			return mqtt.Message{}, err
		}
		n.Execution = x
	}
	return mqtt.Message{Topic: noticeTopic(l.thing, notifyNextTopic, l.namespace), QoS: 1, Payload: n.AppendMQTT(nil)}, nil
}

// head is the identity of a list's first execution.
func head(items []engine.Described) job.Head {
	if len(items) == 0 {
		return job.Head{}
	}
	return items[0].Execution.Head()
}
