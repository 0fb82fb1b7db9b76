package query

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// lines are entries as text: field, place and value.
func lines(entries []Entry) []string {
	list := make([]string, len(entries))
	for i, e := range entries {
		list[i] = fmt.Sprintf("%s %d %d %s", e.Field, e.N, e.Value.Kind, e.Value.Text)
	}
	return list
}

func wantEntries(t *testing.T, got []Entry, want ...string) {
	t.Helper()
	if !slices.Equal(lines(got), want) {
		t.Errorf("entries are\n%s\nwant\n%s", strings.Join(lines(got), "\n"), strings.Join(want, "\n"))
	}
	if !slices.IsSortedFunc(got, compareEntries) {
		t.Error("they are not in order")
	}
}

func TestEntriesOfTheRegistry(t *testing.T) {
	wantEntries(t, Thing{Name: "P", UID: "u", Version: 2, Attributes: map[string]string{"b": "1", "A": ""}}.Entries(),
		"attributes.A 0 0 ", "attributes.b 0 0 1", "registry.version 0 1 2", "thingId 0 0 u", "thingName 0 0 P")
	wantEntries(t, Thing{Name: "P", UID: "u", Version: 1, Type: "press"}.Entries(),
		"registry.version 0 1 1", "thingId 0 0 u", "thingName 0 0 P", "thingTypeName 0 0 press")
}

func TestEntriesOfGroupsAreByName(t *testing.T) {
	wantEntries(t, GroupEntries([]string{"b", "a"}), "thingGroupNames 0 0 a", "thingGroupNames 1 0 b")
	wantEntries(t, GroupEntries(nil))
}

func TestEntriesOfAConnection(t *testing.T) {
	wantEntries(t, Connection{Connected: true, At: 5}.Entries(), "connectivity.connected 0 2 true", "connectivity.timestamp 0 1 5")
	wantEntries(t, Connection{At: 6, Reason: "R"}.Entries(),
		"connectivity.connected 0 2 false", "connectivity.disconnectReason 0 0 R", "connectivity.timestamp 0 1 6")
}

func TestEntriesOfAShadow(t *testing.T) {
	deep := `{"a":` + strings.Repeat(`{"`+strings.Repeat("x", 99)+`":`, 5) + "1" + strings.Repeat("}", 5) + "}"
	for _, c := range []struct {
		name, shadow, reported string
		want                   []string
	}{
		{"nothing", "", `{}`, nil},
		{"values of each kind", "", `{"n":1.0,"s":"X","t":true,"none":null}`, []string{"n 0 1 1", "s 0 0 X", "t 0 2 true"}},
		{"a named shadow", "cfg", `{"s":"X"}`, []string{"s 0 0 X"}},
		{"members of members", "", `{"a":{"b":{"c":1}},"a.b":2}`, []string{"a.b 0 1 2", "a.b.c 0 1 1"}},
		{"arrays", "", `{"a":[1,[2,"x"],{}]}`, []string{"a 0 1 1", "a 1 1 2", "a 2 0 x"}},
		{"objects in arrays", "", `{"a":[{"b":1},{"b":2,"c":3}]}`, []string{"a.b 0 1 1", "a.b 1 1 2", "a.c 0 1 3"}},
		{"two paths that read the same", "", `{"a":{"b":1},"a.b":2}`, []string{"a.b 0 1 1", "a.b 1 1 2"}},
		{"what no database keeps", "", `{"a\u0000":"b\u0000"}`, []string{"a\uFFFD 0 0 b\uFFFD"}},
		{"too large a number is a text", "", `{"a":1e999}`, []string{"a 0 0 1e999"}},
		{"too long a path", "", deep, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			prefix := "shadow."
			if c.shadow != "" {
				prefix += "name." + c.shadow + "."
			}
			want := []string{prefix + "hasDelta 0 2 false"}
			for _, line := range c.want {
				want = append(want, prefix+"reported."+line)
			}
			wantEntries(t, Shadow{Reported: object(t, c.reported)}.Entries(c.shadow), want...)
		})
	}
}

func TestADocumentIsItsPartsInOrder(t *testing.T) {
	d := press(t)
	all := d.Entries()
	if !slices.IsSortedFunc(all, compareEntries) {
		t.Errorf("not in order:\n%s", strings.Join(lines(all), "\n"))
	}
	parts := len(d.Thing.Entries()) + len(d.Groups) + len(d.Connection.Entries()) + len(d.Shadows[""].Entries("")) + len(d.Shadows["cfg"].Entries("cfg"))
	if len(all) != parts {
		t.Errorf("the document has %d entries, its parts %d", len(all), parts)
	}
	if again := slices.CompactFunc(slices.Clone(all), func(a, b Entry) bool { return compareEntries(a, b) == 0 }); len(again) != len(all) {
		t.Error("two entries have the same field and place")
	}
}

func TestTheKeyOfAValue(t *testing.T) {
	for _, c := range []struct{ name, text, key, rest string }{
		{"short", "Ab", "ab", ""},
		{"none", "", "", ""},
		{"as long as a key", strings.Repeat("x", 128), strings.Repeat("x", 128), ""},
		{"longer", strings.Repeat("x", 128) + "Y", strings.Repeat("x", 128), "y"},
		{"counted in characters", strings.Repeat("é", 130), strings.Repeat("é", 128), "éé"},
		{"many bytes and few characters", strings.Repeat("é", 100), strings.Repeat("é", 100), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if key, rest := TextValue(c.text).Key(); key != c.key || rest != c.rest {
				t.Errorf("%q is %q and %q", c.text, key, rest)
			}
		})
	}
}
