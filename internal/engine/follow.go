package engine

import (
	"maps"
	"slices"

	"github.com/drover-iot/drover/internal/fleet"
)

// ask asks dynamic groups whether they mean a thing, and takes it into them and
// out of them.
func (o *operation) ask(thing fleet.Thing, groups []int64) error {
	before, err := o.tx.GroupsOf(thing.ID)
	if err != nil {
		return err
	}
	after := maps.Clone(before)
	maps.DeleteFunc(after, func(id int64, _ bool) bool { return o.index.follows(id) })
	if err := o.follow(thing.ID, before, after, groups); err != nil {
		return err
	}
	return o.regroup(thing, before, after)
}

// follow adds to the static groups that hold a thing the dynamic ones: those
// that held it before, as the ones that are asked make of it. Where there is no
// room for all, others may have been kept out, so all are asked.
func (o *operation) follow(thing int64, before, after map[int64]bool, groups []int64) error {
	if len(own(before)) >= fleet.MaxGroups {
		groups = slices.Concat(groups, o.index.all(thing))
	}
	meant := map[int64]bool{}
	for id := range before {
		if o.index.follows(id) {
			meant[id] = true
		}
	}
	if len(groups) > 0 {
		entries, err := o.tx.Entries(thing, "")
		if err != nil {
			return err
		}
		for _, id := range groups {
			q, _ := o.index.register.Query(id)
			if meant[id] = q.Match(entries); !meant[id] {
				delete(meant, id)
			}
		}
	}
	for _, id := range fleet.Fitting(len(own(after)), slices.Collect(maps.Keys(meant))) {
		after[id] = true
	}
	return nil
}

// holding is all groups that hold a thing which itself is in the groups at the
// end of the paths, none of them dynamic, and was in others before: those, what
// holds them, and the dynamic groups that mean it then.
func (o *operation) holding(thing int64, before map[int64]bool, paths []fleet.Path) (map[int64]bool, error) {
	after := fleet.Holding(paths)
	x, err := o.remembered()
	if err != nil || x.indexing.Build.Status == fleet.None {
		return after, err
	}
	var concerned []int64
	if x.has(thing) {
		if concerned, err = o.noteGroups(thing, staticNames(paths)); err != nil {
			return after, err
		}
	}
	return after, o.follow(thing, before, after, concerned)
}

// kept takes the groups that a thing itself is in apart: those that stay until
// somebody takes the thing out, and those that follow a query.
func (o *operation) kept(direct []int64) (kept, dynamic []int64, err error) {
	x, err := o.remembered()
	if err != nil {
		return nil, nil, err
	}
	for _, id := range direct {
		if x.follows(id) {
			dynamic = append(dynamic, id)
		} else {
			kept = append(kept, id)
		}
	}
	return kept, dynamic, nil
}
