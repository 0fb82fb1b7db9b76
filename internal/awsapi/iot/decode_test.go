package iot

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/fault"
)

// create reads a CreateJob body around the members given.
func create(members string) error {
	r := httptest.NewRequest("PUT", "/jobs/fw-3", strings.NewReader(`{"targets":["arn:a"],"document":"{}",`+members+`}`))
	r.SetPathValue("jobId", "fw-3")
	_, err := awsapi.NewDecoder[CreateJobRequest]().Request(r)
	return err
}

func TestJobsThatAreTaken(t *testing.T) {
	for _, c := range []struct{ name, members string }{
		{"the extremes of a constant rate", `"jobExecutionsRolloutConfig":{"maximumPerMinute":1000}`},
		{"a factor as an integer", `"jobExecutionsRolloutConfig":{"exponentialRate":{"baseRatePerMinute":1,"incrementFactor":5,"rateIncreaseCriteria":{"numberOfNotifiedThings":1}}}`},
		{"a factor with an exponent", `"jobExecutionsRolloutConfig":{"exponentialRate":{"baseRatePerMinute":1,"incrementFactor":1.1e0,"rateIncreaseCriteria":{}}}`},
		{"a threshold of a hundredth", `"abortConfig":{"criteriaList":[{"failureType":"TIMED_OUT","action":"CANCEL","thresholdPercentage":0.01,"minNumberOfExecutedThings":1}]}`},
		{"no retries at all", `"jobExecutionsRetryConfig":{"criteriaList":[{"failureType":"ALL","numberOfRetries":0}]}`},
		{"an empty timeout", `"timeoutConfig":{}`},
		{"a week's timeout", `"timeoutConfig":{"inProgressTimeoutInMinutes":10080}`},
		{"a tag without a value, and letters of any alphabet", `"tags":[{"Key":"größe 大 1+1=2@x"}]`},
		{"an empty schedule", `"schedulingConfig":{}`},
		{"a schedule with all it has", `"schedulingConfig":{"startTime":"2026-03-01 14:30","endTime":"2026-04-01T00:00Z","endBehavior":"CANCEL","maintenanceWindows":[{"startTime":"cron(0 2 ? * * *)","durationInMinutes":1430}]}`},
		{"a document in S3, which the domain looks at", `"documentSource":"https://s3.amazonaws.com/b/k"`},
		{"members that are null", `"documentSource":null,"jobTemplateArn":null,"tags":null`},
		{"2028 characters of description", `"description":"` + strings.Repeat("ü", 2028) + `"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := create(c.members); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestJobsThatAreRefused(t *testing.T) {
	for _, c := range []struct{ name, members, message string }{
		{"a source of 1351 characters", `"documentSource":"` + strings.Repeat("a", 1351) + `"`, "at 'documentSource' failed to satisfy constraint: must have 1 to 1350 characters"},
		{"an empty source", `"documentSource":""`, "at 'documentSource' failed to satisfy constraint"},
		{"a template that is no ARN", `"jobTemplateArn":"AWS-Reboot"`, "at 'jobTemplateArn' failed to satisfy constraint: must match arn:[!-~]+"},
		{"a parameter's key", `"documentParameters":{"a b":"x"}`, "at 'documentParameters"},
		{"an empty parameter", `"documentParameters":{"a":""}`, "at 'documentParameters.a' failed to satisfy constraint: must have 1 to 30720 characters"},
		{"a parameter of two lines", `"documentParameters":{"a":"1\n2"}`, "at 'documentParameters.a'"},
		{"a namespace with a slash", `"namespaceId":"a/b"`, "at 'namespaceId' failed to satisfy constraint: must match [a-zA-Z0-9_-]+"},
		{"an empty namespace", `"namespaceId":""`, "at 'namespaceId'"},

		{"no targets", `"targets":[]`, "Value at 'targets' failed to satisfy constraint: must have 1 to 100 items, not 0"},
		{"101 targets", `"targets":[` + strings.Repeat(`"a",`, 100) + `"a"]`, "not 101"},
		{"a target too long", `"targets":["` + strings.Repeat("a", 2049) + `"]`, "at 'targets[0]' failed to satisfy constraint: must have at most 2048 characters"},
		{"an empty description", `"description":""`, `must match [^\p{C}]+`},
		{"a line break in the description", `"description":"a\nb"`, "at 'description'"},
		{"a selection in lower case", `"targetSelection":"snapshot"`, "must be one of CONTINUOUS, SNAPSHOT"},
		{"1001 a minute", `"jobExecutionsRolloutConfig":{"maximumPerMinute":1001}`, "must be 1 to 1000"},
		{"a factor of 1", `"jobExecutionsRolloutConfig":{"exponentialRate":{"baseRatePerMinute":1,"incrementFactor":1,"rateIncreaseCriteria":{}}}`, "must be 1.1 to 5 with 1 decimal"},
		{"a factor of two decimals", `"jobExecutionsRolloutConfig":{"exponentialRate":{"baseRatePerMinute":1,"incrementFactor":1.15,"rateIncreaseCriteria":{}}}`, "Value 1.15 at"},
		{"a factor as a string", `"jobExecutionsRolloutConfig":{"exponentialRate":{"baseRatePerMinute":1,"incrementFactor":"1.5","rateIncreaseCriteria":{}}}`, "must be a number"},
		{"a rate without its criteria", `"jobExecutionsRolloutConfig":{"exponentialRate":{"baseRatePerMinute":1,"incrementFactor":2}}`, "Value null at 'jobExecutionsRolloutConfig.exponentialRate.rateIncreaseCriteria'"},
		{"a threshold of zero", `"abortConfig":{"criteriaList":[{"failureType":"ALL","action":"CANCEL","thresholdPercentage":0,"minNumberOfExecutedThings":1}]}`, "must be 0.01 to 100"},
		{"no criteria", `"abortConfig":{"criteriaList":[]}`, "must have at least 1 items"},
		{"three retry criteria", `"jobExecutionsRetryConfig":{"criteriaList":[` + strings.Repeat(`{"failureType":"FAILED","numberOfRetries":1},`, 2) + `{"failureType":"FAILED","numberOfRetries":1}]}`, "must have 1 to 2 items, not 3"},
		{"retries of a rejection", `"jobExecutionsRetryConfig":{"criteriaList":[{"failureType":"REJECTED","numberOfRetries":1}]}`, "must be one of FAILED, TIMED_OUT, ALL"},
		{"eleven retries", `"jobExecutionsRetryConfig":{"criteriaList":[{"failureType":"FAILED","numberOfRetries":11}]}`, "must be 0 to 10"},
		{"minus one retry", `"jobExecutionsRetryConfig":{"criteriaList":[{"failureType":"FAILED","numberOfRetries":-1}]}`, "must be 0 to 10"},
		{"a timeout of zero", `"timeoutConfig":{"inProgressTimeoutInMinutes":0}`, "must be 1 to 10080"},
		{"a URL that lives a second too long", `"presignedUrlConfig":{"expiresInSec":3601}`, "must be 60 to 3600"},
		{"a start of no time", `"schedulingConfig":{"startTime":""}`, "at 'schedulingConfig.startTime' failed to satisfy constraint: must have 1 to 64 characters"},
		{"an end of 65 characters", `"schedulingConfig":{"endTime":"` + strings.Repeat("1", 65) + `"}`, "at 'schedulingConfig.endTime'"},
		{"an end of no kind", `"schedulingConfig":{"endBehavior":"STOP"}`, "must be one of STOP_ROLLOUT, CANCEL, FORCE_CANCEL"},
		{"a window of no length", `"schedulingConfig":{"maintenanceWindows":[{"startTime":"0 2 * * ? *"}]}`, "Value null at 'schedulingConfig.maintenanceWindows[0].durationInMinutes'"},
		{"a window of nearly a day", `"schedulingConfig":{"maintenanceWindows":[{"startTime":"0 2 * * ? *","durationInMinutes":1431}]}`, "must be 1 to 1430"},
		{"a window at no time", `"schedulingConfig":{"maintenanceWindows":[{"durationInMinutes":60}]}`, "Value null at 'schedulingConfig.maintenanceWindows[0].startTime'"},
		{"a window that is text", `"schedulingConfig":{"maintenanceWindows":["0 2 * * ? *"]}`, "must be an object"},
		{"a setting that is a list", `"timeoutConfig":[]`, "must be an object"},
		{"a tag of the service", `"tags":[{"Key":"aws:x"}]`, "must not begin with aws:"},
		{"a tag without a key", `"tags":[{"Value":"x"}]`, "Value null at 'tags[0].Key'"},
		{"a tag in lower case", `"tags":[{"key":"x"}]`, "Value null at 'tags[0].Key'"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := create(c.members)
			if !fault.Is(err, fault.InvalidRequest) || !strings.Contains(err.Error(), c.message) {
				t.Errorf("got %v, want %s", err, c.message)
			}
		})
	}
}

func TestMembersOfTheRegistryThatAreNotBuilt(t *testing.T) {
	thing := httptest.NewRequest("POST", "/things/T", strings.NewReader(`{"billingGroupName":"b"}`))
	thing.SetPathValue("thingName", "T")
	kind := httptest.NewRequest("POST", "/thing-types/T", strings.NewReader(`{"thingTypeProperties":{"mqtt5Configuration":{}}}`))
	kind.SetPathValue("thingTypeName", "T")
	_, thingErr := awsapi.NewDecoder[CreateThingRequest]().Request(thing)
	_, typeErr := awsapi.NewDecoder[CreateThingTypeRequest]().Request(kind)
	for want, err := range map[string]error{
		"Member 'billingGroupName' is not supported by this server":                       thingErr,
		"Member 'thingTypeProperties.mqtt5Configuration' is not supported by this server": typeErr,
	} {
		if !fault.Is(err, fault.InvalidRequest) || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestTagsOfAnyResource(t *testing.T) {
	for _, c := range []struct{ name, body, message string }{
		{"tags", `{"resourceArn":"arn:a","tags":[{"Key":"a","Value":"b"}]}`, ""},
		{"no resource", `{"tags":[]}`, "Value null at 'resourceArn'"},
		{"no tags", `{"resourceArn":"arn:a"}`, "Value null at 'tags'"},
		{"a value of 257 characters", `{"resourceArn":"arn:a","tags":[{"Key":"a","Value":"` + strings.Repeat("v", 257) + `"}]}`, "at 'tags[0].Value'"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := awsapi.NewDecoder[TagResourceRequest]().Request(httptest.NewRequest("POST", "/tags", strings.NewReader(c.body)))
			if (err == nil) != (c.message == "") || err != nil && !strings.Contains(err.Error(), c.message) {
				t.Errorf("got %v, want %s", err, c.message)
			}
		})
	}
}
