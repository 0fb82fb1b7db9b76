package engine

import (
	"context"
	"time"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/fleet/shadow"
	"github.com/drover-iot/drover/internal/store"
)

// ShadowChange is a shadow before and after it changed.
type ShadowChange struct {
	Thing         fleet.Thing // ID and Name
	Name          string      // "" is the classic shadow
	Before, After shadow.Shadow
}

// UpdateShadow submits an update at once. spec: device-api.md#13-device-shadows
//
// Errors: NotFound (the thing), VersionConflict, TooLarge, InvalidRequest (there
// are too many).
func (e *Engine) UpdateShadow(thing, name string, u shadow.Update) Submitted[ShadowChange] {
	return e.changeShadow(thing, name, func(s shadow.Shadow, now time.Time) (shadow.Shadow, error) { return s.Update(u, now) })
}

// DeleteShadow is UpdateShadow for a deletion.
//
// Errors: NotFound (the thing or the shadow).
func (e *Engine) DeleteShadow(thing, name string) Submitted[ShadowChange] {
	return e.changeShadow(thing, name, func(s shadow.Shadow, now time.Time) (shadow.Shadow, error) { return s.Delete(name, now) })
}

func (e *Engine) changeShadow(thing, name string, change func(shadow.Shadow, time.Time) (shadow.Shadow, error)) Submitted[ShadowChange] {
	c := &reshadow{engine: e, thing: thing, name: name, change: change}
	c.ticket = e.store.Submit(c)
	return c
}

// reshadow is the command that changes a shadow.
type reshadow struct {
	underway
	engine      *Engine
	thing, name string
	change      func(shadow.Shadow, time.Time) (shadow.Shadow, error)
	done        ShadowChange
	refused     error
	turn        *turn // its changes are complete after the commit
}

// Outcome implements Submitted.
func (c *reshadow) Outcome() ShadowChange { return c.done }

// Wait implements Submitted.
func (c *reshadow) Wait(ctx context.Context) (ShadowChange, []ListChange, error) {
	if err := c.ticket.Wait(ctx); err != nil {
		return ShadowChange{}, nil, err
	}
	if c.refused != nil {
		return ShadowChange{}, nil, c.refused
	}
	c.engine.after(c.turn)
	return c.done, c.turn.changes, nil
}

func (c *reshadow) Hint(h *store.Hints) { h.Things = append(h.Things, c.thing) }

// Decide looks at the shadow behind the rows of the batch. A refusal is no
// error there: it would undo the neighbours, and it has put nothing.
func (c *reshadow) Decide(w store.Work) error {
	t := c.engine.begin(w)
	c.turn, c.refused = t, nil
	thing, err := t.Thing(c.thing)
	if err != nil {
		return err
	}
	t.Then(func(tx store.Tx) error {
		c.done, c.refused, err = t.behind(tx).changeShadow(thing, c.name, c.change)
		return err
	})
	return nil
}

// changeShadow changes a shadow as change says, unless that refuses.
func (o *operation) changeShadow(
	thing fleet.Thing, name string, change func(shadow.Shadow, time.Time) (shadow.Shadow, error),
) (done ShadowChange, refused, err error) {
	before, err := o.tx.Shadow(thing.ID, name)
	if err != nil {
		return done, nil, err
	}
	after, refused := change(before, o.now)
	if refused != nil {
		return done, refused, nil
	}
	if before.Version == 0 {
		if refused, err = o.roomForShadow(thing); refused != nil || err != nil {
			return done, refused, err
		}
	}
	done = ShadowChange{Thing: thing, Name: name, Before: before, After: after}
	return done, nil, o.putShadow(done)
}

// roomForShadow makes room for one more shadow of a thing: if there are as many
// as there may be, those that were deleted are forgotten.
func (o *operation) roomForShadow(thing fleet.Thing) (refused, err error) {
	n, err := o.tx.CountShadows(thing.ID)
	if err != nil || n < shadow.MostOfThing {
		return nil, err
	}
	if err := o.tx.ForgetDeletedShadows(thing.ID); err != nil {
		return nil, err
	}
	if n, err = o.tx.CountShadows(thing.ID); err != nil || n < shadow.MostOfThing {
		return nil, err
	}
	return fault.New(fault.InvalidRequest, "Thing %s has %d shadows, which is the most", thing.Name, n), nil
}

// putShadow is the one way in which a shadow changes: whatever follows shadows
// is told here, within the transaction.
func (o *operation) putShadow(c ShadowChange) error {
	if err := o.tx.PutShadow(c.Thing.ID, c.Name, c.After); err != nil {
		return err
	}
	return o.noteShadow(c.Thing, c.Name, c.After)
}

// Shadow is a shadow as it is. Errors: NotFound (the thing or the shadow).
func (e *Engine) Shadow(ctx context.Context, thing, name string) (shadow.Shadow, error) {
	s, err := e.store.ShadowOf(ctx, thing, name)
	if err == nil && s.None() {
		err = shadow.NotFound(name)
	}
	return s, err
}

// NamedShadows lists the names of a thing's shadows, without the classic one.
// Errors: NotFound (the thing).
func (e *Engine) NamedShadows(ctx context.Context, thing string, p store.Page) ([]string, store.Cursor, error) {
	t, err := e.store.Thing(ctx, thing)
	if err != nil {
		return nil, "", err
	}
	return e.store.NamedShadows(ctx, t.ID, p)
}
