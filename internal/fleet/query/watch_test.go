package query

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// watchLines are watches as text: field, and =key if exact.
func watchLines(list []Watch) string {
	lines := make([]string, len(list))
	for i, w := range list {
		if lines[i] = w.Field; w.Exact {
			lines[i] += "=" + w.Key
		}
	}
	return strings.Join(lines, " ")
}

func TestWhatAQueryListensTo(t *testing.T) {
	for _, c := range []struct {
		name, query, want string
		blank             bool
	}{
		{"everything listens to nothing", "*", "", true},
		{"a value", "attributes.a:X", "attributes.a=x", false},
		{"not a value", "NOT attributes.a:x", "attributes.a=x", true},
		{"a number has its shortest form", "attributes.a:10.0", "attributes.a=10 attributes.a=10.0", false},
		{"wildcards listen to all values", "attributes.a:x*", "attributes.a", false},
		{"so do ranges", "attributes.a>5", "attributes.a", false},
		{"existence", "attributes.a:*", "attributes.a", false},
		{"any field", "x", "=x", false},
		{"any field, wildcards", "x*", "", false},
		{"each once", "attributes.a:x OR attributes.a:X OR attributes.b:y", "attributes.a=x attributes.b=y", false},
		{"a long value by its key", "attributes.a:" + strings.Repeat("x", 200), "attributes.a=" + strings.Repeat("x", 128), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := parse(t, c.query)
			if got := watchLines(q.Watches()); got != c.want || q.Blank() != c.blank {
				t.Errorf("listens to %q, blank %v, want %q, %v", got, q.Blank(), c.want, c.blank)
			}
		})
	}
	if len(parse(t, "*").Watches()) != 0 || len(parse(t, "x*").Watches()) != 1 {
		t.Error("everything listens to something, or wildcards in any field to nothing")
	}
}

func TestWhatAChangeTouches(t *testing.T) {
	for _, c := range []struct {
		name    string
		changed Entry
		want    string
	}{
		{"an attribute", Entry{Field: "attributes.a.b", Value: TextValue("X")}, " =x attributes.a.b attributes.a.b=x"},
		{
			"a member of a shadow, and the objects around it",
			Entry{Field: "shadow.reported.a.b.c", Value: TextValue("1")},
			" =1 shadow.reported.a shadow.reported.a.b shadow.reported.a.b.c shadow.reported.a.b.c=1",
		},
		{"an empty text", Entry{Field: "thingName"}, " = thingName thingName="},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := watchLines(Touched([]Entry{c.changed, c.changed})); got != c.want {
				t.Errorf("touches %q, want %q", got, c.want)
			}
		})
	}
}

func TestADifferenceIsWhatGoesAndWhatComes(t *testing.T) {
	entry := func(field string, n int, text string) Entry {
		return Entry{Field: field, N: n, Value: TextValue(text)}
	}
	a, b, other, second := entry("a", 0, "1"), entry("b", 0, "1"), entry("b", 0, "2"), entry("b", 1, "1")
	for _, c := range []struct {
		name          string
		before, after []Entry
		gone, come    []Entry
	}{
		{"nothing", nil, nil, nil, nil},
		{"nothing changed", []Entry{a, b}, []Entry{a, b}, nil, nil},
		{"all of it comes", nil, []Entry{a, b}, nil, []Entry{a, b}},
		{"all of it goes", []Entry{a, b}, nil, []Entry{a, b}, nil},
		{"another value", []Entry{a, b}, []Entry{a, other}, []Entry{b}, []Entry{other}},
		{"another field", []Entry{a}, []Entry{b}, []Entry{a}, []Entry{b}},
		{"a longer list", []Entry{b}, []Entry{a, b, second}, nil, []Entry{a, second}},
		{"a shorter list", []Entry{a, b, second}, []Entry{b}, []Entry{a, second}, nil},
		{"case counts, for it is shown", []Entry{entry("a", 0, "x")}, []Entry{entry("a", 0, "X")}, []Entry{entry("a", 0, "x")}, []Entry{entry("a", 0, "X")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			gone, come := Diff(c.before, c.after)
			if !slices.Equal(gone, c.gone) || !slices.Equal(come, c.come) {
				t.Errorf("gone %v, come %v", fmt.Sprint(lines(gone)), fmt.Sprint(lines(come)))
			}
		})
	}
}

// What is written is what differs, however much the index knows of the thing.
func TestAChangeWritesWhatDiffers(t *testing.T) {
	for _, c := range []struct {
		name       string
		change     func(*Document)
		gone, come []string
	}{
		{"nothing", func(*Document) {}, nil, nil},
		{
			"an attribute", func(d *Document) { d.Thing.Version, d.Thing.Attributes["fw"] = 4, "1.11" },
			[]string{"attributes.fw", "registry.version"},
			[]string{"attributes.fw", "registry.version"},
		},
		{
			"an attribute less", func(d *Document) { d.Thing.Version = 4; delete(d.Thing.Attributes, "fw") },
			[]string{"attributes.fw", "registry.version"},
			[]string{"registry.version"},
		},
		{
			"a type", func(d *Document) { d.Thing.Version, d.Thing.Type = 4, "" },
			[]string{"registry.version", "thingTypeName"},
			[]string{"registry.version"},
		},
		{"a group more", func(d *Document) { d.Groups = append(d.Groups, "zone") }, nil, []string{"thingGroupNames"}},
		{
			"a member of a shadow", func(d *Document) { d.Shadows[""].Reported["stats"] = map[string]any{"battery": 77.0} },
			[]string{"shadow.reported.stats.battery"},
			[]string{"shadow.reported.stats.battery"},
		},
		{
			"the delta of a shadow", func(d *Document) { delete(d.Shadows[""].Delta, "fw") },
			[]string{"shadow.delta.fw", "shadow.hasDelta"},
			[]string{"shadow.hasDelta"},
		},
		{
			"a shadow less", func(d *Document) { delete(d.Shadows, "cfg") },
			[]string{"shadow.name.cfg.desired.mode", "shadow.name.cfg.hasDelta"},
			nil,
		},
		{
			"a connection", func(d *Document) { d.Connection = &Connection{Connected: true, At: 1557651600001} },
			[]string{"connectivity.connected", "connectivity.disconnectReason", "connectivity.timestamp"},
			[]string{"connectivity.connected", "connectivity.timestamp"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			before, after := press(t), press(t)
			c.change(&after)
			gone, come := Diff(before.Entries(), after.Entries())
			if !slices.Equal(fieldsOf(gone), c.gone) || !slices.Equal(fieldsOf(come), c.come) {
				t.Errorf("gone %v, come %v", lines(gone), lines(come))
			}
		})
	}
}

func fieldsOf(entries []Entry) (list []string) {
	for _, e := range entries {
		list = append(list, e.Field)
	}
	return list
}
