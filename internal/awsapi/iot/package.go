package iot

import (
	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/fleet/software"
)

var (
	packageName        = awsapi.Rule{Length: awsapi.Span{Min: 1, Max: 128}, Pattern: awsapi.PackagePattern}
	packageDescription = awsapi.Rule{Length: awsapi.Span{Max: 1024}, Pattern: awsapi.TextPattern}
	packageLabel       = awsapi.Member{Name: "packageName", In: awsapi.Path, Required: true, Rule: packageName}
	clientToken        = awsapi.Member{
		Name: "clientToken", In: awsapi.Query, Rule: awsapi.Rule{Length: awsapi.Span{Min: 36, Max: 64}, Pattern: awsapi.TokenPattern},
	}
	packagePage = awsapi.Member{Name: "maxResults", In: awsapi.Query, Rule: awsapi.Rule{Range: awsapi.Span{Min: 1, Max: 100}}}
	tagMap      = awsapi.Rule{Pairs: awsapi.Span{Min: 1, Max: 50}, Key: &tagKey, Item: &awsapi.Rule{Length: awsapi.Span{Max: 256}}}
)

// CreatePackage makes a software package.
var CreatePackage = awsapi.MustLookup(awsapi.IoT, "CreatePackage")

// CreatePackageRequest is what CreatePackage takes.
type CreatePackageRequest struct {
	PackageName string            `json:"packageName"`
	Description string            `json:"description,omitempty"`
	Tags        map[string]string `json:"tags,omitempty"`
	ClientToken string            `json:"clientToken,omitempty"`
}

// Shape implements awsapi.Shaped.
func (CreatePackageRequest) Shape() awsapi.Shape {
	return awsapi.Shape{packageLabel, {Name: "description", Rule: packageDescription}, {Name: "tags", Rule: tagMap}, clientToken}
}

// CreatePackageAnswer names the package.
type CreatePackageAnswer struct {
	PackageName string `json:"packageName"`
	PackageARN  string `json:"packageArn"`
	Description string `json:"description,omitempty"`
}

// GetPackage asks for a package.
var GetPackage = awsapi.MustLookup(awsapi.IoT, "GetPackage")

// GetPackageRequest is what GetPackage takes.
type GetPackageRequest struct {
	PackageName string `json:"packageName"`
}

// Shape implements awsapi.Shaped.
func (GetPackageRequest) Shape() awsapi.Shape { return awsapi.Shape{packageLabel} }

// GetPackageAnswer is a package.
type GetPackageAnswer struct {
	PackageName        string      `json:"packageName"`
	PackageARN         string      `json:"packageArn"`
	Description        string      `json:"description,omitempty"`
	DefaultVersionName string      `json:"defaultVersionName,omitempty"`
	CreationDate       awsapi.Time `json:"creationDate"`
	LastModifiedDate   awsapi.Time `json:"lastModifiedDate"`
}

// PackageOf is p as GetPackage shows it.
func PackageOf(p software.Package, s awsapi.Scope) *GetPackageAnswer {
	return &GetPackageAnswer{
		PackageName: p.Name, PackageARN: s.ARN(awsapi.ResourcePackage, p.Name), Description: p.Description,
		DefaultVersionName: p.Default, CreationDate: awsapi.At(p.CreatedAt), LastModifiedDate: awsapi.At(p.ChangedAt),
	}
}

// ListPackages asks for a page of packages.
var ListPackages = awsapi.MustLookup(awsapi.IoT, "ListPackages")

// ListPackagesRequest is what ListPackages takes.
type ListPackagesRequest struct {
	MaxResults int    `json:"maxResults,omitempty"` // 0: absent
	NextToken  string `json:"nextToken,omitempty"`
}

// Shape implements awsapi.Shaped.
func (ListPackagesRequest) Shape() awsapi.Shape { return awsapi.Shape{packagePage, nextToken} }

// ListPackagesAnswer is a page of packages.
type ListPackagesAnswer struct {
	PackageSummaries []PackageSummary `json:"packageSummaries"`
	NextToken        string           `json:"nextToken,omitempty"`
}

// PackageSummary is a package in a list. spec: api-shapes.md#packagesummary
type PackageSummary struct {
	PackageName        string      `json:"packageName"`
	DefaultVersionName string      `json:"defaultVersionName,omitempty"`
	CreationDate       awsapi.Time `json:"creationDate"`
	LastModifiedDate   awsapi.Time `json:"lastModifiedDate"`
}

// PackageSummaryOf is p in a list.
func PackageSummaryOf(p software.Package) PackageSummary {
	return PackageSummary{
		PackageName: p.Name, DefaultVersionName: p.Default,
		CreationDate: awsapi.At(p.CreatedAt), LastModifiedDate: awsapi.At(p.ChangedAt),
	}
}

// UpdatePackage changes a package.
var UpdatePackage = awsapi.MustLookup(awsapi.IoT, "UpdatePackage")

// UpdatePackageRequest is what UpdatePackage takes.
type UpdatePackageRequest struct {
	PackageName         string `json:"packageName"`
	Description         string `json:"description,omitempty"` // "" cannot be sent
	DefaultVersionName  string `json:"defaultVersionName,omitempty"`
	UnsetDefaultVersion bool   `json:"unsetDefaultVersion,omitempty"`
	ClientToken         string `json:"clientToken,omitempty"`
}

// Shape implements awsapi.Shaped.
func (UpdatePackageRequest) Shape() awsapi.Shape {
	return awsapi.Shape{
		packageLabel,
		{Name: "description", Rule: packageDescription},
		{Name: "defaultVersionName", Rule: versionName},
		{Name: "unsetDefaultVersion"},
		clientToken,
	}
}

// Patch is what a request asks for.
func (r UpdatePackageRequest) Patch() software.Patch {
	p := software.Patch{Default: r.DefaultVersionName, Unset: r.UnsetDefaultVersion}
	if r.Description != "" {
		p.Description = &r.Description
	}
	return p
}

// DeletePackage deletes a package.
var DeletePackage = awsapi.MustLookup(awsapi.IoT, "DeletePackage")

// DeletePackageRequest is what DeletePackage takes.
type DeletePackageRequest struct {
	PackageName string `json:"packageName"`
	ClientToken string `json:"clientToken,omitempty"`
}

// Shape implements awsapi.Shaped.
func (DeletePackageRequest) Shape() awsapi.Shape { return awsapi.Shape{packageLabel, clientToken} }

// GetPackageConfiguration asks what happens when a job with packages has
// succeeded.
var GetPackageConfiguration = awsapi.MustLookup(awsapi.IoT, "GetPackageConfiguration")

// GetPackageConfigurationRequest is what GetPackageConfiguration takes: nothing.
type GetPackageConfigurationRequest struct{}

// Shape implements awsapi.Shaped.
func (GetPackageConfigurationRequest) Shape() awsapi.Shape { return nil }

// GetPackageConfigurationAnswer is the configuration.
type GetPackageConfigurationAnswer struct {
	VersionUpdateByJobsConfig *VersionUpdateByJobsConfig `json:"versionUpdateByJobsConfig,omitempty"`
}

// VersionUpdateByJobsConfig says whether jobs report the versions of packages in
// the reserved shadows of things. The role is of no use here.
// spec: api-shapes.md#versionupdatebyjobsconfig
type VersionUpdateByJobsConfig struct {
	Enabled *bool  `json:"enabled,omitempty"`
	RoleARN string `json:"roleArn,omitempty"`
}

// Shape implements awsapi.Shaped.
func (VersionUpdateByJobsConfig) Shape() awsapi.Shape {
	return awsapi.Shape{{Name: "enabled"}, {Name: "roleArn", Rule: awsapi.Rule{Length: awsapi.Span{Min: 20, Max: 2048}}}}
}

// UpdatePackageConfiguration changes what it names of the configuration.
var UpdatePackageConfiguration = awsapi.MustLookup(awsapi.IoT, "UpdatePackageConfiguration")

// UpdatePackageConfigurationRequest is what UpdatePackageConfiguration takes.
type UpdatePackageConfigurationRequest struct {
	VersionUpdateByJobsConfig *VersionUpdateByJobsConfig `json:"versionUpdateByJobsConfig,omitempty"`
	ClientToken               string                     `json:"clientToken,omitempty"`
}

// Shape implements awsapi.Shaped.
func (UpdatePackageConfigurationRequest) Shape() awsapi.Shape {
	return awsapi.Shape{{Name: "versionUpdateByJobsConfig"}, clientToken}
}
