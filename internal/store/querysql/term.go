package querysql

import (
	"strings"
	"unicode/utf8"

	"github.com/drover-iot/drover/internal/fleet/query"
)

// columns are how a condition names those that an index could drive it by. A
// search among all things wants that; a question about one thing must be driven
// by the thing, and to hide the others from it is all that SQLite listens to.
type columns struct{ key, number raw }

func driving() columns { return columns{key: "i.key", number: "i.number"} }

func probing() columns { return columns{key: "(i.key || '')", number: "(i.number + 0.0)"} }

// term is the condition that row i of the index fits.
func (b *builder) term(t query.Term, by columns) {
	if t.Field != "" {
		b.field(t)
	}
	switch t.Test {
	case query.Equals:
		b.equals(t.Value)
	case query.Matches:
		b.matches(t.Like, by)
	case query.Within:
		b.within(t, by)
	default: // a row is enough
		b.add(raw("1 = 1"))
	}
}

// field is the condition on the field. For existence a member below it will
// do, if the field can have members.
func (b *builder) field(t query.Term) {
	from, to, ok := query.Below(t.Field)
	if t.Test != query.Exists || !ok {
		b.add(raw("i.field = "), t.Field, raw(" AND "))
		return
	}
	b.add(raw("(i.field = "), t.Field, raw(" OR (i.field >= "), from, raw(" AND i.field < "), to, raw(")) AND "))
}

// equals compares keys and rests. A number of JSON stands in its shortest form,
// so a number that the query writes otherwise is looked for by that as well.
func (b *builder) equals(v query.Value) {
	key, rest := v.Key()
	shortest, more := v.Shortest().Key()
	if !v.Numeric || shortest == key && more == rest {
		b.add(raw("i.key = "), key, raw(" AND i.rest = "), rest)
		return
	}
	b.add(raw("((i.kind <> "), int64(query.Number), raw(" AND i.key = "), key, raw(" AND i.rest = "), rest)
	b.add(raw(") OR (i.kind = "), int64(query.Number), raw(" AND i.key = "), shortest, raw("))"))
}

// matches compares with LIKE, among the keys that begin as the pattern does.
func (b *builder) matches(p query.Pattern, by columns) {
	if prefix, _ := query.SplitKey(p.Prefix()); prefix != "" {
		b.add(by.key, raw(" >= "), prefix, raw(" AND "))
		if beyond := following(prefix); beyond != "" {
			b.add(by.key, raw(" < "), beyond, raw(" AND "))
		}
	}
	b.add(raw("(i.key || i.rest) LIKE "), like(p), raw(` ESCAPE '\'`))
}

// following is the least text that is beyond all that begin with prefix, or ""
// if there is none.
func following(prefix string) string {
	for prefix != "" {
		last, size := utf8.DecodeLastRuneInString(prefix)
		prefix = prefix[:len(prefix)-size]
		switch {
		case last == 0xD7FF: // behind it are the surrogates, which are no characters
			return prefix + "\uE000"
		case last < utf8.MaxRune:
			return prefix + string(last+1)
		}
	}
	return ""
}

// like is the pattern as LIKE writes it.
func like(p query.Pattern) string {
	var text strings.Builder
	for _, r := range p {
		switch r {
		case query.AnyRun:
			text.WriteByte('%')
		case query.AnyOne:
			text.WriteByte('_')
		case '%', '_', '\\':
			text.WriteByte('\\')
			fallthrough
		default:
			text.WriteRune(r)
		}
	}
	return text.String()
}

// within compares as numbers where bound and value are numbers, else as texts.
// Where a bound is a number, rows with one and rows without are asked apart, so
// that each can come from an index.
func (b *builder) within(t query.Term, by columns) {
	if !t.Low.Value.Numeric && !t.High.Value.Numeric {
		b.bounds(t, by, false)
		return
	}
	b.add(raw("((i.number IS NOT NULL AND ")).bounds(t, by, true)
	b.add(raw(") OR (i.number IS NULL AND ")).bounds(t, by, false)
	b.add(raw("))"))
}

// bounds are the conditions of both ends; numbers tells that the row has a
// number. At least one end is there.
func (b *builder) bounds(t query.Term, by columns, numbers bool) {
	if !t.Low.Open {
		b.bound(t.Low, ">", by, numbers)
	}
	if !t.Low.Open && !t.High.Open {
		b.add(raw(" AND "))
	}
	if !t.High.Open {
		b.bound(t.High, "<", by, numbers)
	}
}

func (b *builder) bound(e query.Bound, operator raw, by columns, numbers bool) {
	if e.Inclusive {
		operator += "="
	}
	if numbers && e.Value.Numeric {
		b.add(by.number, raw(" "), operator, raw(" "), e.Value.Number)
		return
	}
	key, rest := e.Value.Key()
	b.add(raw("("), by.key, raw(", i.rest) "), operator, raw(" ("), key, raw(", "), rest, raw(")"))
}
