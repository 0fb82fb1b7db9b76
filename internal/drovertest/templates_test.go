package drovertest

import (
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iot"
)

// A device that knows the step form executes what the operator filled in, over
// every door, also when the node went down in between.
func TestADeviceGetsTheDocumentOfItsTemplate(t *testing.T) {
	const filled = `{"version":"1.0","steps":[{"action":{"name":"Install-Application","type":"runHandler",` +
		`"input":{"handler":"install-packages.sh","args":["wget \"curl\""],"path":""},"runAsUser":"root"}}]}`
	for _, door := range Doors() {
		t.Run(string(door), func(t *testing.T) {
			t.Parallel()
			n := Start(t, Options{Process: true})
			n.CreateThings("press-01")
			n.Do(iot.CreateJobTemplate, iot.CreateJobTemplateRequest{
				JobTemplateID: "flash", Description: "Flash", Document: `{"op":"flash","n":1.10}`,
			}, nil)
			n.Kill()
			managed := n.Scope.Provider().ARN(awsapi.ResourceJobTemplate, "AWS-Install-Application:1.0")
			n.CreateJob(iot.CreateJobRequest{
				JobID: "install", JobTemplateARN: managed, DocumentParameters: map[string]string{"packages": `wget "curl"`, "runAsUser": "root"},
			}, "press-01")
			n.CreateJob(iot.CreateJobRequest{JobID: "flash", JobTemplateARN: n.Scope.ARN(awsapi.ResourceJobTemplate, "flash")}, "press-01")
			n.Do(iot.DeleteJobTemplate, iot.DeleteJobTemplateRequest{JobTemplateID: "flash"}, nil)
			n.Kill()

			dev := n.Device(door, "press-01")
			for _, want := range []struct{ job, document string }{{"install", filled}, {"flash", `{"op":"flash","n":1.10}`}} {
				x := dev.StartNext("{}").Execution
				if x == nil || x.JobID != want.job || string(x.JobDocument) != want.document {
					t.Fatalf("started %+v, want %s with %s", x, want.job, want.document)
				}
				if a := dev.Update(want.job, `{"status":"SUCCEEDED"}`); !a.Accepted {
					t.Fatalf("refused: %s", a.Raw)
				}
			}
			if j := n.Job("install"); j.JobTemplateARN != managed || j.DocumentParameters["packages"] != `wget "curl"` {
				t.Errorf("the job is of %s with %v", j.JobTemplateARN, j.DocumentParameters)
			}
		})
	}
}

// Whatever is filled in, the document stays within what a job may have.
func TestAFilledDocumentHasTheLimitsOfADocument(t *testing.T) {
	n := Start(t, Options{})
	n.CreateThings("press-01")
	managed := n.Scope.Provider().ARN(awsapi.ResourceJobTemplate, "AWS-Download-File:1.0")
	for _, c := range []struct {
		name, url, path string
		want            string
	}{
		{"the longest value", strings.Repeat("u", 30720), "p", ""},
		{"a value that is too long", strings.Repeat("u", 30721), "p", "must have 1 to 30720 characters"},
		{"values that are too long together", strings.Repeat("u", 30720), strings.Repeat("p", 2000), "at most 32768 are allowed"},
		{"values that are too long when escaped", strings.Repeat(`"`, 20000), "p", "at most 32768 are allowed"},
		{"a placeholder that does not end", "${aws:iot:x", "p", "'documentParameters.downloadUrl' is not allowed: a placeholder in it is not terminated"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := n.Call(iot.CreateJob, iot.CreateJobRequest{
				JobID: strings.ReplaceAll(c.name, " ", "-"), Targets: []string{n.ThingARN("press-01")}, JobTemplateARN: managed,
				DocumentParameters: map[string]string{"downloadUrl": c.url, "filePath": c.path},
			}, nil)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("answered %v, want %q", err, c.want)
			}
		})
	}
}
