package fleet

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/drover-iot/drover/internal/fault"
	"pgregory.net/rapid"
)

// path makes a path of groups by their ids; group 3 is named g3.
func path(ids ...int64) Path {
	p := make(Path, len(ids))
	for i, id := range ids {
		p[i] = Group{ID: id, Name: fmt.Sprintf("g%d", id)}
	}
	return p
}

// roots makes n groups without parents.
func roots(n int) []Path {
	paths := make([]Path, n)
	for i := range paths {
		paths[i] = path(int64(i + 1))
	}
	return paths
}

func TestGroupsOfOneThing(t *testing.T) {
	for _, c := range []struct {
		name   string
		direct []Path
		names  string
	}{
		{"none", nil, ""},
		{"ten hierarchies", roots(10), ""},
		{"one group more", roots(11), "11 thing groups"},
		{"two trees", []Path{path(1, 2), path(3, 4)}, ""},
		{"a group and its parent", []Path{path(1), path(1, 2)}, "'g2' at 'thingGroupName' is not allowed: the thing is in 'g1'"},
		{"two branches of one tree", []Path{path(1, 2, 5), path(7), path(1, 3)}, "'g3'"},
	} {
		t.Run(c.name, func(t *testing.T) { want(t, CheckGroups(c.direct), fault.InvalidRequest, c.names) })
	}
}

func TestRegrouping(t *testing.T) {
	for _, c := range []struct {
		name          string
		before, after []Path
		want          Regrouping
	}{
		{name: "nothing changed", before: []Path{path(1, 2)}, after: []Path{path(1, 2)}},
		{name: "a first group", after: []Path{path(1)}, want: Regrouping{Joins: []Member{{1, true}}}},
		{name: "a group with ancestors", after: []Path{path(1, 2, 3)}, want: Regrouping{Joins: []Member{{1, false}, {2, false}, {3, true}}}},
		{name: "the last group left", before: []Path{path(1, 2)}, want: Regrouping{Leaves: []int64{1, 2}}},
		{
			name: "a move to a sibling keeps the parent", before: []Path{path(1, 2)}, after: []Path{path(1, 3)},
			want: Regrouping{Joins: []Member{{3, true}}, Leaves: []int64{2}},
		},
		{
			name: "a move down", before: []Path{path(1)}, after: []Path{path(1, 2)},
			want: Regrouping{Joins: []Member{{2, true}}, Turns: []Member{{1, false}}},
		},
		{
			name: "a move up", before: []Path{path(1, 2, 3)}, after: []Path{path(1, 2)},
			want: Regrouping{Leaves: []int64{3}, Turns: []Member{{2, true}}},
		},
		{
			name: "other hierarchies are left alone", before: []Path{path(1, 2), path(9)}, after: []Path{path(9), path(4)},
			want: Regrouping{Joins: []Member{{4, true}}, Leaves: []int64{1, 2}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Regroup(Holding(c.before), Holding(c.after)); !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

// forest draws the parent of each group 1..n: an earlier group, or 0.
func forest(t *rapid.T) []int64 {
	parents := []int64{0}
	for id := range rapid.Int64Range(1, 30).Draw(t, "groups") {
		parents = append(parents, rapid.Int64Range(0, id).Draw(t, "parent"))
	}
	return parents
}

// choose draws the groups that a thing is in, as CheckGroups lets it.
func choose(t *rapid.T, parents []int64) []Path {
	var direct []Path
	for range rapid.IntRange(0, 6).Draw(t, "direct") {
		more := append(slices.Clone(direct), pathTo(parents, rapid.Int64Range(1, int64(len(parents)-1)).Draw(t, "group")))
		if CheckGroups(more) == nil {
			direct = more
		}
	}
	return direct
}

func pathTo(parents []int64, id int64) Path {
	var ids []int64
	for ; id != 0; id = parents[id] {
		ids = append([]int64{id}, ids...)
	}
	return path(ids...)
}

// A job that follows a group must see exactly what the rows then say.
func TestRegroupingLeadsFromBeforeToAfter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parents := forest(t)
		before, after := Holding(choose(t, parents)), Holding(choose(t, parents))
		r := Regroup(before, after)
		rows := maps.Clone(before)
		for _, id := range r.Leaves {
			if _, held := rows[id]; !held {
				t.Fatalf("leaves %d, in which it was not", id)
			}
			delete(rows, id)
		}
		for _, m := range r.Joins {
			if _, held := before[m.Group]; held {
				t.Fatalf("joins %d, in which it was", m.Group)
			}
			rows[m.Group] = m.Direct
		}
		for _, m := range r.Turns {
			if direct, held := rows[m.Group]; !held || direct == m.Direct {
				t.Fatalf("turns %+v without need", m)
			}
			rows[m.Group] = m.Direct
		}
		if !maps.Equal(rows, after) {
			t.Fatalf("leads to %v, want %v", rows, after)
		}
	})
}
