package sqlstore

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/fleet/query"
	"github.com/drover-iot/drover/internal/store"
	"github.com/drover-iot/drover/internal/store/querysql"
)

// Indexing implements store.Index.
func (t *tx) Indexing() (store.Indexing, error) { return indexing(t) }

// IndexingOf implements store.Searcher.
func (s *Store) IndexingOf(ctx context.Context) (store.Indexing, error) {
	return indexing(s.reads(ctx))
}

// GroupsUnderWay implements store.Searcher.
func (s *Store) GroupsUnderWay(ctx context.Context) (int64, error) {
	n, _, err := one(s.reads(ctx), scanNumber, "count_walking_groups", int64(fleet.Building), int64(fleet.Rebuilding))
	if err != nil {
		return 0, fmt.Errorf("count dynamic groups under way: %w", err)
	}
	return n, nil
}

func indexing(q querier) (store.Indexing, error) {
	i, _, err := one(q, func(r row) (i store.Indexing, err error) {
		err = r.Scan(structure{&i.Indexing}, &i.Build.Status, &i.Build.Walked)
		return i, err
	}, "indexing")
	return i, err
}

// PutIndexing implements store.Index.
func (t *tx) PutIndexing(i store.Indexing) error {
	_, err := t.exec("put_indexing", written(i.Indexing), int64(i.Build.Status), i.Build.Walked)
	return err
}

// Entries implements store.Index.
func (t *tx) Entries(thing int64, prefix string) ([]query.Entry, error) {
	return all(t.asking(querysql.Entries(thing, prefix)), scanEntry, "entries of a thing")
}

func scanEntry(r row) (query.Entry, error) { return querysql.Scan(r) }

// Reindex implements store.Index. An entry that has another value keeps its
// row.
func (t *tx) Reindex(thing int64, gone, come []query.Entry) error {
	if err := t.flush(); err != nil {
		return err
	}
	t.wrote = true
	t.rows += len(gone) + len(come)
	return t.asSaved().judge("change the index", t.cfg.Dialect.Save(t.conn, entryChanges(thing, gone, come), false))
}

// entryChanges are the changes that Reindex makes, those that change no row
// left out.
func entryChanges(thing int64, gone, come []query.Entry) []Change {
	const table = "index_entries"
	key, columns := querysql.Key(), querysql.Columns()
	deletes := Change{Kind: Delete, Table: table, Key: key}
	updates := Change{Kind: Update, Table: table, Set: columns, Key: key}
	inserts := Change{Kind: Insert, Table: table, Set: slices.Concat(columns, key)}
	left := map[query.Entry]bool{} // by field and place alone
	for _, e := range gone {
		left[place0(e)] = true
	}
	for _, e := range come {
		if at := place0(e); left[at] {
			delete(left, at)
			updates.Rows = append(updates.Rows, querysql.Row(thing, e))
		} else {
			inserts.Rows = append(inserts.Rows, querysql.Row(thing, e))
		}
	}
	for e := range maps.Keys(left) {
		deletes.Rows = append(deletes.Rows, querysql.Row(thing, e)[len(columns):])
	}
	return slices.DeleteFunc([]Change{deletes, updates, inserts}, func(c Change) bool { return len(c.Rows) == 0 })
}

// place0 is an entry without its value.
func place0(e query.Entry) query.Entry { return query.Entry{Field: e.Field, N: e.N} }

// Unindex implements store.Index.
func (t *tx) Unindex(thing int64) error {
	_, err := t.exec("unindex", thing)
	return err
}

// EmptyIndex implements store.Index.
func (t *tx) EmptyIndex(n int) (int, error) {
	emptied, err := t.exec("empty_index", n)
	return int(emptied), err
}

// Meant implements store.Index.
func (t *tx) Meant(q query.Query, after int64, look, most int) (store.Meant, error) {
	return meant(t, q, after, look, most)
}

// ThingsBehind implements store.Index.
func (t *tx) ThingsBehind(after int64, n int) ([]fleet.Thing, error) {
	return all(t, scanThing, "things_behind", after, n)
}

// DynamicGroup implements store.Index.
func (t *tx) DynamicGroup(id int64) (fleet.Group, error) {
	g, ok, err := one(t, scanGroup, "dynamic_group", id)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "Dynamic thing group %d does not exist", id)
	}
	return g, err
}

// DynamicGroups implements store.Index.
func (t *tx) DynamicGroups() ([]fleet.Group, error) { return all(t, scanGroup, "dynamic_groups") }
