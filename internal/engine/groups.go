package engine

import (
	"context"
	"slices"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/store"
)

// CreateGroup makes a static group with the name, parent and properties of
// want; one that exists just so is answered as it is.
// spec: wire-protocol.md#8-idempotency-and-client-tokens
//
// Errors: InvalidRequest (also an unknown parent: the operation models no
// other), AlreadyExists.
func (e *Engine) CreateGroup(ctx context.Context, want fleet.Group, tags []fleet.Tag) (fleet.Group, error) {
	return e.createGroup(ctx, want, tags)
}

// createGroup makes a group, static or dynamic.
func (e *Engine) createGroup(ctx context.Context, want fleet.Group, tags []fleet.Tag) (fleet.Group, error) {
	made := want
	err := e.write(ctx, func(o *operation) error {
		there, err := o.tx.Group(want.Name)
		if err == nil {
			made = there
			return sameOr(there.Same(want), "Thing group", want.Name)
		}
		if !fault.Is(err, fault.NotFound) {
			return err
		}
		if made, err = o.newGroup(want); err != nil {
			return err
		}
		if made.ID, err = o.tx.InsertGroup(made); err != nil {
			return err
		}
		if err := o.announceGroup(made, store.WasCreated); err != nil {
			return err
		}
		if made.IsDynamic() {
			if err := o.beginBuild(made); err != nil {
				return err
			}
		}
		return o.tag(groupResource(made), tags)
	})
	return made, err
}

func (o *operation) newGroup(g fleet.Group) (fleet.Group, error) {
	if err := g.Check(); err != nil {
		return g, err
	}
	g.UID, g.Version, g.CreatedAt, g.Depth = newUID(), 1, o.now, 1
	if g.ParentName == "" {
		return g, nil
	}
	parent, err := o.tx.Group(g.ParentName)
	if err != nil {
		return g, err
	}
	children, err := o.tx.CountChildren(parent.ID)
	if err != nil {
		return g, err
	}
	return g.Under(parent, children)
}

// UpdateGroup changes a static group's properties and answers its new version.
//
// Errors: InvalidRequest, NotFound, VersionConflict.
func (e *Engine) UpdateGroup(ctx context.Context, name string, p fleet.GroupPatch) (version int64, err error) {
	return e.updateGroup(ctx, name, p, false)
}

func (e *Engine) updateGroup(ctx context.Context, name string, p fleet.GroupPatch, dynamic bool) (version int64, err error) {
	err = e.write(ctx, func(o *operation) error {
		g, err := o.tx.Group(name)
		if err != nil {
			return err
		}
		if err := g.CheckKind(dynamic); err != nil {
			return err
		}
		next, err := g.Update(p)
		if err != nil {
			return err
		}
		version = next.Version
		if err := o.announceGroup(next, store.WasUpdated); err != nil {
			return err
		}
		if dynamic && !sameQuery(g.Query, next.Query) {
			next.Build = g.Build.Begun()
			if err := o.beginBuild(next); err != nil {
				return err
			}
		}
		return o.tx.UpdateGroup(next)
	})
	return version, err
}

// DeleteGroup deletes a group without children; its things leave it by and by.
// A group that is not there is deleted already.
// spec: job-lifecycle.md#82-snapshot-and-continuous
//
// Errors: InvalidRequest (it has children, or is dynamic), VersionConflict.
func (e *Engine) DeleteGroup(ctx context.Context, name string, expected *int64) error {
	return e.deleteGroup(ctx, name, expected, false)
}

func (e *Engine) deleteGroup(ctx context.Context, name string, expected *int64, dynamic bool) error {
	err := e.write(ctx, func(o *operation) error {
		g, err := o.tx.Group(name)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := g.CheckKind(dynamic); err != nil {
			return err
		}
		if err := fleet.Expect(expected, g.Version); err != nil {
			return err
		}
		children, err := o.tx.CountChildren(g.ID)
		if err != nil {
			return err
		}
		if children > 0 {
			return fault.New(fault.InvalidRequest, "Thing group %s has children and cannot be deleted", name)
		}
		if err := o.tx.DeleteGroup(g.ID); err != nil {
			return err
		}
		if err := o.announceGroup(g, store.WasDeleted); err != nil {
			return err
		}
		if dynamic {
			o.index.touch(g.ID)
		}
		return o.gone(g)
	})
	if err == nil {
		e.alarm.set(e.clock.Now()) // for what is left of a large group
	}
	return err
}

// gone takes the next members of a deleted group along, at most sweepSlice,
// and forgets the group when it has none left.
func (o *operation) gone(g fleet.Group) error {
	things, err := o.tx.MembersOf(g.ID, 0, sweepSlice)
	if err != nil {
		return err
	}
	for _, thing := range things {
		if err := o.leave(thing, g.ID); err != nil {
			return err
		}
	}
	if len(things) < sweepSlice {
		return o.tx.ForgetGroup(g.ID)
	}
	return nil
}

// leave takes a thing out of a group that it itself is in.
func (o *operation) leave(thing fleet.Thing, group int64) error {
	before, err := o.tx.GroupsOf(thing.ID)
	if err != nil {
		return err
	}
	kept, _, err := o.kept(own(before))
	if err != nil {
		return err
	}
	paths, err := o.paths(slices.DeleteFunc(kept, func(id int64) bool { return id == group }))
	if err != nil {
		return err
	}
	after, err := o.holding(thing.ID, before, paths)
	if err != nil {
		return err
	}
	return o.regroup(thing, before, after)
}

// AddThing makes a thing a member of a static group; of one it is in it is a
// no-op.
//
// Errors: InvalidRequest (limits of membership), NotFound.
func (e *Engine) AddThing(ctx context.Context, thing, group string) error {
	return e.ChangeGroups(ctx, thing, Regroup{Add: []string{group}})
}

// RemoveThing takes a thing out of a static group; of one it is not in it is a
// no-op.
//
// Errors: InvalidRequest (it is dynamic), NotFound.
func (e *Engine) RemoveThing(ctx context.Context, thing, group string) error {
	return e.ChangeGroups(ctx, thing, Regroup{Remove: []string{group}})
}

// Regroup is what ChangeGroups is asked for, by names of static groups.
type Regroup struct {
	Add, Remove []string
	Override    bool // dynamic groups give way where there is no room
}

// ChangeGroups takes a thing out of groups and into others in one step: a move
// within a hierarchy is neither a join nor a leave of what holds both.
//
// Errors: InvalidRequest, NotFound.
func (e *Engine) ChangeGroups(ctx context.Context, thing string, r Regroup) error {
	return e.write(ctx, func(o *operation) error {
		on, err := o.Thing(thing)
		if err != nil {
			return err
		}
		before, err := o.tx.GroupsOf(on.ID)
		if err != nil {
			return err
		}
		paths, err := o.chosen(before, r)
		if err != nil {
			return err
		}
		after, err := o.holding(on.ID, before, paths)
		if err != nil {
			return err
		}
		return o.regroup(on, before, after)
	})
}

// chosen is the groups that a thing itself is in after the change, each behind
// its ancestors, without dynamic ones. The new ones are last: a rule that they
// break is told of them.
func (o *operation) chosen(before map[int64]bool, r Regroup) ([]fleet.Path, error) {
	kept, dynamic, err := o.kept(own(before))
	if err != nil {
		return nil, err
	}
	for _, name := range r.Remove {
		g, err := o.static(name)
		if err != nil {
			return nil, err
		}
		kept = slices.DeleteFunc(kept, func(id int64) bool { return id == g.ID })
	}
	was := len(kept)
	for _, name := range r.Add {
		g, err := o.static(name)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(kept, g.ID) {
			kept = append(kept, g.ID)
		}
	}
	paths, err := o.paths(kept)
	if err != nil || len(kept) == was {
		return paths, err
	}
	if err := fleet.CheckGroups(paths); err != nil {
		return nil, err
	}
	return paths, fleet.CheckRoom(len(kept), len(dynamic), r.Override)
}

// static is a static group by name.
func (o *operation) static(name string) (fleet.Group, error) {
	g, err := o.tx.Group(name)
	if err != nil {
		return g, err
	}
	return g, g.CheckKind(false)
}

// Group is a group by name, with its ancestors, the root first.
func (e *Engine) Group(ctx context.Context, name string) (fleet.Group, []fleet.Group, error) {
	g, err := e.store.Group(ctx, name)
	if err != nil {
		return g, nil, err
	}
	above, err := e.store.Ancestors(ctx, g.ID)
	return g, above, err
}

// GroupFilter restricts Groups; empty members do not.
type GroupFilter struct {
	NamePrefix string
	Parent     string
	Recursive  bool
}

// Groups lists groups by name.
func (e *Engine) Groups(ctx context.Context, f GroupFilter, p store.Page) ([]fleet.Group, store.Cursor, error) {
	by := store.GroupFilter{NamePrefix: f.NamePrefix, Recursive: f.Recursive}
	if f.Parent != "" {
		parent, err := e.store.Group(ctx, f.Parent)
		if err != nil {
			return nil, "", err
		}
		by.Parent = parent.ID
	}
	return e.store.Groups(ctx, by, p)
}

// GroupsOfThing lists the groups that a thing itself is in, by name.
func (e *Engine) GroupsOfThing(ctx context.Context, thing string, p store.Page) ([]fleet.Group, store.Cursor, error) {
	on, err := e.store.Thing(ctx, thing)
	if err != nil {
		return nil, "", err
	}
	return e.store.GroupsOfThing(ctx, on.ID, p)
}

// Members lists the things of a group, by registration.
func (e *Engine) Members(ctx context.Context, group string, recursive bool, p store.Page) ([]fleet.Thing, store.Cursor, error) {
	g, err := e.store.Group(ctx, group)
	if err != nil {
		return nil, "", err
	}
	return e.store.Members(ctx, g.ID, recursive, p)
}
