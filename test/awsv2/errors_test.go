package awsv2

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iot"
	"github.com/aws/aws-sdk-go-v2/service/iot/types"
	"github.com/aws/smithy-go"

	"github.com/drover-iot/drover/test/node"
)

// refused calls an operation, which must fail with an error of the client's
// type E.
func refused[E error, In, Out any](t *testing.T, op call[In, Out], in *In) E {
	t.Helper()
	_, err := op(t.Context(), in)
	want, ok := errors.AsType[E](err)
	if !ok {
		t.Errorf("%T: got %v, want a %T", in, err, want)
	}
	return want
}

func TestRefusalsOfTheRegistryHaveTheTypesOfTheModel(t *testing.T) {
	o := newOperator(t)
	unknown, thing, group, kind := aws.String("unknown"), aws.String("thing"), aws.String("group"), aws.String("kind")
	do(t, o.CreateThing, &iot.CreateThingInput{ThingName: thing})
	do(t, o.CreateThingGroup, &iot.CreateThingGroupInput{ThingGroupName: group})
	do(t, o.CreateThingGroup, &iot.CreateThingGroupInput{ThingGroupName: aws.String("child"), ParentGroupName: group})
	do(t, o.CreateThingType, &iot.CreateThingTypeInput{ThingTypeName: kind})

	refused[*types.ResourceNotFoundException](t, o.DescribeThing, &iot.DescribeThingInput{ThingName: unknown})
	refused[*types.ResourceNotFoundException](t, o.DescribeThingGroup, &iot.DescribeThingGroupInput{ThingGroupName: unknown})
	refused[*types.ResourceNotFoundException](t, o.DescribeThingType, &iot.DescribeThingTypeInput{ThingTypeName: unknown})
	refused[*types.ResourceNotFoundException](t, o.AddThingToThingGroup, &iot.AddThingToThingGroupInput{ThingGroupName: group, ThingName: unknown})
	refused[*types.ResourceNotFoundException](t, o.ListTagsForResource, &iot.ListTagsForResourceInput{ResourceArn: aws.String(node.GroupARN("unknown"))})

	refused[*types.VersionConflictException](t, o.UpdateThing, &iot.UpdateThingInput{ThingName: thing, ExpectedVersion: aws.Int64(7)})
	refused[*types.VersionConflictException](t, o.DeleteThing, &iot.DeleteThingInput{ThingName: thing, ExpectedVersion: aws.Int64(7)})
	refused[*types.VersionConflictException](t, o.UpdateThingGroup, &iot.UpdateThingGroupInput{
		ThingGroupName: group, ThingGroupProperties: &types.ThingGroupProperties{}, ExpectedVersion: aws.Int64(7),
	})

	refused[*types.InvalidRequestException](t, o.DeleteThingGroup, &iot.DeleteThingGroupInput{ThingGroupName: group})
	refused[*types.InvalidRequestException](t, o.DeleteThingType, &iot.DeleteThingTypeInput{ThingTypeName: kind})
	refused[*types.InvalidRequestException](t, o.TagResource, &iot.TagResourceInput{
		ResourceArn: aws.String(node.ThingARN("thing")), Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}},
	})
	refused[*types.InvalidRequestException](t, o.ListThings, &iot.ListThingsInput{NextToken: aws.String("not a token")})
	refused[*types.InvalidRequestException](t, o.DescribeEndpoint, &iot.DescribeEndpointInput{EndpointType: aws.String("iot:CredentialProvider")})

	other := &types.AttributePayload{Attributes: map[string]string{"site": "north"}}
	exists := refused[*types.ResourceAlreadyExistsException](t, o.CreateThing, &iot.CreateThingInput{ThingName: thing, AttributePayload: other})
	equal(t, "ARN", aws.ToString(exists.ResourceArn), node.ThingARN("thing"))
	equal(t, "id", aws.ToString(exists.ResourceId), "thing")
}

func TestRefusalsOfJobsHaveTheTypesOfTheModel(t *testing.T) {
	o := newOperator(t)
	thing, job, unknown := o.things("thing", 1)[0], aws.String("job"), aws.String("unknown")
	document := aws.String("{}")
	o.group("group", 0)
	o.job(&iot.CreateJobInput{JobId: job, Targets: []string{node.ThingARN(thing)}})
	o.node.Advance(time.Second)
	o.node.StartNext(thing)

	refused[*types.ResourceNotFoundException](t, o.DescribeJob, &iot.DescribeJobInput{JobId: unknown})
	refused[*types.ResourceNotFoundException](t, o.GetJobDocument, &iot.GetJobDocumentInput{JobId: unknown})
	refused[*types.ResourceNotFoundException](t, o.UpdateJob, &iot.UpdateJobInput{JobId: unknown})
	refused[*types.ResourceNotFoundException](t, o.CancelJob, &iot.CancelJobInput{JobId: unknown})
	refused[*types.ResourceNotFoundException](t, o.DeleteJob, &iot.DeleteJobInput{JobId: unknown})
	refused[*types.ResourceNotFoundException](t, o.ListJobExecutionsForJob, &iot.ListJobExecutionsForJobInput{JobId: unknown})
	refused[*types.ResourceNotFoundException](t, o.ListJobExecutionsForThing, &iot.ListJobExecutionsForThingInput{ThingName: unknown})
	refused[*types.ResourceNotFoundException](t, o.DescribeJobExecution, &iot.DescribeJobExecutionInput{JobId: unknown, ThingName: &thing})
	refused[*types.ResourceNotFoundException](t, o.DeleteJobExecution, &iot.DeleteJobExecutionInput{
		JobId: job, ThingName: &thing, ExecutionNumber: aws.Int64(7),
	})
	refused[*types.ResourceNotFoundException](t, o.CreateJob, &iot.CreateJobInput{
		JobId: unknown, Document: document, Targets: []string{node.ThingARN("unknown")},
	})

	refused[*types.InvalidStateTransitionException](t, o.CancelJobExecution, &iot.CancelJobExecutionInput{JobId: job, ThingName: &thing})
	refused[*types.InvalidStateTransitionException](t, o.DeleteJob, &iot.DeleteJobInput{JobId: job})
	refused[*types.InvalidStateTransitionException](t, o.DeleteJobExecution, &iot.DeleteJobExecutionInput{
		JobId: job, ThingName: &thing, ExecutionNumber: aws.Int64(1),
	})
	refused[*types.VersionConflictException](t, o.CancelJobExecution, &iot.CancelJobExecutionInput{
		JobId: job, ThingName: &thing, ExpectedVersion: aws.Int64(1), Force: true,
	})

	refused[*types.InvalidRequestException](t, o.AssociateTargetsWithJob, &iot.AssociateTargetsWithJobInput{
		JobId: job, Targets: []string{node.GroupARN("group")},
	})
	exists := refused[*types.ResourceAlreadyExistsException](t, o.CreateJob, &iot.CreateJobInput{
		JobId: job, Document: document, Targets: []string{node.ThingARN(thing)},
	})
	equal(t, "ARN", aws.ToString(exists.ResourceArn), node.JobARN("job"))
	equal(t, "id", aws.ToString(exists.ResourceId), "job")

	do(t, o.CancelJob, &iot.CancelJobInput{JobId: job})
	refused[*types.InvalidRequestException](t, o.CancelJob, &iot.CancelJobInput{JobId: job})
	refused[*types.InvalidRequestException](t, o.UpdateJob, &iot.UpdateJobInput{JobId: job, Description: aws.String("too late")})
}

func TestTheHundredAndFirstTargetIsOverTheLimit(t *testing.T) {
	o := newOperator(t)
	arns := make([]string, 101)
	for i := range arns {
		name := fmt.Sprintf("group-%d", i)
		do(t, o.CreateThingGroup, &iot.CreateThingGroupInput{ThingGroupName: &name})
		arns[i] = node.GroupARN(name)
	}
	o.job(&iot.CreateJobInput{JobId: aws.String("job"), Targets: arns[:100], TargetSelection: types.TargetSelectionContinuous})
	refused[*types.LimitExceededException](t, o.AssociateTargetsWithJob, &iot.AssociateTargetsWithJobInput{
		JobId: aws.String("job"), Targets: arns[100:],
	})
}

func TestARefusalNamesTheMemberAndTheRule(t *testing.T) {
	o := newOperator(t)
	thing := o.things("thing", 1)[0]
	create := func(change func(*iot.CreateJobInput)) error {
		in := &iot.CreateJobInput{JobId: aws.String("job"), Document: aws.String("{}"), Targets: []string{node.ThingARN(thing)}}
		change(in)
		_, err := o.CreateJob(t.Context(), in)
		return err
	}
	for _, c := range []struct {
		names string
		err   error
	}{
		{"jobId", create(func(in *iot.CreateJobInput) { in.JobId = aws.String("a b") })},
		{"targets", create(func(in *iot.CreateJobInput) { in.Targets = []string{} })},
		{"document", create(func(in *iot.CreateJobInput) { in.Document = aws.String("{") })},
		{"description", create(func(in *iot.CreateJobInput) { in.Description = aws.String("a\nb") })},
		{"targetSelection", create(func(in *iot.CreateJobInput) { in.TargetSelection = "SOME" })},
		{"maximumPerMinute", create(func(in *iot.CreateJobInput) {
			in.JobExecutionsRolloutConfig = &types.JobExecutionsRolloutConfig{MaximumPerMinute: aws.Int32(1001)}
		})},
		{"inProgressTimeoutInMinutes", create(func(in *iot.CreateJobInput) {
			in.TimeoutConfig = &types.TimeoutConfig{InProgressTimeoutInMinutes: aws.Int64(10081)}
		})},
		{"schedulingConfig", create(func(in *iot.CreateJobInput) {
			in.SchedulingConfig = &types.SchedulingConfig{StartTime: aws.String("2030-01-01T00:00")}
		})},
	} {
		var invalid *types.InvalidRequestException
		if !errors.As(c.err, &invalid) || !strings.Contains(invalid.ErrorMessage(), c.names) {
			t.Errorf("got %v, want an InvalidRequestException that names %s", c.err, c.names)
		}
	}
}

func TestAnOperationThatIsNotBuiltSaysSo(t *testing.T) {
	o := newOperator(t)
	_, err := o.ListCertificates(t.Context(), &iot.ListCertificatesInput{})
	var refusal smithy.APIError
	if !errors.As(err, &refusal) || refusal.ErrorCode() != "InvalidRequestException" || !strings.Contains(refusal.ErrorMessage(), "ListCertificates") {
		t.Errorf("got %v, want an InvalidRequestException that names ListCertificates", err)
	}
}
