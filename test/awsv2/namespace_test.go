package awsv2

import (
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iot"
	"github.com/aws/aws-sdk-go-v2/service/iot/types"

	"github.com/drover-iot/drover/test/node"
)

func TestAJobOfANamespaceIsApartFromTheOthers(t *testing.T) {
	o := newOperator(t)
	thing := o.things("press", 1)[0]
	space := aws.String("aws-gg-deployment")
	o.job(&iot.CreateJobInput{JobId: aws.String("plain"), Targets: []string{node.ThingARN(thing)}})
	o.job(&iot.CreateJobInput{JobId: aws.String("deploy"), Targets: []string{node.ThingARN(thing)}, NamespaceId: space})
	o.node.Advance(time.Second)

	equal(t, "namespace", *o.describeJob("deploy").NamespaceId, *space)
	equal(t, "of a plain job", o.describeJob("plain").NamespaceId, nil)
	jobs := do(t, o.ListJobs, &iot.ListJobsInput{NamespaceId: space}).Jobs
	equal(t, "jobs in it", len(jobs), 1)
	equal(t, "job in it", *jobs[0].JobId, "deploy")
	equal(t, "all jobs", len(do(t, o.ListJobs, &iot.ListJobsInput{}).Jobs), 2)
	of := do(t, o.ListJobExecutionsForThing, &iot.ListJobExecutionsForThingInput{ThingName: &thing, NamespaceId: space}).ExecutionSummaries
	equal(t, "executions in it", len(of), 1)
	equal(t, "execution in it", *of[0].JobId, "deploy")
	of = do(t, o.ListJobExecutionsForThing, &iot.ListJobExecutionsForThingInput{ThingName: &thing}).ExecutionSummaries
	equal(t, "all executions", len(of), 2)

	equal(t, "next", o.node.StartNext(thing), "plain")
	o.node.Report(thing, "plain", "SUCCEEDED")
	equal(t, "next of the plain ones", o.node.StartNext(thing), "")
	o.node.Report(thing, "deploy", "SUCCEEDED")
	equal(t, "status", o.describeJob("deploy").Status, types.JobStatusCompleted)
}

func TestANamespaceOfARequestMustBeThatOfItsJob(t *testing.T) {
	o := newOperator(t)
	thing := o.things("press", 1)[0]
	o.job(&iot.CreateJobInput{JobId: aws.String("deploy"), Targets: []string{node.ThingARN(thing)}, NamespaceId: aws.String("gg")})
	o.node.Advance(time.Second)
	for _, namespace := range []string{"other", "gg"} {
		space := aws.String(namespace)
		for what, err := range map[string]error{
			"update": try(t, o.UpdateJob, &iot.UpdateJobInput{JobId: aws.String("deploy"), NamespaceId: space}),
			"delete": try(t, o.DeleteJobExecution, &iot.DeleteJobExecutionInput{
				JobId: aws.String("deploy"), ThingName: &thing, ExecutionNumber: aws.Int64(1), NamespaceId: space,
			}),
		} {
			absent := (*types.ResourceNotFoundException)(nil)
			if errors.As(err, &absent) != (namespace == "other") {
				t.Errorf("%s in namespace %s: %v", what, namespace, err)
			}
		}
	}
	refused := try(t, o.DeleteJob, &iot.DeleteJobInput{JobId: aws.String("deploy"), Force: true, NamespaceId: aws.String("other")})
	if absent := (*types.ResourceNotFoundException)(nil); !errors.As(refused, &absent) {
		t.Errorf("delete in another namespace: %v", refused)
	}
	do(t, o.DeleteJob, &iot.DeleteJobInput{JobId: aws.String("deploy"), Force: true, NamespaceId: aws.String("gg")})
}

// try calls an operation that may fail.
func try[In, Out any](t *testing.T, op call[In, Out], in *In) error {
	t.Helper()
	_, err := op(t.Context(), in)
	return err
}
