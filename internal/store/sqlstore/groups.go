package sqlstore

import (
	"context"
	"database/sql"
	"strconv"
	"unicode/utf8"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/store"
)

// Group implements store.Registry.
func (t *tx) Group(name string) (fleet.Group, error) { return groupNamed(t, name) }

// Group implements store.Reader.
func (s *Store) Group(ctx context.Context, name string) (fleet.Group, error) {
	return groupNamed(s.reads(ctx), name)
}

func groupNamed(q querier, name string) (fleet.Group, error) {
	g, ok, err := one(q, scanGroup, "group_by_name", name)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "Thing group %s does not exist", name)
	}
	return g, err
}

// GroupByID implements store.Registry; it finds gone groups too.
func (t *tx) GroupByID(id int64) (fleet.Group, error) {
	g, ok, err := one(t, scanGroup, "group_by_id", id)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "Thing group %d does not exist", id)
	}
	return g, err
}

// scanGroup reads id, name, uid, parent, the parent's name, depth,
// description, attributes, version, created_at, query, build, walked.
func scanGroup(r row) (fleet.Group, error) {
	var g fleet.Group
	var parent, query sql.NullString
	err := r.Scan(&g.ID, &g.Name, &g.UID, &g.Parent, &parent, &g.Depth, &g.Description, structure{&g.Attributes}, &g.Version,
		instant{&g.CreatedAt}, &query, &g.Build.Status, &g.Build.Walked)
	g.ParentName, g.Query = parent.String, query.String
	return g, err
}

// InsertGroup implements store.Registry; the name must be free
// (AlreadyExists).
func (t *tx) InsertGroup(g fleet.Group) (int64, error) {
	id, free, err := t.insert("insert_group", g.Name, g.UID, g.Parent, g.Depth, g.Description, names(g.Attributes), g.Version,
		g.CreatedAt.UnixMilli(), queryOf(g), int64(g.Build.Status), g.Build.Walked)
	if err == nil && !free {
		err = fault.New(fault.AlreadyExists, "Thing group %s exists already", g.Name)
	}
	return id, err
}

// UpdateGroup implements store.Registry.
func (t *tx) UpdateGroup(g fleet.Group) error {
	return t.change("thing group", "update_group", g.ID, g.Description, names(g.Attributes), g.Version,
		queryOf(g), int64(g.Build.Status), g.Build.Walked)
}

// queryOf is the column value of a group's query: NULL if it is static.
func queryOf(g fleet.Group) any {
	if !g.IsDynamic() {
		return nil
	}
	return g.Query
}

// DeleteGroup implements store.Registry. The group's tags go at once.
func (t *tx) DeleteGroup(id int64) error {
	if err := t.change("thing group", "bury_group", id, t.now.UnixMilli()); err != nil {
		return err
	}
	_, err := t.exec("delete_tags", store.KindGroup, strconv.FormatInt(id, 10))
	return err
}

// GoneGroups implements store.Registry.
func (t *tx) GoneGroups(n int) ([]fleet.Group, error) { return all(t, scanGroup, "gone_groups", n) }

// ForgetGroup implements store.Registry. A group that gone children lead to,
// or that still has members through them, is forgotten with the last of them.
func (t *tx) ForgetGroup(id int64) error {
	for id != 0 {
		parent, ok, err := t.insert("forget_group", id)
		if err != nil || !ok {
			return err
		}
		id = parent
	}
	return nil
}

// CountChildren implements store.Registry.
func (t *tx) CountChildren(group int64) (int, error) {
	n, _, err := one(t, scanNumber, "count_children", group)
	return int(n), err
}

// Ancestors implements store.Reader.
func (s *Store) Ancestors(ctx context.Context, group int64) ([]fleet.Group, error) {
	return all(s.reads(ctx), scanGroup, "ancestors", group)
}

// Groups implements store.Reader. Of the descendants of a group all are looked
// at: they are what the list is about.
func (s *Store) Groups(ctx context.Context, f store.GroupFilter, p store.Page) ([]fleet.Group, store.Cursor, error) {
	l := groupsByName()
	l.read = func(after string, n int) ([]fleet.Group, error) {
		from, to := stretch(f.NamePrefix, after)
		switch {
		case f.Parent == 0:
			return all(s.reads(ctx), scanGroup, "groups", from, to, n)
		case f.Recursive:
			return all(s.reads(ctx), scanGroup, "groups_below", from, to, n, f.Parent)
		default:
			return all(s.reads(ctx), scanGroup, "groups_of_parent", from, to, n, f.Parent)
		}
	}
	return l.page(p)
}

// GroupsOfThing implements store.Reader.
func (s *Store) GroupsOfThing(ctx context.Context, thing int64, p store.Page) ([]fleet.Group, store.Cursor, error) {
	l := groupsByName()
	l.read = func(after string, n int) ([]fleet.Group, error) {
		return all(s.reads(ctx), scanGroup, "groups_of_thing", after, n, thing)
	}
	return l.page(p)
}

func groupsByName() list[fleet.Group, string] {
	return list[fleet.Group, string]{name: "groups", key: func(g fleet.Group) string { return g.Name }}
}

// stretch is where the names with a prefix lie that come behind after: at or
// behind from and before to.
func stretch(prefix, after string) (from, to string) {
	from, to = prefix, prefix+string(utf8.MaxRune)
	if after != "" {
		from = max(from, after+"\x01") // no name has a zero byte
	}
	return from, to
}
