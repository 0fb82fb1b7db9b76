package drovertest

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/awsapi/iotdata"
)

// makePackage makes a package and versions of it that are published.
func (n *Node) makePackage(name string, versions ...string) {
	n.t.Helper()
	n.Do(iot.CreatePackage, iot.CreatePackageRequest{PackageName: name}, nil)
	for _, v := range versions {
		n.Do(iot.CreatePackageVersion, iot.CreatePackageVersionRequest{
			PackageName: name, VersionName: v, Attributes: map[string]string{"url": "http://files/" + name + "-" + v, "size": "7"},
		}, nil)
		n.Do(iot.UpdatePackageVersion, iot.UpdatePackageVersionRequest{PackageName: name, VersionName: v, Action: "PUBLISH"}, nil)
	}
}

// wantRefusal checks the type of an error, and a part of its message.
func (n *Node) wantRefusal(op awsapi.Operation, in awsapi.Shaped, kind, part string) {
	n.t.Helper()
	err := n.Call(op, in, nil)
	if r, ok := errors.AsType[*Refusal](err); !ok || r.Type != kind || !strings.Contains(r.Message, part) {
		n.t.Errorf("%s %+v: %v, want %s ...%s...", op.Name, in, err, kind, part)
	}
}

func TestTheLifeOfAPackage(t *testing.T) {
	n := Start(t, Options{})
	n.Do(iot.CreatePackage, iot.CreatePackageRequest{PackageName: "agent.core", Description: "d", Tags: map[string]string{"team": "a"}}, nil)
	n.wantRefusal(iot.CreatePackage, iot.CreatePackageRequest{PackageName: "agent.core"}, "ConflictException", "agent.core exists already")
	version := iot.CreatePackageVersionRequest{
		PackageName: "agent.core", VersionName: "1.0.0", Attributes: map[string]string{"url": "u"}, Recipe: `{"a":1}`,
		Artifact: &iot.PackageVersionArtifact{S3Location: &iot.S3Location{Bucket: "b", Key: "k", Version: "v"}},
		Tags:     map[string]string{"stage": "beta"},
	}
	n.Do(iot.CreatePackageVersion, version, nil)
	n.wantRefusal(iot.CreatePackageVersion, version, "ConflictException", "Version 1.0.0 of package agent.core exists already")
	version.PackageName = "none"
	n.wantRefusal(iot.CreatePackageVersion, version, "ValidationException", "Package none does not exist")

	setDefault := iot.UpdatePackageRequest{PackageName: "agent.core", DefaultVersionName: "1.0.0"}
	n.wantRefusal(iot.UpdatePackage, setDefault, "ValidationException", "is DRAFT")
	n.Do(iot.UpdatePackageVersion, iot.UpdatePackageVersionRequest{PackageName: "agent.core", VersionName: "1.0.0", Action: "PUBLISH"}, nil)
	n.Do(iot.UpdatePackage, setDefault, nil)
	n.Restart()

	var p iot.GetPackageAnswer
	n.Do(iot.GetPackage, iot.GetPackageRequest{PackageName: "agent.core"}, &p)
	if p.DefaultVersionName != "1.0.0" || p.Description != "d" || p.PackageARN != "arn:aws:iot:us-east-1:000000000000:package/agent.core" {
		t.Errorf("the package is %+v", p)
	}
	var v iot.GetPackageVersionAnswer
	n.Do(iot.GetPackageVersion, iot.GetPackageVersionRequest{PackageName: "agent.core", VersionName: "1.0.0"}, &v)
	if v.Status != "PUBLISHED" || v.Recipe != `{"a":1}` || !cmp.Equal(v.Artifact, version.Artifact) || v.Attributes["url"] != "u" ||
		v.PackageVersionARN != "arn:aws:iot:us-east-1:000000000000:package/agent.core/version/1.0.0" {
		t.Errorf("the version is %+v", v)
	}

	n.wantRefusal(iot.DeletePackage, iot.DeletePackageRequest{PackageName: "agent.core"}, "ValidationException", "has versions")
	remove := iot.DeletePackageVersionRequest{PackageName: "agent.core", VersionName: "1.0.0"}
	n.wantRefusal(iot.DeletePackageVersion, remove, "ValidationException", "is the default")
	n.Do(iot.UpdatePackage, iot.UpdatePackageRequest{PackageName: "agent.core", UnsetDefaultVersion: true}, nil)
	n.Do(iot.DeletePackageVersion, remove, nil)
	n.Do(iot.DeletePackageVersion, remove, nil)
	n.Do(iot.DeletePackage, iot.DeletePackageRequest{PackageName: "agent.core"}, nil)
	n.Do(iot.DeletePackage, iot.DeletePackageRequest{PackageName: "agent.core"}, nil)
	n.wantRefusal(iot.GetPackage, iot.GetPackageRequest{PackageName: "agent.core"}, "ResourceNotFoundException", "agent.core does not exist")
}

func TestPackagesAreListed(t *testing.T) {
	n := Start(t, Options{})
	n.makePackage("a", "1", "2")
	n.makePackage("b")
	n.Do(iot.CreatePackageVersion, iot.CreatePackageVersionRequest{PackageName: "a", VersionName: "3"}, nil)

	var first, second iot.ListPackagesAnswer
	n.Do(iot.ListPackages, iot.ListPackagesRequest{MaxResults: 1}, &first)
	n.Do(iot.ListPackages, iot.ListPackagesRequest{MaxResults: 1, NextToken: first.NextToken}, &second)
	if first.PackageSummaries[0].PackageName != "a" || second.PackageSummaries[0].PackageName != "b" || second.NextToken != "" {
		t.Errorf("the pages are %+v, %+v", first, second)
	}
	for status, want := range map[string][]string{"": {"1", "2", "3"}, "DRAFT": {"3"}, "PUBLISHED": {"1", "2"}, "DEPRECATED": nil} {
		var out iot.ListPackageVersionsAnswer
		n.Do(iot.ListPackageVersions, iot.ListPackageVersionsRequest{PackageName: "a", Status: status}, &out)
		var got []string
		for _, v := range out.PackageVersionSummaries {
			got = append(got, v.VersionName)
		}
		if !cmp.Equal(want, got) {
			t.Errorf("%q: %v", status, got)
		}
	}
	n.wantRefusal(iot.ListPackageVersions, iot.ListPackageVersionsRequest{PackageName: "none"}, "ValidationException", "none does not exist")
	n.wantRefusal(iot.ListPackages, iot.ListPackagesRequest{MaxResults: 101}, "ValidationException", "maxResults")
}

func TestPackagesAndVersionsBearTags(t *testing.T) {
	n := Start(t, Options{})
	n.Do(iot.CreatePackage, iot.CreatePackageRequest{PackageName: "a", Tags: map[string]string{"of": "package"}}, nil)
	n.Do(iot.CreatePackageVersion, iot.CreatePackageVersionRequest{PackageName: "a", VersionName: "1", Tags: map[string]string{"of": "version"}}, nil)
	tags := func(arn string) (all []iot.Tag) {
		var out iot.ListTagsForResourceAnswer
		n.Do(iot.ListTagsForResource, iot.ListTagsForResourceRequest{ResourceARN: arn}, &out)
		return out.Tags
	}
	pkg, version := n.Scope.ARN(awsapi.ResourcePackage, "a"), n.Scope.PackageVersionARN("a", "1")
	n.Do(iot.TagResource, iot.TagResourceRequest{ResourceARN: version, Tags: []iot.Tag{{Key: "stage", Value: "beta"}}}, nil)
	if got := tags(pkg); !cmp.Equal(got, []iot.Tag{{Key: "of", Value: "package"}}) {
		t.Errorf("the package bears %v", got)
	}
	if got := tags(version); !cmp.Equal(got, []iot.Tag{{Key: "of", Value: "version"}, {Key: "stage", Value: "beta"}}) {
		t.Errorf("the version bears %v", got)
	}
	n.Do(iot.DeletePackageVersion, iot.DeletePackageVersionRequest{PackageName: "a", VersionName: "1"}, nil)
	n.Do(iot.CreatePackageVersion, iot.CreatePackageVersionRequest{PackageName: "a", VersionName: "1"}, nil)
	if got := tags(version); len(got) != 0 {
		t.Errorf("a new version bears %v", got)
	}
	n.wantRefusal(iot.ListTagsForResource, iot.ListTagsForResourceRequest{ResourceARN: n.Scope.PackageVersionARN("a", "2")}, "ResourceNotFoundException", "Version 2")
}

func TestATokenMakesARequestOnce(t *testing.T) {
	n := Start(t, Options{})
	token := strings.Repeat("t", 36)
	create := iot.CreatePackageRequest{PackageName: "a", ClientToken: token}
	for range 2 {
		n.Do(iot.CreatePackage, create, nil)
	}
	n.Restart()
	n.Do(iot.CreatePackage, create, nil)
	create.Description = "another"
	n.wantRefusal(iot.CreatePackage, create, "ConflictException", "token was used")
	n.wantRefusal(iot.UpdatePackage, iot.UpdatePackageRequest{PackageName: "a", ClientToken: token}, "ConflictException", "token was used")
	n.wantRefusal(iot.CreatePackage, iot.CreatePackageRequest{PackageName: "a", ClientToken: "short"}, "ValidationException", "clientToken")
}

func TestTheConfigurationOfPackages(t *testing.T) {
	n := Start(t, Options{})
	config := func() iot.VersionUpdateByJobsConfig {
		var out iot.GetPackageConfigurationAnswer
		n.Do(iot.GetPackageConfiguration, iot.GetPackageConfigurationRequest{}, &out)
		return *out.VersionUpdateByJobsConfig
	}
	if *config().Enabled {
		t.Error("it is on")
	}
	want := iot.VersionUpdateByJobsConfig{Enabled: new(true), RoleARN: "arn:aws:iam::000000000000:role/jobs"}
	n.Do(iot.UpdatePackageConfiguration, iot.UpdatePackageConfigurationRequest{VersionUpdateByJobsConfig: &want}, nil)
	n.Do(iot.UpdatePackageConfiguration, iot.UpdatePackageConfigurationRequest{}, nil)
	n.Restart()
	update := func(c iot.VersionUpdateByJobsConfig) {
		t.Helper()
		n.Do(iot.UpdatePackageConfiguration, iot.UpdatePackageConfigurationRequest{VersionUpdateByJobsConfig: &c}, nil)
		if got := config(); !cmp.Equal(got, want) {
			t.Errorf("it is %t %s", *got.Enabled, got.RoleARN)
		}
	}
	update(iot.VersionUpdateByJobsConfig{})
	want.RoleARN += "-too"
	update(iot.VersionUpdateByJobsConfig{RoleARN: want.RoleARN})
	want.Enabled = new(false)
	update(iot.VersionUpdateByJobsConfig{Enabled: new(false)})
}

func TestAJobBringsPackageVersions(t *testing.T) {
	n := Start(t, Options{})
	n.CreateThings("press-01")
	n.makePackage("agent", "1.0", "2.0")
	n.makePackage("core", "7")
	n.makePackage("old")
	n.Do(iot.UpdatePackage, iot.UpdatePackageRequest{PackageName: "agent", DefaultVersionName: "2.0"}, nil)
	version := n.Scope.PackageVersionARN
	document := `{"get":"${aws:iot:package:agent:version:$default:attributes:url}","core":"${aws:iot:package:core:version:7:attributes}"}`
	given := []string{version("agent", "$default"), version("core", "7"), version("old", "$null")}
	n.CreateJob(iot.CreateJobRequest{JobID: "ota", Document: document, DestinationPackageVersions: given}, "press-01")
	n.Settle()
	n.Restart()

	const filled = `{"get":"http://files/agent-2.0","core":{"size":"7","url":"http://files/core-7"}}`
	a := n.Device(MQTT5, "press-01").StartNext(`{}`)
	if !strings.Contains(a.Raw, `"jobDocument":`+filled) {
		t.Errorf("the device is told %s", a.Raw)
	}
	for before, want := range map[bool]string{false: filled, true: document} {
		var out iot.GetJobDocumentAnswer
		n.Do(iot.GetJobDocument, iot.GetJobDocumentRequest{JobID: "ota", BeforeSubstitution: before}, &out)
		if out.Document != want {
			t.Errorf("before substitution %v: %s", before, out.Document)
		}
	}
	for before, want := range map[bool][]string{
		false: {version("agent", "2.0"), version("core", "7"), version("old", "$null")}, true: given,
	} {
		var out iot.DescribeJobAnswer
		n.Do(iot.DescribeJob, iot.DescribeJobRequest{JobID: "ota", BeforeSubstitution: before}, &out)
		if diff := cmp.Diff(want, out.Job.DestinationPackageVersions); diff != "" {
			t.Errorf("before substitution %v (-want +got):\n%s", before, diff)
		}
	}
	n.Do(iot.DeleteJob, iot.DeleteJobRequest{JobID: "ota", Force: true}, nil)
	n.Settle()
	n.CreateJob(iot.CreateJobRequest{JobID: "ota", Document: `{}`}, "press-01")
	var out iot.GetJobDocumentAnswer
	n.Do(iot.GetJobDocument, iot.GetJobDocumentRequest{JobID: "ota", BeforeSubstitution: true}, &out)
	if out.Document != `{}` {
		t.Errorf("another job of that name was given %s", out.Document)
	}
}

func TestPackageVersionsThatNoJobBrings(t *testing.T) {
	n := Start(t, Options{})
	n.CreateThings("press-01")
	n.makePackage("agent", "1.0")
	n.Do(iot.CreatePackageVersion, iot.CreatePackageVersionRequest{PackageName: "agent", VersionName: "draft"}, nil)
	version := n.Scope.PackageVersionARN
	foreign := awsapi.Scope{Partition: "aws", Account: "111111111111", Region: "us-east-1"}
	for _, c := range []struct {
		name, kind, part string
		versions         []string
		document         string
	}{
		{"a package that is not there", "ResourceNotFoundException", "Package none", []string{version("none", "1")}, `{}`},
		{"a version that is not there", "ResourceNotFoundException", "Version 9", []string{version("agent", "9")}, `{}`},
		{"a draft", "InvalidRequestException", "is DRAFT", []string{version("agent", "draft")}, `{}`},
		{"a default that is not there", "InvalidRequestException", "no default version", []string{version("agent", "$default")}, `{}`},
		{"a package twice", "InvalidRequestException", "twice", []string{version("agent", "1.0"), version("agent", "$null")}, `{}`},
		{"a package without a version", "InvalidRequestException", "must be a version", []string{n.Scope.ARN(awsapi.ResourcePackage, "agent")}, `{}`},
		{"a thing", "InvalidRequestException", "must be a version", []string{n.ThingARN("press-01")}, `{}`},
		{"one of another account", "ResourceNotFoundException", "does not exist", []string{foreign.PackageVersionARN("agent", "1.0")}, `{}`},
		{"a document that names another", "InvalidRequestException", "not among", []string{version("agent", "1.0")}, `["${aws:iot:package:agent:version:2:attributes:url}"]`},
		{"a document without any", "InvalidRequestException", "exactly one", nil, `["${aws:iot:package::version::attributes:url}"]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			n.wantRefusal(iot.CreateJob, iot.CreateJobRequest{
				JobID: "ota", Targets: []string{n.ThingARN("press-01")}, Document: c.document, DestinationPackageVersions: c.versions,
			}, c.kind, c.part)
		})
	}
}

func TestAJobThatSucceededReportsItsPackages(t *testing.T) {
	n := Start(t, Options{})
	n.CreateThings("press-01")
	n.makePackage("agent", "1.0", "2.0")
	n.makePackage("old", "1")
	d := n.Device(HTTPS, "press-01")
	bring := func(job, status string, versions ...string) {
		n.CreateJob(iot.CreateJobRequest{JobID: job, DestinationPackageVersions: versions}, "press-01")
		n.Settle()
		d.Update(job, `{"status":"`+status+`"}`)
	}
	reported := func() string {
		var out json.RawMessage
		if err := n.CallJSON(iotdata.GetThingShadow, map[string]string{"thingName": "press-01"}, url.Values{"name": {"$package"}}, nil, &out); err != nil {
			return err.Error()
		}
		var s struct {
			State struct{ Reported json.RawMessage }
		}
		if err := json.Unmarshal(out, &s); err != nil {
			t.Fatal(err)
		}
		return string(s.State.Reported)
	}
	version := n.Scope.PackageVersionARN
	bring("off", "SUCCEEDED", version("agent", "1.0"))
	if got := reported(); !strings.Contains(got, "ResourceNotFound") {
		t.Errorf("unless it is on: %s", got)
	}
	n.Do(iot.UpdatePackageConfiguration, iot.UpdatePackageConfigurationRequest{VersionUpdateByJobsConfig: &iot.VersionUpdateByJobsConfig{Enabled: new(true)}}, nil)
	bring("first", "SUCCEEDED", version("agent", "1.0"), version("old", "1"))
	if got, want := reported(), `{"agent":{"version":"1.0"},"old":{"version":"1"}}`; got != want {
		t.Errorf("reported %s, want %s", got, want)
	}
	bring("second", "FAILED", version("agent", "2.0"))
	bring("third", "SUCCEEDED", version("agent", "2.0"), version("old", "$null"))
	n.Restart()
	if got, want := reported(), `{"agent":{"version":"2.0"}}`; got != want {
		t.Errorf("reported %s, want %s", got, want)
	}
}

// spec: device-api.md#13-device-shadows
func TestWhatAJobReportsInAShadowIsTold(t *testing.T) {
	n := Start(t, Options{})
	n.CreateThings("press-01")
	n.makePackage("agent", "1.0")
	n.Do(iot.UpdatePackageConfiguration, iot.UpdatePackageConfigurationRequest{VersionUpdateByJobsConfig: &iot.VersionUpdateByJobsConfig{Enabled: new(true)}}, nil)
	const topic = "$aws/things/press-01/shadow/name/$package/update"
	session := Session{Client: "follower", Persistent: true}
	away := n.Connect(session)
	away.Subscribe(topic + "/#")
	away.Leave()
	c := n.Connect(Session{Client: "press-01"})
	c.Subscribe(topic+"/delta", topic+"/documents")
	c.Publish(topic, `{"state":{"desired":{"agent":{"version":"2.0"}}}}`)
	c.Await(2)
	c.Take()

	n.CreateJob(iot.CreateJobRequest{JobID: "ota", DestinationPackageVersions: []string{n.Scope.PackageVersionARN("agent", "1.0")}}, "press-01")
	n.Settle()
	n.Device(HTTPS, "press-01").Update("ota", `{"status":"SUCCEEDED"}`)
	told := c.heard(n)
	if len(told) != 2 || told[0].Topic != topic+"/delta" || told[1].Topic != topic+"/documents" {
		t.Fatalf("%d messages are told: %v", len(told), told)
	}
	if got := string(told[0].Payload); !strings.Contains(got, `"state":{"agent":{"version":"2.0"}}`) || !strings.Contains(got, `"version":2`) {
		t.Errorf("the delta is %s", got)
	}
	if got := string(told[1].Payload); !strings.Contains(got, `"current":{"state":{"desired":{"agent":{"version":"2.0"}},"reported":{"agent":{"version":"1.0"}}}`) {
		t.Errorf("the documents are %s", got)
	}
	n.Restart()
	away = n.Connect(session)
	away.Await(5) // those of the device's own update first: accepted, delta, documents
	if all := away.Take(); string(all[3].Payload) != string(told[0].Payload) || string(all[4].Payload) != string(told[1].Payload) {
		t.Errorf("who was away is told %v", all)
	}
}

// What is given is never taken as not given.
func TestAnArtifactWithoutAnObjectIsRefused(t *testing.T) {
	n := Start(t, Options{})
	n.Do(iot.CreatePackage, iot.CreatePackageRequest{PackageName: "agent"}, nil)
	n.Do(iot.CreatePackageVersion, iot.CreatePackageVersionRequest{PackageName: "agent", VersionName: "1.0"}, nil)
	nothing := &iot.PackageVersionArtifact{S3Location: &iot.S3Location{}}
	for _, err := range []error{
		n.Call(iot.CreatePackageVersion, iot.CreatePackageVersionRequest{PackageName: "agent", VersionName: "2.0", Artifact: nothing}, nil),
		n.Call(iot.UpdatePackageVersion, iot.UpdatePackageVersionRequest{PackageName: "agent", VersionName: "1.0", Artifact: nothing}, nil),
	} {
		if err == nil || !strings.Contains(err.Error(), "'artifact.s3Location' must have a bucket and a key") {
			t.Errorf("answered %v", err)
		}
	}
}
