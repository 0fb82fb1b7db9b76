package query

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// KeyLength is how many characters of a value an index finds it by.
const KeyLength = 128

// Key is the beginning of a value without case, by which an index finds it,
// and the rest. Two texts compare as their keys do, and where those are equal
// as their rests do.
func (v Value) Key() (key, rest string) { return SplitKey(v.Folded()) }

// SplitKey takes a text apart as [Value.Key] does.
func SplitKey(folded string) (key, rest string) {
	if len(folded) <= KeyLength {
		return folded, ""
	}
	at := 0
	for range KeyLength {
		_, size := utf8.DecodeRuneInString(folded[at:])
		at += size
	}
	return folded[:at], folded[at:]
}

// Watch is something that a query listens to, and something that a change of a
// thing may touch.
type Watch struct {
	Field string // "" is any field
	Exact bool   // only the values with that key
	Key   string
}

func compareWatches(a, b Watch) int {
	return cmp.Or(cmp.Compare(a.Field, b.Field), strings.Compare(a.Key, b.Key), exactLast(a, b))
}

func exactLast(a, b Watch) int {
	switch {
	case a.Exact == b.Exact:
		return 0
	case b.Exact:
		return -1
	default:
		return 1
	}
}

func distinct(list []Watch) []Watch {
	slices.SortFunc(list, compareWatches)
	return slices.Compact(list)
}

// Watches are what the query listens to, each once: a change that touches none
// of them does not change what it answers. A query that looks for very values
// is not woken by others of the same field.
func (q Query) Watches() []Watch {
	var list []Watch
	for _, t := range q.Terms() {
		list = append(list, t.watches()...)
	}
	return distinct(list)
}

func (t Term) watches() []Watch {
	if t.Test != Equals {
		return []Watch{{Field: t.Field}}
	}
	key, _ := t.Value.Key()
	list := []Watch{{Field: t.Field, Exact: true, Key: key}}
	if t.Value.Numeric { // a number of JSON has the shortest form
		key, _ := t.Value.Shortest().Key()
		list = append(list, Watch{Field: t.Field, Exact: true, Key: key})
	}
	return list
}

// Blank tells whether the query means a thing of which nothing is known, such
// as "*" or "NOT attributes.a:1". It has to be asked of every new thing, since
// the entries of one may touch nothing that it watches.
func (q Query) Blank() bool { return q.Match(nil) }

// Diff is what has to go from the index and what has to come, when the entries
// of a thing, or of a part of it, become others. Both are in the order of the
// index, and so is the answer. An entry with another value is in both.
func Diff(before, after []Entry) (gone, come []Entry) {
	for len(before) > 0 && len(after) > 0 {
		a, b := before[0], after[0]
		switch c := compareEntries(a, b); {
		case c < 0:
			gone, before = append(gone, a), before[1:]
		case c > 0:
			come, after = append(come, b), after[1:]
		case a != b:
			gone, come = append(gone, a), append(come, b)
			fallthrough
		default:
			before, after = before[1:], after[1:]
		}
	}
	return append(gone, before...), append(come, after...)
}

// Touched is every watch that a change of these entries may concern, each
// once. Only queries that watch one of them need be asked again.
func Touched(changed []Entry) []Watch {
	var list []Watch
	for _, e := range changed {
		key, _ := e.Value.Key()
		list = append(
			list, Watch{}, Watch{Exact: true, Key: key},
			Watch{Field: e.Field}, Watch{Field: e.Field, Exact: true, Key: key},
		)
		for _, object := range above(e.Field) {
			list = append(list, Watch{Field: object})
		}
	}
	return distinct(list)
}
