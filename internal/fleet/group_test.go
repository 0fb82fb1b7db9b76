package fleet

import (
	"maps"
	"testing"

	"github.com/drover-iot/drover/internal/fault"
)

func TestAGroupUnderAParent(t *testing.T) {
	for _, c := range []struct {
		name     string
		parent   Group
		children int
		depth    int
		names    string
	}{
		{"no parent", Group{}, 0, 1, ""},
		{"a root", Group{ID: 4, Name: "p", Depth: 1}, 0, 2, ""},
		{"the deepest", Group{ID: 4, Name: "p", Depth: 6}, 0, 7, ""},
		{"deeper", Group{ID: 4, Name: "p", Depth: 7}, 0, 0, "'p' at 'parentGroupName'"},
		{"the hundredth child", Group{ID: 4, Name: "p", Depth: 1}, 99, 2, ""},
		{"a dynamic group", Group{ID: 4, Name: "p", Depth: 1, Query: "*"}, 0, 0, "a dynamic thing group has no children"},
		{"one child more", Group{ID: 4, Name: "p", Depth: 1}, 100, 0, "at most 100 children"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Group{Name: "g"}.Under(c.parent, c.children)
			want(t, err, fault.InvalidRequest, c.names)
			if err == nil && (got.Depth != c.depth || got.Parent != c.parent.ID || got.ParentName != c.parent.Name) {
				t.Errorf("group is %+v", got)
			}
		})
	}
}

func TestAttributesOfAGroup(t *testing.T) {
	want(t, Group{Attributes: attributes(50)}.Check(), 0, "")
	want(t, Group{Attributes: attributes(51)}.Check(), fault.InvalidRequest, "thingGroupProperties.attributePayload.attributes")
}

func TestAGroupIsTheSame(t *testing.T) {
	group := Group{ID: 1, Name: "g", Parent: 2, ParentName: "p", Description: "d", Attributes: map[string]string{"a": "1"}, Version: 4}
	for _, c := range []struct {
		name  string
		other Group
		same  bool
	}{
		{"with all of it", Group{Name: "g", ParentName: "p", Description: "d", Attributes: map[string]string{"a": "1"}}, true},
		{"not by another name", Group{Name: "h", ParentName: "p", Description: "d", Attributes: map[string]string{"a": "1"}}, false},
		{"not under another parent", Group{Name: "g", ParentName: "q", Description: "d", Attributes: map[string]string{"a": "1"}}, false},
		{"not with another description", Group{Name: "g", ParentName: "p", Attributes: map[string]string{"a": "1"}}, false},
		{"not with other attributes", Group{Name: "g", ParentName: "p", Description: "d"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if group.Same(c.other) != c.same {
				t.Errorf("Same = %v", !c.same)
			}
		})
	}
}

func TestUpdateThingGroup(t *testing.T) {
	one, four, text, empty := int64(1), int64(4), "new", ""
	old := map[string]string{"a": "1"}
	group := Group{Name: "g", Description: "d", Attributes: old, Version: 4}
	for _, c := range []struct {
		name        string
		patch       GroupPatch
		kind        fault.Kind
		names       string
		description string
		attributes  map[string]string
	}{
		{name: "nothing asked for", description: "d", attributes: old},
		{name: "the expected version", patch: GroupPatch{Expected: &four}, description: "d", attributes: old},
		{name: "another version", patch: GroupPatch{Expected: &one}, kind: fault.VersionConflict, names: "found version 4"},
		{name: "another description", patch: GroupPatch{Description: &text}, description: "new", attributes: old},
		{name: "no description", patch: GroupPatch{Description: &empty}, description: "", attributes: old},
		{name: "attributes replaced", patch: GroupPatch{Attributes: &Attributes{Values: map[string]string{"b": "2"}}}, description: "d", attributes: map[string]string{"b": "2"}},
		{name: "attributes merged", patch: GroupPatch{Attributes: &Attributes{Merge: true, Values: map[string]string{"b": "2"}}}, description: "d", attributes: map[string]string{"a": "1", "b": "2"}},
		{name: "too many attributes", patch: GroupPatch{Attributes: &Attributes{Values: attributes(51)}}, kind: fault.InvalidRequest, names: "51 attributes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := group.Update(c.patch)
			want(t, err, c.kind, c.names)
			wantGroup(t, group, got, err == nil, c.description, c.attributes)
		})
	}
}

func wantGroup(t *testing.T, before, got Group, updated bool, description string, values map[string]string) {
	t.Helper()
	version := before.Version + 1
	if !updated {
		version, description, values = before.Version, before.Description, before.Attributes
	}
	if got.Version != version || got.Description != description || !maps.Equal(got.Attributes, values) {
		t.Errorf("group is %+v, want version %d, description %q, attributes %v", got, version, description, values)
	}
}
