package query

import (
	"slices"
	"strings"

	"github.com/drover-iot/drover/internal/fault"
)

// Indexing is what the fleet index holds. The zero value is an index that is
// off.
type Indexing struct {
	Registry     bool // the index is on
	Classic      bool // classic shadows
	Named        bool // the named shadows of Shadows
	Shadows      []string
	Connectivity bool
	Custom       []TypedField // fields whose type aggregations may rely on
}

// TypedField is a field with its type.
type TypedField struct {
	Name string
	Type FieldType
}

// Check refuses what does not go together.
//
// Errors: InvalidRequest.
func (i Indexing) Check() error {
	if !i.Registry && (i.Connectivity || i.Named || len(i.Custom) > 0) {
		return fault.New(fault.InvalidRequest,
			"Value 'OFF' at 'thingIndexingMode' does not go together with connectivity, named shadows or custom fields")
	}
	seen := map[string]bool{}
	for _, f := range i.Custom {
		if err := i.checkCustom(f.Name); err != nil {
			return err
		}
		if seen[f.Name] {
			return fault.New(fault.InvalidRequest, "Value '%s' at 'customFields' is there twice", clip(f.Name))
		}
		seen[f.Name] = true
	}
	return nil
}

func (i Indexing) checkCustom(name string) error {
	_, of, ok := Field(name)
	switch {
	case !ok:
		return fault.New(fault.InvalidRequest, "Value '%s' at 'customFields' is no field of the index", clip(name))
	case of != Untyped:
		return fault.New(fault.InvalidRequest, "Value '%s' at 'customFields' is a managed field", clip(name))
	case !i.holds(name):
		return fault.New(fault.InvalidRequest, "Value '%s' at 'customFields' is not indexed in this mode", clip(name))
	default:
		return nil
	}
}

// holds tells whether the index has values of that field, if a thing has.
func (i Indexing) holds(field string) bool {
	if name, ok := strings.CutPrefix(field, namedPrefix); ok {
		name, _, _ = strings.Cut(name, ".")
		return i.Shadow(name)
	}
	return !strings.HasPrefix(field, shadowPrefix) || i.Shadow("")
}

// Shadow tells whether the index holds shadows of that name, "" being the
// classic one.
func (i Indexing) Shadow(name string) bool {
	if name == "" {
		return i.Classic
	}
	return i.Named && slices.Contains(i.Shadows, name)
}

// SameEntries tells whether both hold the same of every thing: what is said of
// the types of fields changes nothing of that.
func (i Indexing) SameEntries(other Indexing) bool {
	return i.Registry == other.Registry && i.Connectivity == other.Connectivity && slices.Equal(i.ShadowNames(), other.ShadowNames())
}

// ShadowNames are the names of the shadows that the index holds, in order, ""
// being the classic one.
func (i Indexing) ShadowNames() []string {
	var names []string
	if i.Classic {
		names = append(names, "")
	}
	if i.Named {
		names = append(names, i.Shadows...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Of is what the index holds of a document.
func (i Indexing) Of(d Document) []Entry {
	if !i.Registry {
		return nil
	}
	if !i.Connectivity {
		d.Connection = nil
	}
	shadows := map[string]Shadow{}
	for name, s := range d.Shadows {
		if i.Shadow(name) {
			shadows[name] = s
		}
	}
	d.Shadows = shadows
	return d.Entries()
}

// Types are the types of the custom fields, for [Aggregation].
func (i Indexing) Types() map[string]FieldType {
	types := map[string]FieldType{}
	for _, f := range i.Custom {
		types[f.Name] = f.Type
	}
	return types
}

// Managed are the fields that the index holds by itself, by the names that AWS
// gives them in its configuration.
func (i Indexing) Managed() []TypedField {
	if !i.Registry {
		return nil
	}
	list := []TypedField{
		{ThingName, TextField},
		{ThingID, TextField},
		{RegistryVersion, NumberField},
		{"registry.thingTypeName", TextField},
		{"registry.thingGroupNames", TextField},
	}
	if i.Classic {
		list = append(list, TypedField{shadowPrefix + hasDelta, BooleanField})
	}
	if i.Connectivity {
		list = append(list, TypedField{Connected, BooleanField}, TypedField{ConnectedAt, NumberField}, TypedField{DisconnectReason, TextField})
	}
	return list
}

// Schema is the schema that DescribeIndex answers.
func (i Indexing) Schema() string {
	switch {
	case i.Named:
		return "MULTI_INDEXING_MODE"
	case i.Classic && i.Connectivity:
		return "REGISTRY_AND_SHADOW_AND_CONNECTIVITY_STATUS"
	case i.Classic:
		return "REGISTRY_AND_SHADOW"
	case i.Connectivity:
		return "REGISTRY_AND_CONNECTIVITY_STATUS"
	default:
		return "REGISTRY"
	}
}
