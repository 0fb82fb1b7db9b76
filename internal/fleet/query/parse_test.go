package query

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/fault"
)

// parse reads a query that must be right.
func parse(t testing.TB, text string) Query {
	t.Helper()
	q, err := Parse(text, Limits{})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return q
}

func TestWhatAQueryMeansByItsCanonicalForm(t *testing.T) {
	for _, c := range []struct{ name, query, want string }{
		{"a field", "thingName:press-07", "thingName:press-07"},
		{"white space around the colon", "connectivity.timestamp : [1 TO 2]", "connectivity.timestamp:[1 TO 2]"},
		{"white space of any kind", " \t thingName:a\n\u00a0thingId:b ", "thingName:a AND thingId:b"},
		{"no case in a value", "thingName:PRESS", "thingName:press"},
		{"everything", "*", "*"},
		{"everything, twice as wide", "**", "*"},
		{"any field", "abc", "abc"},
		{"existence", "attributes.a:*", "attributes.a:*"},
		{"wildcards", "thingName:a*b?c", "thingName:a*b?c"},
		{"an escaped wildcard is a character", `thingName:a\*`, `thingName:a\*`},
		{"a field with a colon", `attributes.a\:b:c`, `attributes.a\:b:c`},
		{"quotes", `attributes.a:"new york"`, `attributes.a:new\ york`},
		{"quotes have no wildcards", `attributes.a:"n*"`, `attributes.a:n\*`},
		{"escapes in quotes", `attributes.a:"say \"\\o\""`, `attributes.a:say\ \"\\o\"`},
		{"no text", `attributes.a:""`, `attributes.a:""`},
		{"a quoted number is a text", `attributes.a:"10"`, `attributes.a:"10"`},
		{"a quoted operator is a text", `attributes.a:"AND"`, `attributes.a:and`},
		{"an escaped operator is a text", `\AND`, `and`},
		{"an operator without capitals is a text", "a and b", "a AND and AND b"},
		{"side by side", "attributes.a:1 attributes.b:2", "attributes.a:1 AND attributes.b:2"},
		{"AND binds before OR", "a OR b AND c OR d", "a OR (b AND c) OR d"},
		{"so does standing side by side", "a OR b c", "a OR (b AND c)"},
		{"NOT binds before AND", "NOT a AND b", "NOT a AND b"},
		{"NOT in between", "attributes.attr1:abc AND attributes.attr2<5 NOT attributes.attr3>10", "attributes.attr1:abc AND attributes.attr2:{* TO 5} AND NOT attributes.attr3:{10 TO *}"},
		{"NOT of NOT", "NOT NOT a", "a"},
		{"a hyphen", "-a b", "NOT a AND b"},
		{"a hyphen before a field", "-thingName:a", "NOT thingName:a"},
		{"a hyphen before a group", "-(a OR b)", "NOT (a OR b)"},
		{"a hyphen before quotes", `-"a b"`, `NOT a\ b`},
		{"hyphens within a word", "press-07-b", "press-07-b"},
		{"hyphens in a row", "--a", "a"},
		{"an escaped hyphen", `\-a`, `\-a`},
		{"parentheses", "(a OR b) AND c", "(a OR b) AND c"},
		{"parentheses for nothing", "((a))", "a"},
		{"groups of one kind are one", "a AND (b AND (c AND d))", "a AND b AND c AND d"},
		{"a group of a field", "thingName:(tv* AND -plasma)", "thingName:tv* AND NOT thingName:plasma"},
		{"a group in a group of a field", "thingName:(a OR (b c))", "thingName:a OR (thingName:b AND thingName:c)"},
		{"a range in a group of a field", "attributes.a:([1 TO 2] OR x)", "attributes.a:[1 TO 2] OR attributes.a:x"},
		{"behind a group of a field is any field again", "thingName:(a) b", "thingName:a AND b"},
		{"a range", "attributes.a:[75 TO 80]", "attributes.a:[75 TO 80]"},
		{"a range without its ends", "attributes.a:{75 TO 80}", "attributes.a:{75 TO 80}"},
		{"a range without one end", "attributes.a:{75 TO 80]", "attributes.a:{75 TO 80]"},
		{"a range of texts", `attributes.a:["abcd" TO "abcf"]`, "attributes.a:[abcd TO abcf]"},
		{"a range of quoted numbers", `attributes.a:["1" TO "2"]`, `attributes.a:["1" TO "2"]`},
		{"a range below nothing", "attributes.a:[-10 TO -5]", `attributes.a:[\-10 TO \-5]`},
		{"an open range", "attributes.a:[* TO 5]", "attributes.a:{* TO 5]"},
		{"a range open at both ends", "attributes.a:[* TO *]", "attributes.a:*"},
		{"more than", "attributes.a>5", "attributes.a:{5 TO *}"},
		{"at least", "attributes.a >= 5", "attributes.a:[5 TO *}"},
		{"less than", "attributes.a<-5", `attributes.a:{* TO \-5}`},
		{"at most", "attributes.a<=5", "attributes.a:{* TO 5]"},
		{"a hyphen behind a colon belongs to the value", "attributes.a:-5", `attributes.a:\-5`},
		{"a field that AWS has under two names", "registry.thingTypeName:a", "thingTypeName:a"},
		{"the guide's longest", "shadow.reported.stats.battery:{70 TO 100} (v2 OR v3) NOT attributes.model:legacy", "shadow.reported.stats.battery:{70 TO 100} AND (v2 OR v3) AND NOT attributes.model:legacy"},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := parse(t, c.query)
			if q.String() != c.want {
				t.Errorf("%s is %s, want %s", c.query, q, c.want)
			}
			wantSameTree(t, q, parse(t, q.String()))
		})
	}
}

// wantSameTree: the same but for the positions.
func wantSameTree(t testing.TB, a, b Query) {
	t.Helper()
	if !reflect.DeepEqual(unplaced(a.root), unplaced(b.root)) {
		t.Errorf("%s reads as %+v, want %+v", a, b.root, a.root)
	}
}

func unplaced(n Node) Node {
	parts := make([]Node, len(n.Nodes))
	for i, part := range n.Nodes {
		parts[i] = unplaced(part)
	}
	n.Nodes, n.Term.At, n.Term.Value.Text = parts, 0, n.Term.Value.Folded()
	n.Term.Low.Value.Text, n.Term.High.Value.Text = n.Term.Low.Value.Folded(), n.Term.High.Value.Folded()
	return n
}

func TestQueriesThatAreRefusedAndWhere(t *testing.T) {
	for _, c := range []struct {
		name, query string
		at          int
		says        string
	}{
		{"nothing", "", 1, "the query is empty"},
		{"white space", "  ", 3, "the query is empty"},
		{"an unknown field", "thingName:a color:red", 13, "unknown field 'color'"},
		{"the case of a field counts", "thingname:a", 1, "unknown field 'thingname'"},
		{"an attribute without a name", "attributes.:a", 1, "unknown field"},
		{"a shadow without a section", "shadow.name.s.x.y:a", 1, "unknown field"},
		{"a shadow without a path", "shadow.reported:a", 1, "unknown field"},
		{"a named shadow without a name", "shadow.name..reported.a:1", 1, "unknown field"},
		{"a field with wildcards", "attributes.*:a", 1, "no wildcards"},
		{"a field in quotes", `"thingName":a`, 1, "not quoted"},
		{"a field too long", "attributes." + strings.Repeat("a", 600) + ":a", 1, "unknown field"},
		{"a field in the group of a field", "thingName:(a thingId:b)", 14, "within the group of field 'thingName'"},
		{"no value", "thingName:", 11, "the query ends where a value should follow"},
		{"an operator for a value", "thingName:AND", 11, "operator AND where a value should stand"},
		{"a colon in a value", "thingName:a:b", 12, "':' where a term should stand"},
		{"no term behind AND", "a AND", 6, "the query ends"},
		{"no term before OR", "OR a", 1, "operator OR where a term should stand"},
		{"OR behind OR", "a OR OR b", 6, "operator OR where a term should stand"},
		{"NOT of nothing", "a NOT", 6, "the query ends"},
		{"a hyphen of nothing", "a -", 4, "the query ends"},
		{"a hyphen before an operator", "-AND", 2, "operator AND"},
		{"a parenthesis that is not closed", "a (b", 3, "not closed"},
		{"a parenthesis that was not opened", "a)", 2, "')' where a term should stand"},
		{"an empty group", "()", 2, "')' where a term should stand"},
		{"a quote that is not closed", `a "b`, 3, "not closed"},
		{"a quote within a word", `a"b"`, 2, "a quote within a word"},
		{"a quote within a word with a hyphen", `a-"b"`, 3, "a quote within a word"},
		{"a backslash at the end", `a\`, 2, "nothing follows"},
		{"a range without a field", "[1 TO 2]", 1, "a range without a field"},
		{"a range without TO", "thingName:[a b]", 14, "'b' where TO should stand"},
		{"a range with one end", "thingName:[a TO]", 16, "']' where a value should stand"},
		{"a range without its first end", "thingName:[TO b]", 12, "operator TO where a value should stand"},
		{"a range that is not closed", "thingName:[a TO b", 18, "the query ends where ] or } should follow"},
		{"a range with wildcards", "thingName:[a* TO b]", 12, "no wildcards"},
		{"a comparison without a field", "> 5", 1, "'>' where a term should stand"},
		{"a comparison with wildcards", "thingName>a*", 11, "no wildcards"},
		{"a comparison with everything", "thingName>*", 11, "* is no value"},
		{"two comparisons", "thingName>>a", 11, "'>' where a value should stand"},
		{"brackets in a word", "a[1]", 2, "a range without a field"},
		{"no character of UTF-8", "a\xff", 2, "UTF-8"},
		{"no character that a database has", "a\x00", 2, "UTF-8"},
		{"positions count characters", "größe größe:a", 7, "unknown field 'größe'"},
		{"what is repeated is clipped", strings.Repeat("x", 70) + ":a", 1, "unknown field '" + strings.Repeat("x", 64) + "...'"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse(c.query, Limits{})
			wantInvalid(t, err, fmt.Sprintf("at position %d: ", c.at), c.says)
		})
	}
}

func wantInvalid(t *testing.T, err error, says ...string) {
	t.Helper()
	for _, s := range says {
		if !fault.Is(err, fault.InvalidQuery) || !strings.Contains(err.Error(), s) {
			t.Errorf("answered %v, want an invalid query with %q", err, s)
		}
	}
}

func TestLimitsOfAQuery(t *testing.T) {
	terms := func(n int) string { return strings.TrimSpace(strings.Repeat("a ", n)) }
	nested := func(n int) string { return strings.Repeat("(", n) + "a" + strings.Repeat(")", n) }
	for _, c := range []struct {
		name, query string
		limits      Limits
		refused     string
	}{
		{"as many terms as a search has", terms(12), Limits{Terms: SearchTerms}, ""},
		{"one term more", terms(13), Limits{Terms: SearchTerms}, "position 25: more than 12 terms"},
		{"as many terms as a group has", terms(5), Limits{Terms: GroupTerms}, ""},
		{"every value of a group of a field is a term", "thingName:(a b c d e f)", Limits{Terms: GroupTerms}, "more than 5 terms"},
		{"everything is a term", "* * * * * *", Limits{Terms: GroupTerms}, "more than 5 terms"},
		{"as many terms as there may be", terms(100), Limits{}, ""},
		{"beyond it", terms(101), Limits{}, "more than 100 terms"},
		{"no limit is higher", terms(101), Limits{Terms: 1000}, "more than 100 terms"},
		{"as deep as it may be", nested(32), Limits{}, ""},
		{"one deeper", nested(33), Limits{}, "position 33: more than 32 parentheses"},
		{"parentheses side by side are not deep", strings.Repeat("(a) ", 40), Limits{}, ""},
		{"a group of a field is one", strings.Repeat("(", 32) + "thingName:(a)", Limits{}, "more than 32 parentheses"},
		{"as many NOT as fit", strings.Repeat("-", 4095) + "a", Limits{}, ""},
		{"as long as it may be", strings.Repeat("a", 4096), Limits{}, ""},
		{"one byte longer", strings.Repeat("a", 4097), Limits{}, "4097 bytes, at most 4096"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse(c.query, c.limits)
			if c.refused != "" {
				wantInvalid(t, err, c.refused)
			} else if err != nil {
				t.Errorf("refused: %v", err)
			}
		})
	}
}

func TestFieldsOfAQuery(t *testing.T) {
	fields, anyField := parse(t, "attributes.b:1 OR NOT thingName:(x y) attributes.b>2").Fields()
	if want := []string{"attributes.b", "thingName"}; !reflect.DeepEqual(fields, want) || anyField {
		t.Errorf("fields are %v, any %v, want %v", fields, anyField, want)
	}
	if _, anyField = parse(t, "thingName:x OR y").Fields(); !anyField {
		t.Error("a value without a field looks at no field")
	}
	if fields, anyField = parse(t, "*").Fields(); len(fields) > 0 || anyField {
		t.Errorf("everything depends on %v, any %v", fields, anyField)
	}
}

func TestFieldsThereAre(t *testing.T) {
	for _, c := range []struct {
		name  string
		field string
		of    FieldType
		ok    bool
	}{
		{"thingName", "thingName", TextField, true},
		{"thingId", "thingId", TextField, true},
		{"thingTypeName", "thingTypeName", TextField, true},
		{"thingGroupNames", "thingGroupNames", TextField, true},
		{"registry.thingTypeName", "thingTypeName", TextField, true},
		{"registry.thingGroupNames", "thingGroupNames", TextField, true},
		{"registry.version", "registry.version", NumberField, true},
		{"connectivity.connected", "connectivity.connected", BooleanField, true},
		{"connectivity.timestamp", "connectivity.timestamp", NumberField, true},
		{"connectivity.disconnectReason", "connectivity.disconnectReason", TextField, true},
		{"attributes.a.b:c", "attributes.a.b:c", Untyped, true},
		{"shadow.hasDelta", "shadow.hasDelta", BooleanField, true},
		{"shadow.reported.a.b", "shadow.reported.a.b", Untyped, true},
		{"shadow.desired.a", "shadow.desired.a", Untyped, true},
		{"shadow.delta.a", "shadow.delta.a", Untyped, true},
		{"shadow.name.s:1.reported.a", "shadow.name.s:1.reported.a", Untyped, true},
		{"shadow.name.$package.hasDelta", "shadow.name.$package.hasDelta", BooleanField, true},
		{"shadow.metadata.reported.a", "", 0, false},
		{"shadow.version", "", 0, false},
		{"shadow.name.a b.reported.a", "", 0, false},
		{"deviceDefender.violationCount", "", 0, false},
		{"attributes", "", 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			field, of, ok := Field(c.name)
			if ok != c.ok || ok && (field != c.field || of != c.of) {
				t.Errorf("is %q of type %d, %v", field, of, ok)
			}
		})
	}
}
