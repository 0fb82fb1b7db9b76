package demo

import (
	"maps"
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/awsapi/iot"
)

func executed(thing, status string, number int64) iot.JobExecutionSummaryForJob {
	return iot.JobExecutionSummaryForJob{
		ThingARN:            thing,
		JobExecutionSummary: iot.JobExecutionSummary{Status: status, ExecutionNumber: number, RetryAttempt: int(number - 1)},
	}
}

func TestAListedDeviceCountsByItsLatestExecution(t *testing.T) {
	got := listed([]iot.JobExecutionSummaryForJob{
		executed("b", "FAILED", 1), executed("a", "SUCCEEDED", 2), executed("c", "REJECTED", 1),
		executed("a", "FAILED", 1), executed("b", "FAILED", 2),
	})
	want := tallies{"SUCCEEDED": {retried: 1, attempts: 2}, "FAILED": {retried: 1, attempts: 2}, "REJECTED": {first: 1, attempts: 1}}
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestWhatDoesNotAddUpIsTold(t *testing.T) {
	seen := tallies{"SUCCEEDED": {first: 2, retried: 1, attempts: 4}, "FAILED": {retried: 1, attempts: 2}}
	right := iot.JobProcessDetails{NumberOfSucceededThings: 3, NumberOfFailedThings: 1}
	cases := []struct {
		name    string
		devices int
		listed  tallies
		job     iot.JobProcessDetails
		want    string
	}{
		{"all agree", 4, seen, right, ""},
		{"a device has not ended", 5, seen, right, "4 devices of 5 have ended"},
		{"the list has an execution less", 4, tallies{"SUCCEEDED": {first: 3, attempts: 3}, "FAILED": {retried: 1, attempts: 2}}, right, "ListJobExecutionsForJob says"},
		{"the counters miss one", 4, seen, iot.JobProcessDetails{NumberOfSucceededThings: 3}, "counters make 3 of 4"},
		{"the counters confuse two", 4, seen, iot.JobProcessDetails{NumberOfSucceededThings: 2, NumberOfFailedThings: 2}, "3 devices saw SUCCEEDED, DescribeJob says 2"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := addsUp(c.devices, seen, c.listed, c.job)
			if got := errorText(err); !strings.Contains(got, c.want) || (got == "") != (c.want == "") {
				t.Errorf("error = %q, want %q", got, c.want)
			}
		})
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
