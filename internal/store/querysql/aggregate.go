package querysql

import (
	"github.com/drover-iot/drover/internal/fleet/query"
)

// largest is the largest number that is summed. The sum of the squares of more
// of them than any fleet has is a number still; PostgreSQL refuses the whole
// query where one is not.
const largest = raw("1e140")

// values is a query for the values of the field that count, of the things that
// the query means: the thing, the value as it is shown, and v, its number.
func (b *builder) values(q query.Query, a query.Aggregated) {
	b.add(raw("SELECT e.thing, coalesce(e.text, e.key || e.rest) AS shown, CAST("))
	b.number(a.Type)
	b.add(raw(" AS double precision) AS v FROM index_entries e WHERE e.field = "), a.Field)
	switch a.Type {
	case query.NumberField:
		b.add(raw(" AND e.number IS NOT NULL"))
	case query.BooleanField:
		b.add(raw(" AND e.key IN ('true', 'false')"))
	default: // every value counts
	}
	b.add(raw(" AND ")).where(q.Root(), "e.thing")
}

// number is the number that a value has, as [query.Aggregated.Count] says.
func (b *builder) number(of query.FieldType) {
	const truth = "CASE e.key WHEN 'true' THEN 1 ELSE 0 END"
	switch of {
	case query.TextField:
		b.add(raw("NULL"))
	case query.NumberField:
		b.add(raw("e.number"))
	case query.BooleanField:
		b.add(raw(truth))
	default:
		b.add(raw("CASE WHEN e.kind = "), int64(query.Boolean), raw(" THEN "+truth+" ELSE e.number END"))
	}
}

// Sums is one row with the members of [query.Sums] but the last, in their
// order; without numbers there are zeros.
func Sums(q query.Query, a query.Aggregated) Statement {
	b := build().add(raw(`SELECT count(DISTINCT x.thing), count(x.v), count(x.v) - count(x.s),
    coalesce(sum(x.s), 0.0), coalesce(sum(x.s * x.s), 0.0), coalesce(min(x.s), 0.0), coalesce(max(x.s), 0.0)
FROM (SELECT w.thing, w.v, CASE WHEN abs(w.v) <= `), largest, raw(" THEN w.v END AS s FROM ("))
	b.values(q, a)
	return b.add(raw(") w) x")).statement()
}

// Deviations is the last of the [query.Sums], for the average of the others.
func Deviations(q query.Query, a query.Aggregated, average float64) Statement {
	b := build().add(raw("SELECT coalesce(sum((x.s - "), average, raw(") * (x.s - "), average)
	b.add(raw(")), 0.0) FROM (SELECT CASE WHEN abs(w.v) <= "), largest, raw(" THEN w.v END AS s FROM ("))
	b.values(q, a)
	return b.add(raw(") w) x")).statement()
}

// Cardinality is how many values there are that differ as they are shown.
func Cardinality(q query.Query, a query.Aggregated) Statement {
	b := build().add(raw("SELECT count(DISTINCT x.shown) FROM ("))
	b.values(q, a)
	return b.add(raw(") x")).statement()
}

// Count is how many things the query means.
func Count(q query.Query) Statement {
	b := build().add(raw("SELECT count(*) FROM index_entries e WHERE e.field = "), query.ThingName, raw(" AND "))
	b.where(q.Root(), "e.thing")
	return b.statement()
}

// Buckets is the values as they are shown and how many things have each: the
// most common ones first, those that are equally common by value.
func Buckets(q query.Query, a query.Aggregated, most int) Statement {
	b := build().add(raw("SELECT x.shown, count(DISTINCT x.thing) AS things FROM ("))
	b.values(q, a)
	return b.add(raw(") x GROUP BY x.shown ORDER BY things DESC, x.shown LIMIT "), int64(most)).statement()
}

// Numbers is how many numbers there are.
func Numbers(q query.Query, a query.Aggregated) Statement {
	b := build().add(raw("SELECT count(x.v) FROM ("))
	b.values(q, a)
	return b.add(raw(") x")).statement()
}

// Ranked is the numbers at those ranks, from 1, in rising order: rank and
// number. There is at least one rank.
func Ranked(q query.Query, a query.Aggregated, ranks []int64) Statement {
	b := build().add(raw("SELECT y.r, y.v FROM (SELECT x.v, row_number() OVER (ORDER BY x.v) AS r FROM ("))
	b.values(q, a)
	b.add(raw(") x WHERE x.v IS NOT NULL) y WHERE y.r IN ("))
	for i, rank := range ranks {
		if i > 0 {
			b.add(raw(", "))
		}
		b.add(rank)
	}
	return b.add(raw(") ORDER BY y.r")).statement()
}
