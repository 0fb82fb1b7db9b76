package engine

import (
	"maps"
	"slices"

	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/fleet/query"
)

// How much of a walk over all things is one transaction.
const (
	indexSlice = 100  // things that are indexed
	emptySlice = 2000 // entries of an index that is off
	groupLook  = 2000 // things that a new query is asked about
	groupSlice = 250  // things that come to a group or leave it
)

// build does the next slice of what is being built: the index first, for groups
// are asked what it says. Where the walk stands is part of each commit, so it
// goes on behind a restart.
func (o *operation) build() error {
	x, err := o.remembered()
	if err != nil {
		return err
	}
	switch b := x.indexing.Build; {
	case b.Status == fleet.Emptying:
		return o.emptyIndex()
	case b.UnderWay():
		return o.buildIndex()
	}
	for _, id := range slices.Sorted(maps.Keys(x.builds)) {
		if x.builds[id].UnderWay() {
			return o.buildGroup(id)
		}
	}
	return nil
}

func (o *operation) emptyIndex() error {
	n, err := o.tx.EmptyIndex(emptySlice)
	if err != nil {
		return err
	}
	o.building = true
	if n == emptySlice {
		return nil
	}
	i := o.index.indexing
	i.Build = fleet.Build{}
	return o.putIndexing(i)
}

// buildIndex takes the next things into the index. What it has of them may be of
// another configuration.
func (o *operation) buildIndex() error {
	i := o.index.indexing
	things, err := o.tx.ThingsBehind(i.Build.Walked, indexSlice)
	if err != nil {
		return err
	}
	for _, thing := range things {
		if err := o.indexAnew(thing); err != nil {
			return err
		}
		i.Build.Walked = thing.ID
	}
	o.building = true
	i.Build = i.Build.Past(i.Build.Walked, len(things) < indexSlice)
	return o.putIndexing(i)
}

func (o *operation) indexAnew(thing fleet.Thing) error {
	d, err := o.document(thing)
	if err != nil {
		return err
	}
	before, err := o.tx.Entries(thing.ID, "")
	if err != nil {
		return err
	}
	gone, come := query.Diff(before, o.index.indexing.Of(d))
	return o.note(thing, gone, come, len(before) == 0)
}

// buildGroup has a dynamic group look for its members among the next things.
// Those that it has not come to stay what they were.
func (o *operation) buildGroup(id int64) error {
	g, err := o.tx.DynamicGroup(id)
	if err != nil {
		return err
	}
	q, _ := o.index.register.Query(id)
	meant, err := o.tx.Meant(q, g.Build.Walked, groupLook, groupSlice)
	if err != nil {
		return err
	}
	members, err := o.tx.MembersOf(id, g.Build.Walked, groupSlice)
	if err != nil {
		return err
	}
	if len(members) == groupSlice { // there may be more: no further than these
		if last := members[groupSlice-1].ID; meant.End || last < meant.After {
			meant.After, meant.End = last, false
		}
	}
	if err := o.meet(id, meant.Things, members, meant.After, meant.End); err != nil {
		return err
	}
	o.building = true
	g.Build = g.Build.Past(meant.After, meant.End)
	o.index.touch(id)
	return o.tx.UpdateGroup(g)
}

// meet asks a group about the things that its query means and the members that
// it has, up to a thing or to the end.
func (o *operation) meet(group int64, meant []int64, members []fleet.Thing, upTo int64, end bool) error {
	things := map[int64]bool{}
	for _, id := range meant {
		things[id] = true
	}
	for _, member := range members {
		if things[member.ID] {
			delete(things, member.ID) // it is in already
		} else {
			things[member.ID] = true
		}
	}
	for _, id := range slices.Sorted(maps.Keys(things)) {
		if id > upTo && !end {
			continue
		}
		thing, err := o.ThingByID(id)
		if err != nil {
			return err
		}
		if err := o.ask(thing, []int64{group}); err != nil {
			return err
		}
	}
	return nil
}
