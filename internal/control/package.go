package control

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/engine"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/fleet/software"
)

// once tells a request from others under the same token of a client.
// spec: wire-protocol.md#8-idempotency-and-client-tokens
func once(op awsapi.Operation, token string, in any) (engine.Once, error) {
	text, err := json.Marshal(in)
	if err != nil {
		return engine.Once{}, fmt.Errorf("write the request again: %w", err)
	}
	sum := sha256.Sum256(append([]byte(op.Name), text...))
	return engine.Once{Token: token, Input: hex.EncodeToString(sum[:])}, nil
}

// tagsOf are tags that come as a map, in order of their keys.
func tagsOf(given map[string]string) ([]fleet.Tag, error) {
	var tags []fleet.Tag
	for _, key := range slices.Sorted(maps.Keys(given)) {
		tags = append(tags, fleet.Tag{Key: key, Value: given[key]})
	}
	return tags, fleet.CheckTags(tags)
}

func (d *Door) createPackage(ctx context.Context, in *iot.CreatePackageRequest) (*iot.CreatePackageAnswer, error) {
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	o, err := once(iot.CreatePackage, in.ClientToken, in)
	if err != nil {
		return nil, err
	}
	err = d.engine.CreatePackage(ctx, o, software.Package{Name: in.PackageName, Description: in.Description}, tags)
	return &iot.CreatePackageAnswer{
		PackageName: in.PackageName, PackageARN: d.scope.ARN(awsapi.ResourcePackage, in.PackageName), Description: in.Description,
	}, d.inTheWay(err, awsapi.ResourcePackage, in.PackageName)
}

func (d *Door) getPackage(ctx context.Context, in *iot.GetPackageRequest) (*iot.GetPackageAnswer, error) {
	p, err := d.engine.Package(ctx, in.PackageName)
	return iot.PackageOf(p, d.scope), err
}

func (d *Door) listPackages(ctx context.Context, in *iot.ListPackagesRequest) (*iot.ListPackagesAnswer, error) {
	p, err := open(iot.ListPackages, in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	packages, cursor, err := d.engine.Packages(ctx, p.store())
	if err != nil {
		return nil, err
	}
	out := &iot.ListPackagesAnswer{}
	for _, p := range packages {
		out.PackageSummaries = append(out.PackageSummaries, iot.PackageSummaryOf(p))
	}
	out.NextToken, err = p.next(cursor)
	return out, err
}

func (d *Door) updatePackage(ctx context.Context, in *iot.UpdatePackageRequest) (*iot.Empty, error) {
	o, err := once(iot.UpdatePackage, in.ClientToken, in)
	if err != nil {
		return nil, err
	}
	return done(d.engine.UpdatePackage(ctx, o, in.PackageName, in.Patch()))
}

func (d *Door) deletePackage(ctx context.Context, in *iot.DeletePackageRequest) (*iot.Empty, error) {
	o, err := once(iot.DeletePackage, in.ClientToken, in)
	if err != nil {
		return nil, err
	}
	return done(d.engine.DeletePackage(ctx, o, in.PackageName))
}

func (d *Door) createPackageVersion(ctx context.Context, in *iot.CreatePackageVersionRequest) (*iot.CreatePackageVersionAnswer, error) {
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	o, err := once(iot.CreatePackageVersion, in.ClientToken, in)
	if err != nil {
		return nil, err
	}
	v, err := in.Version()
	if err != nil {
		return nil, err
	}
	err = d.engine.CreatePackageVersion(ctx, o, v, tags)
	v.Status = software.Draft
	return new(iot.MadeVersionOf(v, d.scope)), d.inTheWay(err, awsapi.ResourcePackage, awsapi.PackageVersionID(v.Package, v.Name))
}

func (d *Door) getPackageVersion(ctx context.Context, in *iot.GetPackageVersionRequest) (*iot.GetPackageVersionAnswer, error) {
	v, err := d.engine.PackageVersion(ctx, in.PackageName, in.VersionName)
	return iot.VersionOf(v, d.scope), err
}

func (d *Door) listPackageVersions(ctx context.Context, in *iot.ListPackageVersionsRequest) (*iot.ListPackageVersionsAnswer, error) {
	p, err := open(iot.ListPackageVersions, in.NextToken, in.MaxResults, in.PackageName, in.Status)
	if err != nil {
		return nil, err
	}
	versions, cursor, err := d.engine.PackageVersions(ctx, in.PackageName, software.ParseStatus(in.Status), p.store())
	if err != nil {
		return nil, err
	}
	out := &iot.ListPackageVersionsAnswer{}
	for _, v := range versions {
		out.PackageVersionSummaries = append(out.PackageVersionSummaries, iot.VersionSummaryOf(v))
	}
	out.NextToken, err = p.next(cursor)
	return out, err
}

func (d *Door) updatePackageVersion(ctx context.Context, in *iot.UpdatePackageVersionRequest) (*iot.Empty, error) {
	o, err := once(iot.UpdatePackageVersion, in.ClientToken, in)
	if err != nil {
		return nil, err
	}
	return done(d.engine.UpdatePackageVersion(ctx, o, in.PackageName, in.VersionName, in.Patch()))
}

func (d *Door) deletePackageVersion(ctx context.Context, in *iot.DeletePackageVersionRequest) (*iot.Empty, error) {
	o, err := once(iot.DeletePackageVersion, in.ClientToken, in)
	if err != nil {
		return nil, err
	}
	return done(d.engine.DeletePackageVersion(ctx, o, in.PackageName, in.VersionName))
}

func (d *Door) getPackageConfig(ctx context.Context, _ *iot.GetPackageConfigurationRequest) (*iot.GetPackageConfigurationAnswer, error) {
	c, err := d.engine.PackageConfig(ctx)
	return &iot.GetPackageConfigurationAnswer{
		VersionUpdateByJobsConfig: &iot.VersionUpdateByJobsConfig{Enabled: &c.Report, RoleARN: c.RoleARN},
	}, err
}

func (d *Door) updatePackageConfig(ctx context.Context, in *iot.UpdatePackageConfigurationRequest) (*iot.Empty, error) {
	c := in.VersionUpdateByJobsConfig
	if c == nil {
		return done(nil)
	}
	o, err := once(iot.UpdatePackageConfiguration, in.ClientToken, in)
	if err != nil {
		return nil, err
	}
	return done(d.engine.UpdatePackageConfig(ctx, o, software.ConfigPatch{Report: c.Enabled, RoleARN: c.RoleARN}))
}
