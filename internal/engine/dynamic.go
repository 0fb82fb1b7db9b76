package engine

import (
	"context"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/fleet/query"
)

// CreateDynamicGroup makes a group of the things that the query of want means.
// It looks for them by and by, and follows them from then on. One that exists
// just so is answered as it is.
//
// Errors: InvalidQuery, InvalidRequest (the index is off), AlreadyExists,
// LimitExceeded.
func (e *Engine) CreateDynamicGroup(ctx context.Context, want fleet.Group, tags []fleet.Tag) (fleet.Group, error) {
	if _, err := query.Parse(want.Query, e.groups); err != nil {
		return fleet.Group{}, err
	}
	want.Build = want.Build.Begun()
	return e.createGroup(ctx, want, tags)
}

// beginBuild has a group that is new, or has another query, look for its
// members.
func (o *operation) beginBuild(g fleet.Group) error {
	o.index.touch(g.ID)
	x, err := o.remembered()
	if err != nil {
		return err
	}
	if !x.indexing.Registry {
		return fault.New(fault.InvalidRequest, "Dynamic thing groups need the fleet index: UpdateIndexingConfiguration turns it on")
	}
	if len(x.builds) > fleet.MaxDynamicGroups {
		return fault.New(fault.LimitExceeded, "There are %d dynamic thing groups already, which is the most", fleet.MaxDynamicGroups)
	}
	o.building = true
	return nil
}

// UpdateDynamicGroup changes a dynamic group and answers its new version. With
// another query its members stay until it has come past them.
//
// Errors: InvalidQuery, InvalidRequest, NotFound, VersionConflict.
func (e *Engine) UpdateDynamicGroup(ctx context.Context, name string, p fleet.GroupPatch) (version int64, err error) {
	if p.Query != "" {
		if _, err := query.Parse(p.Query, e.groups); err != nil {
			return 0, err
		}
	}
	return e.updateGroup(ctx, name, p, true)
}

// sameQuery tells whether two queries that can be read mean the same by their
// form.
func sameQuery(a, b string) bool {
	if a == b {
		return true
	}
	p, errP := query.Parse(a, query.Limits{})
	q, errQ := query.Parse(b, query.Limits{})
	return errP == nil && errQ == nil && p.String() == q.String()
}

// DeleteDynamicGroup deletes a dynamic group; its things leave it by and by. One
// that is not there is deleted already.
//
// Errors: InvalidRequest (it is static), VersionConflict.
func (e *Engine) DeleteDynamicGroup(ctx context.Context, name string, expected *int64) error {
	return e.deleteGroup(ctx, name, expected, true)
}
