// Package awsv1 drives the device plane over HTTPS through aws-sdk-go, the
// last AWS client for Go that has it. The SDK unpacks to hundreds of
// megabytes, hence a module of its own.
package awsv1

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/credentials"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/aws/aws-sdk-go/service/iotjobsdataplane"

	"github.com/drover-iot/drover/test/node"
)

func TestMain(m *testing.M) { node.Main(m) }

// device is a client that asks for one thing.
type device struct {
	*iotjobsdataplane.IoTJobsDataPlane
	node  *node.Node
	thing *string
}

func newDevice(t *testing.T) device {
	t.Helper()
	n := node.Start(t)
	n.Things("press:07")
	s, err := session.NewSession(&aws.Config{
		Endpoint: &n.URL, Region: aws.String("us-east-1"), MaxRetries: aws.Int(0),
		Credentials: credentials.NewStaticCredentials("drover", "drover", ""),
	})
	if err != nil {
		t.Fatal(err)
	}
	return device{iotjobsdataplane.New(s), n, aws.String("press:07")}
}

// do calls an operation, which must succeed.
func do[In, Out any](t *testing.T, op func(*In) (*Out, error), in *In) *Out {
	t.Helper()
	out, err := op(in)
	if err != nil {
		t.Fatalf("%T: %v", in, err)
	}
	return out
}

// refused calls an operation, which must fail with an error of the client's
// type E.
func refused[E error, In, Out any](t *testing.T, op func(*In) (*Out, error), in *In) {
	t.Helper()
	_, err := op(in)
	if want, ok := errors.AsType[E](err); !ok {
		t.Errorf("%T: got %v, want a %T", in, err, want)
	}
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestADeviceTakesAndFinishesAJob(t *testing.T) {
	d := newDevice(t)
	document := `{"op":"flash","size":18446744073709551616}`
	d.node.Job("fw-3", document, *d.thing)
	created := d.node.Now().Unix() - 60

	pending := do(t, d.GetPendingJobExecutions, &iotjobsdataplane.GetPendingJobExecutionsInput{ThingName: d.thing})
	equal(t, "in progress", len(pending.InProgressJobs), 0)
	equal(t, "queued", len(pending.QueuedJobs), 1)
	equal(t, "job", *pending.QueuedJobs[0].JobId, "fw-3")
	equal(t, "queued within a second of the start", *pending.QueuedJobs[0].QueuedAt-created <= 1, true)

	head := do(t, d.DescribeJobExecution, &iotjobsdataplane.DescribeJobExecutionInput{ThingName: d.thing, JobId: aws.String("$next")})
	equal(t, "job of $next", *head.Execution.JobId, "fw-3")
	equal(t, "status", *head.Execution.Status, "QUEUED")

	started := do(t, d.StartNextPendingJobExecution, &iotjobsdataplane.StartNextPendingJobExecutionInput{
		ThingName: d.thing, StatusDetails: map[string]*string{"phase": aws.String("accepted")}, StepTimeoutInMinutes: aws.Int64(15),
	}).Execution
	equal(t, "thing", *started.ThingName, *d.thing)
	equal(t, "status", *started.Status, "IN_PROGRESS")
	equal(t, "version", *started.VersionNumber, 2)
	equal(t, "seconds left", *started.ApproximateSecondsBeforeTimedOut, 900)
	equal(t, "document", *started.JobDocument, document)
	equal(t, "phase", *started.StatusDetails["phase"], "accepted")

	updated := do(t, d.UpdateJobExecution, &iotjobsdataplane.UpdateJobExecutionInput{
		ThingName: d.thing, JobId: aws.String("fw-3"), Status: aws.String("SUCCEEDED"), ExpectedVersion: aws.Int64(2),
		IncludeJobDocument: aws.Bool(true), IncludeJobExecutionState: aws.Bool(true),
	})
	equal(t, "status", *updated.ExecutionState.Status, "SUCCEEDED")
	equal(t, "version", *updated.ExecutionState.VersionNumber, 3)
	equal(t, "document", *updated.JobDocument, document)
	equal(t, "status for operators", d.node.Status(*d.thing, "fw-3"), "SUCCEEDED")
}

func TestNothingPendingIsAnAnswerAndNoError(t *testing.T) {
	d := newDevice(t)
	pending := do(t, d.GetPendingJobExecutions, &iotjobsdataplane.GetPendingJobExecutionsInput{ThingName: d.thing})
	equal(t, "queued", len(pending.QueuedJobs), 0)
	next := do(t, d.DescribeJobExecution, &iotjobsdataplane.DescribeJobExecutionInput{ThingName: d.thing, JobId: aws.String("$next")})
	equal(t, "$next", next.Execution, nil)
	started := do(t, d.StartNextPendingJobExecution, &iotjobsdataplane.StartNextPendingJobExecutionInput{ThingName: d.thing})
	equal(t, "started", started.Execution, nil)
}

func TestRefusalsHaveTheTypesOfTheModel(t *testing.T) {
	d := newDevice(t)
	d.node.Job("live", "{}", *d.thing)
	d.node.Job("over", "{}", *d.thing)
	d.node.Report(*d.thing, "over", "FAILED")
	unknown, live, over := aws.String("unknown"), aws.String("live"), aws.String("over")
	update := func(job *string, status string, version *int64) *iotjobsdataplane.UpdateJobExecutionInput {
		return &iotjobsdataplane.UpdateJobExecutionInput{ThingName: d.thing, JobId: job, Status: &status, ExpectedVersion: version}
	}

	refused[*iotjobsdataplane.ResourceNotFoundException](t, d.GetPendingJobExecutions,
		&iotjobsdataplane.GetPendingJobExecutionsInput{ThingName: unknown})
	refused[*iotjobsdataplane.ResourceNotFoundException](t, d.DescribeJobExecution,
		&iotjobsdataplane.DescribeJobExecutionInput{ThingName: d.thing, JobId: unknown})
	refused[*iotjobsdataplane.ResourceNotFoundException](t, d.UpdateJobExecution, update(unknown, "SUCCEEDED", nil))
	refused[*iotjobsdataplane.TerminalStateException](t, d.DescribeJobExecution,
		&iotjobsdataplane.DescribeJobExecutionInput{ThingName: d.thing, JobId: over})
	refused[*iotjobsdataplane.InvalidStateTransitionException](t, d.UpdateJobExecution, update(over, "SUCCEEDED", nil))
	refused[*iotjobsdataplane.InvalidStateTransitionException](t, d.UpdateJobExecution, update(live, "SUCCEEDED", aws.Int64(7)))
	refused[*iotjobsdataplane.InvalidStateTransitionException](t, d.UpdateJobExecution, update(live, "QUEUED", nil))
	refused[*iotjobsdataplane.InvalidRequestException](t, d.UpdateJobExecution, update(live, "TIMED_OUT", nil))
	refused[*iotjobsdataplane.InvalidRequestException](t, d.StartNextPendingJobExecution,
		&iotjobsdataplane.StartNextPendingJobExecutionInput{ThingName: d.thing, StepTimeoutInMinutes: aws.Int64(-2)})
}
