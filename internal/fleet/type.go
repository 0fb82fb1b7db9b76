package fleet

import (
	"slices"
	"time"

	"github.com/drover-iot/drover/internal/fault"
)

// Same tells whether both are the same type with the same properties: then
// CreateThingType of one that exists succeeds.
// spec: wire-protocol.md#8-idempotency-and-client-tokens
func (t Type) Same(other Type) bool {
	return t.Name == other.Name && t.Description == other.Description && slices.Equal(t.Searchable, other.Searchable)
}

// Usable refuses a deprecated type: no further thing gets it.
func (t Type) Usable() error {
	if t.DeprecatedAt.IsZero() {
		return nil
	}
	return fault.New(fault.InvalidRequest, "Value '%s' at 'thingTypeName' is not allowed: the thing type is deprecated", t.Name)
}

// Deprecate answers the type deprecated at now, or with undo no longer; one
// that is so already stays as it is.
func (t Type) Deprecate(undo bool, now time.Time) Type {
	switch {
	case undo:
		t.DeprecatedAt = time.Time{}
	case t.DeprecatedAt.IsZero():
		t.DeprecatedAt = now
	}
	return t
}

// Delete refuses to delete a type that is in use or was not deprecated long
// enough ago. spec: wire-protocol.md#9-registry-behaviours-that-jobs-depend-on
func (t Type) Delete(inUse bool, now time.Time) error {
	switch {
	case t.DeprecatedAt.IsZero():
		return fault.New(fault.InvalidRequest, "Thing type %s cannot be deleted: it is not deprecated", t.Name)
	case now.Before(t.DeprecatedAt.Add(DeleteTypeAfter)):
		return fault.New(fault.InvalidRequest, "Thing type %s cannot be deleted: it was deprecated less than %d minutes ago", t.Name, DeleteTypeAfter/time.Minute)
	case inUse:
		return fault.New(fault.InvalidRequest, "Thing type %s cannot be deleted: things have it", t.Name)
	default:
		return nil
	}
}
