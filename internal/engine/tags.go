package engine

import (
	"context"
	"slices"
	"strconv"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/fleet/software"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// Resource names something that bears tags, as an ARN does.
type Resource struct{ Kind, Name string }

// The kinds of resource that bear tags.
const (
	KindJob      = store.KindJob
	KindGroup    = store.KindGroup
	KindType     = store.KindType
	KindTemplate = store.KindTemplate
	KindPackage  = store.KindPackage // and its versions
)

func jobResource(j job.Job) store.Resource {
	return store.Resource{Kind: KindJob, ID: strconv.FormatInt(j.ID, 10)}
}

func groupResource(g fleet.Group) store.Resource {
	return store.Resource{Kind: KindGroup, ID: strconv.FormatInt(g.ID, 10)}
}

func typeResource(y fleet.Type) store.Resource {
	return store.Resource{Kind: KindType, ID: y.Name}
}

func templateResource(t job.Template) store.Resource {
	return store.Resource{Kind: KindTemplate, ID: t.Name}
}

// tag adds tags to a resource.
func (o *operation) tag(r store.Resource, given []fleet.Tag) error {
	if len(given) == 0 {
		return nil
	}
	present, err := o.tx.Tags(r)
	if err != nil {
		return err
	}
	if _, err := fleet.AddTags(present, given); err != nil {
		return err
	}
	for _, tag := range given {
		if err := o.tx.PutTag(r, tag); err != nil {
			return err
		}
	}
	return nil
}

// finder is the part of a view that finds what bears tags.
type finder struct {
	job      func(name string) (job.Job, error)
	group    func(name string) (fleet.Group, error)
	kind     func(name string) (fleet.Type, error)
	template func(name string) (job.Template, error)
	software func(name string) (store.Resource, error)
}

func (f finder) resource(r Resource) (store.Resource, error) {
	switch r.Kind {
	case KindJob:
		j, err := f.job(r.Name)
		return jobResource(j), err
	case KindGroup:
		g, err := f.group(r.Name)
		return groupResource(g), err
	case KindType:
		y, err := f.kind(r.Name)
		return typeResource(y), err
	case KindTemplate:
		t, err := f.template(r.Name)
		return templateResource(t), err
	case KindPackage:
		return f.software(r.Name)
	default:
		return store.Resource{}, fault.New(fault.InvalidRequest, "Value at 'resourceArn' is not allowed: a %s bears no tags", r.Kind)
	}
}

func (o *operation) finder() finder {
	return finder{job: o.Job, group: o.tx.Group, kind: o.tx.Type, template: o.tx.Template, software: catalogue{o.tx.Package, o.tx.PackageVersion}.resource}
}

// Tag adds tags to a resource; a key that is there takes the new value.
//
// Errors: InvalidRequest, NotFound, LimitExceeded.
func (e *Engine) Tag(ctx context.Context, r Resource, tags []fleet.Tag) error {
	return e.write(ctx, func(o *operation) error {
		at, err := o.finder().resource(r)
		if err != nil {
			return err
		}
		return o.tag(at, tags)
	})
}

// Untag takes tags away; keys that are not there do not matter.
func (e *Engine) Untag(ctx context.Context, r Resource, keys []string) error {
	return e.write(ctx, func(o *operation) error {
		at, err := o.finder().resource(r)
		if err != nil {
			return err
		}
		for _, key := range slices.Compact(slices.Sorted(slices.Values(keys))) {
			if err := o.tx.DeleteTag(at, key); err != nil {
				return err
			}
		}
		return nil
	})
}

// Tags lists the tags of a resource by key.
func (e *Engine) Tags(ctx context.Context, r Resource, p store.Page) ([]fleet.Tag, store.Cursor, error) {
	find := finder{
		job:      func(name string) (job.Job, error) { return e.store.Job(ctx, name) },
		group:    func(name string) (fleet.Group, error) { return e.store.Group(ctx, name) },
		kind:     func(name string) (fleet.Type, error) { return e.store.Type(ctx, name) },
		template: func(name string) (job.Template, error) { return e.store.Template(ctx, name) },
		software: catalogue{
			pkg:     func(name string) (software.Package, error) { return e.store.Package(ctx, name) },
			version: func(pkg, name string) (software.Version, error) { return e.store.PackageVersion(ctx, pkg, name) },
		}.resource,
	}
	at, err := find.resource(r)
	if err != nil {
		return nil, "", err
	}
	return e.store.TagsOf(ctx, at, p)
}
