package query

import (
	"fmt"
	"strings"
	"unicode/utf8"

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

// value takes a word or a text in quotes where one has to be. A hyphen at its
// beginning belongs to it.
func (p *parser) value() (token, error) {
	if p.now.kind != word && p.now.kind != quoted || p.now.isOperator() {
		return token{}, p.unexpected("a value")
	}
	v := p.now
	return v, p.advance()
}

// compared reads the value behind < <= > >=.
func (p *parser) compared(field string, operator token) (Node, error) {
	at := p.now
	v, err := p.bound()
	if err != nil {
		return Node{}, err
	}
	if v.Open {
		return Node{}, refuse(at.at, "* is no value to compare with")
	}
	v.Inclusive = strings.HasSuffix(operator.raw, "=")
	t := Term{Field: field, Test: Within, Low: Bound{Open: true}, High: Bound{Open: true}, At: operator.at}
	if operator.raw[0] == '>' {
		t.Low = v
	} else {
		t.High = v
	}
	return p.leaf(t)
}

// within reads a range.
func (p *parser) within(field string) (Node, error) {
	start := p.now
	if field == "" {
		return Node{}, refuse(start.at, "a range without a field")
	}
	if err := p.advance(); err != nil {
		return Node{}, err
	}
	t := Term{Field: field, Test: Within, At: start.at}
	var err error
	if t.Low, err = p.bound(); err != nil {
		return Node{}, err
	}
	if !p.now.is("TO") {
		return Node{}, p.unexpected("TO")
	}
	if err := p.advance(); err != nil {
		return Node{}, err
	}
	if t.High, err = p.bound(); err != nil {
		return Node{}, err
	}
	if p.now.kind != rangeClose {
		return Node{}, p.unexpected("] or }")
	}
	t.Low.Inclusive = start.raw == "[" && !t.Low.Open
	t.High.Inclusive = p.now.raw == "]" && !t.High.Open
	if err := p.advance(); err != nil {
		return Node{}, err
	}
	if t.Low.Open && t.High.Open {
		t = Term{Field: field, Test: Exists, At: start.at}
	}
	return p.leaf(t)
}

// bound reads an end of a range: a value, or * for none.
func (p *parser) bound() (Bound, error) {
	if p.now.is("TO") {
		return Bound{}, p.unexpected("a value")
	}
	v, err := p.value()
	switch {
	case err != nil:
		return Bound{}, err
	case v.everything():
		return Bound{Open: true}, nil
	case v.wild:
		return Bound{}, refuse(v.at, "a value to compare with has no wildcards")
	}
	return Bound{Value: v.value()}, nil
}

// term is the term that a word or text asks of a field; none is any field.
func (p *parser) term(field string, t token) Term {
	switch {
	case t.everything():
		return Term{Field: field, Test: Exists, At: t.at}
	case t.wild:
		return Term{Field: field, Test: Matches, Like: folded(t.text), At: t.at}
	default:
		return Term{Field: field, Test: Equals, Value: t.value(), At: t.at}
	}
}

// value is what a query compares with. In quotes it is a text even if it reads
// as a number.
func (t token) value() Value {
	if t.kind == quoted {
		return Value{Text: string(t.text)}
	}
	return TextValue(string(t.text))
}

// folded is the pattern without case.
func folded(p Pattern) Pattern {
	f := make(Pattern, len(p))
	for i, r := range p {
		if f[i] = r; r >= 0 {
			f[i] = foldRune(r)
		}
	}
	return f
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

// clip shortens what a message repeats.
func clip(text string) string {
	const most = 64
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most]) + "…"
}
