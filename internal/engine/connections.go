package engine

import (
	"context"
	"fmt"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/store"
)

// Connected notes that the client with a thing's name has connected or, with a
// reason, disconnected, and waits for the commit. A client that bears no
// thing's name leaves nothing behind.
func (e *Engine) Connected(ctx context.Context, client string, now fleet.Connection) error {
	if _, err := e.store.Thing(ctx, client); err != nil {
		return unless(fault.NotFound, err)
	}
	c := &reconnect{engine: e, client: client, now: now}
	if err := e.store.Submit(c).Wait(ctx); err != nil {
		return unless(fault.NotFound, err)
	}
	e.tell(c.turn.changes)
	e.after(c.turn)
	return nil
}

// unless is err, unless it is of a kind.
func unless(k fault.Kind, err error) error {
	if fault.Is(err, k) {
		return nil
	}
	return err
}

// reconnect is the command of Connected.
type reconnect struct {
	engine *Engine
	client string
	now    fleet.Connection
	turn   *turn // its changes are complete after the commit
}

func (c *reconnect) Hint(h *store.Hints) { h.Things = append(h.Things, c.client) }

func (c *reconnect) Decide(w store.Work) error {
	t := c.engine.begin(w)
	c.turn = t
	thing, err := t.Thing(c.client)
	if err != nil {
		return err
	}
	t.Then(func(tx store.Tx) error {
		return t.behind(tx).putConnection(thing, c.now)
	})
	return nil
}

// putConnection is the one way in which a connection changes: whatever follows
// connections is told here, within the transaction.
func (o *operation) putConnection(thing fleet.Thing, now fleet.Connection) error {
	if err := o.tx.PutConnection(thing.ID, now); err != nil {
		return err
	}
	return o.noteConnection(thing, now)
}

// Connection is whether a thing is connected. Errors: NotFound.
func (e *Engine) Connection(ctx context.Context, thing string) (fleet.Connection, error) {
	return e.store.ConnectionOf(ctx, thing)
}

// disconnectAtOnce is how many things one transaction disconnects.
const disconnectAtOnce = 500

// DisconnectAll notes that nothing is connected any more, for a reason: the
// process before has ended without saying so. It is called before anything may
// connect.
func (e *Engine) DisconnectAll(ctx context.Context, reason string) error {
	for left := true; left; {
		err := e.write(ctx, func(o *operation) error {
			things, err := o.tx.ConnectedThings(disconnectAtOnce)
			left = len(things) == disconnectAtOnce
			if err != nil {
				return err
			}
			return o.disconnect(things, reason)
		})
		if err != nil {
			return fmt.Errorf("disconnect what was connected: %w", err)
		}
	}
	return nil
}

func (o *operation) disconnect(things []fleet.Thing, reason string) error {
	for _, thing := range things {
		if err := o.putConnection(thing, fleet.Connection{At: o.now, Reason: reason}); err != nil {
			return err
		}
	}
	return nil
}
