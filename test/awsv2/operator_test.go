// Package awsv2 drives a node's control plane through aws-sdk-go-v2, as an
// operator's program would.
package awsv2

import (
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/iot"
	"github.com/aws/aws-sdk-go-v2/service/iot/types"
	"github.com/aws/smithy-go/middleware"

	"github.com/drover-iot/drover/test/node"
)

func TestMain(m *testing.M) { node.Main(m) }

// operator is a client of a node of its own. It remembers which operations it
// has called.
type operator struct {
	*iot.Client
	node   *node.Node
	t      *testing.T
	called map[string]bool
}

func newOperator(t *testing.T, flags ...string) *operator {
	t.Helper()
	o := &operator{node: node.Start(t, flags...), t: t, called: map[string]bool{}}
	o.Client = iot.New(iot.Options{
		BaseEndpoint: aws.String(o.node.URL),
		Region:       "us-east-1",
		Credentials:  aws.CredentialsProviderFunc(credentials),
		Retryer:      aws.NopRetryer{},
		APIOptions:   []func(*middleware.Stack) error{o.record},
	})
	return o
}

func credentials(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "drover", SecretAccessKey: "drover"}, nil
}

func (o *operator) record(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("record",
		func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			o.called[awsmiddleware.GetOperationName(ctx)] = true
			return next.HandleInitialize(ctx, in)
		}), middleware.After)
}

// call is a method of the client.
type call[In, Out any] func(context.Context, *In, ...func(*iot.Options)) (*Out, error)

// do calls an operation, which must succeed.
func do[In, Out any](t *testing.T, op call[In, Out], in *In) *Out {
	t.Helper()
	out, err := op(t.Context(), in)
	if err != nil {
		t.Fatalf("%T: %v", in, err)
	}
	return out
}

// things registers things named PREFIX-0, PREFIX-1 and so on.
func (o *operator) things(prefix string, n int) []string {
	o.t.Helper()
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("%s-%d", prefix, i)
		do(o.t, o.CreateThing, &iot.CreateThingInput{ThingName: &names[i]})
	}
	return names
}

// group makes a group of things that it registers.
func (o *operator) group(name string, n int) []string {
	o.t.Helper()
	do(o.t, o.CreateThingGroup, &iot.CreateThingGroupInput{ThingGroupName: &name})
	members := o.things(name, n)
	for i := range members {
		do(o.t, o.AddThingToThingGroup, &iot.AddThingToThingGroupInput{ThingGroupName: &name, ThingName: &members[i]})
	}
	return members
}

// job creates a job, filling in a document.
func (o *operator) job(in *iot.CreateJobInput) {
	o.t.Helper()
	in.Document = aws.String(`{"op":"reboot"}`)
	do(o.t, o.CreateJob, in)
}

func (o *operator) describeJob(id string) types.Job {
	o.t.Helper()
	return *do(o.t, o.DescribeJob, &iot.DescribeJobInput{JobId: &id}).Job
}

func (o *operator) describeExecution(thing, job string) types.JobExecution {
	o.t.Helper()
	return *do(o.t, o.DescribeJobExecution, &iot.DescribeJobExecutionInput{JobId: &job, ThingName: &thing}).Execution
}

// equal compares what an answer says.
func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
