package awsv2

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/iot"
	"github.com/aws/aws-sdk-go-v2/service/iot/types"
)

func TestACallBeyondTheRateIsATypedErrorThatRetriesCopeWith(t *testing.T) {
	o := newOperator(t, "--aws-limits")
	var err error
	for err == nil { // ten a second are let through
		_, err = o.ListJobs(t.Context(), &iot.ListJobsInput{})
	}
	if throttled := (*types.ThrottlingException)(nil); !errors.As(err, &throttled) || *throttled.Message != "Too many requests" {
		t.Fatalf("beyond the rate: %v", err)
	}
	for range 15 {
		_, err := o.ListJobs(t.Context(), &iot.ListJobsInput{}, func(o *iot.Options) {
			o.Retryer = retry.NewStandard(func(s *retry.StandardOptions) { s.MaxAttempts = 10 })
		})
		if err != nil {
			t.Fatalf("with retries: %v", err)
		}
	}
	do(t, o.CreateThing, &iot.CreateThingInput{ThingName: aws.String("press")}) // another rate
}
