package engine

import (
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/store"
)

// announceThing announces a thing that came, changed or went, and of its type: type
// before is that which it had.
// spec: device-api.md#114-registry-events-guide
func (t *turn) announceThing(thing fleet.Thing, typeBefore string, h store.Happening) {
	if t.Announces(store.EventThing) {
		t.announce(store.Event{Kind: store.EventThing, Happened: h, Thing: &thing})
	}
	typeAfter := thing.Type
	if h == store.WasDeleted {
		typeAfter = ""
	}
	if typeBefore == typeAfter || !t.Announces(store.EventAssociation) {
		return
	}
	for _, change := range []struct {
		name     string
		happened store.Happening
	}{{typeBefore, store.WasRemoved}, {typeAfter, store.WasAdded}} {
		if change.name != "" {
			t.announce(store.Event{Kind: store.EventAssociation, Happened: change.happened, Thing: &thing, Type: &fleet.Type{Name: change.name}})
		}
	}
}

// announceType announces a thing type that came, changed or went.
func (t *turn) announceType(y fleet.Type, h store.Happening) {
	if t.Announces(store.EventType) {
		t.announce(store.Event{Kind: store.EventType, Happened: h, Type: &y})
	}
}

// announceGroup announces a group that came, changed or went, and of its place below
// its parent.
func (o *operation) announceGroup(g fleet.Group, h store.Happening) error {
	ofGroup, ofPlace := o.Announces(store.EventGroup), o.Announces(store.EventHierarchy) && g.Parent != 0 && h != store.WasUpdated
	if !ofGroup && !ofPlace {
		return nil
	}
	path, err := o.path(g.Parent)
	if err != nil {
		return err
	}
	var above []store.GroupName
	for _, a := range path {
		above = append(above, store.GroupName{Name: a.Name, UID: a.UID})
	}
	if ofGroup {
		o.announce(store.Event{Kind: store.EventGroup, Happened: h, Group: &g, Above: above})
	}
	if ofPlace {
		place := store.WasAdded
		if h == store.WasDeleted {
			place = store.WasRemoved
		}
		o.announce(store.Event{Kind: store.EventHierarchy, Happened: place, Group: &g, Above: above})
	}
	return nil
}

// announceMembers announces the groups that a thing itself came to or left, where
// before and after are all that held it.
func (o *operation) announceMembers(thing fleet.Thing, before, after map[int64]bool) error {
	if !o.Announces(store.EventMembership) {
		return nil
	}
	if thing.UID == "" {
		full, err := o.tx.FullThing(thing.Name)
		if err != nil {
			return err
		}
		thing = full
	}
	for _, id := range own(before) {
		if !after[id] {
			if err := o.announceMember(thing, id, store.WasRemoved); err != nil {
				return err
			}
		}
	}
	for _, id := range own(after) {
		if !before[id] {
			if err := o.announceMember(thing, id, store.WasAdded); err != nil {
				return err
			}
		}
	}
	return nil
}

func (o *operation) announceMember(thing fleet.Thing, group int64, h store.Happening) error {
	g, err := o.tx.GroupByID(group)
	if err == nil {
		o.announce(store.Event{Kind: store.EventMembership, Happened: h, Thing: &thing, Group: &g})
	}
	return err
}
