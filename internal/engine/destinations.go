package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"github.com/drover-iot/drover/internal/artifact"
	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/fleet/shadow"
	"github.com/drover-iot/drover/internal/fleet/software"
	"github.com/drover-iot/drover/internal/job"
)

// packaged finds the package versions that a job brings, and puts what its
// document says of them into it.
// spec: job-lifecycle.md#81-validation-in-this-order-order-is-a-decision
//
// Errors: InvalidRequest, NotFound (a package, a version).
func (e *Engine) packaged(ctx context.Context, c CreateJob) (CreateJob, error) {
	brought, filled, err := e.brought(ctx, c.Settings.Packages, c.Document)
	if err != nil {
		return c, err
	}
	for i, b := range brought {
		c.Settings.Packages[i] = b.Destination
	}
	if !bytes.Equal(filled, c.Document) {
		c.given, c.Document = c.Document, filled
	}
	return c, nil
}

// brought finds the package versions of a list, and fills a document with them.
func (e *Engine) brought(ctx context.Context, list []job.Destination, doc []byte) ([]job.Contents, []byte, error) {
	if err := job.CheckDestinations(list); err != nil {
		return nil, nil, err
	}
	brought := make([]job.Contents, len(list))
	for i, d := range list {
		var err error
		if brought[i], err = e.contents(ctx, d); err != nil {
			return nil, nil, err
		}
	}
	if !json.Valid(doc) || !job.HasPackages(doc) {
		return brought, doc, nil // what is no document is refused as such
	}
	filled, err := job.FillPackages(doc, brought)
	return brought, filled, err
}

// contents is what may be said of a package version that a job brings.
func (e *Engine) contents(ctx context.Context, d job.Destination) (job.Contents, error) {
	c := job.Contents{Destination: d}
	p, err := e.store.Package(ctx, d.Package)
	if err != nil {
		return c, err
	}
	if d.Default {
		if c.Version = p.Default; p.Default == "" {
			return c, fault.New(fault.InvalidRequest, "Value '$default' at 'destinationPackageVersions' is not allowed: package %s has no default version", d.Package)
		}
	}
	if c.Version == "" { // it is taken away
		return c, nil
	}
	v, err := e.store.PackageVersion(ctx, d.Package, c.Version)
	if err != nil {
		return c, err
	}
	c.Attributes = v.Attributes
	if v.Artifact != (software.Artifact{}) {
		c.Artifact = artifact.Location(v.Artifact).Placeholder().String()
	}
	return c, v.MayDeploy()
}

// packageShadow is the shadow in which a thing's package versions stand.
const packageShadow = "$package"

// reportPackages notes in the reserved shadow of a thing the package versions
// that a job has brought it, if that is wanted. A shadow that refuses them keeps
// nobody's report from counting. It is announced by the events that the commit
// stores: the report is not made again, so nothing else would announce it again.
// spec: device-api.md#13-device-shadows
func (o *operation) reportPackages(thing fleet.Thing, j job.Job) (refused, err error) {
	config, err := o.tx.PackageConfig()
	if err != nil || !config.Report {
		return nil, err
	}
	versions := map[string]any{}
	for _, d := range j.Settings.Packages {
		versions[d.Package] = nil // takes it out
		if d.Version != "" {
			versions[d.Package] = map[string]any{"version": d.Version}
		}
	}
	u := shadow.Update{State: map[string]any{"reported": versions}}
	done, refused, err := o.changeShadow(thing, packageShadow, func(s shadow.Shadow, now time.Time) (shadow.Shadow, error) { return s.Update(u, now) })
	if refused == nil && err == nil {
		o.announceShadow(done)
	}
	return refused, err
}

// unreported says that a shadow has refused the packages of a job, once in a row
// for a job: many of its things may have such a shadow.
func (e *Engine) unreported(u Update, jobID int64, refused error) {
	if e.refusing.Swap(jobID) != jobID {
		e.log.Warn("shadow refuses package versions", "thing", u.Thing, "job", u.Job, "shadow", packageShadow, "err", refused)
	}
}

// GivenDocument is a job's document as it was given, before anything was put
// into it.
func (e *Engine) GivenDocument(ctx context.Context, name string) ([]byte, error) {
	j, err := e.store.Job(ctx, name)
	if err != nil {
		return nil, err
	}
	return e.givenDocument(ctx, j)
}

func (e *Engine) givenDocument(ctx context.Context, j job.Job) ([]byte, error) {
	given, err := e.store.GivenDocument(ctx, j.ID)
	if err != nil || given != nil {
		return given, err
	}
	return e.store.Document(ctx, j.ID)
}
