package query

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// token is a piece of a query.
type token struct {
	kind tokenKind
	at   int    // position of its first character, from 1
	raw  string // as it was written, for messages and operators
	// The text of a word or of quotes, its escapes resolved, and with
	// wildcards where a word had some.
	text    Pattern
	wild    bool // text has wildcards
	literal int  // characters at the beginning of a word that are not escaped
}

type tokenKind uint8

const (
	end     tokenKind = iota
	word              // up to white space or a character with a meaning
	quoted            // within quotes
	compare           // < <= > >=
	colon
	open
	closing
	rangeOpen  // [ {
	rangeClose // ] }
)

// special are the characters that end a word.
const special = `()[]{}":<>`

// lexer takes a query apart.
type lexer struct {
	rest string
	at   int // position of rest
}

// next is the next token, or what is wrong with it.
func (l *lexer) next() (token, error) {
	l.skipSpace()
	r, _ := utf8.DecodeRuneInString(l.rest)
	if l.rest == "" {
		return token{kind: end, at: l.at, raw: "the end"}, nil
	}
	switch r {
	case '(':
		return l.take(open, 1), nil
	case ')':
		return l.take(closing, 1), nil
	case '[', '{':
		return l.take(rangeOpen, 1), nil
	case ']', '}':
		return l.take(rangeClose, 1), nil
	case ':':
		return l.take(colon, 1), nil
	case '<', '>':
		if strings.HasPrefix(l.rest[1:], "=") {
			return l.take(compare, 2), nil
		}
		return l.take(compare, 1), nil
	case '"':
		return l.quotes()
	default:
		return l.word()
	}
}

// skipSpace: words are separated by white space of any kind.
func (l *lexer) skipSpace() {
	for {
		r, size := utf8.DecodeRuneInString(l.rest)
		if size == 0 || !unicode.IsSpace(r) {
			return
		}
		l.drop(size)
	}
}

// drop moves behind one character of so many bytes.
func (l *lexer) drop(size int) {
	l.rest = l.rest[size:]
	l.at++
}

// take is a token of n ASCII characters.
func (l *lexer) take(kind tokenKind, n int) token {
	t := token{kind: kind, at: l.at, raw: l.rest[:n]}
	l.rest, l.at = l.rest[n:], l.at+n
	return t
}

// char takes the next character. A backslash makes the one behind it an
// ordinary one.
func (l *lexer) char() (r rune, escaped bool, err error) {
	r, size := utf8.DecodeRuneInString(l.rest)
	if r == '\\' {
		l.drop(size)
		escaped = true
		if r, size = utf8.DecodeRuneInString(l.rest); size == 0 {
			return 0, true, refuse(l.at-1, `nothing follows the \`)
		}
	}
	if r == 0 || r == utf8.RuneError && size == 1 {
		return 0, false, refuse(l.at, "not a character of UTF-8 that a query may have")
	}
	l.drop(size)
	return r, escaped, nil
}

// quotes takes a text within quotes. It has no wildcards.
func (l *lexer) quotes() (token, error) {
	start, t := l.rest, token{kind: quoted, at: l.at}
	l.drop(1)
	for l.rest != "" {
		r, escaped, err := l.char()
		switch {
		case err != nil:
			return t, err
		case r == '"' && !escaped:
			t.raw = start[:len(start)-len(l.rest)]
			return t, nil
		}
		t.text = append(t.text, r)
	}
	return t, refuse(t.at, "the quote is not closed")
}

// word takes a word. Where it has no escapes, raw is its text.
func (l *lexer) word() (token, error) {
	start, t := l.rest, token{kind: word, at: l.at}
	for plain := true; !l.wordEnds(); {
		r, escaped, err := l.char()
		if err != nil {
			return t, err
		}
		if plain = plain && !escaped; plain {
			t.literal++
		}
		t.add(r, escaped)
	}
	t.raw = start[:len(start)-len(l.rest)]
	if strings.HasPrefix(l.rest, `"`) && strings.Trim(t.raw, "-") != "" {
		return t, refuse(l.at, `a quote within a word: put \ before it, or all of the word in quotes`)
	}
	return t, nil
}

func (l *lexer) wordEnds() bool {
	r, size := utf8.DecodeRuneInString(l.rest)
	return size == 0 || unicode.IsSpace(r) || strings.ContainsRune(special, r)
}

// add takes one more character of a word into its text.
func (t *token) add(r rune, escaped bool) {
	switch {
	case r == '*' && !escaped:
		t.wild = true
		if n := len(t.text); n == 0 || t.text[n-1] != AnyRun {
			t.text = append(t.text, AnyRun)
		}
	case r == '?' && !escaped:
		t.wild = true
		t.text = append(t.text, AnyOne)
	default:
		t.text = append(t.text, r)
	}
}

// is tells whether the token is that operator: escaped or in quotes it is a
// word like any other.
func (t token) is(operator string) bool { return t.kind == word && t.raw == operator }

// isOperator tells whether the token is a word that joins others.
func (t token) isOperator() bool { return t.is("AND") || t.is("OR") || t.is("NOT") }

// denies tells whether the token begins with a hyphen that excludes.
func (t token) denies() bool { return t.kind == word && t.literal > 0 && t.text[0] == '-' }

// afterHyphen is the word without the hyphen in front of it.
func (t token) afterHyphen() token {
	t.at, t.raw, t.text, t.literal = t.at+1, t.raw[1:], t.text[1:], t.literal-1
	return t
}

// everything tells whether the token is a bare *.
func (t token) everything() bool {
	return t.kind == word && len(t.text) == 1 && t.text[0] == AnyRun
}
