package arch

import (
	"slices"
	"strings"
	"testing"
)

// The whole tree keeps every rule.
func TestTheHouse(t *testing.T) {
	files, headings := load(t, "../.."), specification(t, "../../docs/spec")
	if len(files) < 20 || len(headings) < 5 {
		t.Fatalf("found %d Go files and %d files of the specification: looking in the wrong place", len(files), len(headings))
	}
	for _, rule := range []struct {
		name  string
		check func() []string
	}{
		{"imports go down the floors", func() []string { return house.imports(files) }},
		{"floor 1 is pure", func() []string { return house.purity(files) }},
		{"modules stay where they belong", func() []string { return house.modules(files) }},
		{"only the clock reads the time", func() []string { return house.readsTime(files) }},
		{"no test sleeps to wait", func() []string { return house.sleeps(files) }},
		{"every package has one comment", func() []string { return packageComments(files) }},
		{"exported names are documented", func() []string { return undocumented(files) }},
		{"clauses that are cited exist", func() []string { return citations(files, headings) }},
		{"files are short", func() []string { return tooLong(files) }},
	} {
		t.Run(rule.name, func(t *testing.T) {
			for _, v := range rule.check() {
				t.Error(v)
			}
		})
	}
}

// wantViolations: as many as wanted, each with its words, in any order.
func wantViolations(t *testing.T, got, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("violations are %q, want %q", got, want)
	}
	for _, words := range want {
		if !slices.ContainsFunc(got, func(v string) bool { return strings.Contains(v, words) }) {
			t.Errorf("no violation has %q: %q", words, got)
		}
	}
}
