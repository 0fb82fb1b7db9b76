package fleet

import (
	"cmp"
	"slices"

	"github.com/drover-iot/drover/internal/fault"
)

// Path is a group behind its ancestors, the root first.
type Path []Group

func (p Path) own() Group  { return p[len(p)-1] }
func (p Path) root() Group { return p[0] }

// CheckGroups refuses, as InvalidRequest, groups that one thing may not be in
// together: too many, or two of one hierarchy. direct are the groups that the
// thing itself would be in.
// spec: wire-protocol.md#9-registry-behaviours-that-jobs-depend-on
func CheckGroups(direct []Path) error {
	if len(direct) > MaxGroups {
		return fault.New(fault.InvalidRequest, "The thing would be in %d thing groups, at most %d are allowed", len(direct), MaxGroups)
	}
	byRoot := map[int64]Group{}
	for _, p := range direct {
		if other, ok := byRoot[p.root().ID]; ok {
			return fault.New(fault.InvalidRequest,
				"Value '%s' at 'thingGroupName' is not allowed: the thing is in '%s' of the same hierarchy", p.own().Name, other.Name)
		}
		byRoot[p.root().ID] = p.own()
	}
	return nil
}

// Holding is all groups that hold a thing which itself is in the direct ones:
// those and their ancestors. The value tells whether it is in that very group.
func Holding(direct []Path) map[int64]bool {
	held := map[int64]bool{}
	for _, p := range direct {
		for _, g := range p {
			held[g.ID] = held[g.ID] || g.ID == p.own().ID
		}
	}
	return held
}

// Member is a group that holds a thing; Direct tells that the thing is in that
// very group and not only below it.
type Member struct {
	Group  int64
	Direct bool
}

// Regrouping is what a change of a thing's groups does to its memberships, each
// by group. A job sees only joins and leaves: a group that held the thing
// before and after is in neither, however the thing moved below it.
type Regrouping struct {
	Joins  []Member
	Leaves []int64
	Turns  []Member // still held, but no longer (or newly) direct
}

// Regroup is the difference between the groups that held a thing before and
// those that hold it after, each as [Holding] answers them.
func Regroup(before, after map[int64]bool) Regrouping {
	var r Regrouping
	for id, direct := range after {
		was, held := before[id]
		switch {
		case !held:
			r.Joins = append(r.Joins, Member{id, direct})
		case was != direct:
			r.Turns = append(r.Turns, Member{id, direct})
		}
	}
	for id := range before {
		if _, held := after[id]; !held {
			r.Leaves = append(r.Leaves, id)
		}
	}
	slices.SortFunc(r.Joins, byGroup)
	slices.SortFunc(r.Turns, byGroup)
	slices.Sort(r.Leaves)
	return r
}

func byGroup(a, b Member) int { return cmp.Compare(a.Group, b.Group) }
