package sqlstore

import (
	"context"

	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/store"
)

// Tags implements store.Registry.
func (t *tx) Tags(r store.Resource) ([]fleet.Tag, error) {
	return all(t, scanTag, "tags", r.Kind, r.ID)
}

func scanTag(r row) (g fleet.Tag, err error) {
	err = r.Scan(&g.Key, &g.Value)
	return g, err
}

// PutTag implements store.Registry.
func (t *tx) PutTag(r store.Resource, g fleet.Tag) error {
	_, err := t.exec("put_tag", r.Kind, r.ID, g.Key, g.Value)
	return err
}

// DeleteTag implements store.Registry.
func (t *tx) DeleteTag(r store.Resource, key string) error {
	_, err := t.exec("delete_tag", r.Kind, r.ID, key)
	return err
}

// TagsOf implements store.Reader.
func (s *Store) TagsOf(ctx context.Context, r store.Resource, p store.Page) ([]fleet.Tag, store.Cursor, error) {
	l := list[fleet.Tag, string]{
		name: "tags",
		key:  func(g fleet.Tag) string { return g.Key },
		read: func(after string, n int) ([]fleet.Tag, error) {
			return all(s.reads(ctx), scanTag, "tags_behind", after, n, r.Kind, r.ID)
		},
	}
	return l.page(p)
}
