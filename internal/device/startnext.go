package device

import (
	"context"

	"github.com/drover-iot/drover/internal/awsapi/jobsdata"
	"github.com/drover-iot/drover/internal/engine"
)

// startNext starts the head of a thing's list.
// spec: device-api.md#42-startnextpendingjobexecution
func (d *Door) startNext(in jobsdata.StartNextPendingJobExecutionRequest) result[jobsdata.ExecutionAnswer] {
	submitted := d.engine.StartNext(engine.Start{
		Thing: in.ThingName, Details: in.StatusDetails, StepMinutes: int(in.StepTimeoutInMinutes),
	})
	reads := func() bool {
		item := submitted.Outcome()
		return !item.Execution.None() && !d.documents.has(item.JobID)
	}
	return result[jobsdata.ExecutionAnswer]{submitted, reads, func(ctx context.Context) (*jobsdata.ExecutionAnswer, []engine.ListChange, error) {
		item, changes, err := submitted.Wait(ctx)
		if err != nil {
			return nil, nil, err
		}
		answer, _, err := d.executionAnswer(ctx, in.ClientToken, in.ThingName, item, true)
		return answer, changes, err
	}}
}

// executionAnswer answers with an execution, or with none if nothing is
// pending.
func (d *Door) executionAnswer(ctx context.Context, token *string, thing string, item engine.Described, withDocument bool) (*jobsdata.ExecutionAnswer, []engine.ListChange, error) {
	answer := &jobsdata.ExecutionAnswer{ClientToken: token, Timestamp: d.now()}
	if item.Execution.None() {
		return answer, nil, nil
	}
	x, err := d.execution(ctx, thing, item, withDocument)
	answer.Execution = x
	return answer, nil, err
}
