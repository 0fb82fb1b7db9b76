package querysql

import (
	"cmp"
	"database/sql"
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/drover-iot/drover/internal/fleet/query"
	"github.com/drover-iot/drover/internal/fleet/query/querytest"
)

// counted is a value that counts, and the thing that has it.
type counted struct {
	thing   int
	shown   string
	number  float64
	numeric bool
}

// values are those of a field that count, of the things that a query means.
func values(q query.Query, a query.Aggregated, things [][]query.Entry) []counted {
	var list []counted
	for i, entries := range things {
		if !q.Match(entries) {
			continue
		}
		for _, e := range entries {
			if number, numeric, counts := a.Count(e.Value); counts && e.Field == a.Field {
				list = append(list, counted{i, e.Value.Text, number, numeric})
			}
		}
	}
	return list
}

// sums adds up, number by number.
func sums(list []counted) query.Sums {
	s := query.Sums{Minimum: math.Inf(1), Maximum: math.Inf(-1)}
	things := map[int]bool{}
	for _, v := range list {
		things[v.thing] = true
		if !v.numeric {
			continue
		}
		s.N++
		s.Sum += v.number
		s.SumSquares += v.number * v.number
		s.Minimum, s.Maximum = min(s.Minimum, v.number), max(s.Maximum, v.number)
	}
	for _, v := range list {
		if v.numeric {
			s.Deviations += (v.number - s.Average()) * (v.number - s.Average())
		}
	}
	if s.Things = int64(len(things)); s.N == 0 {
		s.Minimum, s.Maximum = 0, 0
	}
	return s
}

// buckets counts the things of each value.
func buckets(list []counted, most int) []query.Bucket {
	type member struct {
		shown string
		thing int
	}
	seen, counts := map[member]bool{}, map[string]int64{}
	for _, v := range list {
		if m := (member{v.shown, v.thing}); !seen[m] {
			seen[m] = true
			counts[v.shown]++
		}
	}
	var all []query.Bucket
	for key, count := range counts {
		all = append(all, query.Bucket{Key: key, Count: count})
	}
	slices.SortFunc(all, func(a, b query.Bucket) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Key, b.Key)) })
	return all[:min(most, len(all))]
}

// numbers are the numbers in rising order.
func numbers(list []counted) []float64 {
	var all []float64
	for _, v := range list {
		if v.numeric {
			all = append(all, v.number)
		}
	}
	slices.Sort(all)
	return all
}

func scanSums(r *sql.Rows) (s query.Sums, err error) {
	return s, r.Scan(&s.Things, &s.N, &s.Beyond, &s.Sum, &s.SumSquares, &s.Minimum, &s.Maximum)
}

func (d database) sums(t tester, q query.Query, a query.Aggregated) query.Sums {
	t.Helper()
	s := rows(t, d, Sums(q, a), scanSums)[0]
	s.Deviations = rows(t, d, Deviations(q, a, s.Average()), func(r *sql.Rows) (f float64, err error) { return f, r.Scan(&f) })[0]
	return s
}

func scanBucket(r *sql.Rows) (b query.Bucket, err error) { return b, r.Scan(&b.Key, &b.Count) }

// ranked is a number at its rank.
type ranked struct {
	rank   int64
	number float64
}

func scanRanked(r *sql.Rows) (n ranked, err error) { return n, r.Scan(&n.rank, &n.number) }

// drawAggregated draws a field, with or without a type.
func drawAggregated(t *rapid.T) query.Aggregated {
	return query.Aggregated{
		Field: rapid.SampledFrom([]string{
			"attributes.a", "registry.version", "thingGroupNames", "connectivity.connected", "shadow.reported.a", "shadow.reported.a.b",
		}).Draw(t, "field"),
		Type: rapid.SampledFrom([]query.FieldType{query.Untyped, query.TextField, query.NumberField, query.BooleanField}).Draw(t, "type"),
	}
}

func TestTheDatabaseAggregatesAsOneWouldByHand(t *testing.T) {
	engines(t, func(t *testing.T, d database) {
		rapid.Check(t, func(t *rapid.T) {
			things := drawThings(t)
			d.load(t, things)
			q, a := parse(t, rapid.OneOf(rapid.Just("*"), rapid.Custom(querytest.Query)).Draw(t, "query")), drawAggregated(t)
			list := values(q, a, things)
			if got, want := rounded(d.sums(t, q, a)), rounded(sums(list)); got != want {
				t.Fatalf("sums are\n%s, want\n%s", got, want)
			}
			if got, want := rows(t, d, Buckets(q, a, 2), scanBucket), buckets(list, 2); !slices.Equal(got, want) {
				t.Fatalf("buckets are %v, want %v", got, want)
			}
			if got, want := d.numbers(t, Cardinality(q, a)), len(buckets(list, math.MaxInt)); got[0] != int64(want) {
				t.Fatalf("cardinality is %d, want %d", got, want)
			}
			wantRanks(t, d, q, a, numbers(list))
		})
	})
}

// rounded forgives the last digits, which differ with the order of adding.
func rounded(s query.Sums) string {
	return fmt.Sprintf("%d %d %d %.9g %.9g %.9g %.9g %.6g", s.Things, s.N, s.Beyond, s.Sum, s.SumSquares, s.Minimum, s.Maximum, s.Deviations)
}

func wantRanks(t tester, d database, q query.Query, a query.Aggregated, sorted []float64) {
	t.Helper()
	n := d.numbers(t, Numbers(q, a))[0]
	if n != int64(len(sorted)) {
		t.Fatalf("%d numbers, want %d", n, len(sorted))
	}
	if n == 0 {
		return
	}
	low, high := query.Rank(10, n), query.Rank(95, n)
	want := slices.Compact([]ranked{{low, sorted[low-1]}, {high, sorted[high-1]}})
	if got := rows(t, d, Ranked(q, a, []int64{high, low}), scanRanked); !slices.Equal(got, want) {
		t.Fatalf("percentiles are %v, want %v", got, want)
	}
}

// Times are large and close: the variance of two that are 2 ms apart is 1.
func TestTheVarianceOfTimesKeepsItsDigits(t *testing.T) {
	engines(t, func(t *testing.T, d database) {
		var things [][]query.Entry
		for _, at := range []int64{1557651600000, 1557651600002} {
			things = append(things, query.Connection{At: at}.Entries())
		}
		d.load(t, things)
		if got := d.sums(t, parse(t, "*"), query.Aggregated{Field: query.ConnectedAt, Type: query.NumberField}).Statistics(); got.Variance != 1 {
			t.Errorf("statistics are %+v", got)
		}
	})
}

func TestNumbersTooLargeToBeSummedAreCounted(t *testing.T) {
	engines(t, func(t *testing.T, d database) {
		d.load(t, [][]query.Entry{named("1e300"), named("-1e300"), named("2")})
		got := d.sums(t, parse(t, "*"), query.Aggregated{Field: "attributes.a"})
		if got.N != 3 || got.Beyond != 2 || got.Statistics() != (query.Statistics{Count: 3}) {
			t.Errorf("sums are %+v, statistics %+v", got, got.Statistics())
		}
		wantRanks(t, d, parse(t, "*"), query.Aggregated{Field: "attributes.a"}, []float64{-1e300, 2, 1e300})
	})
}
