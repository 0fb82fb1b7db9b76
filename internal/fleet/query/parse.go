package query

import (
	"fmt"

	"github.com/drover-iot/drover/internal/fault"
)

// What no query may exceed, whatever the quotas are.
const (
	MaxLength = 4096 // bytes
	MaxTerms  = 100
	MaxDepth  = 32 // parentheses within parentheses
)

// The quotas of AWS.
// spec: wire-protocol.md#10-fleet-index-query-language-searchindex-dynamic-groups
const (
	SearchTerms = 12 // terms of a query
	GroupTerms  = 5  // terms of a dynamic group's query
)

// Limits is how much a query may ask. The zero value allows as much as the
// constants do.
type Limits struct {
	Terms int // at most so many; 0 is MaxTerms
}

func (l Limits) terms() int {
	if l.Terms <= 0 {
		return MaxTerms
	}
	return min(l.Terms, MaxTerms)
}

// Parse reads a query.
//
// Every error is an InvalidQuery that says what is wrong and at which
// position: the number of the character, from 1.
// spec: wire-protocol.md#10-fleet-index-query-language-searchindex-dynamic-groups
func Parse(text string, l Limits) (Query, error) {
	if len(text) > MaxLength {
		return Query{}, refuse(1, "the query has %d bytes, at most %d are allowed", len(text), MaxLength)
	}
	p := &parser{lexer: lexer{rest: text, at: 1}, limit: l.terms()}
	if err := p.advance(); err != nil {
		return Query{}, err
	}
	if p.now.kind == end {
		return Query{}, refuse(p.now.at, "the query is empty")
	}
	root, err := p.any()
	if err != nil {
		return Query{}, err
	}
	if p.now.kind != end {
		return Query{}, p.unexpected("a term")
	}
	return Query{root: root}, nil
}

// refuse says what is wrong, and where.
func refuse(at int, format string, args ...any) error {
	return fault.New(fault.InvalidQuery, "Invalid query at position %d: %s", at, fmt.Sprintf(format, args...))
}

// parser reads by one function for each level of binding, the loosest first.
type parser struct {
	lexer
	now   token
	terms int
	limit int
	depth int    // of parentheses
	field string // of the group around, as in field:(a OR b)
}

func (p *parser) advance() error {
	t, err := p.next()
	p.now = t
	return err
}

// any reads what OR joins.
func (p *parser) any() (Node, error) {
	var parts []Node
	for {
		part, err := p.all()
		if err != nil {
			return Node{}, err
		}
		parts = append(parts, part)
		if !p.now.is("OR") {
			return join(Or, parts), nil
		}
		if err := p.advance(); err != nil {
			return Node{}, err
		}
	}
}

// all reads what AND joins, or what stands side by side.
func (p *parser) all() (Node, error) {
	var parts []Node
	for {
		part, err := p.one()
		if err != nil {
			return Node{}, err
		}
		parts = append(parts, part)
		switch {
		case p.now.is("AND"):
			if err := p.advance(); err != nil {
				return Node{}, err
			}
		case p.now.kind == end || p.now.kind == closing || p.now.is("OR"):
			return join(And, parts), nil
		}
	}
}

// one reads a term or a group, behind any number of NOT and hyphens.
func (p *parser) one() (Node, error) {
	denied := false
	for {
		switch {
		case p.now.is("NOT") || p.now.is("-"):
			if err := p.advance(); err != nil {
				return Node{}, err
			}
		case p.now.denies():
			p.now = p.now.afterHyphen()
		default:
			n, err := p.operand()
			if denied && err == nil {
				n = deny(n)
			}
			return n, err
		}
		denied = !denied
	}
}

func (p *parser) operand() (Node, error) {
	switch {
	case p.now.kind == open:
		return p.group()
	case p.now.kind == rangeOpen:
		return p.within(p.field)
	case p.now.kind != word && p.now.kind != quoted, p.now.isOperator():
		return Node{}, p.unexpected("a term")
	}
	first := p.now
	if err := p.advance(); err != nil {
		return Node{}, err
	}
	if p.now.kind == colon || p.now.kind == compare {
		return p.fielded(first)
	}
	return p.leaf(p.term(p.field, first))
}

// group reads what stands in parentheses.
func (p *parser) group() (Node, error) {
	start := p.now
	if p.depth++; p.depth > MaxDepth {
		return Node{}, refuse(start.at, "more than %d parentheses are open", MaxDepth)
	}
	if err := p.advance(); err != nil {
		return Node{}, err
	}
	n, err := p.any()
	if err != nil {
		return Node{}, err
	}
	if p.now.kind != closing {
		return Node{}, refuse(start.at, "the parenthesis is not closed")
	}
	p.depth--
	return n, p.advance()
}

// fielded reads what follows the name of a field.
func (p *parser) fielded(name token) (Node, error) {
	field, err := p.fieldOf(name)
	if err != nil {
		return Node{}, err
	}
	operator := p.now
	if err := p.advance(); err != nil {
		return Node{}, err
	}
	switch {
	case operator.kind == compare:
		return p.compared(field, operator)
	case p.now.kind == open:
		return p.fieldGroup(field)
	case p.now.kind == rangeOpen:
		return p.within(field)
	}
	value, err := p.value()
	if err != nil {
		return Node{}, err
	}
	return p.leaf(p.term(field, value))
}

// fieldOf is the field that a word names.
func (p *parser) fieldOf(name token) (string, error) {
	switch {
	case p.field != "":
		return "", refuse(name.at, "a field within the group of field '%s'", p.field)
	case name.kind == quoted:
		return "", refuse(name.at, `the name of a field is not quoted: put \ before each special character`)
	case name.wild:
		return "", refuse(name.at, "the name of a field has no wildcards")
	}
	written := string(name.text)
	field, _, ok := Field(written)
	if !ok {
		return "", refuse(name.at, "unknown field '%s'", clip(written))
	}
	return field, nil
}

// fieldGroup reads field:( … ): every term in it is of that field.
func (p *parser) fieldGroup(field string) (Node, error) {
	p.field = field
	n, err := p.group()
	p.field = ""
	return n, err
}

// leaf counts a term. That something exists is true of every thing.
func (p *parser) leaf(t Term) (Node, error) {
	if p.terms++; p.terms > p.limit {
		return Node{}, refuse(t.At, "more than %d terms", p.limit)
	}
	if t.Field == "" && t.Test == Exists {
		return Node{Op: All}, nil
	}
	return Node{Op: Leaf, Term: t}, nil
}

// unexpected says what stands where something else should.
func (p *parser) unexpected(wanted string) error {
	switch {
	case p.now.kind == end:
		return refuse(p.now.at, "the query ends where %s should follow", wanted)
	case p.now.isOperator() || p.now.is("TO"):
		return refuse(p.now.at, "operator %s where %s should stand; as a value it needs quotes", p.now.raw, wanted)
	default:
		return refuse(p.now.at, "'%s' where %s should stand", clip(p.now.raw), wanted)
	}
}

// mostShown is how much of a query a message repeats, in bytes.
const mostShown = 64

// clip is what of a text a message may repeat.
func clip(text string) string { return fault.Clip(text, mostShown) }
