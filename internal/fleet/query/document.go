package query

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Entry is one value of one field of a thing, as the index keeps it.
type Entry struct {
	Field string
	N     int // place in a list, from 0; 0 if it is none
	Value Value
}

// compareEntries orders entries as the index keeps them, by field and place.
func compareEntries(a, b Entry) int {
	return cmp.Or(cmp.Compare(a.Field, b.Field), cmp.Compare(a.N, b.N))
}

// Thing is what the registry knows of a thing. Its entries change with
// CreateThing and UpdateThing only.
type Thing struct {
	Name, UID, Type string
	Version         int64
	Attributes      map[string]string
}

// Document is all that the index knows of a thing. Each part has fields of its
// own, so when one changes the entries of the others stay as they are.
type Document struct {
	Thing  Thing
	Groups []string // names of the static groups that the thing itself is in
	// Shadows are by name; "" is the classic one.
	Shadows map[string]Shadow
	// Connection is nil for a thing that was never connected.
	Connection *Connection
}

// Shadow is the state of a shadow, decoded from JSON, with json.Number or
// float64.
type Shadow struct{ Reported, Desired, Delta map[string]any }

// Connection is whether the client id equal to a thing's name is connected.
type Connection struct {
	Connected bool
	At        int64  // when it connected or disconnected, in milliseconds
	Reason    string // of the last disconnect, or empty
}

// Entries are the entries of the whole document, in their order.
func (d Document) Entries() []Entry {
	list := slices.Concat(d.Thing.Entries(), GroupEntries(d.Groups))
	for _, name := range slices.Sorted(maps.Keys(d.Shadows)) {
		list = append(list, d.Shadows[name].Entries(name)...)
	}
	if d.Connection != nil {
		list = append(list, d.Connection.Entries()...)
	}
	slices.SortFunc(list, compareEntries)
	return list
}

// DocumentOf is the document that has these entries. Of its shadows it tells
// only that they are there.
func DocumentOf(entries []Entry) Document {
	var d Document
	for _, e := range entries {
		d.take(e)
	}
	return d
}

func (d *Document) take(e Entry) {
	switch e.Field {
	case ThingName:
		d.Thing.Name = e.Value.Text
	case ThingID:
		d.Thing.UID = e.Value.Text
	case ThingTypeName:
		d.Thing.Type = e.Value.Text
	case RegistryVersion:
		d.Thing.Version = int64(e.Value.Number)
	case ThingGroupNames:
		d.Groups = append(d.Groups, e.Value.Text)
	case Connected:
		d.connection().Connected = e.Value.Folded() == "true"
	case ConnectedAt:
		d.connection().At = int64(e.Value.Number)
	case DisconnectReason:
		d.connection().Reason = e.Value.Text
	default:
		d.takeOther(e)
	}
}

func (d *Document) takeOther(e Entry) {
	if name, ok := shadowOf(e.Field); ok {
		if d.Shadows == nil {
			d.Shadows = map[string]Shadow{}
		}
		d.Shadows[name] = Shadow{}
	}
	name, ok := strings.CutPrefix(e.Field, attributePrefix)
	if !ok {
		return
	}
	if d.Thing.Attributes == nil {
		d.Thing.Attributes = map[string]string{}
	}
	d.Thing.Attributes[name] = e.Value.Text
}

// shadowOf is the shadow whose field hasDelta this is: each has that field.
func shadowOf(field string) (name string, ok bool) {
	if field == shadowPrefix+hasDelta {
		return "", true
	}
	rest, ok := strings.CutPrefix(field, namedPrefix)
	name, member, _ := strings.Cut(rest, ".")
	return name, ok && member == hasDelta
}

func (d *Document) connection() *Connection {
	if d.Connection == nil {
		d.Connection = &Connection{}
	}
	return d.Connection
}

// Entries are what the index has of the registry, in their order.
func (t Thing) Entries() []Entry {
	list := []Entry{
		{Field: ThingName, Value: TextValue(t.Name)},
		{Field: ThingID, Value: TextValue(t.UID)},
		{Field: RegistryVersion, Value: floatValue(float64(t.Version))},
	}
	if t.Type != "" {
		list = append(list, Entry{Field: ThingTypeName, Value: TextValue(t.Type)})
	}
	for name, value := range t.Attributes {
		list = append(list, Entry{Field: attributePrefix + name, Value: TextValue(value)})
	}
	slices.SortFunc(list, compareEntries)
	return list
}

// GroupEntries are what the index has of a thing's groups, by name.
func GroupEntries(names []string) []Entry {
	list := make([]Entry, 0, len(names))
	for i, name := range slices.Sorted(slices.Values(names)) {
		list = append(list, Entry{Field: ThingGroupNames, N: i, Value: TextValue(name)})
	}
	return list
}

// Entries are what the index has of a connection, in their order.
func (c Connection) Entries() []Entry {
	list := []Entry{{Field: Connected, Value: booleanValue(c.Connected)}}
	if c.Reason != "" {
		list = append(list, Entry{Field: DisconnectReason, Value: TextValue(c.Reason)})
	}
	return append(list, Entry{Field: ConnectedAt, Value: floatValue(float64(c.At))})
}

// Entries are what the index has of the shadow of that name, "" being the
// classic one, in their order.
func (s Shadow) Entries(name string) []Entry {
	prefix := ShadowPrefix(name)
	list := []Entry{{Field: prefix + hasDelta, Value: booleanValue(len(s.Delta) > 0)}}
	list = flatten(list, prefix+"reported", s.Reported)
	list = flatten(list, prefix+"desired", s.Desired)
	list = flatten(list, prefix+"delta", s.Delta)
	slices.SortStableFunc(list, func(a, b Entry) int { return cmp.Compare(a.Field, b.Field) })
	return numbered(list)
}

// ShadowPrefix is what the fields of the shadow of that name begin with. Those
// of named shadows begin with that of the classic one, "", too: see [OfShadow].
func ShadowPrefix(name string) string {
	if name == "" {
		return shadowPrefix
	}
	return namedPrefix + name + "."
}

// OfShadow are the entries of the shadow of that name, out of those whose
// fields begin with its prefix.
func OfShadow(entries []Entry, name string) []Entry {
	if name != "" {
		return entries
	}
	return slices.DeleteFunc(entries, func(e Entry) bool { return strings.HasPrefix(e.Field, namedPrefix) })
}

// ConnectionPrefix is what the fields of a connection begin with.
const ConnectionPrefix = "connectivity."

// flatten adds an entry for each value at or below a member. The elements of
// an array are values of the array's field, and their members members of it.
// Members with a name or path that no query can name are left out.
func flatten(list []Entry, field string, member any) []Entry {
	switch m := member.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(m)) {
			if path := field + "." + clean(name); len(path) <= MaxField {
				list = flatten(list, path, m[name])
			}
		}
	case []any:
		for _, element := range m {
			list = flatten(list, field, element)
		}
	default:
		if v, ok := scalar(member); ok {
			list = append(list, Entry{Field: field, Value: v})
		}
	}
	return list
}

// numbered gives each entry its place among those of its field.
func numbered(list []Entry) []Entry {
	for i := 1; i < len(list); i++ {
		if list[i].Field == list[i-1].Field {
			list[i].N = list[i-1].N + 1
		}
	}
	return list
}
