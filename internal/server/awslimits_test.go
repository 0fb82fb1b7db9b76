package server_test

import (
	"fmt"
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/fleet/query"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/quota"
)

// limit is a quota that --aws-limits switches on, in the words of the page, and
// how it is shown to hold at its door.
type limit struct {
	what, most, beyond string
	holds              func(*testing.T)
	rates              map[quota.Call]int // of calls, a second
}

// awsLimits are all of them. spec: job-lifecycle.md#11-limits-and-quotas
func awsLimits() []limit {
	aws := quota.OfAWS()
	return []limit{
		calls(10, "AssociateTargetsWithJob", "CancelJob", "CancelJobExecution", "CreateJob", "DeleteJob", "DeleteJobExecution",
			"DescribeJob", "DescribeJobExecution", "GetJobDocument", "ListJobExecutionsForJob", "ListJobExecutionsForThing",
			"ListJobs", "UpdateJob"),
		calls(10, "CreateJobTemplate", "DeleteJobTemplate", "DescribeJobTemplate", "ListJobTemplates",
			"DescribeManagedJobTemplate", "ListManagedJobTemplates"),
		calls(100, "CreateThing", "UpdateThing", "DeleteThing", "AddThingToThingGroup"),
		calls(350, "DescribeThing"),
		calls(10, "ListThings"),
		calls(25, "ListThingsInThingGroup", "CreateThingGroup"),
		calls(5, "CreateDynamicThingGroup", "UpdateDynamicThingGroup"),
		calls(15, "SearchIndex"),
		ofDevices(200, "DescribeJobExecution", "GetPendingJobExecutions"),
		ofDevices(200, "StartNextPendingJobExecution", "UpdateJobExecution"),
		{
			"jobs that are IN_PROGRESS or SCHEDULED", count(aws.ActiveJobs),
			"CreateJob: `LimitExceededException`, 410", activeJobs, nil,
		},
		{
			"jobs that roll out at the same time", count(aws.ConcurrentJobs),
			"CreateJob, AssociateTargetsWithJob: `LimitExceededException`, 410; a SCHEDULED job that would begin is cancelled, with the reason `CONCURRENT_JOBS_LIMIT_REACHED`", concurrentJobs, nil,
		},
		{
			"things that all rollouts together release", count(aws.ReleasesPerMinute) + " a minute of the clock",
			"the rest waits for the next minute; who needs less than an equal share leaves the rest to the others", releases, nil,
		},
		{"rate of one rollout", count(job.DefaultRate) + " things a minute", "`InvalidRequestException`, 400; a higher `--max-rollout-rate` is refused at the start", rolloutRate, nil},
		{"job templates", count(aws.Templates), "CreateJobTemplate: `LimitExceededException`, 410", templates, nil},
		{"terms of a query", fmt.Sprintf("%d, %d of a dynamic group", query.SearchTerms, query.GroupTerms), "`InvalidQueryException`, 400", terms, nil},
		{"pairs in `statusDetails` of a report", count(aws.DetailPairs), "`InvalidRequestException`, 400; over MQTT `InvalidRequest`", detailPairs, nil},
		{"requests for shadows that a connection has in flight", count(aws.ShadowsInFlight), "over MQTT rejected with code 429; over HTTP a connection has one at a time", shadowsInFlight, nil},
		{"CONNECTs of all clients", count(aws.ConnectsPerSecond) + " a second", "CONNACK 3, MQTT 5: 0x97", connects, nil},
		{"publishes of a connection", count(aws.PublishesPerSecond) + " a second", "discarded; the connection stays, QoS 1 gets no PUBACK, MQTT 5: PUBACK 0x97", publishes, nil},
	}
}

// calls is a rate that each of some operations of the control plane has.
func calls(rate int, operations ...string) limit {
	what := strings.Join(operations, ", ")
	if len(operations) > 1 {
		what = "each of " + what
	}
	return limit{
		what, fmt.Sprint(rate, " a second"), "`ThrottlingException`, 400",
		func(t *testing.T) {
			l := newLimited(t)
			for _, name := range operations {
				l.wantCalls(rate, name)
			}
		},
		ratesOf(awsapi.IoT, rate, operations),
	}
}

func ratesOf(s awsapi.Service, rate int, operations []string) map[quota.Call]int {
	rates := map[quota.Call]int{}
	for _, name := range operations {
		rates[quota.Call{Service: s.String(), Operation: name}] = rate
	}
	return rates
}

// ofDevices is a rate that operations of devices share.
func ofDevices(rate int, operations ...string) limit {
	return limit{
		strings.Join(operations, " and ") + " of devices, together over all doors", fmt.Sprint(rate, " a second"),
		"`ThrottlingException`, 429; over MQTT `RequestThrottled`",
		func(t *testing.T) { newLimited(t).wantCallsOfDevices(rate, operations) },
		ratesOf(awsapi.JobsData, rate, operations),
	}
}

// count is a number with its thousands set apart.
func count(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", count(n/1000), n%1000)
}

func TestEveryQuotaOfAWSHoldsAtItsDoor(t *testing.T) {
	for _, l := range awsLimits() {
		t.Run(l.what, l.holds)
	}
}

func TestEveryRateOfCallsIsTested(t *testing.T) {
	tested, want := map[quota.Call]int{}, map[quota.Call]int{}
	for _, l := range awsLimits() {
		maps.Copy(tested, l.rates)
	}
	for call, rate := range quota.Rates() {
		want[call] = rate.PerSecond
	}
	if diff := cmp.Diff(want, tested); diff != "" {
		t.Errorf("the rates (-of the node +tested):\n%s", diff)
	}
}

func TestThePageHasTheQuotasThatAreTested(t *testing.T) {
	page, err := os.ReadFile("../../docs/compatibility.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "\n| Quota | | beyond it |\n|---|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	var want []string
	for _, l := range awsLimits() {
		want = append(want, fmt.Sprintf("| %s | %s | %s |", l.what, l.most, l.beyond))
	}
	if diff := cmp.Diff(want, strings.Split(table, "\n")); diff != "" {
		t.Errorf("the table of docs/compatibility.md (-want +got):\n%s", diff)
	}
}
