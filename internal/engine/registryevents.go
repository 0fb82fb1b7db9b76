package engine

import (
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/store"
)

// toldOfThing tells of a thing that came, changed or went, and of its type: type
// before is that which it had.
// spec: device-api.md#114-registry-events-guide
func (t *turn) toldOfThing(thing fleet.Thing, typeBefore, operation string) {
	if t.Tells(store.EventThing) {
		t.happened(store.Event{Kind: store.EventThing, Operation: operation, Thing: &thing})
	}
	typeAfter := thing.Type
	if operation == toldDeleted {
		typeAfter = ""
	}
	if typeBefore == typeAfter || !t.Tells(store.EventAssociation) {
		return
	}
	for _, change := range []struct{ name, operation string }{{typeBefore, toldRemoved}, {typeAfter, toldAdded}} {
		if change.name != "" {
			t.happened(store.Event{Kind: store.EventAssociation, Operation: change.operation, Thing: &thing, Type: &fleet.Type{Name: change.name}})
		}
	}
}

// toldOfType tells of a thing type that came, changed or went.
func (t *turn) toldOfType(y fleet.Type, operation string) {
	if t.Tells(store.EventType) {
		t.happened(store.Event{Kind: store.EventType, Operation: operation, Type: &y})
	}
}

// toldOfGroup tells of a group that came, changed or went, and of its place below
// its parent.
func (o *operation) toldOfGroup(g fleet.Group, operation string) error {
	ofGroup, ofPlace := o.Tells(store.EventGroup), o.Tells(store.EventHierarchy) && g.Parent != 0 && operation != toldUpdated
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
		o.happened(store.Event{Kind: store.EventGroup, Operation: operation, Group: &g, Above: above})
	}
	if ofPlace {
		place := toldAdded
		if operation == toldDeleted {
			place = toldRemoved
		}
		o.happened(store.Event{Kind: store.EventHierarchy, Operation: place, Group: &g, Above: above})
	}
	return nil
}

// toldOfMembers tells of the groups that a thing itself came to or left, where
// before and after are all that held it.
func (o *operation) toldOfMembers(thing fleet.Thing, before, after map[int64]bool) error {
	if !o.Tells(store.EventMembership) {
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
			if err := o.toldOfMember(thing, id, toldRemoved); err != nil {
				return err
			}
		}
	}
	for _, id := range own(after) {
		if !before[id] {
			if err := o.toldOfMember(thing, id, toldAdded); err != nil {
				return err
			}
		}
	}
	return nil
}

func (o *operation) toldOfMember(thing fleet.Thing, group int64, operation string) error {
	g, err := o.tx.GroupByID(group)
	if err == nil {
		o.happened(store.Event{Kind: store.EventMembership, Operation: operation, Thing: &thing, Group: &g})
	}
	return err
}
