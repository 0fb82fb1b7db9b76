package query

import "strings"

// This file reads what a term compares with: values, ranges and wildcards.

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
