// Package querysql compiles queries of the fleet index, of package
// fleet/query, to SQL for SQLite and PostgreSQL alike. It is for sqlstore,
// which has the table and runs the statements; it opens nothing itself.
//
// Begin with [Where]: a condition on a thing. [Candidates] are smaller sets to
// look among, [Slice] and [Among] pages of a search, and [Sums] and its
// neighbours the aggregations. What a statement means is what
// [query.Query.Match] says, and tests on both databases hold it to that. All
// that comes from a query is a bound parameter; the text holds none of it.
//
// The index is one table with a row for each [query.Entry]:
//
//	index_entries (
//	    thing, field, n,    -- the key
//	    kind,               -- of query.Value, as its number
//	    key, rest,          -- of query.Value.Key: the value without case
//	    text,               -- the value as it is shown, NULL if key and rest are
//	    number              -- what it reads as, NULL if it is no number
//	)
//	index by (field, key, thing), and by (field, number, thing) where there is a number
//
// Texts compare byte by byte, which is COLLATE "C" in PostgreSQL. Only the
// beginning of a value is in an index, so that a value of any length fits.
//
// Functions are pure; there are no goroutines and no state.
package querysql

import (
	"strconv"
	"strings"

	"github.com/drover-iot/drover/internal/fleet/query"
)

// Statement is SQL with the values of its placeholders, in their order.
type Statement struct {
	Text string
	Args []any // int64, float64 or string
}

// builder collects a statement. What it is given as text is ours.
type builder struct {
	text strings.Builder
	args []any
}

func build() *builder { return &builder{} }

// add appends pieces: text of ours, and values for which a placeholder stands.
func (b *builder) add(pieces ...any) *builder {
	for _, p := range pieces {
		switch p := p.(type) {
		case raw:
			b.text.WriteString(string(p))
		default:
			b.args = append(b.args, p)
			b.text.WriteString("$" + strconv.Itoa(len(b.args)))
		}
	}
	return b
}

// raw is text of a statement, which no value ever becomes.
type raw string

func (b *builder) statement() Statement { return Statement{Text: b.text.String(), Args: b.args} }

// where asks whether the query means a thing, which is given as the SQL of its
// id, such as "t.id".
func (b *builder) where(n query.Node, thing raw) {
	switch n.Op {
	case query.Leaf:
		b.probe(n.Term, thing)
	case query.And:
		b.joined(n.Nodes, " AND ", thing)
	case query.Or:
		b.joined(n.Nodes, " OR ", thing)
	case query.Not:
		b.add(raw("NOT "))
		b.joined(n.Nodes, "", thing)
	default:
		b.add(raw("1 = 1"))
	}
}

// probe asks for a row of the thing. It is a scalar: EXISTS both engines turn
// into a join, of as many tables as there are terms, and think for seconds about
// its order.
func (b *builder) probe(t query.Term, thing raw) {
	b.add(raw("(SELECT 1 FROM index_entries i WHERE i.thing = "), thing, raw(" AND "))
	b.term(t, probing())
	b.add(raw(" LIMIT 1) IS NOT NULL"))
}

func (b *builder) joined(parts []query.Node, operator, thing raw) {
	b.add(raw("("))
	for i, part := range parts {
		if i > 0 {
			b.add(operator)
		}
		b.where(part, thing)
	}
	b.add(raw(")"))
}
