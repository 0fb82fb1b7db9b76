package query

import "strings"

// Match tells whether a thing with these entries is meant. It needs no order
// of them. spec: wire-protocol.md#10-fleet-index-query-language-searchindex-dynamic-groups
func (q Query) Match(entries []Entry) bool { return q.root.match(entries) }

func (n Node) match(entries []Entry) bool {
	switch n.Op {
	case Leaf:
		return n.Term.match(entries)
	case And:
		for _, part := range n.Nodes {
			if !part.match(entries) {
				return false
			}
		}
		return true
	case Or:
		for _, part := range n.Nodes {
			if part.match(entries) {
				return true
			}
		}
		return false
	case Not:
		return !n.Nodes[0].match(entries)
	default:
		return true
	}
}

func (t Term) match(entries []Entry) bool {
	for _, e := range entries {
		if t.meansField(e.Field) && t.fits(e.Value) {
			return true
		}
	}
	return false
}

// meansField tells whether the term looks at values of that field.
func (t Term) meansField(field string) bool {
	if t.Field == "" || t.Field == field {
		return true
	}
	return t.Test == Exists && holdsMembers(t.Field) && strings.HasPrefix(field, t.Field+".")
}

// fits tells whether one value does.
func (t Term) fits(v Value) bool {
	switch t.Test {
	case Equals:
		return t.equals(v)
	case Matches:
		return t.Like.fits(v.Folded())
	case Within:
		return t.Low.below(v) && t.High.above(v)
	default:
		return true
	}
}

func (t Term) equals(v Value) bool {
	if v.Kind == Number && t.Value.Numeric {
		return v.Number == t.Value.Number
	}
	return v.Folded() == t.Value.Folded()
}

// below tells whether the lower bound lets v pass.
func (b Bound) below(v Value) bool {
	c := b.Value.Compare(v)
	return b.Open || c < 0 || c == 0 && b.Inclusive
}

// above tells whether the upper bound lets v pass.
func (b Bound) above(v Value) bool {
	c := b.Value.Compare(v)
	return b.Open || c > 0 || c == 0 && b.Inclusive
}
