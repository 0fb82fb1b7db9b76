package demo

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/job"
)

// What the demo's fleet and job are called.
const (
	demoGroup = "presses"
	demoJob   = "firmware-2-1"
)

// script is the numbers of the demo for a fleet: the job as it is created,
// and what the two calls of UpdateJob change. They are made so that a job for
// any number of devices takes about ten minutes of the fleet's time.
type script struct {
	create  iot.CreateJobRequest
	faster  iot.UpdateJobRequest // the rate goes up
	shorter iot.UpdateJobRequest // the timeout goes down, and the description says so
}

// When UpdateJob is called, in the fleet's time after CreateJob.
const (
	fasterAt  = 2 * time.Minute
	shorterAt = 3 * time.Minute
)

// scriptFor writes the script for n devices, the things of the group with that
// ARN.
func scriptFor(n int, id, group string) script {
	third := max(2, n/3)
	return script{
		create: iot.CreateJobRequest{
			JobID: id, Targets: []string{group},
			Document:                   `{"operation":"install","version":"2.1.0","url":"https://updates.example.net/press-2.1.0.bin"}`,
			Description:                "Firmware 2.1.0",
			JobExecutionsRolloutConfig: exponential(n/15, 15, max(3, n/10), 0),
			AbortConfig: &iot.AbortConfig{CriteriaList: []iot.AbortCriteria{{
				FailureType: "FAILED", Action: "CANCEL",
				ThresholdPercentage: awsapi.NewDecimal(20, 0), MinNumberOfExecutedThings: max(1, n/2),
			}}},
			TimeoutConfig: &iot.TimeoutConfig{InProgressTimeoutInMinutes: 3},
			JobExecutionsRetryConfig: &iot.JobExecutionsRetryConfig{CriteriaList: []iot.RetryCriteria{
				{FailureType: "FAILED", NumberOfRetries: 1}, {FailureType: "TIMED_OUT", NumberOfRetries: 1},
			}},
		},
		faster: iot.UpdateJobRequest{
			JobID: id, JobExecutionsRolloutConfig: exponential(third, 20, third, 2*third),
		},
		shorter: iot.UpdateJobRequest{
			JobID: id, Description: "Firmware 2.1.0, shorter timeout",
			TimeoutConfig: &iot.TimeoutConfig{InProgressTimeoutInMinutes: 2},
		},
	}
}

// exponential is a rollout that begins at base a minute and grows by a factor,
// in tenths, each time that many things more were notified; limit 0 is none.
func exponential(base, factor, notified, limit int) *iot.JobExecutionsRolloutConfig {
	most := func(n int) int { return min(max(n, 1), job.DefaultRate) }
	c := &iot.JobExecutionsRolloutConfig{ExponentialRate: &iot.ExponentialRolloutRate{
		BaseRatePerMinute: most(base), IncrementFactor: awsapi.NewDecimal(int64(factor), 1),
		RateIncreaseCriteria: &iot.RateIncreaseCriteria{NumberOfNotifiedThings: max(notified, 1)},
	}}
	if limit > 0 {
		c.MaximumPerMinute = max(most(limit), c.ExponentialRate.BaseRatePerMinute)
	}
	return c
}

// rateInForce is how many things a minute a rollout reaches when it has
// notified that many since it was configured.
// spec: rollout-abort-timeout-retry-schedule.md#1-rollout-rate
func rateInForce(c iot.JobExecutionsRolloutConfig, notified int) int {
	rollout := iot.UpdateJobRequest{JobExecutionsRolloutConfig: &c}.Patch().Rollout
	steps := 0
	if every := rollout.Exponential.Notified; every > 0 {
		steps = notified / every
	}
	return rollout.Rate(steps)
}

// client calls the operations of the control plane that the demo needs.
type client struct{ *awsapi.Client }

// register makes the group and its things, and answers the group's ARN.
func (c client) register(ctx context.Context, group string, names []string) (string, error) {
	made, err := awsapi.Call[iot.CreateThingGroupAnswer](ctx, c.Client, iot.CreateThingGroup, iot.CreateThingGroupRequest{ThingGroupName: group})
	if err != nil {
		return "", err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for _, name := range names {
		g.Go(func() error { return c.registerThing(ctx, group, name) })
	}
	return made.ThingGroupARN, g.Wait()
}

func (c client) registerThing(ctx context.Context, group, name string) error {
	if _, err := awsapi.Call[iot.CreateThingAnswer](ctx, c.Client, iot.CreateThing, iot.CreateThingRequest{ThingName: name}); err != nil {
		return fmt.Errorf("thing %s: %w", name, err)
	}
	in := iot.AddThingToThingGroupRequest{ThingGroupName: group, ThingName: name}
	if _, err := awsapi.Call[iot.Empty](ctx, c.Client, iot.AddThingToThingGroup, in); err != nil {
		return fmt.Errorf("thing %s: %w", name, err)
	}
	return nil
}

func (c client) createJob(ctx context.Context, in iot.CreateJobRequest) error {
	_, err := awsapi.Call[iot.JobAnswer](ctx, c.Client, iot.CreateJob, in)
	return err
}

func (c client) updateJob(ctx context.Context, in iot.UpdateJobRequest) error {
	_, err := awsapi.Call[iot.Empty](ctx, c.Client, iot.UpdateJob, in)
	return err
}

func (c client) describeJob(ctx context.Context, id string) (iot.Job, error) {
	a, err := awsapi.Call[iot.DescribeJobAnswer](ctx, c.Client, iot.DescribeJob, iot.DescribeJobRequest{JobID: id})
	return a.Job, err
}

// executions lists all executions of a job, page by page.
func (c client) executions(ctx context.Context, id string) ([]iot.JobExecutionSummaryForJob, error) {
	var all []iot.JobExecutionSummaryForJob
	in := iot.ListJobExecutionsForJobRequest{JobID: id, MaxResults: 250}
	for {
		page, err := awsapi.Call[iot.ListJobExecutionsForJobAnswer](ctx, c.Client, iot.ListJobExecutionsForJob, in)
		if err != nil {
			return nil, err
		}
		all = append(all, page.ExecutionSummaries...)
		if page.NextToken == "" {
			return all, nil
		}
		in.NextToken = page.NextToken
	}
}
