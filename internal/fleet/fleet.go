// Package fleet holds the registry's nouns and their rules: things, thing
// groups, thing types and tags. It is pure: no I/O, no clock, no goroutine.
//
// Begin with [Thing] and [Group]. Names are what clients speak; the ids are
// Drover's own, rise in order of registration and are never used again.
package fleet

import "time"

// Thing is a device in the registry.
type Thing struct {
	ID         int64
	Name       string
	UID        string // thingId, a UUID
	Type       string // name of its thing type, or empty
	Attributes map[string]string
	Version    int64 // 1 at creation, +1 for each update
	CreatedAt  time.Time
}

// Group is a thing group. Static ones hold what is put into them, dynamic ones
// what their query means.
type Group struct {
	ID          int64
	Name        string
	UID         string // thingGroupId, a UUID
	Parent      int64  // id of the parent group, 0 for none
	ParentName  string
	Depth       int // 1 for a root
	Description string
	Attributes  map[string]string
	Version     int64
	CreatedAt   time.Time
	Query       string // of a dynamic group, as it was given; else empty
	Build       Build  // how far a dynamic group has come with its query
}

// Type is a thing type.
type Type struct {
	Name         string
	UID          string // thingTypeId, a UUID
	Description  string
	Searchable   []string
	CreatedAt    time.Time
	DeprecatedAt time.Time // zero unless deprecated
}

// Tag is a key and value that an operator hangs on a job, group or type.
type Tag struct{ Key, Value string }

// Connection is whether the client whose id is a thing's name is connected.
// The zero value is one that never was.
type Connection struct {
	Connected bool
	At        time.Time // when it connected or disconnected last
	Reason    string    // of the disconnect, in the protocol's words
}
