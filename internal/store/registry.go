package store

import (
	"github.com/drover-iot/drover/internal/fleet"
)

// Registry is things, groups, types and tags within a transaction.
type Registry interface {
	// FullThing is Thing with all that a thing has.
	FullThing(name string) (fleet.Thing, error)
	// InsertThing registers a thing and answers its id.
	InsertThing(fleet.Thing) (int64, error)
	UpdateThing(fleet.Thing) error
	// DeleteThing takes the thing's name away, and its shadows with it; its row
	// stays while executions name it.
	DeleteThing(id int64) error

	Group(name string) (fleet.Group, error)
	GroupByID(id int64) (fleet.Group, error)
	// InsertGroup answers the group's id.
	InsertGroup(fleet.Group) (int64, error)
	UpdateGroup(fleet.Group) error
	// DeleteGroup takes the group's name away and leaves it as a gone group
	// until ForgetGroup.
	DeleteGroup(id int64) error
	// GoneGroups are deleted groups that still have members.
	GoneGroups(n int) ([]fleet.Group, error)
	ForgetGroup(id int64) error
	// CountChildren is how many groups have this one as their parent.
	CountChildren(group int64) (int, error)

	// GroupsOf is all groups that hold the thing, those of its own and their
	// ancestors: the value tells whether the thing is in that very group.
	GroupsOf(thing int64) (map[int64]bool, error)
	// MembersOf is the next n things of the group itself, by id.
	MembersOf(group, after int64, n int) ([]fleet.Thing, error)
	// Join and Leave change one membership of a thing. All changes of one
	// transaction bear the same sequence number, higher than any before.
	Join(group, thing int64, direct bool) error
	Leave(group, thing int64) error
	// MemberSequence is the number that the last membership change bore.
	MemberSequence() (int64, error)
	// SweepMembers deletes up to n memberships that ended and that no job
	// still rolling out can see; it answers how many.
	SweepMembers(n int) (int, error)

	Type(name string) (fleet.Type, error)
	PutType(fleet.Type) error // inserts or replaces by name
	DeleteType(name string) error
	TypeInUse(name string) (bool, error)

	Tags(r Resource) ([]fleet.Tag, error) // by key
	PutTag(r Resource, t fleet.Tag) error
	DeleteTag(r Resource, key string) error
}
