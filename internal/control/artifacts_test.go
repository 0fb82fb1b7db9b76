package control_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/drovertest"
)

const role = "arn:aws:iam::000000000000:role/s3"

// spec: job-lifecycle.md#81-validation-in-this-order-order-is-a-decision
func TestDocumentsFromTheStoreOfArtifacts(t *testing.T) {
	n := drovertest.Start(t, drovertest.Options{})
	n.CreateThings("press-01")
	const document = ` { "op" : "reboot", "n" : 1.10 } `
	n.PutArtifact("documents", "a/re%20boot.json", document)
	n.PutArtifact("documents", "largest", `"`+strings.Repeat("x", 32766)+`"`)
	n.PutArtifact("documents", "too-large", `"`+strings.Repeat("x", 32767)+`"`)
	n.PutArtifact("documents", "text", "reboot")
	n.PutArtifact("documents", "binary", "\"\xff\"")
	n.PutArtifact("documents", "empty", "")
	n.PutArtifact("documents", "signed", `"${aws:iot:s3-presigned-url:https://s3.amazonaws.com/firmware/k}"`)
	n.PutArtifact("documents", "packaged", `["${aws:iot:package::version::attributes}"]`)
	n.Do(iot.CreatePackage, iot.CreatePackageRequest{PackageName: "agent"}, nil)
	n.Do(iot.CreatePackageVersion, iot.CreatePackageVersionRequest{PackageName: "agent", VersionName: "1.0"}, nil)
	n.Do(iot.UpdatePackageVersion, iot.UpdatePackageVersionRequest{PackageName: "agent", VersionName: "1.0", Action: "PUBLISH"}, nil)
	agent := []string{n.Scope.PackageVersionARN("agent", "1.0")}
	many := strings.Repeat(`"${aws:iot:s3-presigned-url:https://s3.amazonaws.com/abc/k}",`, 480)
	for i, c := range []struct {
		name string
		job  iot.CreateJobRequest
		want string // the message; "" is none
	}{
		{"a document", iot.CreateJobRequest{DocumentSource: "https://s3.amazonaws.com/documents/a/re%20boot.json"}, ""},
		{"one of any region", iot.CreateJobRequest{DocumentSource: "https://documents.s3.ap-south-1.amazonaws.com/largest"}, ""},
		{"one by the node's own URL", iot.CreateJobRequest{DocumentSource: n.URL() + "/s3/documents/largest"}, ""},
		{"one that is too large", iot.CreateJobRequest{DocumentSource: "https://s3.amazonaws.com/documents/too-large"}, "EntityTooLarge"},
		{"one that is no JSON", iot.CreateJobRequest{DocumentSource: "https://s3.amazonaws.com/documents/text"}, "not JSON"},
		{"one that is no UTF-8", iot.CreateJobRequest{DocumentSource: "https://s3.amazonaws.com/documents/binary"}, "not UTF-8"},
		{"one that is empty", iot.CreateJobRequest{DocumentSource: "https://s3.amazonaws.com/documents/empty"}, "not JSON"},
		{"one that is not there", iot.CreateJobRequest{DocumentSource: "https://s3.amazonaws.com/documents/halt"}, "NoSuchKey"},
		{"one of a bucket that is not there", iot.CreateJobRequest{DocumentSource: "https://s3.amazonaws.com/nothing/halt"}, "NoSuchBucket"},
		{"one of a version", iot.CreateJobRequest{DocumentSource: "https://s3.amazonaws.com/documents/text?versionId=7"}, "NoSuchVersion"},
		{"one that is nowhere", iot.CreateJobRequest{DocumentSource: "https://files.example.net/halt"}, "not the URL of an object in S3"},
		{"one and another", iot.CreateJobRequest{DocumentSource: "https://s3.amazonaws.com/documents/largest", Document: "{}"}, "Only one of"},
		{"none", iot.CreateJobRequest{}, "Value null at 'document'"},
		{"URLs without a role", iot.CreateJobRequest{DocumentSource: "https://s3.amazonaws.com/documents/signed"}, "presignedUrlConfig.roleArn"},
		{"URLs with one", iot.CreateJobRequest{DocumentSource: "https://s3.amazonaws.com/documents/signed", PresignedURLConfig: &iot.PresignedURLConfig{RoleARN: role}}, ""},
		{"a URL that is none", iot.CreateJobRequest{Document: `"${aws:iot:s3-presigned-url:k}"`, PresignedURLConfig: &iot.PresignedURLConfig{RoleARN: role}}, "not the URL of an object in S3"},
		{"more URLs than fit", iot.CreateJobRequest{Document: "[" + many + "1]", PresignedURLConfig: &iot.PresignedURLConfig{RoleARN: role}}, "with its placeholders resolved"},
		{"one with a package", iot.CreateJobRequest{DocumentSource: "https://s3.amazonaws.com/documents/packaged", DestinationPackageVersions: agent}, ""},
		{"one with a package that the job does not bring", iot.CreateJobRequest{DocumentSource: "https://s3.amazonaws.com/documents/packaged"}, "exactly one entry"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.job.JobID, c.job.Targets = fmt.Sprint("job-", i), []string{n.ThingARN("press-01")}
			err := n.Call(iot.CreateJob, c.job, nil)
			got, _ := refusalOf(t, err)
			message := fmt.Sprint(err)
			if (got != "") != (c.want != "") || got != "" && got != "InvalidRequestException" || !strings.Contains(message, c.want) {
				t.Errorf("refused with %q, %q; want %q", got, message, c.want)
			}
		})
	}

	n.PutArtifact("documents", "a/re%20boot.json", `{"op":"halt"}`) // what was read, was read
	var got iot.GetJobDocumentAnswer
	if n.Do(iot.GetJobDocument, iot.GetJobDocumentRequest{JobID: "job-0"}, &got); got.Document != document {
		t.Errorf("the document is %q", got.Document)
	}
	var shown iot.DescribeJobAnswer
	if n.Do(iot.DescribeJob, iot.DescribeJobRequest{JobID: "job-0"}, &shown); shown.DocumentSource != "https://s3.amazonaws.com/documents/a/re%20boot.json" {
		t.Errorf("its source is %q", shown.DocumentSource)
	}
	if n.Do(iot.GetJobDocument, iot.GetJobDocumentRequest{JobID: "job-14"}, &got); !strings.Contains(got.Document, "${aws:iot:") {
		t.Errorf("an operator sees %q", got.Document)
	}
	template := iot.CreateJobTemplateRequest{JobTemplateID: "reboot", Description: "reboot", DocumentSource: "https://s3.amazonaws.com/documents/largest"}
	n.Do(iot.CreateJobTemplate, template, nil)
	var described iot.DescribeJobTemplateAnswer
	if n.Do(iot.DescribeJobTemplate, iot.DescribeJobTemplateRequest{JobTemplateID: "reboot"}, &described); len(described.Document) != 32768 || described.DocumentSource != template.DocumentSource {
		t.Errorf("a template has %d bytes of %q", len(described.Document), described.DocumentSource)
	}
	n.Restart()
	if n.Do(iot.DescribeJob, iot.DescribeJobRequest{JobID: "job-0"}, &shown); shown.DocumentSource == "" {
		t.Error("after a restart it has no source")
	}
}

// spec: device-api.md#81-placeholders
func TestADocumentFromTheStoreSaysWhatIsOfAPackage(t *testing.T) {
	n := drovertest.Start(t, drovertest.Options{})
	n.CreateThings("press-01")
	n.PutArtifact("firmware", "agent 1&2.bin", "the agent")
	agent := iot.CreatePackageVersionRequest{
		PackageName: "agent", VersionName: "1.0", Attributes: map[string]string{"note": `a<b & "c"`, "long": strings.Repeat("x", 2900)},
		Artifact: &iot.PackageVersionArtifact{S3Location: &iot.S3Location{Bucket: "firmware", Key: "agent 1&2.bin"}},
	}
	n.Do(iot.CreatePackage, iot.CreatePackageRequest{PackageName: "agent"}, nil)
	n.Do(iot.CreatePackageVersion, agent, nil)
	n.Do(iot.UpdatePackageVersion, iot.UpdatePackageVersionRequest{PackageName: "agent", VersionName: "1.0", Action: "PUBLISH"}, nil)
	const all, one = `"${aws:iot:package:agent:version:1.0:attributes}"`, `"${aws:iot:package::version::attributes:note}"`
	for i, c := range []struct{ name, document, want string }{
		{"what is there", `{"url":"${aws:iot:package::version::artifact-location:s3-presigned-url}","note":` + one + `,"all":` + all + `}`, ""},
		{"an attribute that is not there", `["${aws:iot:package::version::attributes:none}"]`, "there is no such attribute"},
		{"another package", `["${aws:iot:package:other:version:1:attributes:note}"]`, "not among 'destinationPackageVersions'"},
		{"one within another", `["${aws:iot:new:${aws:iot:package::version::attributes:note}}"]`, "has no value within another"},
		{"one that does not end", `["${aws:iot:package::version::attributes:note"]`, "not terminated"},
		{"a parameter", `["${aws:iot:parameter:k}",` + one + `]`, "managed job template"},
		{"too much that is filled in", "[" + strings.Repeat(all+",", 50) + "1]", "at most 122880 are allowed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			n.PutArtifact("documents", fmt.Sprint(i), c.document)
			err := n.Call(iot.CreateJob, iot.CreateJobRequest{
				JobID: fmt.Sprint("job-", i), Targets: []string{n.ThingARN("press-01")}, PresignedURLConfig: &iot.PresignedURLConfig{RoleARN: role},
				DocumentSource: "https://s3.amazonaws.com/documents/" + fmt.Sprint(i), DestinationPackageVersions: []string{n.Scope.PackageVersionARN("agent", "1.0")},
			}, nil)
			got, _ := refusalOf(t, err)
			if (got != "") != (c.want != "") || got != "" && got != "InvalidRequestException" || !strings.Contains(fmt.Sprint(err), c.want) {
				t.Errorf("answered %v, want %q", err, c.want)
			}
		})
	}
	n.Settle()
	var given struct {
		URL, Note string
		All       map[string]string
	}
	x := n.Device(drovertest.MQTT5, "press-01").StartNext("{}").Execution
	if err := json.Unmarshal(x.JobDocument, &given); err != nil || given.Note != agent.Attributes["note"] || !maps.Equal(given.All, agent.Attributes) {
		t.Errorf("the device is given %s, %v", x.JobDocument, err)
	}
	if status, got := n.Artifact(http.MethodGet, given.URL, ""); status != http.StatusOK || got != "the agent" {
		t.Errorf("%s answers %d %s", given.URL, status, got)
	}
	if !strings.Contains(string(x.JobDocument), "a<b & ") {
		t.Errorf("it is %s", x.JobDocument)
	}
}

// A document in the store has the limit of the store, wherever it goes from
// there; one that a request brings has that of requests.
// spec: job-lifecycle.md#81-validation-in-this-order-order-is-a-decision
func TestALongDocumentFromTheStoreStaysOneInATemplate(t *testing.T) {
	n := drovertest.Start(t, drovertest.Options{S3Document: 40000})
	n.CreateThings("press-01")
	long := `"` + strings.Repeat("x", 39998) + `"`
	n.PutArtifact("documents", "long", long)
	const source = "https://s3.amazonaws.com/documents/long"
	target := []string{n.ThingARN("press-01")}
	template := func(name string) string { return n.Scope.ARN(awsapi.ResourceJobTemplate, name) }
	n.Do(iot.CreateJobTemplate, iot.CreateJobTemplateRequest{JobTemplateID: "long", Description: "d", DocumentSource: source}, nil)
	n.Do(iot.CreateJob, iot.CreateJobRequest{JobID: "long", Targets: target, JobTemplateARN: template("long")}, nil)
	n.Do(iot.CreateJobTemplate, iot.CreateJobTemplateRequest{JobTemplateID: "of-job", Description: "d", JobARN: n.Scope.ARN(awsapi.ResourceJob, "long")}, nil)
	n.Do(iot.CreateJob, iot.CreateJobRequest{JobID: "of-job", Targets: target, JobTemplateARN: template("of-job")}, nil)
	var got iot.GetJobDocumentAnswer
	if n.Do(iot.GetJobDocument, iot.GetJobDocumentRequest{JobID: "of-job"}, &got); got.Document != long {
		t.Errorf("the document has %d bytes", len(got.Document))
	}
	for op, in := range map[*awsapi.Operation]awsapi.Shaped{
		&iot.CreateJob:         iot.CreateJobRequest{JobID: "inline", Targets: target, JobTemplateARN: template("long"), Document: long},
		&iot.CreateJobTemplate: iot.CreateJobTemplateRequest{JobTemplateID: "inline", Description: "d", Document: long},
	} {
		if err := n.Call(*op, in, nil); !strings.Contains(fmt.Sprint(err), "40000 characters, at most 32768") {
			t.Errorf("%s: %v", op.Name, err)
		}
	}
}
