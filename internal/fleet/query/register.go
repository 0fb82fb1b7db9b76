package query

import (
	"maps"
	"slices"
)

// Register is the queries of the dynamic groups there are, by their ids, and
// finds those that a change of a thing concerns: the work is in proportion to
// what changed and whom it concerns, whatever the number of things and groups.
// The zero Register has none. It belongs to one goroutine.
type Register struct {
	queries map[int64]Query
	watched map[Watch]map[int64]bool
	blank   map[int64]bool
}

// Put has the group follow a query, in place of the one before.
func (r *Register) Put(group int64, q Query) {
	if r.queries == nil {
		*r = Register{queries: map[int64]Query{}, watched: map[Watch]map[int64]bool{}, blank: map[int64]bool{}}
	}
	r.Drop(group)
	r.queries[group] = q
	for _, w := range q.Watches() {
		if r.watched[w] == nil {
			r.watched[w] = map[int64]bool{}
		}
		r.watched[w][group] = true
	}
	if q.Blank() {
		r.blank[group] = true
	}
}

// Drop forgets a group.
func (r *Register) Drop(group int64) {
	for _, w := range r.queries[group].Watches() {
		delete(r.watched[w], group)
		if len(r.watched[w]) == 0 {
			delete(r.watched, w)
		}
	}
	delete(r.blank, group)
	delete(r.queries, group)
}

// Query is the query of a group; ok is false if there is no such group.
func (r *Register) Query(group int64) (q Query, ok bool) {
	q, ok = r.queries[group]
	return q, ok
}

// Concerned are the groups, in rising order, that a thing may come to or go
// from when these of its entries go and come, as [Diff] answers them. Whether
// it does, the query says, asked with all entries that the thing has then. For
// a thing that is new all of them come.
func (r *Register) Concerned(gone, come []Entry, isNew bool) []int64 {
	if len(r.queries) == 0 {
		return nil
	}
	groups := map[int64]bool{}
	if isNew {
		maps.Copy(groups, r.blank)
	}
	for _, w := range Touched(slices.Concat(gone, come)) {
		maps.Copy(groups, r.watched[w])
	}
	return slices.Sorted(maps.Keys(groups))
}
