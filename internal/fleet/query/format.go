package query

import (
	"strings"
	"unicode"
)

// String is the canonical form: two queries with the same are the same, and
// [Parse] makes the query of it again. It differs from what was written in
// white space, case, parentheses and quotes.
func (q Query) String() string {
	var b strings.Builder
	q.root.write(&b)
	return b.String()
}

func (n Node) write(b *strings.Builder) {
	switch n.Op {
	case Leaf:
		n.Term.write(b)
	case And:
		n.writeJoined(b, " AND ")
	case Or:
		n.writeJoined(b, " OR ")
	case Not:
		b.WriteString("NOT ")
		n.Nodes[0].writeWithin(b)
	default:
		b.WriteByte('*')
	}
}

func (n Node) writeJoined(b *strings.Builder, operator string) {
	for i, part := range n.Nodes {
		if i > 0 {
			b.WriteString(operator)
		}
		part.writeWithin(b)
	}
}

// writeWithin writes a part so that whatever stands around it binds less.
func (n Node) writeWithin(b *strings.Builder) {
	if n.Op != And && n.Op != Or {
		n.write(b)
		return
	}
	b.WriteByte('(')
	n.write(b)
	b.WriteByte(')')
}

func (t Term) write(b *strings.Builder) {
	if t.Field != "" {
		writeWord(b, Pattern(t.Field))
		b.WriteByte(':')
	}
	switch t.Test {
	case Equals:
		t.Value.write(b)
	case Matches:
		writeWord(b, t.Like)
	case Within:
		t.writeRange(b)
	default:
		b.WriteByte('*')
	}
}

func (t Term) writeRange(b *strings.Builder) {
	opening, closing := byte('{'), byte('}')
	if t.Low.Inclusive {
		opening = '['
	}
	if t.High.Inclusive {
		closing = ']'
	}
	b.WriteByte(opening)
	t.Low.write(b)
	b.WriteString(" TO ")
	t.High.write(b)
	b.WriteByte(closing)
}

func (b Bound) write(to *strings.Builder) {
	if b.Open {
		to.WriteByte('*')
		return
	}
	b.Value.write(to)
}

// write writes a value so that it reads as the same again: a text that looks
// like a number needs quotes to stay one, and so does a text that no word is.
func (v Value) write(b *strings.Builder) {
	text := v.Folded()
	if _, numeric := readNumber(text); numeric != v.Numeric || text == "" {
		b.WriteByte('"')
		b.WriteString(strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text))
		b.WriteByte('"')
		return
	}
	writeWord(b, Pattern(text))
}

// writeWord writes a word, with a backslash before what would mean something.
func writeWord(b *strings.Builder, p Pattern) {
	for i, r := range p {
		switch r {
		case AnyRun:
			b.WriteByte('*')
		case AnyOne:
			b.WriteByte('?')
		default:
			if needsEscape(r) || i == 0 && r == '-' { // in front it would exclude
				b.WriteByte('\\')
			}
			b.WriteRune(r)
		}
	}
}

func needsEscape(r rune) bool {
	return unicode.IsSpace(r) || strings.ContainsRune(special+`\*?`, r)
}
