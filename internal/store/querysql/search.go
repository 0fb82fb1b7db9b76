package querysql

import (
	"slices"

	"github.com/drover-iot/drover/internal/fleet/query"
)

// Candidates are sets of things, each with every thing that the query means
// and, as likely as not, few others. They are ordered by how few that promises
// to be; there are none if the query can only be asked of each thing. Ask
// [Few] which is small, and look [Among] it.
func Candidates(q query.Query) []Candidate {
	list := candidates(q.Root())
	slices.SortStableFunc(list, func(a, b Candidate) int { return a.width() - b.width() })
	return list
}

// Candidate is a set of things: those of any of its terms.
type Candidate struct{ terms []query.Term }

func candidates(n query.Node) []Candidate {
	switch {
	case n.Op == query.Leaf && n.Term.Field != "":
		return []Candidate{{terms: []query.Term{n.Term}}}
	case n.Op == query.And:
		var list []Candidate
		for _, part := range n.Nodes {
			list = append(list, candidates(part)...)
		}
		return list
	case n.Op == query.Or:
		return union(n.Nodes)
	default:
		return nil
	}
}

// union is the narrowest candidate of each part together, if all have one.
func union(parts []query.Node) []Candidate {
	var c Candidate
	for _, part := range parts {
		list := candidates(part)
		if len(list) == 0 {
			return nil
		}
		narrowest := slices.MinFunc(list, func(a, b Candidate) int { return a.width() - b.width() })
		c.terms = append(c.terms, narrowest.terms...)
	}
	return []Candidate{c}
}

// width is that of the widest term: a value is less than a range, and a range
// less than a field.
func (c Candidate) width() int {
	width := 0
	for _, t := range c.terms {
		width = max(width, termWidth(t))
	}
	return width
}

func termWidth(t query.Term) int {
	switch {
	case t.Test == query.Equals:
		return 0
	case t.Test == query.Matches && t.Like.Prefix() != "":
		return 1
	case t.Test == query.Within:
		return 2
	default:
		return 3
	}
}

// candidate is a query for the things of the set; one may come more than once.
func (b *builder) candidate(c Candidate) {
	for i, t := range c.terms {
		if i > 0 {
			b.add(raw(" UNION ALL "))
		}
		b.add(raw("SELECT i.thing FROM index_entries i WHERE "))
		b.term(t, driving())
	}
}

// Few counts the rows of a candidate, up to most.
func Few(c Candidate, most int) Statement {
	b := build().add(raw("SELECT count(*) FROM ("))
	b.candidate(c)
	return b.add(raw(" LIMIT "), int64(most), raw(") c")).statement()
}

// Among is the ids of the next things that the query means, behind after and at
// most so many, looked for among a candidate that has few.
func Among(q query.Query, c Candidate, after int64, most int) Statement {
	b := build().add(raw("SELECT t.id FROM things t WHERE t.gone IS NULL AND t.id > "), after, raw(" AND t.id IN ("))
	b.candidate(c)
	b.add(raw(") AND ")).where(q.Root(), "t.id")
	return b.add(raw(" ORDER BY t.id LIMIT "), int64(most)).statement()
}

// Slice is the same among the next things there are, look of them at most. If
// fewer than most come, [End] of the slice is where the next one begins.
func Slice(q query.Query, after int64, look, most int) Statement {
	b := build().add(raw("SELECT t.id FROM ("))
	b.slice(after, look)
	b.add(raw(") t WHERE ")).where(q.Root(), "t.id")
	return b.add(raw(" ORDER BY t.id LIMIT "), int64(most)).statement()
}

// End is how many things a [Slice] looks at and the last of them.
func End(after int64, look int) Statement {
	b := build().add(raw("SELECT count(*), coalesce(max(t.id), 0) FROM ("))
	b.slice(after, look)
	return b.add(raw(") t")).statement()
}

func (b *builder) slice(after int64, look int) {
	b.add(raw("SELECT id FROM things WHERE gone IS NULL AND id > "), after, raw(" ORDER BY id LIMIT "), int64(look))
}
