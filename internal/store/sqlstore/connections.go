package sqlstore

import (
	"context"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
)

// Connection implements store.Connections.
func (t *tx) Connection(thing int64) (fleet.Connection, error) {
	c, _, err := one(t, scanConnection, "connection", thing)
	return c, err
}

// scanConnection reads connected, at, reason.
func scanConnection(r row) (c fleet.Connection, err error) {
	err = r.Scan(truth{&c.Connected}, instant{&c.At}, &c.Reason)
	return c, err
}

// PutConnection implements store.Connections.
func (t *tx) PutConnection(thing int64, c fleet.Connection) error {
	_, err := t.exec("put_connection", thing, flag(c.Connected), c.At.UnixMilli(), c.Reason)
	return err
}

// ConnectedThings implements store.Connections.
func (t *tx) ConnectedThings(n int) ([]fleet.Thing, error) {
	return all(t, scanNamed, "connected_things", n)
}

// ConnectionOf implements store.Reader.
func (s *Store) ConnectionOf(ctx context.Context, thing string) (fleet.Connection, error) {
	c, ok, err := one(s.reads(ctx), scanConnection, "connection_of", thing)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "Thing %s does not exist", thing)
	}
	return c, err
}
