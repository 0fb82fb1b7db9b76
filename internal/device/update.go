package device

import (
	"context"

	"github.com/drover-iot/drover/internal/awsapi/jobsdata"
	"github.com/drover-iot/drover/internal/engine"
	"github.com/drover-iot/drover/internal/job"
)

// update takes a device's report.
// spec: device-api.md#44-updatejobexecution
func (d *Door) update(in jobsdata.UpdateJobExecutionRequest) result[jobsdata.UpdateAnswer] {
	state, _ := job.ParseState(in.Status) // the shape knows the words
	n, err := job.AttemptNumber(in.ExecutionNumber)
	if err != nil {
		return failed[jobsdata.UpdateAnswer](err)
	}
	submitted := d.engine.Update(engine.Update{
		Thing: in.ThingName, Job: in.JobID, Namespace: in.Namespace, Number: n,
		Report: job.Report{
			State: state, Details: in.StatusDetails, Expected: in.ExpectedVersion, StepMinutes: int(in.StepTimeoutInMinutes),
		},
	})
	reads := func() bool { return in.IncludeJobDocument && !d.documents.has(submitted.Outcome().JobID) }
	return result[jobsdata.UpdateAnswer]{submitted, reads, func(ctx context.Context) (*jobsdata.UpdateAnswer, []engine.ListChange, error) {
		done, changes, err := submitted.Wait(ctx)
		if err != nil {
			return nil, nil, err
		}
		answer := &jobsdata.UpdateAnswer{ClientToken: in.ClientToken, Timestamp: d.now()}
		if in.IncludeJobExecutionState {
			answer.State = executionState(done.Execution)
		}
		if in.IncludeJobDocument {
			answer.Document, err = d.document(ctx, in.ThingName, done)
		}
		return answer, changes, err
	}}
}
