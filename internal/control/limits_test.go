package control_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/drovertest"
)

// refusalOf is the exception and status of a call that was refused; "" and 0
// if it was not.
func refusalOf(t *testing.T, err error) (exception string, status int) {
	t.Helper()
	if refused, ok := errors.AsType[*drovertest.Refusal](err); ok {
		return refused.Type, refused.Status
	}
	if err != nil {
		t.Fatal(err)
	}
	return "", 0
}

func tags(many int) []iot.Tag {
	all := make([]iot.Tag, many)
	for i := range all {
		all[i].Key = fmt.Sprint("k", i)
	}
	return all
}

// spec: job-lifecycle.md#81-validation-in-this-order-order-is-a-decision
func TestTagsAreJudgedBeforeTheNameIsTaken(t *testing.T) {
	n := drovertest.Start(t, drovertest.Options{})
	n.CreateThings("press-01")
	n.CreateJob(iot.CreateJobRequest{JobID: "a"}, "press-01")
	n.CreateGroup("line-a")
	for name, err := range map[string]error{
		"a job": n.Call(iot.CreateJob, iot.CreateJobRequest{
			JobID: "a", Targets: []string{n.ThingARN("press-01")}, Document: "{}", Tags: tags(51),
		}, nil),
		"a group that is the same": n.Call(iot.CreateThingGroup, iot.CreateThingGroupRequest{ThingGroupName: "line-a", Tags: tags(51)}, nil),
	} {
		if got, _ := refusalOf(t, err); got != "InvalidRequestException" {
			t.Errorf("%s: refused with %q", name, got)
		}
	}
}

// spec: job-lifecycle.md#11-limits-and-quotas
func TestLimitsOfAJob(t *testing.T) {
	const ok, invalid = "", "InvalidRequestException"
	n := drovertest.Start(t, drovertest.Options{})
	n.CreateThings("press-01")
	thing := []string{n.ThingARN("press-01")}
	document := func(chars int) string { return `"` + strings.Repeat("x", chars-2) + `"` }
	rows := []struct {
		name string
		job  iot.CreateJobRequest
		want string
	}{
		{"100 targets", iot.CreateJobRequest{Targets: slices.Repeat(thing, 100)}, ok},
		{"101 targets", iot.CreateJobRequest{Targets: slices.Repeat(thing, 101)}, invalid},
		{"a document of 32768 characters", iot.CreateJobRequest{Targets: thing, Document: document(32768)}, ok},
		{"a document of 32769 characters", iot.CreateJobRequest{Targets: thing, Document: document(32769)}, invalid},
		{"a document of 32768 characters, but over 120 KiB", iot.CreateJobRequest{Targets: thing, Document: `"` + strings.Repeat("🙂", 32766) + `"`}, invalid},
		{"a description of 2028 characters", iot.CreateJobRequest{Targets: thing, Description: strings.Repeat("ü", 2028)}, ok},
		{"a description of 2029 characters", iot.CreateJobRequest{Targets: thing, Description: strings.Repeat("ü", 2029)}, invalid},
		{"a description with a line break", iot.CreateJobRequest{Targets: thing, Description: "a\nb"}, invalid},
		{"50 tags", iot.CreateJobRequest{Targets: thing, Tags: tags(50)}, ok},
		{"51 tags", iot.CreateJobRequest{Targets: thing, Tags: tags(51)}, invalid},
		{"a tag twice", iot.CreateJobRequest{Targets: thing, Tags: slices.Repeat(tags(1), 2)}, invalid},
		{"a URL that lives 60 s", iot.CreateJobRequest{Targets: thing, PresignedURLConfig: &iot.PresignedURLConfig{ExpiresInSec: 60}}, ok},
		{"a URL that lives 59 s", iot.CreateJobRequest{Targets: thing, PresignedURLConfig: &iot.PresignedURLConfig{ExpiresInSec: 59}}, invalid},
		{"a URL that lives 3601 s", iot.CreateJobRequest{Targets: thing, PresignedURLConfig: &iot.PresignedURLConfig{ExpiresInSec: 3601}}, invalid},
	}
	for i, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			row.job.JobID = fmt.Sprintf("job-%d", i)
			if row.job.Document == "" {
				row.job.Document = "{}"
			}
			if got, _ := refusalOf(t, n.Call(iot.CreateJob, row.job, nil)); got != row.want {
				t.Errorf("refused with %q, want %q", got, row.want)
			}
		})
	}
}

// spec: job-lifecycle.md#51-canceljob-put-jobsjobidcancelforce
func TestLimitsOfACancel(t *testing.T) {
	n := drovertest.Start(t, drovertest.Options{})
	n.CreateThings("press-01")
	n.CreateJob(iot.CreateJobRequest{JobID: "a"}, "press-01")
	for name, in := range map[string]iot.CancelJobRequest{
		"a reason of 129":           {ReasonCode: strings.Repeat("R", 129)},
		"a comment of 2029":         {Comment: strings.Repeat("c", 2029)},
		"a comment with a new line": {Comment: "one\ntwo"},
	} {
		in.JobID = "a"
		if got, _ := refusalOf(t, n.Call(iot.CancelJob, in, nil)); got != "InvalidRequestException" {
			t.Errorf("%s: refused with %q", name, got)
		}
	}
	n.Do(iot.CancelJob, iot.CancelJobRequest{JobID: "a", ReasonCode: strings.Repeat("R", 128), Comment: strings.Repeat("c", 2028)}, nil)
}

// spec: job-lifecycle.md#83-associatetargetswithjob-post-jobsjobidtargets
func TestAJobHasAtMost100TargetsHoweverTheyCame(t *testing.T) {
	n := drovertest.Start(t, drovertest.Options{})
	var groups []string
	for i := range 101 {
		name := fmt.Sprintf("line-%d", i)
		n.CreateGroup(name)
		groups = append(groups, n.GroupARN(name))
	}
	n.CreateJob(iot.CreateJobRequest{JobID: "a", TargetSelection: "CONTINUOUS", Targets: groups[:1]})
	err := n.Call(iot.AssociateTargetsWithJob, iot.AssociateTargetsWithJobRequest{JobID: "a", Targets: groups[1:]}, nil)
	if exception, status := refusalOf(t, err); exception != "LimitExceededException" || status != 410 {
		t.Errorf("refused with %q, %d", exception, status)
	}
	n.Do(iot.AssociateTargetsWithJob, iot.AssociateTargetsWithJobRequest{JobID: "a", Targets: groups[:100]}, nil)
	if got := len(n.Job("a").Targets); got != 100 {
		t.Errorf("%d targets", got)
	}
}

// constant and exponential are rollouts at a rate.
func constant(rate int) *iot.JobExecutionsRolloutConfig {
	return &iot.JobExecutionsRolloutConfig{MaximumPerMinute: rate}
}

func exponential(base int) *iot.JobExecutionsRolloutConfig {
	return &iot.JobExecutionsRolloutConfig{ExponentialRate: &iot.ExponentialRolloutRate{
		BaseRatePerMinute: base, IncrementFactor: awsapi.NewDecimal(15, 1),
		RateIncreaseCriteria: &iot.RateIncreaseCriteria{NumberOfNotifiedThings: 1},
	}}
}

// spec: job-lifecycle.md#11-limits-and-quotas
func TestANodeSaysHowFastAJobMayRollOut(t *testing.T) {
	for _, node := range []struct {
		name string
		set  int // max-rollout-rate
		most int
	}{
		{"by default as AWS does", 0, 1000},
		{"as it is set", 90_000, 90_000},
		{"at most a million a second", 60_000_000, 60_000_000},
	} {
		t.Run(node.name, func(t *testing.T) {
			n := drovertest.Start(t, drovertest.Options{MaxRolloutRate: node.set})
			n.CreateThings("press-01")
			n.CreateJob(iot.CreateJobRequest{JobID: "a", JobExecutionsRolloutConfig: constant(node.most)}, "press-01")
			create := func(c *iot.JobExecutionsRolloutConfig) error {
				return n.Call(iot.CreateJob, iot.CreateJobRequest{
					JobID: "b", Targets: []string{n.ThingARN("press-01")}, Document: "{}", JobExecutionsRolloutConfig: c,
				}, nil)
			}
			update := func(c *iot.JobExecutionsRolloutConfig) error {
				return n.Call(iot.UpdateJob, iot.UpdateJobRequest{JobID: "a", JobExecutionsRolloutConfig: c}, nil)
			}
			wantRefusal(t, update(exponential(node.most)), "")
			for name, c := range map[string]struct {
				err    error
				member string
			}{
				"a constant rate, created":    {create(constant(node.most + 1)), "maximumPerMinute"},
				"a constant rate, updated":    {update(constant(node.most + 1)), "maximumPerMinute"},
				"an exponential one, created": {create(exponential(node.most + 1)), "exponentialRate.baseRatePerMinute"},
				"an exponential one, updated": {update(exponential(node.most + 1)), "exponentialRate.baseRatePerMinute"},
			} {
				t.Log(name)
				wantRefusal(t, c.err, fmt.Sprintf("Value %d at 'jobExecutionsRolloutConfig.%s' failed to satisfy constraint: must be 1 to %d",
					node.most+1, c.member, node.most))
			}
		})
	}
}

func TestARaisedRateIsNoDefault(t *testing.T) {
	n := drovertest.Start(t, drovertest.Options{MaxRolloutRate: 60_000_000})
	var things []string
	for i := range 20 {
		things = append(things, fmt.Sprint("press-", i))
	}
	n.CreateThings(things...)
	n.CreateJob(iot.CreateJobRequest{JobID: "a"}, things...)
	n.Settle()
	if got := n.Job("a").JobProcessDetails.NumberOfQueuedThings; got != 17 {
		t.Errorf("%d of 20 went out in the first second, want a sixtieth of 1000", got)
	}
}

// wantRefusal holds a call to a message, or to none.
func wantRefusal(t *testing.T, err error, message string) {
	t.Helper()
	got := ""
	if refused, ok := errors.AsType[*drovertest.Refusal](err); ok {
		got = refused.Message
	} else if err != nil {
		t.Fatal(err)
	}
	if got != message {
		t.Errorf("refused with %q, want %q", got, message)
	}
}

// spec: wire-protocol.md#10-fleet-index-query-language-searchindex-dynamic-groups
func TestAQueryHasFewTermsWithAWSsLimits(t *testing.T) {
	n := drovertest.Start(t, drovertest.Options{AWSLimits: true})
	on := map[string]any{"thingIndexingConfiguration": map[string]any{"thingIndexingMode": "REGISTRY"}}
	if err := n.CallJSON(awsapi.MustLookup(awsapi.IoT, "UpdateIndexingConfiguration"), nil, nil, on, nil); err != nil {
		t.Fatal(err)
	}
	n.Settle()
	terms := func(n int) string { return strings.TrimSuffix(strings.Repeat("thingName:a OR ", n), " OR ") }
	for _, c := range []struct {
		name    string
		do      func() error
		refused string
	}{
		{"12 terms of a search", func() error {
			return n.Call(iot.SearchIndex, iot.SearchIndexRequest{QueryString: terms(12)}, nil)
		}, ""},
		{"13 terms of a search", func() error {
			return n.Call(iot.SearchIndex, iot.SearchIndexRequest{QueryString: terms(13)}, nil)
		}, "InvalidQueryException"},
		{"5 terms of a group", func() error {
			return n.Call(iot.CreateDynamicThingGroup, iot.CreateDynamicThingGroupRequest{ThingGroupName: "five", QueryString: terms(5)}, nil)
		}, ""},
		{"6 terms of a group", func() error {
			return n.Call(iot.CreateDynamicThingGroup, iot.CreateDynamicThingGroupRequest{ThingGroupName: "six", QueryString: terms(6)}, nil)
		}, "InvalidQueryException"},
	} {
		if exception, _ := refusalOf(t, c.do()); exception != c.refused {
			t.Errorf("%s: %q, want %q", c.name, exception, c.refused)
		}
	}
}
