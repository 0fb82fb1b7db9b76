package control_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

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
