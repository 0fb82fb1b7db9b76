package query

import (
	"strings"
)

// The fields with names of their own.
// spec: wire-protocol.md#10-fleet-index-query-language-searchindex-dynamic-groups
const (
	ThingName        = "thingName"
	ThingID          = "thingId"
	ThingTypeName    = "thingTypeName"
	ThingGroupNames  = "thingGroupNames"
	RegistryVersion  = "registry.version"
	Connected        = "connectivity.connected"
	ConnectedAt      = "connectivity.timestamp" // milliseconds
	DisconnectReason = "connectivity.disconnectReason"
)

// The fields that have a name within them.
const (
	attributePrefix = "attributes."
	shadowPrefix    = "shadow."
	namedPrefix     = "shadow.name."
	hasDelta        = "hasDelta"
)

// MaxField is the longest name of a field, in bytes. Members of a shadow whose
// path is longer are not in the index, and no query may name them.
const MaxField = 512

// FieldType is what the values of a field are, as far as it is known.
type FieldType uint8

// The types of fields. Those of attributes and shadows are not known unless
// the index is told.
const (
	Untyped FieldType = iota
	TextField
	NumberField
	BooleanField
)

// Field resolves the name of a field, as clients write it: the name in the
// index and its type; ok is false if there is no such field. AWS has some under
// two names.
func Field(name string) (field string, of FieldType, ok bool) {
	if len(name) > MaxField || clean(name) != name {
		return "", 0, false
	}
	switch name {
	case ThingName, ThingID, ThingTypeName, ThingGroupNames, DisconnectReason:
		return name, TextField, true
	case "registry.thingTypeName":
		return ThingTypeName, TextField, true
	case "registry.thingGroupNames":
		return ThingGroupNames, TextField, true
	case RegistryVersion, ConnectedAt:
		return name, NumberField, true
	case Connected:
		return name, BooleanField, true
	}
	if attribute, ok := strings.CutPrefix(name, attributePrefix); ok {
		return name, Untyped, attribute != ""
	}
	return shadowField(name)
}

// shadowField resolves a field of the classic shadow or of a named one.
func shadowField(name string) (field string, of FieldType, ok bool) {
	rest, ok := strings.CutPrefix(name, shadowPrefix)
	if !ok {
		return "", 0, false
	}
	if named, ok := strings.CutPrefix(name, namedPrefix); ok {
		shadow, member, _ := strings.Cut(named, ".")
		if !isShadowName(shadow) {
			return "", 0, false
		}
		rest = member
	}
	if rest == hasDelta {
		return name, BooleanField, true
	}
	section, path, _ := strings.Cut(rest, ".")
	return name, Untyped, isSection(section) && path != ""
}

// isShadowName tells whether a shadow may have that name; the classic one has
// none. spec: device-api.md#13-device-shadows
func isShadowName(name string) bool {
	return name != "" && len(name) <= 64 && strings.Trim(name, shadowNameCharacters) == ""
}

const shadowNameCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789$:_-"

func isSection(name string) bool {
	switch name {
	case "reported", "desired", "delta":
		return true
	}
	return false
}

// holdsMembers tells whether a field may be an object with members of its own,
// whose fields begin with its name and a dot.
func holdsMembers(field string) bool { return strings.HasPrefix(field, shadowPrefix) }

// Below is the half-open range of names [from, to) that the members of an
// object have, compared byte by byte; ok is false if the field can be none.
func Below(field string) (from, to string, ok bool) {
	return field + ".", field + "/", holdsMembers(field) // '/' follows '.'
}

// above are the objects that hold a member: "shadow.reported.a.b" is below
// "shadow.reported.a".
func above(field string) []string {
	if !holdsMembers(field) {
		return nil
	}
	var objects []string
	for end := strings.LastIndexByte(field, '.'); end > 0; end = strings.LastIndexByte(field[:end], '.') {
		if _, _, ok := Field(field[:end]); ok {
			objects = append(objects, field[:end])
		}
	}
	return objects
}
