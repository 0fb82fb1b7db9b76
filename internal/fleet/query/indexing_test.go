package query

import (
	"slices"
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/fault"
)

// everything is an index that holds all it can of the thing of these tests.
func everything() Indexing {
	return Indexing{Registry: true, Classic: true, Named: true, Shadows: []string{"cfg"}, Connectivity: true}
}

func TestWhatGoesTogetherInAnIndex(t *testing.T) {
	custom := func(names ...string) Indexing {
		i := everything()
		for _, name := range names {
			i.Custom = append(i.Custom, TypedField{name, NumberField})
		}
		return i
	}
	for _, c := range []struct {
		name    string
		i       Indexing
		refused string
	}{
		{"nothing", Indexing{}, ""},
		{"everything", everything(), ""},
		{"connectivity without the registry", Indexing{Connectivity: true}, "'thingIndexingMode'"},
		{"named shadows without the registry", Indexing{Named: true}, "'thingIndexingMode'"},
		{"custom fields without the registry", Indexing{Custom: []TypedField{{"attributes.a", TextField}}}, "'thingIndexingMode'"},
		{"an attribute", custom("attributes.a"), ""},
		{"members of shadows", custom("shadow.reported.a", "shadow.name.cfg.desired.b"), ""},
		{"an unknown field", custom("color"), "'color' at 'customFields' is no field"},
		{"a managed field", custom("thingName"), "'thingName' at 'customFields' is a managed field"},
		{"a field twice", custom("attributes.a", "attributes.a"), "'attributes.a' at 'customFields' is there twice"},
		{"a shadow that is not indexed", custom("shadow.name.other.reported.a"), "not indexed in this mode"},
		{"classic shadows are not indexed", Indexing{Registry: true, Custom: []TypedField{{"shadow.reported.a", TextField}}}, "not indexed in this mode"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := c.i.Check()
			if (err != nil) != (c.refused != "") || err != nil && (!fault.Is(err, fault.InvalidRequest) || !strings.Contains(err.Error(), c.refused)) {
				t.Errorf("answered %v, want %q", err, c.refused)
			}
		})
	}
}

func TestWhatAnIndexHolds(t *testing.T) {
	for _, c := range []struct {
		name, schema string
		i            Indexing
		fields       []string // of those that only some have
	}{
		{"nothing", "REGISTRY", Indexing{}, nil},
		{"the registry", "REGISTRY", Indexing{Registry: true}, []string{"thingName"}},
		{"and connectivity", "REGISTRY_AND_CONNECTIVITY_STATUS", Indexing{Registry: true, Connectivity: true}, []string{"thingName", "connectivity.connected"}},
		{"and classic shadows", "REGISTRY_AND_SHADOW", Indexing{Registry: true, Classic: true}, []string{"thingName", "shadow.hasDelta"}},
		{
			"and both", "REGISTRY_AND_SHADOW_AND_CONNECTIVITY_STATUS",
			Indexing{Registry: true, Classic: true, Connectivity: true},
			[]string{"thingName", "connectivity.connected", "shadow.hasDelta"},
		},
		{"a named shadow", "MULTI_INDEXING_MODE", Indexing{Registry: true, Named: true, Shadows: []string{"cfg"}}, []string{"thingName", "shadow.name.cfg.hasDelta"}},
		{"another one", "MULTI_INDEXING_MODE", Indexing{Registry: true, Named: true, Shadows: []string{"x"}}, []string{"thingName"}},
		{"everything", "MULTI_INDEXING_MODE", everything(), []string{"thingName", "connectivity.connected", "shadow.hasDelta", "shadow.name.cfg.hasDelta"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			entries := c.i.Of(press(t))
			for _, field := range []string{"thingName", "connectivity.connected", "shadow.hasDelta", "shadow.name.cfg.hasDelta"} {
				held := slices.ContainsFunc(entries, func(e Entry) bool { return e.Field == field })
				if held != slices.Contains(c.fields, field) {
					t.Errorf("it holds %s: %v", field, held)
				}
			}
			if c.i.Schema() != c.schema {
				t.Errorf("its schema is %s", c.i.Schema())
			}
		})
	}
}

func TestManagedFieldsAreFieldsOfTheIndex(t *testing.T) {
	if len(Indexing{}.Managed()) != 0 || len(everything().Managed()) != 9 {
		t.Errorf("they are %v", everything().Managed())
	}
	for _, f := range everything().Managed() {
		if _, of, ok := Field(f.Name); !ok || of != f.Type {
			t.Errorf("%s is of type %d, %v", f.Name, of, ok)
		}
	}
}

func TestTypesOfCustomFields(t *testing.T) {
	i := Indexing{Custom: []TypedField{{"attributes.a", BooleanField}}}
	if a, err := Aggregation("attributes.a", i.Types()); err != nil || a.Type != BooleanField {
		t.Errorf("is %+v, %v", a, err)
	}
}
