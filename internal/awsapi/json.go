package awsapi

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf8"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/job"
)

// maxDepth is how deep objects and lists may nest: as deep as in a document.
// spec: device-api.md#3-common-request-and-answer-rules
const maxDepth = job.MaxDocumentDepth

// CheckJSON tells whether text is one JSON value that keeps its meaning on
// the way through Drover: UTF-8 without a byte order mark, no half of a
// surrogate pair, nothing behind the value, nested 64 deep at most. The
// error is of kind InvalidJSON.
//
// Syntax is judged by encoding/json; what it silently repairs is refused
// here.
func CheckJSON(text []byte) error {
	switch {
	case bytes.HasPrefix(text, []byte("\xef\xbb\xbf")):
		return notJSON("begins with a byte order mark")
	case !utf8.Valid(text):
		return notJSON("not valid UTF-8")
	case !json.Valid(text):
		return notJSON("not valid JSON")
	}
	return inspect(text)
}

// notJSON says in the protocol's words, and then why, that a payload cannot
// be read. spec: device-api.md#5-rejected
func notJSON(why string) error {
	return fault.New(fault.InvalidJSON, "Payload is not a JSON object in UTF-8: %s", why)
}

// inspect looks at valid JSON for nesting and for surrogates.
func inspect(text []byte) error {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			quoted = !quoted
		case quoted && c == '\\':
			n, ok := escape(text[i:])
			if !ok {
				return notJSON("half of a surrogate pair")
			}
			i += n - 1
		case !quoted && (c == '{' || c == '['):
			if depth++; depth > maxDepth {
				return notJSON("nested deeper than " + strconv.Itoa(maxDepth))
			}
		case !quoted && (c == '}' || c == ']'):
			depth--
		}
	}
	return nil
}

// escape is the length of the escape sequence at the start of text, a
// surrogate pair being one; ok is false for half of a pair.
func escape(text []byte) (n int, ok bool) {
	switch class := surrogate(text); class {
	case 'h':
		return 12, surrogate(text[6:]) == 'l'
	case 'l':
		return 6, false
	case 'u':
		return 6, true
	}
	return 2, true
}

// surrogate classes the start of text: h and l for the escaped halves of a
// pair, u for any other \u escape, 0 for anything else.
func surrogate(text []byte) byte {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0
	}
	if text[2]|0x20 != 'd' {
		return 'u'
	}
	switch c := text[3] | 0x20; {
	case c >= '8' && c <= '9', c >= 'a' && c <= 'b':
		return 'h'
	case c >= 'c' && c <= 'f':
		return 'l'
	}
	return 'u'
}

// object answers whether text is a JSON object, after CheckJSON; nothing but
// white space equals {}.
func object(text []byte) ([]byte, error) {
	text = trim(text)
	if len(text) == 0 {
		return []byte("{}"), nil
	}
	if err := CheckJSON(text); err != nil {
		return nil, err
	}
	if text[0] != '{' {
		return nil, notJSON("no object")
	}
	return text, nil
}

// members calls f for each member of a valid object, name still quoted, in
// order of appearance. It stops at the first error.
func members(obj []byte, f func(name, value []byte) error) error {
	rest := trim(obj[1:])
	for rest[0] != '}' {
		n := valueLen(rest)
		name := rest[:n]
		rest = trim(trim(rest[n:])[1:]) // the colon
		n = valueLen(rest)
		if err := f(name, rest[:n]); err != nil {
			return err
		}
		rest = next(rest[n:])
	}
	return nil
}

// items calls f for each item of a valid list. It stops at the first error.
func items(list []byte, f func(i int, value []byte) error) error {
	rest := trim(list[1:])
	for i := 0; rest[0] != ']'; i++ {
		n := valueLen(rest)
		if err := f(i, rest[:n]); err != nil {
			return err
		}
		rest = next(rest[n:])
	}
	return nil
}

// next skips what stands between two members or items.
func next(rest []byte) []byte {
	if rest = trim(rest); rest[0] == ',' {
		return trim(rest[1:])
	}
	return rest
}

// trim drops JSON white space from the start.
func trim(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t' || b[0] == '\n' || b[0] == '\r') {
		b = b[1:]
	}
	return b
}

// valueLen is the length of the valid JSON value at the start of b.
func valueLen(b []byte) int {
	switch b[0] {
	case '"':
		return stringLen(b)
	case '{', '[':
		return nestedLen(b)
	}
	for i, c := range b {
		switch c {
		case ',', '}', ']', ' ', '\t', '\n', '\r':
			return i
		}
	}
	return len(b)
}

// stringLen is the length of the quoted string at the start of b.
func stringLen(b []byte) int {
	for i := 1; ; i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
}

// nestedLen is the length of the object or list at the start of b.
func nestedLen(b []byte) int {
	depth := 0
	for i := 0; ; i++ {
		switch b[i] {
		case '"':
			i += stringLen(b[i:]) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
}

// unquote is the text of a valid quoted string.
func unquote(quoted []byte) string {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return string(quoted[1 : len(quoted)-1])
	}
	var s string
	if err := json.Unmarshal(quoted, &s); err != nil {
		return "" // not reached: the text was checked
	}
	return s
}
