package job

import (
	"bytes"
	"encoding/json"
	"iter"
)

// Placeholder is one ${aws:iot:KIND:REST} in a string of a document.
// spec: device-api.md#81-placeholders
type Placeholder struct {
	Kind string // "s3-presigned-url"
	Rest string // behind the kind and its colon, as the string says it, without JSON's escapes
	// Whole says that there is nothing else in the string.
	Whole bool
}

// String is the placeholder as a document has it.
func (p Placeholder) String() string { return placeholderStart + p.Kind + ":" + p.Rest + "}" }

// The kinds that are known. The URL of the presigned ones is signed when a
// device gets its document, the others are filled in when the job is made.
const (
	PresignedGet   = "s3-presigned-url"
	PresignedGetV2 = "s3-presigned-url-v2"
	PresignedPut   = "s3-presigned-url-upload"
	OfPackage      = "package"   // by a package version
	OfParameter    = "parameter" // by a value for the document of a managed template
)

// Presigned tells whether the placeholder stands for a URL that is signed for
// each execution.
func (p Placeholder) Presigned() bool {
	return p.Kind == PresignedGet || p.Kind == PresignedGetV2 || p.Kind == PresignedPut
}

const placeholderStart = "${aws:iot:"

// placeholders are those of a valid document, from front to back. What stands
// within another is part of that one.
func placeholders(doc []byte) iter.Seq[Placeholder] {
	return func(yield func(Placeholder) bool) {
		for _, text := range texts(doc) {
			for _, s := range spans(text) {
				if s.outer() && !yield(s.placeholder(text)) {
					return
				}
			}
		}
	}
}

// NeedsSigning tells whether a valid document has URLs that are signed for each
// execution.
func NeedsSigning(doc []byte) bool {
	for p := range placeholders(doc) {
		if p.Presigned() {
			return true
		}
	}
	return false
}

// Value is what takes the place of a placeholder; the zero Value leaves it as it
// is.
type Value struct {
	inside []byte // of the string; nil: nothing
	object []byte // JSON in place of the string
}

// Text is text in place of a placeholder.
func Text(text string) Value {
	quoted := encoded(text)
	return Value{inside: quoted[1 : len(quoted)-1]}
}

// Object is an object in place of a placeholder that is the whole of a string;
// nil is an empty one.
func Object(members map[string]string) Value {
	if members == nil {
		members = map[string]string{}
	}
	return Value{object: encoded(members)}
}

// Fill is a valid document with each placeholder replaced by what with says; an
// object only takes the place of one that is Whole. What is put in is not looked
// at for placeholders. All other bytes stay as they are.
func Fill(doc []byte, with func(Placeholder) (Value, error)) ([]byte, error) {
	filled, done := make([]byte, 0, len(doc)+len(doc)/2), 0
	for at, text := range texts(doc) {
		for _, s := range spans(text) {
			if !s.outer() {
				continue
			}
			p := s.placeholder(text)
			v, err := with(p)
			if err != nil {
				return nil, err
			}
			from, to, value := at+s.from, at+s.to, v.inside
			if v.object != nil && p.Whole {
				from, to, value = from-1, to+1, v.object // with its quotes
			}
			if value != nil {
				filled = append(append(filled, doc[done:from]...), value...)
				done = to
			}
		}
	}
	return append(filled, doc[done:]...), nil
}

// texts are the strings of valid JSON that are values, between their quotes,
// by where they begin. The names of members have no placeholders.
func texts(doc []byte) iter.Seq2[int, []byte] {
	return func(yield func(int, []byte) bool) {
		for i := 0; i < len(doc); i++ {
			if doc[i] != '"' {
				continue
			}
			from := i + 1
			i = from + textLength(doc[from:])
			if !isName(doc[i+1:]) && !yield(from, doc[from:i]) {
				return
			}
		}
	}
}

// textLength is how far the text of a string goes: up to its closing quote.
func textLength(s []byte) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return len(s)
}

// isName tells by what follows a string whether it is the name of a member.
func isName(following []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(following, " \t\r\n"), []byte(":"))
}

// span is where a placeholder stands in a string.
type span struct {
	from, to int  // to is 0 if it is not closed
	within   bool // another one, or one that is not closed
}

func (s span) open() bool   { return s.to == 0 }
func (s span) nested() bool { return s.within }
func (s span) outer() bool  { return !s.open() && !s.within }

// spans are the placeholders of a string by where they begin. Other ${ are
// closed too, but are none.
func spans(text []byte) (found []span) {
	if !bytes.Contains(text, []byte(placeholderStart)) {
		return nil
	}
	const other = -1
	var open []int // which of found is under way, or other
	ours := 0      // of those in open
	for i := range text {
		switch at := text[i:]; {
		case bytes.HasPrefix(at, []byte(placeholderStart)):
			open = append(open, len(found))
			found = append(found, span{from: i, within: ours > 0})
			ours++
		case bytes.HasPrefix(at, []byte("${")):
			open = append(open, other)
		case at[0] == '}' && len(open) > 0:
			if last := open[len(open)-1]; last != other {
				found[last].to = i + 1
				ours--
			}
			open = open[:len(open)-1]
		}
	}
	return found
}

// inside is the kind of a placeholder that is closed, and what is behind it, as
// they stand in JSON.
func (s span) inside(text []byte) (kind, rest []byte) {
	kind, rest, _ = bytes.Cut(text[s.from+len(placeholderStart):s.to-1], []byte(":"))
	return kind, rest
}

// kind does not look at all that stands within the placeholder: there may be
// thousands, one within another.
func (s span) kind(text []byte) string {
	kind, _ := s.inside(text)
	return decoded(kind)
}

func (s span) placeholder(text []byte) Placeholder {
	kind, rest := s.inside(text)
	return Placeholder{Kind: decoded(kind), Rest: decoded(rest), Whole: s.from == 0 && s.to == len(text)}
}

// decoded is a part of a string of JSON without its escapes.
func decoded(part []byte) string {
	var text string
	if json.Unmarshal([]byte(`"`+string(part)+`"`), &text) != nil { // an escape that it ends within
		return string(part)
	}
	return text
}

// encoded is text, or members that are text, as JSON; <, > and & stand for
// themselves.
func encoded(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // text can always be
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
