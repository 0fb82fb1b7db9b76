package engine

import (
	"fmt"
	"maps"
	"slices"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/fleet/query"
	"github.com/drover-iot/drover/internal/fleet/shadow"
	"github.com/drover-iot/drover/internal/store"
)

// index is what is remembered of the fleet index from turn to turn: what it
// holds, and the queries of the dynamic groups. It belongs to the goroutine on
// which turns decide. While the index is off it costs nothing.
//
// What a turn changes of it is in the store only, and it says so by touch. Until
// that is committed each turn reads it anew, and the first one after that once
// more: it may have been undone.
type index struct {
	known    bool
	indexing store.Indexing
	register query.Register
	builds   map[int64]fleet.Build // of the groups of the register
	unsure   map[int64]bool        // touched, not known to be committed: ids of groups, or theIndex
	settled  map[int64]bool        // committed, to be read once more
}

// theIndex stands for the index itself among the ids of groups.
const theIndex int64 = 0

func newIndex() *index {
	return &index{builds: map[int64]fleet.Build{}, unsure: map[int64]bool{}, settled: map[int64]bool{}}
}

// touch says that the turn has changed a group, or the index itself.
func (x *index) touch(id int64) { x.unsure[id] = true }

// committed is called after each commit, where turns decide.
func (x *index) committed() {
	if len(x.unsure) > 0 {
		maps.Copy(x.settled, x.unsure)
		clear(x.unsure)
	}
}

// remembered is the index as this turn has it. It is read when it has to be.
func (o *operation) remembered() (*index, error) {
	x := o.index
	if !x.known {
		return x, o.readIndex()
	}
	if len(x.unsure)+len(x.settled) == 0 {
		return x, nil
	}
	for _, ids := range []map[int64]bool{x.unsure, x.settled} {
		for id := range ids {
			if err := o.readAgain(id); err != nil {
				return x, err
			}
		}
	}
	clear(x.settled)
	return x, nil
}

func (o *operation) readIndex() error {
	if err := o.readAgain(theIndex); err != nil {
		return err
	}
	groups, err := o.tx.DynamicGroups()
	if err != nil {
		return err
	}
	for _, g := range groups {
		if err := o.index.put(g); err != nil {
			return err
		}
	}
	o.index.known = true
	return nil
}

func (o *operation) readAgain(id int64) (err error) {
	if id == theIndex {
		o.index.indexing, err = o.tx.Indexing()
		return err
	}
	g, err := o.tx.DynamicGroup(id)
	switch {
	case fault.Is(err, fault.NotFound):
		o.index.register.Drop(id)
		delete(o.index.builds, id)
		return nil
	case err != nil:
		return err
	}
	return o.index.put(g)
}

func (x *index) put(g fleet.Group) error {
	q, err := query.Parse(g.Query, query.Limits{})
	if err != nil {
		return fmt.Errorf("query of the dynamic group %s: %w", g.Name, err)
	}
	x.register.Put(g.ID, q)
	x.builds[g.ID] = g.Build
	return nil
}

// follows tells whether a group is a dynamic one that is not deleted.
func (x *index) follows(group int64) bool {
	_, ok := x.register.Query(group)
	return ok
}

// has tells whether the index is kept right for a thing. For all others it will
// be when the walk comes by.
func (x *index) has(thing int64) bool { return x.indexing.Build.Has(thing) }

// noteThing tells the index that the registry has a thing otherwise than
// before; none before is a new one.
func (o *operation) noteThing(before, after fleet.Thing) error {
	x, err := o.remembered()
	if err != nil || !x.has(after.ID) {
		return err
	}
	isNew := before.ID == 0
	var old []query.Entry
	if !isNew {
		old = registered(before).Entries()
	}
	gone, come := query.Diff(old, registered(after).Entries())
	return o.note(after, gone, come, isNew)
}

func registered(t fleet.Thing) query.Thing {
	return query.Thing{Name: t.Name, UID: t.UID, Type: t.Type, Version: t.Version, Attributes: t.Attributes}
}

// noteShadow tells the index how a shadow is now.
func (o *operation) noteShadow(thing fleet.Thing, name string, s shadow.Shadow) error {
	x, err := o.remembered()
	if err != nil || !x.has(thing.ID) || !x.indexing.Shadow(name) {
		return err
	}
	before, err := o.tx.Entries(thing.ID, query.ShadowPrefix(name))
	if err != nil {
		return err
	}
	var now []query.Entry
	if !s.None() {
		now = stateOf(s).Entries(name)
	}
	gone, come := query.Diff(query.OfShadow(before, name), now)
	return o.note(thing, gone, come, false)
}

func stateOf(s shadow.Shadow) query.Shadow {
	return query.Shadow{Reported: s.Reported.State, Desired: s.Desired.State, Delta: s.Delta().State}
}

// noteConnection tells the index whether a thing is connected.
func (o *operation) noteConnection(thing fleet.Thing, c fleet.Connection) error {
	x, err := o.remembered()
	if err != nil || !x.has(thing.ID) || !x.indexing.Connectivity {
		return err
	}
	before, err := o.tx.Entries(thing.ID, query.ConnectionPrefix)
	if err != nil {
		return err
	}
	gone, come := query.Diff(before, connected(c).Entries())
	return o.note(thing, gone, come, false)
}

func connected(c fleet.Connection) *query.Connection {
	if c == (fleet.Connection{}) {
		return nil
	}
	return &query.Connection{Connected: c.Connected, At: c.At.UnixMilli(), Reason: c.Reason}
}

// note changes what the index has of a thing, and has those dynamic groups
// follow that the change concerns. Its static groups are as they were.
func (o *operation) note(thing fleet.Thing, gone, come []query.Entry, isNew bool) error {
	if err := o.reindex(thing.ID, gone, come); err != nil {
		return err
	}
	concerned := o.index.concerned(thing.ID, gone, come, isNew)
	if len(concerned) == 0 {
		return nil
	}
	return o.ask(thing, concerned)
}

func (o *operation) reindex(thing int64, gone, come []query.Entry) error {
	if len(gone)+len(come) == 0 {
		return nil
	}
	return o.tx.Reindex(thing, gone, come)
}

// noteGroups tells the index that a thing itself is in other static groups, and
// answers the dynamic groups that this concerns.
func (o *operation) noteGroups(thing int64, names []string) (concerned []int64, err error) {
	before, err := o.tx.Entries(thing, query.ThingGroupNames)
	if err != nil {
		return nil, err
	}
	gone, come := query.Diff(before, query.GroupEntries(names))
	return o.index.concerned(thing, gone, come, false), o.reindex(thing, gone, come)
}

// forget takes a thing that is deleted out of the index.
func (o *operation) forget(thing int64) error {
	x, err := o.remembered()
	if err != nil || x.indexing.Build.Status == fleet.None {
		return err
	}
	return o.tx.Unindex(thing)
}

// document is all that the index may know of a thing.
func (o *operation) document(thing fleet.Thing) (query.Document, error) {
	d := query.Document{Thing: registered(thing)}
	groups, err := o.tx.GroupsOf(thing.ID)
	if err != nil {
		return d, err
	}
	paths, err := o.paths(own(groups))
	if err != nil {
		return d, err
	}
	d.Groups = staticNames(paths)
	if d.Shadows, err = o.shadows(thing.ID); err != nil {
		return d, err
	}
	c, err := o.tx.Connection(thing.ID)
	d.Connection = connected(c)
	return d, err
}

// shadows are those of a thing that the index holds.
func (o *operation) shadows(thing int64) (map[string]query.Shadow, error) {
	found := map[string]query.Shadow{}
	for _, name := range o.index.indexing.ShadowNames() {
		s, err := o.tx.Shadow(thing, name)
		if err != nil {
			return nil, err
		}
		if !s.None() {
			found[name] = stateOf(s)
		}
	}
	return found, nil
}

// staticNames are the names of those that are no dynamic groups.
func staticNames(paths []fleet.Path) []string {
	var names []string
	for _, p := range paths {
		if g := p[len(p)-1]; !g.IsDynamic() {
			names = append(names, g.Name)
		}
	}
	return names
}

// concerned are the dynamic groups that may begin or cease to mean a thing when
// these entries of it change, but for those whose walk has still to come by.
func (x *index) concerned(thing int64, gone, come []query.Entry, isNew bool) []int64 {
	return slices.DeleteFunc(x.register.Concerned(gone, come, isNew), func(group int64) bool {
		return !x.builds[group].Has(thing)
	})
}

// all are the dynamic groups that have come past a thing.
func (x *index) all(thing int64) []int64 {
	var groups []int64
	for group, b := range x.builds {
		if b.Has(thing) {
			groups = append(groups, group)
		}
	}
	return groups
}
