package iot

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/fault"
)

// createTemplate reads a CreateJobTemplate body around the members given.
func createTemplate(members string) error {
	r := httptest.NewRequest("PUT", "/job-templates/t", strings.NewReader(`{"description":"d",`+members+`}`))
	r.SetPathValue("jobTemplateId", "t")
	_, err := awsapi.NewDecoder[CreateJobTemplateRequest]().Request(r)
	return err
}

func TestTemplatesThatAreRefused(t *testing.T) {
	for _, c := range []struct{ name, members, message string }{
		{"an empty source", `"documentSource":""`, "at 'documentSource' failed to satisfy constraint"},
		{"a window of a whole day", `"maintenanceWindows":[{"startTime":"cron(0 2 ? * * *)","durationInMinutes":1440}]`, "at 'maintenanceWindows[0].durationInMinutes' failed to satisfy constraint: must be 1 to 1430"},
		{"a window at no time", `"maintenanceWindows":[{"durationInMinutes":60}]`, "Value null at 'maintenanceWindows[0].startTime'"},
		{"a window in a time zone", `"maintenanceWindows":[{"startTime":"cron(0 2 ? * * *)","durationInMinutes":60,"timeZone":"Europe/Berlin"}]`, "timeZone"},
		{"a package version that is no ARN", `"destinationPackageVersions":["agent"]`, "at 'destinationPackageVersions[0]' failed to satisfy constraint"},
		{"1001 a minute", `"jobExecutionsRolloutConfig":{"maximumPerMinute":1001}`, "must be 1 to 1000"},
		{"no criteria", `"abortConfig":{"criteriaList":[]}`, "must have at least 1 items"},
		{"a tag of the service", `"tags":[{"Key":"aws:x"}]`, "must not begin with aws:"},
		{"a document that is no string", `"document":{}`, "must be a string"},
		{"a jobArn that is no string", `"jobArn":1`, "must be a string"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := createTemplate(c.members)
			if !fault.Is(err, fault.InvalidRequest) || !strings.Contains(err.Error(), c.message) {
				t.Errorf("got %v, want %s", err, c.message)
			}
		})
	}
}
