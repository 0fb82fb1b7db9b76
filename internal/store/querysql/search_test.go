package querysql

import (
	"database/sql"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/drover-iot/drover/internal/fleet/query"
	"github.com/drover-iot/drover/internal/fleet/query/querytest"
)

func parse(t tester, text string) query.Query {
	t.Helper()
	q, err := query.Parse(text, query.Limits{})
	must(t, err)
	return q
}

// drawThings draws what the index has of some things.
func drawThings(t *rapid.T) [][]query.Entry {
	things := make([][]query.Entry, rapid.IntRange(1, 8).Draw(t, "things"))
	for i := range things {
		name := rapid.SampledFrom([]string{"a", "A", "press-07", "10"}).Draw(t, "name")
		things[i] = querytest.Document(t, name).Entries()
	}
	return things
}

// meant are the ids of the things that a query means, one after the other.
func meant(q query.Query, things [][]query.Entry) []int64 {
	var ids []int64
	for i, entries := range things {
		if q.Match(entries) {
			ids = append(ids, int64(i+1))
		}
	}
	return ids
}

func wantIDs(t tester, what string, q query.Query, got, want []int64) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("%s: %s finds %v, means %v", what, q, got, want)
	}
}

// Whatever is asked of whatever things, the database finds those that the
// query means: among all, among a candidate, and page by page.
func TestTheDatabaseFindsWhatAQueryMeans(t *testing.T) {
	engines(t, func(t *testing.T, d database) {
		rapid.Check(t, func(t *rapid.T) {
			things := drawThings(t)
			d.load(t, things)
			for range 4 {
				q := parse(t, querytest.Query(t))
				want := meant(q, things)
				wantIDs(t, "slice", q, d.numbers(t, Slice(q, 0, 100, 100)), want)
				for _, c := range Candidates(q) {
					wantIDs(t, "among a candidate", q, d.numbers(t, Among(q, c, 0, 100)), want)
				}
				wantIDs(t, "count", q, d.numbers(t, Count(q)), []int64{int64(len(want))})
				wantIDs(t, "pages", q, pages(t, d, q), want)
			}
		})
	})
}

// pages reads slices of three things, at most two at a time.
func pages(t tester, d database, q query.Query) []int64 {
	t.Helper()
	var ids []int64
	for after := int64(0); ; {
		found := d.numbers(t, Slice(q, after, 3, 2))
		ids = append(ids, found...)
		if len(found) == 2 {
			after = found[1]
			continue
		}
		end := rows(t, d, End(after, 3), func(r *sql.Rows) (e [2]int64, err error) { return e, r.Scan(&e[0], &e[1]) })[0]
		if end[0] < 3 {
			return ids
		}
		after = end[1]
	}
}

func TestEntriesComeBackAsTheyWere(t *testing.T) {
	engines(t, func(t *testing.T, d database) {
		rapid.Check(t, func(t *rapid.T) {
			things := drawThings(t)
			d.load(t, things)
			for i, want := range things {
				got := rows(t, d, Entries(int64(i+1), ""), func(r *sql.Rows) (query.Entry, error) { return Scan(r) })
				if !slices.Equal(got, want) {
					t.Fatalf("got %v\nwant %v", got, want)
				}
				part := rows(t, d, Entries(int64(i+1), "shadow.name.s."), func(r *sql.Rows) (query.Entry, error) { return Scan(r) })
				want = slices.DeleteFunc(slices.Clone(want), func(e query.Entry) bool { return !strings.HasPrefix(e.Field, "shadow.name.s.") })
				if !slices.Equal(part, want) {
					t.Fatalf("got %v\nwant %v", part, want)
				}
			}
		})
	})
}

// named is a thing with an attribute of that value and nothing else.
func named(value string) []query.Entry {
	return []query.Entry{{Field: "attributes.a", Value: query.TextValue(value)}, {Field: query.ThingName, Value: query.TextValue("t")}}
}

func TestWildcardsOfSQLAreCharacters(t *testing.T) {
	things := [][]query.Entry{named("a%b"), named("a_b"), named(`a\b`), named("axb"), named("axxb"), named("a*b"), named("ab")}
	engines(t, func(t *testing.T, d database) {
		d.load(t, things)
		for _, pattern := range []string{"a%*", "*%b", "a_*", "?_?", `a\\*`, `a\\?`, `a\**`, "a?b", "a*b", "a??b", "*", "?*", `*\\b`, "%*"} {
			q := parse(t, "attributes.a:"+pattern)
			wantIDs(t, pattern, q, d.numbers(t, Slice(q, 0, 10, 10)), meant(q, things))
		}
	})
}

// The largest queries that can be read are ones that the databases take.
func TestTheLargestQueriesAreTaken(t *testing.T) {
	side := func(operator string) string {
		return strings.TrimSuffix(strings.Repeat("attributes.a>1"+operator, query.MaxTerms), operator)
	}
	deep := strings.Repeat("NOT (attributes.a:x AND NOT (y OR ", query.MaxDepth/2) + "z" + strings.Repeat("))", query.MaxDepth/2)
	things := [][]query.Entry{named("x"), named("2")}
	engines(t, func(t *testing.T, d database) {
		d.load(t, things)
		for name, text := range map[string]string{"AND": side(" AND "), "OR": side(" OR "), "NOT": "NOT " + side(" NOT "), "deep": deep} {
			q := parse(t, text)
			wantIDs(t, name, q, d.numbers(t, Slice(q, 0, 10, 10)), meant(q, things))
			wantIDs(t, name, q, d.numbers(t, Count(q)), []int64{int64(len(meant(q, things)))})
			if list := Candidates(q); len(list) > 0 {
				wantIDs(t, name, q, d.numbers(t, Among(q, list[0], 0, 10)), meant(q, things))
			}
		}
	})
}

func TestAThingThatIsGoneIsNotFound(t *testing.T) {
	engines(t, func(t *testing.T, d database) {
		d.load(t, [][]query.Entry{named("x"), named("x")})
		_, err := d.Exec("UPDATE things SET gone = 1 WHERE id = 1")
		must(t, err)
		q := parse(t, "attributes.a:x")
		wantIDs(t, "slice", q, d.numbers(t, Slice(q, 0, 10, 10)), []int64{2})
		wantIDs(t, "among", q, d.numbers(t, Among(q, Candidates(q)[0], 0, 10)), []int64{2})
	})
}

func TestFewIsCountedNoFurtherThanAsked(t *testing.T) {
	engines(t, func(t *testing.T, d database) {
		d.load(t, [][]query.Entry{named("x"), named("x"), named("y"), named("z")})
		c := Candidates(parse(t, "attributes.a:x OR attributes.a:y"))[0]
		for most, want := range map[int]int64{1: 1, 3: 3, 10: 3} {
			if got := d.numbers(t, Few(c, most)); got[0] != want {
				t.Errorf("up to %d there are %v, want %d", most, got, want)
			}
		}
	})
}

func TestCandidatesAreTheNarrowestFirst(t *testing.T) {
	for _, c := range []struct{ name, query, want string }{
		{"a value", "attributes.a:x", "attributes.a:x"},
		{"a value before a range, a range before a field", "attributes.a:* attributes.b>5 attributes.c:x*y attributes.d:x", "d c b a"},
		{"either", "attributes.a:x OR attributes.b:y", "a+b"},
		{"either, and more", "(attributes.a:x* OR (attributes.b:* AND attributes.c:y)) attributes.d>1", "a+c d"},
		{"what is denied is none", "NOT attributes.a:x", ""},
		{"nor is one that is either of anything", "attributes.a:x OR NOT attributes.b:y", ""},
		{"any field is none", "x", ""},
		{"everything is none", "*", ""},
		{"a pattern without a beginning is as wide as a field", "attributes.a:*x attributes.b>5", "b a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, candidate := range Candidates(parse(t, c.query)) {
				var fields []string
				for _, term := range candidate.terms {
					fields = append(fields, strings.TrimPrefix(term.Field, "attributes."))
				}
				got = append(got, strings.Join(fields, "+"))
			}
			if want := strings.Replace(c.want, "attributes.a:x", "a", 1); strings.Join(got, " ") != want {
				t.Errorf("candidates are %v, want %s", got, want)
			}
		})
	}
}

func TestAConditionIsScalarsOfOneThing(t *testing.T) {
	b := build()
	b.where(parse(t, "attributes.a:x OR NOT attributes.b<5").Root(), "t.id")
	s := b.statement()
	want := "((SELECT 1 FROM index_entries i WHERE i.thing = t.id AND i.field = $1 AND i.key = $2 AND i.rest = $3 LIMIT 1) IS NOT NULL OR " +
		"NOT ((SELECT 1 FROM index_entries i WHERE i.thing = t.id AND i.field = $4 AND " +
		"((i.number IS NOT NULL AND (i.number + 0.0) < $5) OR (i.number IS NULL AND ((i.key || ''), i.rest) < ($6, $7))) LIMIT 1) IS NOT NULL))"
	if s.Text != want || !slices.Equal(s.Args, []any{"attributes.a", "x", "", "attributes.b", 5.0, "5", ""}) {
		t.Errorf("%s\n%v\nwant %s", s.Text, s.Args, want)
	}
}

// Nothing of a query becomes text of a statement.
func TestWhatIsAskedIsNeverTextOfAStatement(t *testing.T) {
	q := parse(t, `attributes.zzz\':"zzz'" OR zzz\'* OR shadow.reported.zzz:* OR attributes.zzz:[zzz TO "zzz;"] OR NOT zzz`)
	a := query.Aggregated{Field: "attributes.zzz"}
	for _, s := range []Statement{
		Slice(q, 0, 1, 1), Among(q, Candidates(parse(t, "attributes.zzz:zzz"))[0], 0, 1), Count(q),
		Sums(q, a), Deviations(q, a, 0), Cardinality(q, a), Buckets(q, a, 1), Numbers(q, a), Ranked(q, a, []int64{1}), Entries(1, "zzz"),
	} {
		if strings.Contains(s.Text, "zzz") {
			t.Errorf("%s", s.Text)
		}
	}
}

// A search that has a candidate of few reads no more than that of the index,
// and a condition on a thing reads that thing's rows only.
func TestSearchesUseTheIndex(t *testing.T) {
	d := open(t, "sqlite", ":memory:", schemaOfSQLite)
	for _, text := range []string{
		"attributes.a:x", "attributes.a:10.0", "attributes.a:x*", "attributes.a>5", "attributes.a>x", "attributes.a:[a TO b]", "attributes.a:[1 TO 2]",
		"attributes.a:*", "attributes.a:*x", "shadow.reported.a:*", "attributes.a:x OR attributes.b>5", "attributes.a:x AND y AND NOT z*",
	} {
		q := parse(t, text)
		few := Candidates(q)[0]
		wantSteps(t, d, Few(few, 10), "field")
		wantSteps(t, d, Among(q, few, 0, 10), "field", "thing=?")
		wantSteps(t, d, Slice(q, 0, 10, 10), "thing=?")
	}
	wantSteps(t, d, Slice(parse(t, "x OR y* OR NOT z"), 0, 10, 10), "thing=?")
}

// wantSteps: no table is scanned, and each step on the index is driven by one
// of these.
func wantSteps(t *testing.T, d database, s Statement, by ...string) {
	t.Helper()
	steps := rows(t, d, Statement{"EXPLAIN QUERY PLAN " + s.Text, s.Args}, func(r *sql.Rows) (step string, err error) {
		var id, parent, unused int
		return step, r.Scan(&id, &parent, &unused, &step)
	})
	for _, step := range steps {
		index := strings.HasPrefix(step, "SEARCH i ") || strings.HasPrefix(step, "SCAN i")
		driven := slices.ContainsFunc(by, func(column string) bool { return strings.Contains(step, column) })
		if strings.HasPrefix(step, "SCAN things") || index && !driven {
			t.Errorf("%s\n%s", s.Text, strings.Join(steps, "\n"))
		}
	}
}
