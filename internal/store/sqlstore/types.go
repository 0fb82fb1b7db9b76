package sqlstore

import (
	"context"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/store"
)

// Type implements store.Registry.
func (t *tx) Type(name string) (fleet.Type, error) { return typeNamed(t, name) }

// Type implements store.Reader.
func (s *Store) Type(ctx context.Context, name string) (fleet.Type, error) {
	return typeNamed(s.reads(ctx), name)
}

func typeNamed(q querier, name string) (fleet.Type, error) {
	y, ok, err := one(q, scanType, "type", name)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "Thing type %s does not exist", name)
	}
	return y, err
}

// scanType reads name, uid, description, searchable, created_at,
// deprecated_at.
func scanType(r row) (fleet.Type, error) {
	var y fleet.Type
	err := r.Scan(&y.Name, &y.UID, &y.Description, structure{&y.Searchable}, instant{&y.CreatedAt}, instant{&y.DeprecatedAt})
	return y, err
}

// PutType implements store.Registry.
func (t *tx) PutType(y fleet.Type) error {
	var searchable any
	if len(y.Searchable) > 0 {
		searchable = written(y.Searchable)
	}
	_, err := t.exec("put_type", y.Name, y.UID, y.Description, searchable, y.CreatedAt.UnixMilli(), at(y.DeprecatedAt))
	return err
}

// DeleteType implements store.Registry. The type's tags go with it.
func (t *tx) DeleteType(name string) error {
	if err := t.change("thing type", "delete_type", name); err != nil {
		return err
	}
	_, err := t.exec("delete_tags", store.KindType, name)
	return err
}

// TypeInUse implements store.Registry.
func (t *tx) TypeInUse(name string) (bool, error) {
	_, ok, err := one(t, scanNumber, "type_in_use", name)
	return ok, err
}

// Types implements store.Reader.
func (s *Store) Types(ctx context.Context, name string, p store.Page) ([]fleet.Type, store.Cursor, error) {
	l := list[fleet.Type, string]{
		name: "types",
		key:  func(y fleet.Type) string { return y.Name },
		read: func(after string, n int) ([]fleet.Type, error) {
			if name != "" {
				return all(s.reads(ctx), scanType, "type", name)
			}
			return all(s.reads(ctx), scanType, "types", after, n)
		},
	}
	return l.page(p)
}
