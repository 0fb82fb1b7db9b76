package engine

import (
	"context"

	"github.com/google/uuid"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// CreateThing registers a thing with the name, type and attributes of want. If
// it exists just so, it is answered as it is.
// spec: wire-protocol.md#8-idempotency-and-client-tokens
//
// Errors: InvalidRequest, NotFound (the type), AlreadyExists.
func (e *Engine) CreateThing(ctx context.Context, want fleet.Thing) (fleet.Thing, error) {
	made := want
	err := e.write(ctx, func(o *operation) error {
		there, err := o.tx.FullThing(want.Name)
		if err == nil {
			made = there
			return sameOr(there.Same(want), "Thing", want.Name)
		}
		if !fault.Is(err, fault.NotFound) {
			return err
		}
		if err := o.usable(want.Type); err != nil {
			return err
		}
		if err := want.Check(); err != nil {
			return err
		}
		made = want
		made.UID, made.Version, made.CreatedAt = newUID(), 1, o.now
		if made.ID, err = o.tx.InsertThing(made); err != nil {
			return err
		}
		o.announceThing(made, "", store.WasCreated)
		return o.noteThing(fleet.Thing{}, made)
	})
	return made, err
}

// sameOr is nil if what exists is what was asked for.
func sameOr(same bool, kind, name string) error {
	if same {
		return nil
	}
	err := fault.New(fault.AlreadyExists, "%s %s already exists with another configuration", kind, name)
	err.Resource = name
	return err
}

// usable: a type that a thing is to have must exist and not be deprecated.
func (o *operation) usable(typeName string) error {
	if typeName == "" {
		return nil
	}
	y, err := o.tx.Type(typeName)
	if err != nil {
		return err
	}
	return y.Usable()
}

func newUID() string { return uuid.NewString() }

// UpdateThing changes a thing's type and attributes.
//
// Errors: InvalidRequest, NotFound, VersionConflict.
func (e *Engine) UpdateThing(ctx context.Context, name string, p fleet.ThingPatch) error {
	return e.write(ctx, func(o *operation) error {
		thing, err := o.tx.FullThing(name)
		if err != nil {
			return err
		}
		if p.Type != thing.Type {
			if err := o.usable(p.Type); err != nil {
				return err
			}
		}
		next, err := thing.Update(p)
		if err != nil {
			return err
		}
		if err := o.tx.UpdateThing(next); err != nil {
			return err
		}
		o.announceThing(next, thing.Type, store.WasUpdated)
		return o.noteThing(thing, next)
	})
}

// DeleteThing takes a thing out of the registry and of its groups. What it had
// not finished becomes REMOVED, and nobody is told. A thing that is not there
// is deleted already. spec: job-lifecycle.md#82-snapshot-and-continuous
//
// Errors: VersionConflict.
func (e *Engine) DeleteThing(ctx context.Context, name string, expected *int64) error {
	return e.write(ctx, func(o *operation) error {
		thing, err := o.tx.FullThing(name)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := fleet.Expect(expected, thing.Version); err != nil {
			return err
		}
		if err := o.abandon(thing); err != nil {
			return err
		}
		groups, err := o.tx.GroupsOf(thing.ID)
		if err != nil {
			return err
		}
		if err := o.putMembers(thing.ID, fleet.Regroup(groups, nil)); err != nil {
			return err
		}
		if err := o.forget(thing.ID); err != nil {
			return err
		}
		if err := o.announceMembers(thing, groups, nil); err != nil {
			return err
		}
		o.announceThing(thing, thing.Type, store.WasDeleted)
		return o.tx.DeleteThing(thing.ID)
	})
}

// abandon removes all that a thing has not finished.
func (t *turn) abandon(thing fleet.Thing) error {
	open, err := t.Pending(thing.ID)
	if err != nil {
		return err
	}
	for _, x := range open {
		j, err := t.JobByID(x.Job)
		if err != nil {
			return err
		}
		if j.Status == job.StatusDeleting {
			continue // the sweep takes it along
		}
		if err := t.abandonOne(thing, j, x); err != nil {
			return err
		}
		if err := t.judge(j.ID); err != nil {
			return err
		}
	}
	return nil
}

func (t *turn) abandonOne(thing fleet.Thing, j job.Job, x job.Execution) error {
	if final, ok := x.GiveUp(); ok {
		t.replace(x, final)
		return nil
	}
	ended := j.Effective(x)
	if removed, ok := ended.Remove(t.now); ok {
		ended = removed
	}
	return t.settle(thing, j, x, ended)
}

// Thing is a thing by name.
func (e *Engine) Thing(ctx context.Context, name string) (fleet.Thing, error) {
	return e.store.Thing(ctx, name)
}

// Things lists things by name.
func (e *Engine) Things(ctx context.Context, f store.ThingFilter, p store.Page) ([]fleet.Thing, store.Cursor, error) {
	return e.store.Things(ctx, f, p)
}
