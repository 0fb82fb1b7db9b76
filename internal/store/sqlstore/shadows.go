package sqlstore

import (
	"context"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet/shadow"
	"github.com/drover-iot/drover/internal/store"
)

// Shadow implements store.Shadows.
func (t *tx) Shadow(thing int64, name string) (shadow.Shadow, error) {
	s, _, err := one(t, scanShadow, "shadow", thing, name)
	return s, err
}

// scanShadow reads version, deleted, desired, reported, updated_at.
func scanShadow(r row) (shadow.Shadow, error) {
	var s shadow.Shadow
	err := r.Scan(&s.Version, truth{&s.Deleted}, structure{&s.Desired}, structure{&s.Reported}, instant{&s.UpdatedAt})
	return s, err
}

// section is the column value of a section: NULL if it is not there.
func section(c shadow.Section) any {
	if c.State == nil {
		return nil
	}
	return written(c)
}

// PutShadow implements store.Shadows.
func (t *tx) PutShadow(thing int64, name string, s shadow.Shadow) error {
	_, err := t.exec("put_shadow", thing, name, s.Version, flag(s.Deleted), section(s.Desired), section(s.Reported), s.UpdatedAt.UnixMilli())
	return err
}

// CountShadows implements store.Shadows.
func (t *tx) CountShadows(thing int64) (int, error) {
	n, _, err := one(t, scanNumber, "count_shadows", thing)
	return int(n), err
}

// ForgetDeletedShadows implements store.Shadows.
func (t *tx) ForgetDeletedShadows(thing int64) error {
	_, err := t.exec("forget_deleted_shadows", thing)
	return err
}

// ShadowOf implements store.Reader.
func (s *Store) ShadowOf(ctx context.Context, thing, name string) (shadow.Shadow, error) {
	found, ok, err := one(s.reads(ctx), scanShadow, "shadow_of", thing, name)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "Thing %s does not exist", thing)
	}
	return found, err
}

// NamedShadows implements store.Reader.
func (s *Store) NamedShadows(ctx context.Context, thing int64, p store.Page) ([]string, store.Cursor, error) {
	l := list[string, string]{
		name: "named shadows",
		key:  func(name string) string { return name },
		read: func(after string, n int) ([]string, error) {
			return all(s.reads(ctx), scanText, "named_shadows", after, n, thing)
		},
	}
	return l.page(p)
}

func scanText(r row) (text string, err error) {
	err = r.Scan(&text)
	return text, err
}
