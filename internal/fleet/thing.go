package fleet

import (
	"maps"

	"github.com/drover-iot/drover/internal/fault"
)

// Check refuses a thing with more attributes than it may have.
func (t Thing) Check() error {
	limit, of := MaxAttributes, "without a thing type"
	if t.Type != "" {
		limit, of = MaxTypedAttributes, "with a thing type"
	}
	if len(t.Attributes) > limit {
		return fault.New(fault.InvalidRequest,
			"Value at 'attributePayload.attributes' has %d attributes, a thing %s has at most %d", len(t.Attributes), of, limit)
	}
	return nil
}

// Same tells whether both are the same thing with the same configuration: then
// CreateThing of one that exists succeeds.
// spec: wire-protocol.md#8-idempotency-and-client-tokens
func (t Thing) Same(other Thing) bool {
	return t.Name == other.Name && t.Type == other.Type && maps.Equal(t.Attributes, other.Attributes)
}

// Attributes is attributePayload, as far as it was given.
type Attributes struct {
	Values map[string]string
	Merge  bool // else Values replace all there are
}

// over is the attributes that a makes of old, in a map of its own.
// spec: wire-protocol.md#9-registry-behaviours-that-jobs-depend-on
func (a Attributes) over(old map[string]string) map[string]string {
	if !a.Merge {
		return maps.Clone(a.Values)
	}
	merged := maps.Clone(old)
	if merged == nil {
		merged = map[string]string{}
	}
	maps.Copy(merged, a.Values)
	maps.DeleteFunc(merged, func(name, _ string) bool {
		given, ok := a.Values[name]
		return ok && given == ""
	})
	return merged
}

// ThingPatch is what UpdateThing asks for; zero members leave what is there.
type ThingPatch struct {
	Expected   *int64 // expectedVersion
	Type       string
	RemoveType bool
	Attributes *Attributes
}

// Update answers the thing as p makes it, one version on. That the type exists
// is the caller's to know.
//
// Errors: VersionConflict, InvalidRequest.
func (t Thing) Update(p ThingPatch) (Thing, error) {
	if err := Expect(p.Expected, t.Version); err != nil {
		return t, err
	}
	if p.RemoveType && p.Type != "" {
		return t, fault.New(fault.InvalidRequest, "Value true at 'removeThingType' is not allowed beside 'thingTypeName'")
	}
	next := t
	if p.RemoveType || p.Type != "" {
		next.Type = p.Type
	}
	if p.Attributes != nil {
		next.Attributes = p.Attributes.over(t.Attributes)
	}
	if err := next.Check(); err != nil {
		return t, err
	}
	next.Version++
	return next, nil
}

// Expect refuses, as VersionConflict, an expectedVersion other than the present
// one; nil is none given.
func Expect(expected *int64, present int64) error {
	if expected == nil || *expected == present {
		return nil
	}
	return fault.New(fault.VersionConflict, "Expected version %d but found version %d", *expected, present)
}
