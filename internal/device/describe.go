package device

import (
	"context"

	"github.com/drover-iot/drover/internal/awsapi/jobsdata"
	"github.com/drover-iot/drover/internal/engine"
	"github.com/drover-iot/drover/internal/job"
)

// describe answers with one execution; $next is the head of the list, which it
// does not start. spec: device-api.md#43-describejobexecution
func (d *Door) describe(in jobsdata.DescribeJobExecutionRequest) result[jobsdata.ExecutionAnswer] {
	return result[jobsdata.ExecutionAnswer]{wait: func(ctx context.Context) (*jobsdata.ExecutionAnswer, []engine.ListChange, error) {
		item, err := d.described(ctx, in)
		if err != nil {
			return nil, nil, err
		}
		return d.executionAnswer(ctx, in.ClientToken, in.ThingName, item, in.WantsDocument())
	}}
}

func (d *Door) described(ctx context.Context, in jobsdata.DescribeJobExecutionRequest) (engine.Described, error) {
	if in.JobID == next {
		return d.engine.Next(ctx, in.ThingName, in.Namespace)
	}
	n, err := job.AttemptNumber(in.ExecutionNumber)
	if err != nil {
		return engine.Described{}, err
	}
	return d.engine.Describe(ctx, engine.Wanted{Thing: in.ThingName, Job: in.JobID, Namespace: in.Namespace, Number: n})
}
