package job

import (
	"bytes"
	"encoding/json"
	"iter"
	"strings"
)

// Placeholder is one ${aws:iot:KIND:REST} in a string of a document.
// spec: device-api.md#81-placeholders
type Placeholder struct {
	Kind string // "s3-presigned-url"
	Rest string // behind the kind and its colon, as the string says it, without JSON's escapes
}

// The kinds whose URL is signed when a device gets its document.
const (
	PresignedGet   = "s3-presigned-url"
	PresignedGetV2 = "s3-presigned-url-v2"
	PresignedPut   = "s3-presigned-url-upload"
)

// Presigned tells whether the placeholder stands for a URL that is signed for
// each execution.
func (p Placeholder) Presigned() bool {
	return p.Kind == PresignedGet || p.Kind == PresignedGetV2 || p.Kind == PresignedPut
}

const placeholderStart = "${aws:iot:"

// Placeholders are those of a valid document, from front to back. What stands
// within another is part of that one.
func Placeholders(doc []byte) iter.Seq[Placeholder] {
	return func(yield func(Placeholder) bool) {
		for _, text := range texts(doc) {
			for from, to := range placed(text) {
				if !yield(placeholderOf(text[from:to])) {
					return
				}
			}
		}
	}
}

// NeedsSigning tells whether a valid document has URLs that are signed for each
// execution.
func NeedsSigning(doc []byte) bool {
	for p := range Placeholders(doc) {
		if p.Presigned() {
			return true
		}
	}
	return false
}

// Fill is a valid document with each placeholder replaced by what with says;
// one for which it says no stays as it is. All other bytes stay as they are.
func Fill(doc []byte, with func(Placeholder) (text string, ok bool, err error)) ([]byte, error) {
	filled, done := make([]byte, 0, len(doc)+len(doc)/2), 0
	for at, text := range texts(doc) {
		for from, to := range placed(text) {
			value, ok, err := with(placeholderOf(text[from:to]))
			if err != nil {
				return nil, err
			}
			if ok {
				filled = append(filled, doc[done:at+from]...)
				filled = append(filled, escaped(value)...)
				done = at + to
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

// placed are the placeholders of a string, from where to where; one that is not
// closed is none.
func placed(text []byte) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		for i := 0; i < len(text); {
			found := bytes.Index(text[i:], []byte(placeholderStart))
			if found < 0 {
				return
			}
			from := i + found
			to := from + placeholderLength(text[from:])
			if to == from {
				return
			}
			if !yield(from, to) {
				return
			}
			i = to
		}
	}
}

// placeholderLength is how long the placeholder is that s begins with, with
// what stands within it; 0 if it is not closed.
func placeholderLength(s []byte) int {
	open := 0
	for i := range s {
		switch {
		case bytes.HasPrefix(s[i:], []byte("${")):
			open++
		case s[i] == '}':
			if open--; open == 0 {
				return i + 1
			}
		}
	}
	return 0
}

// placeholderOf takes a placeholder apart, as it stands in JSON.
func placeholderOf(raw []byte) Placeholder {
	inside := raw[len(placeholderStart) : len(raw)-1]
	var text string
	if json.Unmarshal([]byte(`"`+string(inside)+`"`), &text) != nil { // an escape that it ends within
		text = string(inside)
	}
	kind, rest, _ := strings.Cut(text, ":")
	return Placeholder{Kind: kind, Rest: rest}
}

// escaped is text as it stands in a string of JSON; <, > and & stand for
// themselves.
func escaped(text string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(text) // a string can always be
	return bytes.TrimSuffix(b.Bytes()[1:], []byte("\"\n"))
}
