package awsv2

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iot"
	"github.com/aws/aws-sdk-go-v2/service/iot/types"

	"github.com/drover-iot/drover/test/node"
)

// events is the operations on events.
func events(t *testing.T, o *operator) {
	do(t, o.UpdateEventConfigurations, &iot.UpdateEventConfigurationsInput{
		EventConfigurations: map[string]types.Configuration{string(types.EventTypeJob): {Enabled: true}},
	})
	out := do(t, o.DescribeEventConfigurations, &iot.DescribeEventConfigurationsInput{})
	equal(t, "kinds", len(out.EventConfigurations), len(types.EventType("").Values()))
	for kind, c := range out.EventConfigurations {
		equal(t, kind, c.Enabled, kind == string(types.EventTypeJob))
	}
	equal(t, "the time of the change is there", out.LastModifiedDate != nil, true)
}

// packages is the operations on software packages, and what a job makes of them.
func packages(t *testing.T, o *operator) {
	pkg, version := aws.String("agent"), aws.String("1.0")
	made := do(t, o.CreatePackage, &iot.CreatePackageInput{PackageName: pkg, Description: aws.String("d"), Tags: map[string]string{"team": "a"}})
	equal(t, "package", aws.ToString(made.PackageArn), "arn:aws:iot:us-east-1:000000000000:package/agent")
	first := do(t, o.CreatePackageVersion, &iot.CreatePackageVersionInput{
		PackageName: pkg, VersionName: version, Attributes: map[string]string{"url": "u"},
		Artifact: &types.PackageVersionArtifact{S3Location: &types.S3Location{Bucket: aws.String("b"), Key: aws.String("k")}},
	})
	equal(t, "status", first.Status, types.PackageVersionStatusDraft)
	do(t, o.UpdatePackageVersion, &iot.UpdatePackageVersionInput{PackageName: pkg, VersionName: version, Action: types.PackageVersionActionPublish})
	do(t, o.UpdatePackage, &iot.UpdatePackageInput{PackageName: pkg, DefaultVersionName: version})

	equal(t, "default", aws.ToString(do(t, o.GetPackage, &iot.GetPackageInput{PackageName: pkg}).DefaultVersionName), "1.0")
	got := do(t, o.GetPackageVersion, &iot.GetPackageVersionInput{PackageName: pkg, VersionName: version})
	equal(t, "status", got.Status, types.PackageVersionStatusPublished)
	equal(t, "bucket", aws.ToString(got.Artifact.S3Location.Bucket), "b")
	equal(t, "packages", len(do(t, o.ListPackages, &iot.ListPackagesInput{}).PackageSummaries), 1)
	equal(t, "versions", len(do(t, o.ListPackageVersions, &iot.ListPackageVersionsInput{PackageName: pkg}).PackageVersionSummaries), 1)

	do(t, o.UpdatePackageConfiguration, &iot.UpdatePackageConfigurationInput{VersionUpdateByJobsConfig: &types.VersionUpdateByJobsConfig{Enabled: aws.Bool(true)}})
	config := do(t, o.GetPackageConfiguration, &iot.GetPackageConfigurationInput{})
	equal(t, "reports", aws.ToBool(config.VersionUpdateByJobsConfig.Enabled), true)

	o.things("packed", 1)
	do(t, o.CreateJob, &iot.CreateJobInput{
		JobId: aws.String("packed"), Targets: []string{node.ThingARN("packed-0")}, Document: aws.String(`{"get":"${aws:iot:package::version::attributes:url}"}`),
		DestinationPackageVersions: []string{"arn:aws:iot:us-east-1:000000000000:package/agent/version/$default"},
	})
	job := do(t, o.DescribeJob, &iot.DescribeJobInput{JobId: aws.String("packed")}).Job
	equal(t, "brings", job.DestinationPackageVersions[0], "arn:aws:iot:us-east-1:000000000000:package/agent/version/1.0")
	equal(t, "document", aws.ToString(do(t, o.GetJobDocument, &iot.GetJobDocumentInput{JobId: aws.String("packed")}).Document), `{"get":"u"}`)

	template := aws.String("packed")
	do(t, o.CreateJobTemplate, &iot.CreateJobTemplateInput{
		JobTemplateId: template, Description: aws.String("d"), JobArn: job.JobArn,
	})
	shown := do(t, o.DescribeJobTemplate, &iot.DescribeJobTemplateInput{JobTemplateId: template})
	equal(t, "template brings", shown.DestinationPackageVersions[0], "arn:aws:iot:us-east-1:000000000000:package/agent/version/$default")
	equal(t, "template's document", aws.ToString(shown.Document), `{"get":"${aws:iot:package::version::attributes:url}"}`)
	do(t, o.CreateJob, &iot.CreateJobInput{JobId: aws.String("again"), Targets: []string{node.ThingARN("packed-0")}, JobTemplateArn: shown.JobTemplateArn})
	equal(t, "its job's document", aws.ToString(do(t, o.GetJobDocument, &iot.GetJobDocumentInput{JobId: aws.String("again")}).Document), `{"get":"u"}`)

	_, err := o.DeletePackageVersion(t.Context(), &iot.DeletePackageVersionInput{PackageName: pkg, VersionName: version})
	if refused := (*types.ValidationException)(nil); !errors.As(err, &refused) {
		t.Errorf("the default is deleted: %v", err)
	}
	do(t, o.UpdatePackage, &iot.UpdatePackageInput{PackageName: pkg, UnsetDefaultVersion: aws.Bool(true)})
	do(t, o.DeletePackageVersion, &iot.DeletePackageVersionInput{PackageName: pkg, VersionName: version})
	do(t, o.DeletePackage, &iot.DeletePackageInput{PackageName: pkg})
	_, err = o.GetPackage(t.Context(), &iot.GetPackageInput{PackageName: pkg})
	if missing := (*types.ResourceNotFoundException)(nil); !errors.As(err, &missing) {
		t.Errorf("the package is there: %v", err)
	}
}
