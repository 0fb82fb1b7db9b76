package control

import (
	"context"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/engine"
	"github.com/drover-iot/drover/internal/job"
)

func (d *Door) describeExecution(ctx context.Context, in *iot.DescribeJobExecutionRequest) (*iot.DescribeJobExecutionAnswer, error) {
	number, err := job.AttemptNumber(in.ExecutionNumber)
	if err != nil {
		return nil, err
	}
	a, err := d.engine.Execution(ctx, in.ThingName, in.JobID, number)
	if err != nil {
		return nil, err
	}
	return &iot.DescribeJobExecutionAnswer{
		Execution: iot.ExecutionOf(a.Execution, a.Job, a.Thing, d.scope, d.engine.Now()),
	}, nil
}

func (d *Door) cancelExecution(ctx context.Context, in *iot.CancelJobExecutionRequest) (*iot.Empty, error) {
	return done(d.engine.CancelExecution(ctx, in.ThingName, in.JobID, job.CancelOne{
		Force: in.Force, Expected: in.ExpectedVersion, Details: in.StatusDetails,
	}))
}

func (d *Door) deleteExecution(ctx context.Context, in *iot.DeleteJobExecutionRequest) (*iot.Empty, error) {
	return done(d.engine.DeleteExecution(ctx, engine.Wanted{
		Thing: in.ThingName, Job: in.JobID, Namespace: in.NamespaceID, Number: in.ExecutionNumber,
	}, in.Force))
}

func (d *Door) listExecutionsForJob(ctx context.Context, in *iot.ListJobExecutionsForJobRequest) (*iot.ListJobExecutionsForJobAnswer, error) {
	p, err := open(iot.ListJobExecutionsForJob, in.NextToken, in.MaxResults, in.JobID, in.Status)
	if err != nil {
		return nil, err
	}
	state, _ := job.ParseState(in.Status) // the shape knows the words
	rows, cursor, err := d.engine.ExecutionsOfJob(ctx, in.JobID, state, p.store())
	if err != nil {
		return nil, err
	}
	out := &iot.ListJobExecutionsForJobAnswer{}
	for _, a := range rows {
		out.ExecutionSummaries = append(out.ExecutionSummaries, iot.JobExecutionSummaryForJob{
			ThingARN: d.scope.ARN(awsapi.ResourceThing, a.Thing.Name), JobExecutionSummary: iot.ExecutionSummaryOf(a.Execution),
		})
	}
	out.NextToken, err = p.next(cursor)
	return out, err
}

func (d *Door) listExecutionsForThing(ctx context.Context, in *iot.ListJobExecutionsForThingRequest) (*iot.ListJobExecutionsForThingAnswer, error) {
	p, err := open(iot.ListJobExecutionsForThing, in.NextToken, in.MaxResults, in.ThingName, in.Status, in.NamespaceID, in.JobID)
	if err != nil {
		return nil, err
	}
	f := engine.ExecutionFilter{Job: in.JobID, Namespace: in.NamespaceID}
	f.State, _ = job.ParseState(in.Status) // the shape knows the words
	rows, cursor, err := d.engine.ExecutionsOfThing(ctx, in.ThingName, f, p.store())
	if err != nil {
		return nil, err
	}
	out := &iot.ListJobExecutionsForThingAnswer{}
	for _, a := range rows {
		out.ExecutionSummaries = append(out.ExecutionSummaries, iot.JobExecutionSummaryForThing{
			JobID: a.Job.Name, JobExecutionSummary: iot.ExecutionSummaryOf(a.Execution),
		})
	}
	out.NextToken, err = p.next(cursor)
	return out, err
}
