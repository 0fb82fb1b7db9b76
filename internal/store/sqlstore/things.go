package sqlstore

import (
	"context"
	"strings"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/store"
)

// FullThing implements store.Registry.
func (t *tx) FullThing(name string) (fleet.Thing, error) {
	n, ok, err := one(t, scanThing, "thing_by_name", name)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "Thing %s does not exist", name)
	}
	return n, err
}

// InsertThing implements store.Registry; the name must be free
// (AlreadyExists).
func (t *tx) InsertThing(n fleet.Thing) (int64, error) {
	id, free, err := t.insert("insert_thing", n.Name, n.UID, n.Type, names(n.Attributes), n.Version, n.CreatedAt.UnixMilli())
	if err == nil && !free {
		err = fault.New(fault.AlreadyExists, "Thing %s exists already", n.Name)
	}
	return id, err
}

// change runs a statement that must find its row, else NotFound.
func (t *tx) change(what string, name string, args ...any) error {
	n, err := t.exec(name, args...)
	if err == nil && n == 0 {
		err = fault.New(fault.NotFound, "%s %v does not exist", what, args[0])
	}
	return err
}

// UpdateThing implements store.Registry.
func (t *tx) UpdateThing(n fleet.Thing) error {
	return t.change("thing", "update_thing", n.ID, n.Type, names(n.Attributes), n.Version)
}

// DeleteThing implements store.Registry.
func (t *tx) DeleteThing(id int64) error {
	t.known.forgetThing(id)
	for _, name := range []string{"delete_shadows", "delete_connection"} {
		if _, err := t.exec(name, id); err != nil {
			return err
		}
	}
	n, err := t.exec("delete_thing", id)
	if err != nil || n > 0 {
		return err
	}
	return t.change("thing", "bury_thing", id, t.now.UnixMilli())
}

// Thing implements store.Reader.
func (s *Store) Thing(ctx context.Context, name string) (fleet.Thing, error) {
	t, ok, err := one(s.reads(ctx), scanThing, "thing_by_name", name)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "Thing %s does not exist", name)
	}
	return t, err
}

// Things implements store.Reader.
func (s *Store) Things(ctx context.Context, f store.ThingFilter, p store.Page) ([]fleet.Thing, store.Cursor, error) {
	l := list[fleet.Thing, string]{
		name: "things",
		key:  func(t fleet.Thing) string { return t.Name },
		read: func(after string, n int) ([]fleet.Thing, error) {
			if f.Type != "" {
				return all(s.reads(ctx), scanThing, "things_of_type", after, n, f.Type)
			}
			return all(s.reads(ctx), scanThing, "things", after, n)
		},
	}
	if f.AttributeName != "" || f.AttributeValue != "" {
		l.fits = func(t fleet.Thing) bool { return hasAttribute(t, f) }
	}
	return l.page(p)
}

// hasAttribute tells whether an attribute of the thing is as f says.
func hasAttribute(t fleet.Thing, f store.ThingFilter) bool {
	for name, value := range t.Attributes {
		named := f.AttributeName == "" || name == f.AttributeName
		valued := f.AttributeValue == "" || value == f.AttributeValue || f.Prefix && strings.HasPrefix(value, f.AttributeValue)
		if named && valued {
			return true
		}
	}
	return false
}
