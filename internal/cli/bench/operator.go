package bench

import (
	"context"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iot"
)

// groupARN is the ARN of a group on the nodes of a run.
func groupARN(name string) string {
	return awsapi.Scope{Partition: "aws", Account: "000000000000", Region: "us-east-1"}.ARN(awsapi.ResourceThingGroup, name)
}

// createJob implements operator.
func (n *node) createJob(ctx context.Context, id string) error {
	_, err := awsapi.Call[iot.JobAnswer](ctx, n.api, iot.CreateJob, iot.CreateJobRequest{
		JobID: id, Targets: []string{groupARN(allThings)}, Document: document,
		JobExecutionsRolloutConfig: &iot.JobExecutionsRolloutConfig{MaximumPerMinute: unlimited},
	})
	return err
}

// awaitRollout implements operator.
func (n *node) awaitRollout(ctx context.Context, id string) error {
	return poll(ctx, pollEvery, func() (bool, error) {
		j, err := n.describeJob(ctx, id)
		return len(j.JobProcessDetails.ProcessingTargets) == 0, err
	})
}
