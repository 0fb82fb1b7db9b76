package engine

import (
	"context"
	"time"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/fleet/software"
	"github.com/drover-iot/drover/internal/store"
)

// How long a client's token is remembered, and how many are; beyond that the
// oldest is forgotten.
const (
	tokensKept = 24 * time.Hour
	mostTokens = 10_000
)

// Once makes a request one that is done at most once: Token is the client's, ""
// for none, and Input tells whether two requests are the same.
// spec: wire-protocol.md#8-idempotency-and-client-tokens
type Once struct{ Token, Input string }

// repeats tells whether the request was done already. Another one under the same
// token is AlreadyExists.
func (o *operation) repeats(once Once) (bool, error) {
	if once.Token == "" {
		return false, nil
	}
	before, err := o.tx.Token(once.Token)
	switch {
	case err != nil || before == once.Input:
		return err == nil, err
	case before != "":
		return false, fault.New(fault.AlreadyExists, "The client token was used for another request")
	}
	if err := o.tx.ForgetTokens(o.now.Add(-tokensKept), mostTokens-1); err != nil {
		return false, err
	}
	return false, o.tx.PutToken(once.Token, once.Input, o.now)
}

// onlyOnce runs a request as one transaction, unless it was done already.
func (e *Engine) onlyOnce(ctx context.Context, once Once, do func(*operation) error) error {
	return e.write(ctx, func(o *operation) error {
		if again, err := o.repeats(once); again || err != nil {
			return err
		}
		return do(o)
	})
}

func packageResource(p software.Package) store.Resource {
	return store.Resource{Kind: KindPackage, ID: p.Name}
}

func packageVersionResource(v software.Version) store.Resource {
	return store.Resource{Kind: KindPackage, ID: store.PackageVersionID(v.Package, v.Name)}
}

// catalogue is the part of a view that finds software packages and versions.
type catalogue struct {
	pkg     func(name string) (software.Package, error)
	version func(pkg, name string) (software.Version, error)
}

// resource finds what the id of an ARN names: a package, or a version of one.
func (c catalogue) resource(id string) (store.Resource, error) {
	if pkg, name, ok := store.CutPackageVersionID(id); ok {
		v, err := c.version(pkg, name)
		return packageVersionResource(v), err
	}
	p, err := c.pkg(id)
	return packageResource(p), err
}

// CreatePackage makes a software package.
//
// Errors: InvalidRequest (tags), AlreadyExists.
func (e *Engine) CreatePackage(ctx context.Context, once Once, p software.Package, tags []fleet.Tag) error {
	return e.onlyOnce(ctx, once, func(o *operation) error {
		_, err := o.tx.Package(p.Name)
		if err == nil {
			return taken("Package "+p.Name, p.Name)
		}
		if !fault.Is(err, fault.NotFound) {
			return err
		}
		p.CreatedAt, p.ChangedAt = o.now, o.now
		if err := o.tx.PutPackage(p); err != nil {
			return err
		}
		return o.tag(packageResource(p), tags)
	})
}

func taken(what, name string) error {
	err := fault.New(fault.AlreadyExists, "%s exists already", what)
	err.Resource = name
	return err
}

// UpdatePackage changes a package; its default is a version that may be
// deployed.
//
// Errors: InvalidRequest, NotFound (the package, the version), AlreadyExists (the
// token).
func (e *Engine) UpdatePackage(ctx context.Context, once Once, name string, c software.Patch) error {
	return e.onlyOnce(ctx, once, func(o *operation) error {
		p, err := o.tx.Package(name)
		if err != nil {
			return err
		}
		next, err := p.Update(c, o.now)
		if err != nil {
			return err
		}
		if c.Default != "" {
			v, err := o.tx.PackageVersion(name, c.Default)
			if err != nil {
				return err
			}
			if err := v.MayDeploy(); err != nil {
				return err
			}
		}
		return o.tx.PutPackage(next)
	})
}

// DeletePackage deletes a package without versions; one that is not there is
// deleted already.
//
// Errors: InvalidRequest.
func (e *Engine) DeletePackage(ctx context.Context, once Once, name string) error {
	return e.onlyOnce(ctx, once, func(o *operation) error {
		versions, err := o.tx.VersionsIn(name, 1)
		if err != nil {
			return err
		}
		if len(versions) > 0 {
			return fault.New(fault.InvalidRequest, "Package %s has versions, which have to be deleted first", name)
		}
		return o.tx.DeletePackage(name)
	})
}

// Package is a package by name.
func (e *Engine) Package(ctx context.Context, name string) (software.Package, error) {
	return e.store.Package(ctx, name)
}

// Packages lists packages by name.
func (e *Engine) Packages(ctx context.Context, p store.Page) ([]software.Package, store.Cursor, error) {
	return e.store.Packages(ctx, p)
}

// CreatePackageVersion makes a version of a package, a draft.
//
// Errors: InvalidRequest, NotFound (the package), AlreadyExists.
func (e *Engine) CreatePackageVersion(ctx context.Context, once Once, v software.Version, tags []fleet.Tag) error {
	if err := v.Check(); err != nil {
		return err
	}
	return e.onlyOnce(ctx, once, func(o *operation) error {
		if _, err := o.tx.Package(v.Package); err != nil {
			return err
		}
		_, err := o.tx.PackageVersion(v.Package, v.Name)
		if err == nil {
			return taken("Version "+v.Name+" of package "+v.Package, v.Name)
		}
		if !fault.Is(err, fault.NotFound) {
			return err
		}
		v.Status, v.CreatedAt, v.ChangedAt = software.Draft, o.now, o.now
		if err := o.tx.PutPackageVersion(v); err != nil {
			return err
		}
		return o.tag(packageVersionResource(v), tags)
	})
}

// UpdatePackageVersion edits a draft, and takes a version through its life.
//
// Errors: InvalidRequest, NotFound, AlreadyExists (the token).
func (e *Engine) UpdatePackageVersion(ctx context.Context, once Once, pkg, name string, c software.VersionPatch) error {
	return e.onlyOnce(ctx, once, func(o *operation) error {
		v, err := o.tx.PackageVersion(pkg, name)
		if err != nil {
			return err
		}
		next, err := v.Update(c, o.now)
		if err != nil {
			return err
		}
		return o.tx.PutPackageVersion(next)
	})
}

// DeletePackageVersion deletes a version that is not the default of its package;
// one that is not there is deleted already. Jobs that name it go on: they have
// what they need of it.
//
// Errors: InvalidRequest.
func (e *Engine) DeletePackageVersion(ctx context.Context, once Once, pkg, name string) error {
	return e.onlyOnce(ctx, once, func(o *operation) error {
		p, err := o.tx.Package(pkg)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if p.Default == name {
			return fault.New(fault.InvalidRequest, "Version %s is the default of package %s and cannot be deleted", name, pkg)
		}
		return o.tx.DeletePackageVersion(pkg, name)
	})
}

// PackageVersion is a version of a package.
func (e *Engine) PackageVersion(ctx context.Context, pkg, name string) (software.Version, error) {
	return e.store.PackageVersion(ctx, pkg, name)
}

// PackageVersions lists the versions of a package by name; status 0 is any.
//
// Errors: NotFound (the package).
func (e *Engine) PackageVersions(ctx context.Context, pkg string, s software.Status, p store.Page) ([]software.Version, store.Cursor, error) {
	if _, err := e.store.Package(ctx, pkg); err != nil {
		return nil, "", err
	}
	return e.store.PackageVersions(ctx, pkg, s, p)
}

// PackageConfig is what happens when a job with packages has succeeded.
func (e *Engine) PackageConfig(ctx context.Context) (software.Config, error) {
	return e.store.PackageConfig(ctx)
}

// UpdatePackageConfig changes it.
func (e *Engine) UpdatePackageConfig(ctx context.Context, once Once, p software.ConfigPatch) error {
	return e.onlyOnce(ctx, once, func(o *operation) error {
		c, err := o.tx.PackageConfig()
		if err != nil {
			return err
		}
		return o.tx.PutPackageConfig(c.Update(p))
	})
}
