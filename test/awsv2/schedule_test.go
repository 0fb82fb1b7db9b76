package awsv2

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iot"
	"github.com/aws/aws-sdk-go-v2/service/iot/types"

	"github.com/drover-iot/drover/test/node"
)

// until moves the node's clock to an instant.
func (o *operator) until(at time.Time) {
	o.t.Helper()
	o.node.Advance(at.Sub(o.node.Now()))
}

// nightly is a window from two to three every night.
func nightly() *types.SchedulingConfig {
	return &types.SchedulingConfig{MaintenanceWindows: []types.MaintenanceWindow{
		{StartTime: aws.String("cron(0 2 ? * * *)"), DurationInMinutes: aws.Int32(60)},
	}}
}

// midnight is the end of the day on which the node's clock stands.
func (o *operator) midnight() time.Time {
	o.t.Helper()
	return o.node.Now().Truncate(24 * time.Hour).Add(24 * time.Hour)
}

func TestAJobRunsInItsWindowsAndWaitsOutside(t *testing.T) {
	o := newOperator(t)
	things := o.group("fleet", 3)
	midnight := o.midnight()
	o.until(midnight)
	o.job(&iot.CreateJobInput{
		JobId: aws.String("job"), Targets: []string{node.GroupARN("fleet")}, TargetSelection: types.TargetSelectionContinuous,
		SchedulingConfig: nightly(),
		JobExecutionsRetryConfig: &types.JobExecutionsRetryConfig{CriteriaList: []types.RetryCriteria{
			{FailureType: types.RetryableFailureTypeFailed, NumberOfRetries: aws.Int32(1)},
		}},
	})
	made := o.describeJob("job")
	equal(t, "status", made.Status, types.JobStatusScheduled)
	equal(t, "window", *made.SchedulingConfig.MaintenanceWindows[0].StartTime, "cron(0 2 ? * * *)")
	equal(t, "length", *made.SchedulingConfig.MaintenanceWindows[0].DurationInMinutes, 60)
	equal(t, "windows to come", len(made.ScheduledJobRollouts), 7)
	equal(t, "the first", *made.ScheduledJobRollouts[0].StartTime, midnight.Add(2*time.Hour).Format("2006-01-02T15:04"))
	equal(t, "before it", o.counts("job"), counts{})

	o.until(midnight.Add(2*time.Hour + time.Minute))
	equal(t, "status in the window", o.describeJob("job").Status, types.JobStatusInProgress)
	equal(t, "in the window", o.counts("job"), counts{queued: 3})
	equal(t, "next", o.node.StartNext(things[0]), "job")

	o.until(midnight.Add(3 * time.Hour))
	equal(t, "status behind it", o.describeJob("job").Status, types.JobStatusScheduled)
	equal(t, "next behind it", o.node.StartNext(things[1]), "")
	o.node.Report(things[0], "job", "FAILED")
	equal(t, "behind it", o.counts("job"), counts{queued: 2, failed: 1})
	o.node.Kill()

	o.until(midnight.Add(26*time.Hour + time.Minute))
	equal(t, "in the second window", o.counts("job"), counts{queued: 3})
	equal(t, "number of the retry", *o.describeExecution(things[0], "job").ExecutionNumber, 2)
	for _, thing := range things {
		equal(t, "next in the second window", o.node.StartNext(thing), "job")
		o.node.Report(thing, "job", "SUCCEEDED")
	}
	equal(t, "at the end", o.counts("job"), counts{succeeded: 3})
}

func TestAJobBeginsAtItsStartAndEndsAtItsEnd(t *testing.T) {
	for _, c := range []struct {
		behavior types.JobEndBehavior
		at       counts
		left     int // to report
		then     counts
	}{
		{types.JobEndBehaviorStopRollout, counts{queued: 59, inProgress: 1}, 60, counts{succeeded: 60}},
		{types.JobEndBehaviorCancel, counts{canceled: 59, inProgress: 1}, 1, counts{canceled: 59, succeeded: 1}},
		{types.JobEndBehaviorForceCancel, counts{canceled: 60}, 0, counts{canceled: 60}},
	} {
		t.Run(string(c.behavior), func(t *testing.T) {
			o := newOperator(t)
			things := o.group("fleet", 62)
			now := o.node.Now().Truncate(time.Minute).Add(time.Minute)
			start, end := now.Add(time.Hour), now.Add(2*time.Hour)
			o.job(&iot.CreateJobInput{
				JobId: aws.String("job"), Targets: []string{node.GroupARN("fleet")},
				SchedulingConfig: &types.SchedulingConfig{
					StartTime: aws.String(start.Format("2006-01-02 15:04")), EndTime: aws.String(end.Format(time.RFC3339)), EndBehavior: c.behavior,
				},
				JobExecutionsRolloutConfig: &types.JobExecutionsRolloutConfig{MaximumPerMinute: aws.Int32(1)},
			})
			made := o.describeJob("job")
			equal(t, "status", made.Status, types.JobStatusScheduled)
			equal(t, "start", *made.SchedulingConfig.StartTime, start.Format("2006-01-02 15:04"))
			equal(t, "end", *made.SchedulingConfig.EndTime, end.Format(time.RFC3339))
			equal(t, "behavior", made.SchedulingConfig.EndBehavior, c.behavior)
			o.until(start.Add(-time.Second))
			equal(t, "before the start", o.counts("job"), counts{})
			o.until(start)
			equal(t, "at the start", o.counts("job"), counts{queued: 1})
			equal(t, "next", o.node.StartNext(things[0]), "job")

			o.until(end)
			equal(t, "at the end", o.counts("job"), c.at)
			for _, thing := range things[:c.left] {
				equal(t, "status", o.describeJob("job").Status, types.JobStatusInProgress)
				o.node.Report(thing, "job", "SUCCEEDED")
			}
			equal(t, "then", o.counts("job"), c.then)
			equal(t, "status then", o.describeJob("job").Status, types.JobStatusCompleted)
		})
	}
}

// Case 2 from the field. spec: cases.md
func TestAScheduledJobIsListedByItsGroup(t *testing.T) {
	o := newOperator(t)
	o.group("line-a", 1)
	soon := o.node.Now().Add(2 * time.Hour).Format("2006-01-02T15:04")
	o.job(&iot.CreateJobInput{
		JobId: aws.String("fw-1"), Targets: []string{node.GroupARN("line-a")}, TargetSelection: types.TargetSelectionContinuous,
		SchedulingConfig: &types.SchedulingConfig{StartTime: &soon},
	})
	o.job(&iot.CreateJobInput{JobId: aws.String("fw-2"), Targets: []string{node.GroupARN("line-a")}})
	o.node.Advance(time.Minute)
	list := func(status types.JobStatus) string {
		out := do(t, o.ListJobs, &iot.ListJobsInput{ThingGroupName: aws.String("line-a"), Status: status})
		return fmt.Sprint(each(out.Jobs, func(j types.JobSummary) *string { return j.JobId }))
	}
	equal(t, "all", list(""), "[fw-1 fw-2]")
	equal(t, "scheduled", list(types.JobStatusScheduled), "[fw-1]")
	equal(t, "in progress", list(types.JobStatusInProgress), "[fw-2]")
	var paged []string
	for p := iot.NewListJobsPaginator(o, &iot.ListJobsInput{ThingGroupName: aws.String("line-a"), MaxResults: aws.Int32(1)}); p.HasMorePages(); {
		page, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		paged = append(paged, each(page.Jobs, func(j types.JobSummary) *string { return j.JobId })...)
	}
	equal(t, "page by page", fmt.Sprint(paged), "[fw-1 fw-2]")
}
