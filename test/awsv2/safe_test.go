package awsv2

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/iot"
	"github.com/aws/aws-sdk-go-v2/service/iot/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/drover-iot/drover/test/node"
)

// with has a call do one thing more with its request.
func with(do func(*smithyhttp.Request)) func(*iot.Options) {
	return iot.WithAPIOptions(func(stack *middleware.Stack) error {
		return stack.Build.Add(middleware.BuildMiddlewareFunc("more",
			func(ctx context.Context, in middleware.BuildInput, next middleware.BuildHandler) (middleware.BuildOutput, middleware.Metadata, error) {
				do(in.Request.(*smithyhttp.Request))
				return next.HandleBuild(ctx, in)
			}), middleware.After)
	})
}

func ifMatch(tag string) func(*iot.Options) {
	return with(func(r *smithyhttp.Request) { r.Header.Set("If-Match", tag) })
}

func dryRun(o *iot.Options) { with(func(r *smithyhttp.Request) { r.URL.RawQuery = "dryRun=true" })(o) }

// tagOf is the ETag of an answer.
func tagOf(of middleware.Metadata) string {
	return awsmiddleware.GetRawResponse(of).(*smithyhttp.Response).Header.Get("ETag")
}

func TestTwoOperatorsDoNotOverwriteEachOther(t *testing.T) {
	o := newOperator(t)
	o.group("fleet", 1)
	o.job(&iot.CreateJobInput{JobId: aws.String("fw"), Targets: []string{node.GroupARN("fleet")}})
	seen := tagOf(do(t, o.DescribeJob, &iot.DescribeJobInput{JobId: aws.String("fw")}).ResultMetadata)
	update := func(description, tag string) (*iot.UpdateJobOutput, error) {
		return o.UpdateJob(t.Context(), &iot.UpdateJobInput{JobId: aws.String("fw"), Description: &description}, ifMatch(tag))
	}
	first, err := update("first", seen)
	if err != nil {
		t.Fatalf("update at the version that was seen: %v", err)
	}
	equal(t, "version", tagOf(first.ResultMetadata), `"2"`)

	_, err = update("second", seen)
	var refused smithy.APIError
	var answer *smithyhttp.ResponseError
	if !errors.As(err, &refused) || !errors.As(err, &answer) {
		t.Fatalf("update at a version that is gone: %v", err)
	}
	equal(t, "exception", refused.ErrorCode(), "PreconditionFailedException")
	equal(t, "status", answer.HTTPStatusCode(), 412)
	equal(t, "version", answer.HTTPResponse().Header.Get("ETag"), `"2"`)
	equal(t, "description", *o.describeJob("fw").Description, "first")

	if _, err = update("second", answer.HTTPResponse().Header.Get("ETag")); err != nil {
		t.Fatalf("update at the version that the refusal names: %v", err)
	}
	equal(t, "description", *o.describeJob("fw").Description, "second")
}

func TestADryRunChangesNothing(t *testing.T) {
	o := newOperator(t)
	o.group("fleet", 3)
	o.job(&iot.CreateJobInput{
		JobId: aws.String("fw"), Targets: []string{node.GroupARN("fleet")},
		JobExecutionsRolloutConfig: &types.JobExecutionsRolloutConfig{MaximumPerMinute: aws.Int32(1)},
	})
	faster := &iot.UpdateJobInput{
		JobId: aws.String("fw"), JobExecutionsRolloutConfig: &types.JobExecutionsRolloutConfig{MaximumPerMinute: aws.Int32(1000)},
	}
	if _, err := o.UpdateJob(t.Context(), faster, dryRun); err != nil {
		t.Fatalf("try an update: %v", err)
	}
	o.node.Advance(2 * time.Second)
	equal(t, "at the rate that it had", o.counts("fw"), counts{queued: 1})
	do(t, o.UpdateJob, faster)
	o.node.Advance(2 * time.Second)
	equal(t, "at the rate of the update", o.counts("fw"), counts{queued: 3})
}
