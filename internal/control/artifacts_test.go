package control_test

import (
	"fmt"
	"strings"
	"testing"

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
