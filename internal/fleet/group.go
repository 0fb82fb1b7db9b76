package fleet

import (
	"maps"

	"github.com/drover-iot/drover/internal/fault"
)

// Check refuses a group with more attributes than it may have.
func (g Group) Check() error {
	if len(g.Attributes) > MaxGroupAttributes {
		return fault.New(fault.InvalidRequest,
			"Value at 'thingGroupProperties.attributePayload.attributes' has %d attributes, a thing group has at most %d", len(g.Attributes), MaxGroupAttributes)
	}
	return nil
}

// Same tells whether both are the same group with the same parent and
// properties: then CreateThingGroup of one that exists succeeds.
// spec: wire-protocol.md#8-idempotency-and-client-tokens
func (g Group) Same(other Group) bool {
	return g.Name == other.Name && g.ParentName == other.ParentName &&
		g.Description == other.Description && maps.Equal(g.Attributes, other.Attributes) && g.Query == other.Query
}

// Under answers the group as a new child of parent, which has so many children
// already. spec: wire-protocol.md#9-registry-behaviours-that-jobs-depend-on
func (g Group) Under(parent Group, children int) (Group, error) {
	if parent.IsDynamic() {
		return g, fault.New(fault.InvalidRequest,
			"Value '%s' at 'parentGroupName' is not allowed: a dynamic thing group has no children", parent.Name)
	}
	if parent.Depth >= MaxDepth {
		return g, fault.New(fault.InvalidRequest,
			"Value '%s' at 'parentGroupName' is not allowed: thing groups are nested at most %d deep", parent.Name, MaxDepth)
	}
	if children >= MaxChildren {
		return g, fault.New(fault.InvalidRequest,
			"Value '%s' at 'parentGroupName' is not allowed: a thing group has at most %d children", parent.Name, MaxChildren)
	}
	g.Parent, g.ParentName, g.Depth = parent.ID, parent.Name, parent.Depth+1
	return g, nil
}

// CheckKind refuses, as InvalidRequest, a group of the other kind than the one
// that an operation is about.
func (g Group) CheckKind(dynamic bool) error {
	if g.IsDynamic() == dynamic {
		return nil
	}
	if dynamic {
		return fault.New(fault.InvalidRequest, "Value '%s' at 'thingGroupName' is not allowed: it is a static thing group", g.Name)
	}
	return fault.New(fault.InvalidRequest, "Value '%s' at 'thingGroupName' is not allowed: it is a dynamic thing group", g.Name)
}

// GroupPatch is what UpdateThingGroup and UpdateDynamicThingGroup ask for; nil
// members leave what is there.
type GroupPatch struct {
	Expected    *int64 // expectedVersion
	Description *string
	Attributes  *Attributes
	Query       string // of a dynamic group; empty leaves it
}

// Update answers the group as p makes it, one version on.
//
// Errors: VersionConflict, InvalidRequest.
func (g Group) Update(p GroupPatch) (Group, error) {
	if err := Expect(p.Expected, g.Version); err != nil {
		return g, err
	}
	next := g
	if p.Description != nil {
		next.Description = *p.Description
	}
	if p.Attributes != nil {
		next.Attributes = p.Attributes.over(g.Attributes)
	}
	if p.Query != "" {
		next.Query = p.Query
	}
	if err := next.Check(); err != nil {
		return g, err
	}
	next.Version++
	return next, nil
}
