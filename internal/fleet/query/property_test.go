package query_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet/query"
	"github.com/drover-iot/drover/internal/fleet/query/querytest"
)

func read(t interface {
	Helper()
	Fatalf(string, ...any)
}, text string,
) query.Query {
	t.Helper()
	q, err := query.Parse(text, query.Limits{})
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return q
}

// The canonical form reads as a query with the same canonical form, and that
// finds the same things.
func TestTheCanonicalFormMeansTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := read(t, querytest.Query(t))
		again := read(t, q.String())
		if q.String() != again.String() {
			t.Fatalf("%s reads as %s", q, again)
		}
		if d := querytest.Document(t, "a").Entries(); q.Match(d) != again.Match(d) {
			t.Fatalf("%s and %s differ", q, again)
		}
	})
}

// A query whose answer about a thing changes watches what the change touches.
// For a thing that is new there is [query.Query.Blank] beside it.
func TestNoChangeGoesPastWhoIsConcerned(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := read(t, querytest.Query(t))
		before, after := querytest.Document(t, "a").Entries(), querytest.Document(t, "b").Entries()
		if rapid.IntRange(0, 3).Draw(t, "new") == 0 {
			before = nil
		}
		was := before != nil && q.Match(before)
		if q.Match(after) == was || before == nil && q.Blank() {
			return
		}
		gone, come := query.Diff(before, after)
		touched := query.Touched(slices.Concat(gone, come))
		if !slices.ContainsFunc(q.Watches(), func(w query.Watch) bool { return slices.Contains(touched, w) }) {
			t.Fatalf("%s watches %v, the change touches %v", q, q.Watches(), touched)
		}
	})
}

// What goes, taken from what was, with what comes put to it, is what is.
func TestADifferenceMakesTheOneOfTheOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, after := querytest.Document(t, "a").Entries(), querytest.Document(t, "a").Entries()
		gone, come := query.Diff(before, after)
		kept := slices.DeleteFunc(slices.Clone(before), func(e query.Entry) bool { return slices.Contains(gone, e) })
		for _, e := range slices.Concat(kept, come) {
			if !slices.Contains(after, e) {
				t.Fatalf("%v is not among %v", e, after)
			}
		}
		if len(kept)+len(come) != len(after) {
			t.Fatalf("%d kept and %d come are not %d", len(kept), len(come), len(after))
		}
	})
}

func TestTextsCompareAsTheirKeysAndRestsDo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		letters := rapid.StringOfN(rapid.SampledFrom([]rune("aéz")), query.KeyLength-2, query.KeyLength+2, -1)
		a, b := letters.Draw(t, "a"), letters.Draw(t, "b")
		if rapid.Bool().Draw(t, "alike") {
			b = a[:len(a)-1]
		}
		keyA, restA := query.SplitKey(a)
		keyB, restB := query.SplitKey(b)
		if split := slices.Compare([]string{keyA, restA}, []string{keyB, restB}); split != slices.Compare([]string{a}, []string{b}) {
			t.Fatalf("%q and %q compare as %d when split", a, b, split)
		}
	})
}

// FuzzParse holds a query to its promises: a refusal is by name and place, and
// what is read can be written and read again, and asked of a thing.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"*", "abc", "thingName:my*", `attributes.a\:b:"x \" y"`, "attributes.a:{75 TO 80]", "attributes.a<-5 NOT attributes.b>=x",
		"thingName:(tv* AND -plasma) OR -(a b)", "shadow.name.s.reported.a:[* TO *]", `\-a \AND`, "NOT NOT --a", "((((a))))",
	} {
		f.Add(text)
	}
	entries := query.Document{Thing: query.Thing{Name: "abc", UID: "u", Attributes: map[string]string{"a": "75"}}}.Entries()
	f.Fuzz(func(t *testing.T, text string) {
		q, err := query.Parse(text, query.Limits{})
		if err != nil {
			wantPlaced(t, text, err)
			return
		}
		found := q.Match(entries)
		if len(q.Terms()) > query.MaxTerms || len(q.Watches()) > 2*query.MaxTerms {
			t.Fatalf("%q has %d terms", text, len(q.Terms()))
		}
		if written := q.String(); len(written) <= query.MaxLength {
			if again := read(t, written); again.String() != written || again.Match(entries) != found {
				t.Fatalf("%q is %s, and that %s", text, written, again)
			}
		}
	})
}

func wantPlaced(t *testing.T, text string, err error) {
	t.Helper()
	var at int
	if _, e := fmt.Sscanf(err.Error(), "Invalid query at position %d:", &at); e != nil || !fault.Is(err, fault.InvalidQuery) {
		t.Fatalf("%q: %v", text, err)
	}
	if at < 1 || at > utf8.RuneCountInString(text)+1 {
		t.Fatalf("%q has no position %d: %v", text, at, err)
	}
}

// FuzzShadow holds entries to what every index can keep.
func FuzzShadow(f *testing.F) {
	for _, text := range []string{
		`{"a":[1,"x",{"b":[[null,true]]}],"":{"":1}}`, `{"a\u0000":"\u0000\ud800","a":1e999}`, `{"a":{"b":-0},"a.b":1.50}`, `[]`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var reported map[string]any
		if json.Unmarshal([]byte(text), &reported) != nil {
			return
		}
		entries := query.Shadow{Reported: reported}.Entries("")
		for i, e := range entries {
			if len(e.Field) > query.MaxField || !utf8.ValidString(e.Field+e.Value.Text) || strings.Contains(e.Field+e.Value.Text, "\x00") {
				t.Fatalf("no index keeps %+v", e)
			}
			if i > 0 && (e.Field < entries[i-1].Field || e.Field == entries[i-1].Field && e.N != entries[i-1].N+1) {
				t.Fatalf("%+v comes behind %+v", e, entries[i-1])
			}
		}
	})
}

// A fleet whose things change and whose groups are asked only when a change
// concerns them has the same members as if every group were asked each time.
func TestGroupsFollowTheirThings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r query.Register
		things, members := map[string][]query.Entry{}, map[member]bool{}
		for step := range 20 {
			if step%4 == 0 {
				group := rapid.Int64Range(1, 4).Draw(t, "group")
				r.Put(group, read(t, querytest.Query(t)))
				refill(&r, group, things, members)
				continue
			}
			name := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "thing")
			before, known := things[name]
			things[name] = querytest.Document(t, name).Entries()
			gone, come := query.Diff(before, things[name])
			for _, group := range r.Concerned(gone, come, !known) {
				ask(&r, group, name, things, members)
			}
		}
		wantMembers(t, &r, things, members)
	})
}

// member is a thing in a group.
type member struct {
	group int64
	thing string
}

func ask(r *query.Register, group int64, name string, things map[string][]query.Entry, members map[member]bool) {
	q, ok := r.Query(group)
	members[member{group, name}] = ok && q.Match(things[name])
}

func refill(r *query.Register, group int64, things map[string][]query.Entry, members map[member]bool) {
	for name := range things {
		ask(r, group, name, things, members)
	}
}

func wantMembers(t *rapid.T, r *query.Register, things map[string][]query.Entry, members map[member]bool) {
	t.Helper()
	for group := range int64(5) {
		for name, entries := range things {
			q, ok := r.Query(group)
			if is := ok && q.Match(entries); members[member{group, name}] != is {
				t.Fatalf("group %d, %s, has %s: %v", group, q, name, !is)
			}
		}
	}
}

func TestADocumentIsReadFromItsEntries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := querytest.Document(t, "press-07")
		got := query.DocumentOf(d.Entries())
		for name := range d.Shadows {
			d.Shadows[name] = query.Shadow{} // that it is there is all that is told
		}
		if len(d.Thing.Attributes) == 0 {
			d.Thing.Attributes = nil
		}
		d.Groups = slices.Sorted(slices.Values(d.Groups))
		if !reflect.DeepEqual(got, d) {
			t.Fatalf("it is\n%+v\nwant\n%+v", got, d)
		}
	})
}
