package iot

import (
	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/fleet/software"
)

var (
	versionName       = awsapi.Rule{Length: awsapi.Span{Min: 1, Max: 64}, Pattern: awsapi.PackagePattern}
	versionLabel      = awsapi.Member{Name: "versionName", In: awsapi.Path, Required: true, Rule: versionName}
	versionAttributes = awsapi.Member{Name: "attributes", Rule: awsapi.Rule{
		Key:  &awsapi.Rule{Length: awsapi.Span{Min: 1}, Pattern: awsapi.NamePattern},
		Item: &awsapi.Rule{Length: awsapi.Span{Min: 1}, Pattern: awsapi.TextPattern},
	}}
	recipe = awsapi.Member{Name: "recipe", Rule: awsapi.Rule{Length: awsapi.Span{Max: 3072}}}
)

// S3Location is an object in a bucket. spec: api-shapes.md#s3location
type S3Location struct {
	Bucket  string `json:"bucket,omitempty"`
	Key     string `json:"key,omitempty"`
	Version string `json:"version,omitempty"`
}

// Shape implements awsapi.Shaped.
func (S3Location) Shape() awsapi.Shape {
	some := awsapi.Rule{Length: awsapi.Span{Min: 1}}
	return awsapi.Shape{{Name: "bucket", Rule: some}, {Name: "key", Rule: some}, {Name: "version"}}
}

// PackageVersionArtifact is where the file of a version lies.
// spec: api-shapes.md#packageversionartifact
type PackageVersionArtifact struct {
	S3Location *S3Location `json:"s3Location,omitempty"`
}

// Shape implements awsapi.Shaped.
func (PackageVersionArtifact) Shape() awsapi.Shape { return awsapi.Shape{{Name: "s3Location"}} }

// domain is the artifact that was given, if one was.
func (a *PackageVersionArtifact) domain() *software.Artifact {
	if a == nil || a.S3Location == nil {
		return nil
	}
	return new(software.Artifact(*a.S3Location))
}

func artifactOf(a software.Artifact) *PackageVersionArtifact {
	if a == (software.Artifact{}) {
		return nil
	}
	return &PackageVersionArtifact{S3Location: new(S3Location(a))}
}

// CreatePackageVersion makes a version of a package.
var CreatePackageVersion = awsapi.MustLookup(awsapi.IoT, "CreatePackageVersion")

// CreatePackageVersionRequest is what CreatePackageVersion takes.
type CreatePackageVersionRequest struct {
	PackageName string                  `json:"packageName"`
	VersionName string                  `json:"versionName"`
	Description string                  `json:"description,omitempty"`
	Attributes  map[string]string       `json:"attributes,omitempty"`
	Artifact    *PackageVersionArtifact `json:"artifact,omitempty"`
	Recipe      string                  `json:"recipe,omitempty"`
	Tags        map[string]string       `json:"tags,omitempty"`
	ClientToken string                  `json:"clientToken,omitempty"`
}

// Shape implements awsapi.Shaped.
func (CreatePackageVersionRequest) Shape() awsapi.Shape {
	return awsapi.Shape{
		packageLabel, versionLabel,
		{Name: "description", Rule: packageDescription},
		versionAttributes,
		{Name: "artifact"},
		recipe,
		{Name: "tags", Rule: tagMap},
		clientToken,
	}
}

// Version is the version that a request describes. The error is InvalidRequest:
// an artifact that is given has to name an object.
func (r CreatePackageVersionRequest) Version() (software.Version, error) {
	v := software.Version{
		Package: r.PackageName, Name: r.VersionName, Description: r.Description, Attributes: r.Attributes, Recipe: r.Recipe,
	}
	a := r.Artifact.domain()
	if a == nil {
		return v, nil
	}
	v.Artifact = *a
	return v, a.Check()
}

// CreatePackageVersionAnswer is the version that was made.
type CreatePackageVersionAnswer struct {
	PackageVersionARN string            `json:"packageVersionArn"`
	PackageName       string            `json:"packageName"`
	VersionName       string            `json:"versionName"`
	Description       string            `json:"description,omitempty"`
	Attributes        map[string]string `json:"attributes,omitempty"`
	Status            string            `json:"status"`
}

// GetPackageVersion asks for a version of a package.
var GetPackageVersion = awsapi.MustLookup(awsapi.IoT, "GetPackageVersion")

// GetPackageVersionRequest is what GetPackageVersion takes.
type GetPackageVersionRequest struct {
	PackageName string `json:"packageName"`
	VersionName string `json:"versionName"`
}

// Shape implements awsapi.Shaped.
func (GetPackageVersionRequest) Shape() awsapi.Shape {
	return awsapi.Shape{packageLabel, versionLabel}
}

// GetPackageVersionAnswer is a version of a package.
type GetPackageVersionAnswer struct {
	CreatePackageVersionAnswer
	Artifact         *PackageVersionArtifact `json:"artifact,omitempty"`
	Recipe           string                  `json:"recipe,omitempty"`
	CreationDate     awsapi.Time             `json:"creationDate"`
	LastModifiedDate awsapi.Time             `json:"lastModifiedDate"`
}

// VersionOf is v as GetPackageVersion shows it.
func VersionOf(v software.Version, s awsapi.Scope) *GetPackageVersionAnswer {
	return &GetPackageVersionAnswer{
		CreatePackageVersionAnswer: MadeVersionOf(v, s), Artifact: artifactOf(v.Artifact), Recipe: v.Recipe,
		CreationDate: awsapi.At(v.CreatedAt), LastModifiedDate: awsapi.At(v.ChangedAt),
	}
}

// MadeVersionOf is v as CreatePackageVersion shows it.
func MadeVersionOf(v software.Version, s awsapi.Scope) CreatePackageVersionAnswer {
	return CreatePackageVersionAnswer{
		PackageVersionARN: s.PackageVersionARN(v.Package, v.Name), PackageName: v.Package, VersionName: v.Name,
		Description: v.Description, Attributes: v.Attributes, Status: v.Status.String(),
	}
}

// ListPackageVersions asks for a page of a package's versions.
var ListPackageVersions = awsapi.MustLookup(awsapi.IoT, "ListPackageVersions")

// ListPackageVersionsRequest is what ListPackageVersions takes.
type ListPackageVersionsRequest struct {
	PackageName string `json:"packageName"`
	Status      string `json:"status,omitempty"`
	MaxResults  int    `json:"maxResults,omitempty"` // 0: absent
	NextToken   string `json:"nextToken,omitempty"`
}

// Shape implements awsapi.Shaped.
func (ListPackageVersionsRequest) Shape() awsapi.Shape {
	return awsapi.Shape{
		packageLabel,
		{Name: "status", In: awsapi.Query, Rule: awsapi.Rule{Enum: []string{"DRAFT", "PUBLISHED", "DEPRECATED"}}},
		packagePage, nextToken,
	}
}

// ListPackageVersionsAnswer is a page of versions.
type ListPackageVersionsAnswer struct {
	PackageVersionSummaries []PackageVersionSummary `json:"packageVersionSummaries"`
	NextToken               string                  `json:"nextToken,omitempty"`
}

// PackageVersionSummary is a version in a list.
// spec: api-shapes.md#packageversionsummary
type PackageVersionSummary struct {
	PackageName      string      `json:"packageName"`
	VersionName      string      `json:"versionName"`
	Status           string      `json:"status"`
	CreationDate     awsapi.Time `json:"creationDate"`
	LastModifiedDate awsapi.Time `json:"lastModifiedDate"`
}

// VersionSummaryOf is v in a list.
func VersionSummaryOf(v software.Version) PackageVersionSummary {
	return PackageVersionSummary{
		PackageName: v.Package, VersionName: v.Name, Status: v.Status.String(),
		CreationDate: awsapi.At(v.CreatedAt), LastModifiedDate: awsapi.At(v.ChangedAt),
	}
}

// UpdatePackageVersion changes a version of a package.
var UpdatePackageVersion = awsapi.MustLookup(awsapi.IoT, "UpdatePackageVersion")

// UpdatePackageVersionRequest is what UpdatePackageVersion takes.
type UpdatePackageVersionRequest struct {
	PackageName string                  `json:"packageName"`
	VersionName string                  `json:"versionName"`
	Description string                  `json:"description,omitempty"` // "" cannot be sent
	Attributes  map[string]string       `json:"attributes,omitempty"`
	Artifact    *PackageVersionArtifact `json:"artifact,omitempty"`
	Recipe      *string                 `json:"recipe,omitempty"`
	Action      string                  `json:"action,omitempty"`
	ClientToken string                  `json:"clientToken,omitempty"`
}

// Shape implements awsapi.Shaped.
func (UpdatePackageVersionRequest) Shape() awsapi.Shape {
	return awsapi.Shape{
		packageLabel, versionLabel,
		{Name: "description", Rule: packageDescription},
		versionAttributes,
		{Name: "artifact"},
		recipe,
		{Name: "action", Rule: awsapi.Rule{Enum: []string{"PUBLISH", "DEPRECATE"}}},
		clientToken,
	}
}

// Patch is what a request asks for.
func (r UpdatePackageVersionRequest) Patch() software.VersionPatch {
	p := software.VersionPatch{
		Attributes: r.Attributes, Artifact: r.Artifact.domain(), Recipe: r.Recipe, Action: software.ParseAction(r.Action),
	}
	if r.Description != "" {
		p.Description = &r.Description
	}
	return p
}

// DeletePackageVersion deletes a version of a package.
var DeletePackageVersion = awsapi.MustLookup(awsapi.IoT, "DeletePackageVersion")

// DeletePackageVersionRequest is what DeletePackageVersion takes.
type DeletePackageVersionRequest struct {
	PackageName string `json:"packageName"`
	VersionName string `json:"versionName"`
	ClientToken string `json:"clientToken,omitempty"`
}

// Shape implements awsapi.Shaped.
func (DeletePackageVersionRequest) Shape() awsapi.Shape {
	return awsapi.Shape{packageLabel, versionLabel, clientToken}
}
