package awsv2

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iot"
	"github.com/aws/aws-sdk-go-v2/service/iot/types"

	"github.com/drover-iot/drover/test/node"
)

// counts are the counters of a job that a test looks at.
type counts struct{ queued, inProgress, succeeded, failed, timedOut, canceled int32 }

func (o *operator) counts(job string) counts {
	o.t.Helper()
	d := o.describeJob(job).JobProcessDetails
	return counts{
		*d.NumberOfQueuedThings, *d.NumberOfInProgressThings, *d.NumberOfSucceededThings,
		*d.NumberOfFailedThings, *d.NumberOfTimedOutThings, *d.NumberOfCanceledThings,
	}
}

func TestAJobGoesFromItsFirstThingToCompleted(t *testing.T) {
	o := newOperator(t)
	things := o.group("fleet", 3)
	o.job(&iot.CreateJobInput{
		JobId: aws.String("job"), Targets: []string{node.GroupARN("fleet")},
		JobExecutionsRolloutConfig: &types.JobExecutionsRolloutConfig{ExponentialRate: &types.ExponentialRolloutRate{
			BaseRatePerMinute: aws.Int32(1), IncrementFactor: aws.Float64(2),
			RateIncreaseCriteria: &types.RateIncreaseCriteria{NumberOfSucceededThings: aws.Int32(1)},
		}},
		JobExecutionsRetryConfig: &types.JobExecutionsRetryConfig{CriteriaList: []types.RetryCriteria{
			{FailureType: types.RetryableFailureTypeFailed, NumberOfRetries: aws.Int32(1)},
		}},
	})
	o.node.Advance(time.Second)
	equal(t, "at the base rate", o.counts("job"), counts{queued: 1})
	equal(t, "processing", o.describeJob("job").JobProcessDetails.ProcessingTargets[0], node.GroupARN("fleet"))
	equal(t, "concurrent", *o.describeJob("job").IsConcurrent, true)

	equal(t, "next", o.node.StartNext(things[0]), "job")
	o.node.Report(things[0], "job", "SUCCEEDED")
	o.node.Advance(time.Minute)
	equal(t, "at twice the base rate", o.counts("job"), counts{queued: 2, succeeded: 1})
	equal(t, "targets being processed", len(o.describeJob("job").JobProcessDetails.ProcessingTargets), 0)
	equal(t, "concurrent", *o.describeJob("job").IsConcurrent, false)

	o.node.Report(things[1], "job", "SUCCEEDED")
	o.node.Report(things[2], "job", "FAILED")
	equal(t, "with a retry", o.counts("job"), counts{queued: 1, succeeded: 2})
	retry := o.describeExecution(things[2], "job")
	equal(t, "number of the retry", *retry.ExecutionNumber, 2)

	o.node.Report(things[2], "job", "FAILED")
	equal(t, "at the end", o.counts("job"), counts{succeeded: 2, failed: 1})
	done := o.describeJob("job")
	equal(t, "status", done.Status, types.JobStatusCompleted)
	equal(t, "completed", done.CompletedAt.Unix(), o.node.Now().Unix())
}

func TestUpdateJobRaisesTheRateOfARunningRollout(t *testing.T) {
	o := newOperator(t)
	o.group("fleet", 20)
	o.job(&iot.CreateJobInput{
		JobId: aws.String("job"), Targets: []string{node.GroupARN("fleet")},
		JobExecutionsRolloutConfig: &types.JobExecutionsRolloutConfig{MaximumPerMinute: aws.Int32(2)},
	})
	o.node.Advance(time.Minute)
	equal(t, "after a minute and the first of the next", o.counts("job"), counts{queued: 3})

	do(t, o.UpdateJob, &iot.UpdateJobInput{
		JobId: aws.String("job"), JobExecutionsRolloutConfig: &types.JobExecutionsRolloutConfig{MaximumPerMinute: aws.Int32(600)},
	})
	equal(t, "rate", *o.describeJob("job").JobExecutionsRolloutConfig.MaximumPerMinute, 600)
	o.node.Advance(2 * time.Second)
	equal(t, "two seconds later", o.counts("job"), counts{queued: 20})
}

func TestUpdateJobTimesOutWhatStartsAfterIt(t *testing.T) {
	o := newOperator(t)
	things := o.group("fleet", 2)
	o.job(&iot.CreateJobInput{JobId: aws.String("job"), Targets: []string{node.GroupARN("fleet")}})
	o.node.Advance(time.Minute)
	o.node.StartNext(things[0])
	do(t, o.UpdateJob, &iot.UpdateJobInput{
		JobId: aws.String("job"), TimeoutConfig: &types.TimeoutConfig{InProgressTimeoutInMinutes: aws.Int64(10)},
	})
	o.node.StartNext(things[1])
	equal(t, "seconds left", *o.describeExecution(things[1], "job").ApproximateSecondsBeforeTimedOut, 600)

	o.node.Advance(10*time.Minute - time.Second)
	equal(t, "before the deadline", o.counts("job"), counts{inProgress: 2})
	o.node.Advance(time.Second)
	equal(t, "at the deadline", o.counts("job"), counts{inProgress: 1, timedOut: 1})
	equal(t, "status", o.describeExecution(things[1], "job").Status, types.JobExecutionStatusTimedOut)
}

func TestUpdateJobAbortsAJobThatAlreadyMeetsTheCriterion(t *testing.T) {
	o := newOperator(t)
	things := o.group("fleet", 4)
	o.job(&iot.CreateJobInput{JobId: aws.String("job"), Targets: []string{node.GroupARN("fleet")}})
	o.node.Advance(time.Minute)
	o.node.StartNext(things[0])
	o.node.Report(things[1], "job", "FAILED")
	do(t, o.UpdateJob, &iot.UpdateJobInput{JobId: aws.String("job"), AbortConfig: &types.AbortConfig{CriteriaList: []types.AbortCriteria{{
		FailureType: types.JobExecutionFailureTypeFailed, Action: types.AbortActionCancel,
		ThresholdPercentage: aws.Float64(12.5), MinNumberOfExecutedThings: aws.Int32(1),
	}}}})
	shown := o.describeJob("job")
	equal(t, "status", shown.Status, types.JobStatusCanceled)
	equal(t, "reason", *shown.ReasonCode, "ABORT_CRITERIA_MET")
	equal(t, "counters", o.counts("job"), counts{inProgress: 1, failed: 1, canceled: 2})
}

func TestUpdateJobSwitchesRetriesOffAndNotOn(t *testing.T) {
	o := newOperator(t)
	things := o.group("fleet", 1)
	retries := func(n int32) *types.JobExecutionsRetryConfig {
		return &types.JobExecutionsRetryConfig{CriteriaList: []types.RetryCriteria{
			{FailureType: types.RetryableFailureTypeFailed, NumberOfRetries: aws.Int32(n)},
		}}
	}
	o.job(&iot.CreateJobInput{
		JobId: aws.String("job"), Targets: []string{node.GroupARN("fleet")}, JobExecutionsRetryConfig: retries(3),
	})
	o.node.Advance(time.Minute)
	refused[*types.InvalidRequestException](t, o.UpdateJob, &iot.UpdateJobInput{JobId: aws.String("job"), JobExecutionsRetryConfig: retries(4)})
	do(t, o.UpdateJob, &iot.UpdateJobInput{JobId: aws.String("job"), JobExecutionsRetryConfig: retries(0)})
	o.node.Report(things[0], "job", "FAILED")
	equal(t, "counters", o.counts("job"), counts{failed: 1})
	equal(t, "status", o.describeJob("job").Status, types.JobStatusCompleted)
}
