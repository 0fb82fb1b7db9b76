package fleet

import (
	"maps"
	"testing"

	"github.com/drover-iot/drover/internal/fault"
)

func TestAttributesOfAThing(t *testing.T) {
	for _, c := range []struct {
		name  string
		thing Thing
		names string
	}{
		{"none", Thing{}, ""},
		{"three without a type", Thing{Attributes: attributes(3)}, ""},
		{"four without a type", Thing{Attributes: attributes(4)}, "attributePayload.attributes"},
		{"fifty with a type", Thing{Type: "press", Attributes: attributes(50)}, ""},
		{"fifty-one with a type", Thing{Type: "press", Attributes: attributes(51)}, "51 attributes"},
	} {
		t.Run(c.name, func(t *testing.T) { want(t, c.thing.Check(), fault.InvalidRequest, c.names) })
	}
}

func TestAThingIsTheSame(t *testing.T) {
	thing := Thing{Name: "t", Type: "press", Attributes: map[string]string{"a": "1"}}
	for _, c := range []struct {
		name  string
		other Thing
		same  bool
	}{
		{"with all of it", Thing{Name: "t", Type: "press", Attributes: map[string]string{"a": "1"}}, true},
		{"whatever is Drover's own", Thing{ID: 7, UID: "u", Version: 3, Name: "t", Type: "press", Attributes: map[string]string{"a": "1"}}, true},
		{"not by another name", Thing{Name: "u", Type: "press", Attributes: map[string]string{"a": "1"}}, false},
		{"not without its type", Thing{Name: "t", Attributes: map[string]string{"a": "1"}}, false},
		{"not with another value", Thing{Name: "t", Type: "press", Attributes: map[string]string{"a": "2"}}, false},
		{"not without its attributes", Thing{Name: "t", Type: "press"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if thing.Same(c.other) != c.same {
				t.Errorf("Same = %v", !c.same)
			}
		})
	}
	if !(Thing{Name: "t"}).Same(Thing{Name: "t", Attributes: map[string]string{}}) {
		t.Error("no attributes and an empty map of them differ")
	}
}

func TestUpdateThing(t *testing.T) {
	two, three, old := int64(2), int64(3), map[string]string{"a": "1", "b": "2"}
	thing := Thing{Name: "t", Type: "press", Attributes: old, Version: 3}
	for _, c := range []struct {
		name       string
		patch      ThingPatch
		kind       fault.Kind
		names      string
		wantType   string
		attributes map[string]string
	}{
		{name: "nothing asked for", wantType: "press", attributes: old},
		{name: "the expected version", patch: ThingPatch{Expected: &three}, wantType: "press", attributes: old},
		{name: "another version", patch: ThingPatch{Expected: &two}, kind: fault.VersionConflict, names: "Expected version 2 but found version 3"},
		{name: "another type", patch: ThingPatch{Type: "lathe"}, wantType: "lathe", attributes: old},
		{name: "the type removed", patch: ThingPatch{RemoveType: true}, wantType: "", attributes: old},
		{name: "the type removed and given", patch: ThingPatch{RemoveType: true, Type: "lathe"}, kind: fault.InvalidRequest, names: "removeThingType"},
		{
			name: "attributes replaced", patch: ThingPatch{Attributes: &Attributes{Values: map[string]string{"c": "3"}}},
			wantType: "press", attributes: map[string]string{"c": "3"},
		},
		{
			name: "attributes replaced by none", patch: ThingPatch{Attributes: &Attributes{}},
			wantType: "press", attributes: nil,
		},
		{
			name: "attributes merged", patch: ThingPatch{Attributes: &Attributes{Merge: true, Values: map[string]string{"b": "3", "c": "4"}}},
			wantType: "press", attributes: map[string]string{"a": "1", "b": "3", "c": "4"},
		},
		{
			name: "an empty value merged deletes", patch: ThingPatch{Attributes: &Attributes{Merge: true, Values: map[string]string{"a": "", "z": ""}}},
			wantType: "press", attributes: map[string]string{"b": "2"},
		},
		{
			name: "too many after the merge", patch: ThingPatch{Attributes: &Attributes{Merge: true, Values: attributes(49)}},
			kind: fault.InvalidRequest, names: "51 attributes",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := thing.Update(c.patch)
			want(t, err, c.kind, c.names)
			wantUpdated(t, thing, got, err == nil, c.wantType, c.attributes)
		})
	}
	if len(old) != 2 || old["a"] != "1" {
		t.Errorf("the map of the thing before was changed: %v", old)
	}
}

// wantUpdated: a refused update answers the thing as it was.
func wantUpdated(t *testing.T, before, got Thing, updated bool, wantType string, values map[string]string) {
	t.Helper()
	version := before.Version + 1
	if !updated {
		version, wantType, values = before.Version, before.Type, before.Attributes
	}
	if got.Version != version || got.Type != wantType || !maps.Equal(got.Attributes, values) {
		t.Errorf("thing is %+v, want version %d, type %q, attributes %v", got, version, wantType, values)
	}
}

func TestATypeRemovedLeavesRoomForThreeAttributes(t *testing.T) {
	thing := Thing{Type: "press", Attributes: attributes(4)}
	_, err := thing.Update(ThingPatch{RemoveType: true})
	want(t, err, fault.InvalidRequest, "at most 3")
}

func TestMergeIntoAThingWithoutAttributes(t *testing.T) {
	got, err := Thing{}.Update(ThingPatch{Attributes: &Attributes{Merge: true, Values: map[string]string{"a": "1", "b": ""}}})
	want(t, err, 0, "")
	wantUpdated(t, Thing{}, got, true, "", map[string]string{"a": "1"})
}
