package python

import (
	"bytes"
	"context"
	"encoding/json"
	"os/exec"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/drover-iot/drover/test/node"
)

// shell is an operator at a prompt.
type shell struct {
	aws  string
	at   string   // endpoint
	env  []string // beside that of every client
	node *node.Node
	t    *testing.T
}

func newShell(t *testing.T) *shell {
	t.Helper()
	aws, err := exec.LookPath(find(t).aws)
	if err != nil {
		t.Skipf("no AWS CLI beside boto3: %v", err)
	}
	return newShellAt(t, aws, node.Start(t), "")
}

// newShellAt is an operator who asks for a path of a node.
func newShellAt(t *testing.T, aws string, n *node.Node, path string) *shell {
	return &shell{aws: aws, at: n.URL + path, node: n, t: t}
}

// run runs a command of the AWS CLI; what it prints about failing is the error.
// A command, a flag or a member that this CLI is too old for skips the test.
func (s *shell) run(args ...string) (printed, failure string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), node.Patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, s.aws, append(args, "--endpoint-url", s.at, "--output", "json")...)
	cmd.Env = append(environment(s.node), s.env...)
	var out, told bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &told
	err := cmd.Run()
	if unknown := regexp.MustCompile(`(?i)invalid choice.*|unknown (options|parameter).*`).FindString(told.String()); unknown != "" {
		s.t.Skipf("this AWS CLI does not know all of %q: %s", args, unknown)
	}
	if err != nil {
		return "", err.Error() + ": " + told.String()
	}
	return out.String(), ""
}

// do runs a command, which must succeed, and picks a value out of what it
// prints, by a JMESPath expression.
func (s *shell) do(query string, args ...string) any {
	s.t.Helper()
	if query != "" {
		args = append(args, "--query", query)
	}
	printed, failure := s.run(args...)
	if failure != "" {
		s.t.Fatalf("aws %q: %s", args, failure)
	}
	var value any
	if printed != "" && json.Unmarshal([]byte(printed), &value) != nil {
		s.t.Fatalf("aws %q printed %q", args, printed)
	}
	return value
}

// shows runs a command and compares what it picks out.
func (s *shell) shows(want any, query string, args ...string) {
	s.t.Helper()
	if got := s.do(query, args...); !reflect.DeepEqual(got, want) {
		s.t.Errorf("aws %q: %s is %v, want %v", args, query, got, want)
	}
}

// refuses runs a command, which must fail with an exception.
func (s *shell) refuses(exception string, args ...string) {
	s.t.Helper()
	if _, failure := s.run(args...); !strings.Contains(failure, "("+exception+")") {
		s.t.Errorf("aws %q: got %q, want %s", args, failure, exception)
	}
}

func TestTheCLICreatesUpdatesCancelsAndDeletesAJob(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	s.node.Things("press-1", "press-2")
	targets := []string{"--targets", node.ThingARN("press-1"), node.ThingARN("press-2")}
	create := append([]string{"iot", "create-job", "--job-id", "fw-3", "--document", `{"op":"flash"}`}, targets...)
	describe := []string{"iot", "describe-job", "--job-id", "fw-3"}
	s.shows(node.JobARN("fw-3"), "jobArn", append(create, "--job-executions-rollout-config", "maximumPerMinute=1",
		"--abort-config", `{"criteriaList":[{"failureType":"ALL","action":"CANCEL","thresholdPercentage":12.5,"minNumberOfExecutedThings":10}]}`)...)
	s.refuses("ResourceAlreadyExistsException", create...)
	s.node.Advance(time.Second)
	s.shows([]any{1.0, 12.5}, "job.[jobProcessDetails.numberOfQueuedThings, abortConfig.criteriaList[0].thresholdPercentage]", describe...)

	s.do("", "iot", "update-job", "--job-id", "fw-3", "--description", "faster", "--job-executions-rollout-config", "maximumPerMinute=1000")
	s.node.Advance(2 * time.Second)
	s.shows([]any{2.0, "faster"}, "job.[jobProcessDetails.numberOfQueuedThings, description]", describe...)

	s.refuses("InvalidStateTransitionException", "iot", "delete-job", "--job-id", "fw-3")
	s.do("", "iot", "cancel-job", "--job-id", "fw-3", "--reason-code", "RECALLED", "--no-force")
	s.shows([]any{"CANCELED", "RECALLED"}, "job.[status, reasonCode]", describe...)
	s.do("", "iot", "delete-job", "--job-id", "fw-3", "--force")
	s.node.Advance(time.Second)
	s.refuses("ResourceNotFoundException", describe...)
}

// A CLI that knows nothing of pauses sees a job that takes its time.
func TestTheCLISeesAPausedJobInProgress(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	s.node.Things("press-1", "press-2")
	s.do("", "iot", "create-job", "--job-id", "fw", "--document", "{}", "--targets", node.ThingARN("press-1"), node.ThingARN("press-2"),
		"--job-executions-rollout-config", "maximumPerMinute=1")
	s.node.Advance(time.Second)
	s.node.Pause("fw")
	s.node.Advance(time.Hour)
	describe := []string{"iot", "describe-job", "--job-id", "fw"}
	seen := "job.[status, jobProcessDetails.numberOfQueuedThings, jobProcessDetails.processingTargets != `[]`]"
	s.shows([]any{"IN_PROGRESS", 1.0, true}, seen, describe...)
	s.shows([]any{"fw"}, "jobs[].jobId", "iot", "list-jobs", "--status", "IN_PROGRESS")
	s.do("", "iot", "update-job", "--job-id", "fw", "--description", "while it is paused")
	s.node.Resume("fw")
	s.node.Advance(2 * time.Minute)
	s.shows([]any{"IN_PROGRESS", 2.0, "while it is paused"}, "job.[status, jobProcessDetails.numberOfQueuedThings, description]", describe...)
}

func TestTheCLIListsPageByPage(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	things := []any{"t-0", "t-1", "t-2", "t-3", "t-4"}
	for _, name := range things {
		s.node.Things(name.(string))
	}
	list := []string{"iot", "list-things", "--page-size", "2"}
	s.shows(things, "things[].thingName", list...)

	var first struct {
		Things    []struct{ ThingName string }
		NextToken string
	}
	printed, failure := s.run(append(list, "--max-items", "3")...)
	if err := json.Unmarshal([]byte(printed), &first); err != nil || len(first.Things) != 3 || first.NextToken == "" {
		t.Fatalf("three items of five: %s %s, want three and a NextToken", printed, failure)
	}
	s.shows(things[3:], "things[].thingName", append(list, "--starting-token", first.NextToken)...)
	s.refuses("InvalidRequestException", "iot", "list-things", "--no-paginate", "--next-token", "made-up")

	for _, id := range []string{"j-1", "j-2", "j-3"} {
		s.node.Job(id, "{}", "t-0")
	}
	newestFirst := []any{"j-3", "j-2", "j-1"}
	s.shows(newestFirst, "jobs[].jobId", "iot", "list-jobs", "--page-size", "2")
	s.shows(newestFirst, "executionSummaries[].jobId", "iot", "list-job-executions-for-thing", "--thing-name", "t-0", "--page-size", "2")
}

func TestTheCLIIsADevice(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	s.node.Things("press:07")
	s.node.Job("fw-3", `{"op":"flash"}`, "press:07")
	device := func(command string, args ...string) []string {
		return slices.Concat([]string{"iot-jobs-data", command, "--thing-name", "press:07"}, args)
	}
	s.shows([]any{"fw-3"}, "queuedJobs[].jobId", device("get-pending-job-executions")...)
	s.shows("QUEUED", "execution.status", device("describe-job-execution", "--job-id", "$next")...)
	s.shows([]any{"IN_PROGRESS", 2.0, `{"op":"flash"}`}, "execution.[status, versionNumber, jobDocument]",
		device("start-next-pending-job-execution", "--status-details", "phase=accepted")...)
	s.refuses("InvalidStateTransitionException", device("update-job-execution", "--job-id", "fw-3", "--status", "SUCCEEDED", "--expected-version", "7")...)
	s.shows("SUCCEEDED", "executionState.status",
		device("update-job-execution", "--job-id", "fw-3", "--status", "SUCCEEDED", "--include-job-execution-state")...)
	s.refuses("TerminalStateException", device("describe-job-execution", "--job-id", "fw-3")...)
	s.shows("SUCCEEDED", "execution.status", "iot", "describe-job-execution", "--job-id", "fw-3", "--thing-name", "press:07")
}

func TestTheCLIMakesTemplatesAndJobsOfThem(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	s.node.Things("press-1")
	s.shows(node.TemplateARN("reboot"), "jobTemplateArn", "iot", "create-job-template", "--job-template-id", "reboot",
		"--description", "Reboot", "--document", `{"op":"reboot"}`, "--timeout-config", "inProgressTimeoutInMinutes=30", "--tags", "Key=owner,Value=ops")
	s.shows([]any{`{"op":"reboot"}`, 30.0}, "[document, timeoutConfig.inProgressTimeoutInMinutes]", "iot", "describe-job-template", "--job-template-id", "reboot")
	s.shows([]any{"reboot"}, "jobTemplates[].jobTemplateId", "iot", "list-job-templates")
	create := []string{"iot", "create-job", "--targets", node.ThingARN("press-1"), "--job-id"}
	s.shows("Reboot", "description", append(create, "fw-1", "--job-template-arn", node.TemplateARN("reboot"))...)
	s.do("", "iot", "create-job-template", "--job-template-id", "again", "--description", "As it went", "--job-arn", node.JobARN("fw-1"))
	s.do("", "iot", "delete-job-template", "--job-template-id", "again")
	s.refuses("ResourceNotFoundException", "iot", "delete-job-template", "--job-template-id", "again")
}

func TestTheCLIFillsInAManagedTemplate(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	s.node.Things("press-1")
	s.shows(8.0, "length(managedJobTemplates)", "iot", "list-managed-job-templates", "--page-size", "3")
	s.shows([]any{"packages"}, "documentParameters[?!optional].key", "iot", "describe-managed-job-template", "--template-name", "AWS-Install-Application")
	create := []string{
		"iot", "create-job", "--targets", node.ThingARN("press-1"), "--job-id", "install",
		"--job-template-arn", "arn:aws:iot:us-east-1::jobtemplate/AWS-Install-Application:1.0",
	}
	s.refuses("InvalidRequestException", create...)
	s.do("", append(create, "--document-parameters", "packages=wget curl,runAsUser=root")...)
	s.node.Advance(time.Minute)
	s.shows(`{"version":"1.0","steps":[{"action":{"name":"Install-Application","type":"runHandler",`+
		`"input":{"handler":"install-packages.sh","args":["wget curl"],"path":""},"runAsUser":"root"}}]}`,
		"execution.jobDocument", "iot-jobs-data", "start-next-pending-job-execution", "--thing-name", "press-1")
}
