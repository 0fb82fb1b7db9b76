package engine

import (
	"context"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/store"
)

// CreateType makes a thing type with the name and properties of want; one that
// exists just so is answered as it is.
//
// Errors: InvalidRequest, AlreadyExists.
func (e *Engine) CreateType(ctx context.Context, want fleet.Type, tags []fleet.Tag) (fleet.Type, error) {
	made := want
	err := e.write(ctx, func(o *operation) error {
		there, err := o.tx.Type(want.Name)
		if err == nil {
			made = there
			return sameOr(there.Same(want), "Thing type", want.Name)
		}
		if !fault.Is(err, fault.NotFound) {
			return err
		}
		made = want
		made.UID, made.CreatedAt = newUID(), o.now
		if err := o.tx.PutType(made); err != nil {
			return err
		}
		o.announceType(made, store.WasCreated)
		return o.tag(typeResource(made), tags)
	})
	return made, err
}

// DeprecateType closes a type to new things, or with undo opens it again.
func (e *Engine) DeprecateType(ctx context.Context, name string, undo bool) error {
	return e.write(ctx, func(o *operation) error {
		y, err := o.tx.Type(name)
		if err != nil {
			return err
		}
		next := y.Deprecate(undo, o.now)
		o.announceType(next, store.WasUpdated)
		return o.tx.PutType(next)
	})
}

// DeleteType deletes a type that is deprecated for some minutes and that no
// thing has. spec: wire-protocol.md#9-registry-behaviours-that-jobs-depend-on
func (e *Engine) DeleteType(ctx context.Context, name string) error {
	return e.write(ctx, func(o *operation) error {
		y, err := o.tx.Type(name)
		if err != nil {
			return err
		}
		inUse, err := o.tx.TypeInUse(name)
		if err != nil {
			return err
		}
		if err := y.Delete(inUse, o.now); err != nil {
			return err
		}
		o.announceType(y, store.WasDeleted)
		return o.tx.DeleteType(name)
	})
}

// Type is a thing type by name.
func (e *Engine) Type(ctx context.Context, name string) (fleet.Type, error) {
	return e.store.Type(ctx, name)
}

// Types lists thing types by name; name restricts them to one.
func (e *Engine) Types(ctx context.Context, name string, p store.Page) ([]fleet.Type, store.Cursor, error) {
	return e.store.Types(ctx, name, p)
}
