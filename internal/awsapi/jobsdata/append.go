package jobsdata

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/drover-iot/drover/internal/awsapi"
)

// form is how the two doors differ.
type form bool

const (
	mqtt  form = false // the document is a value; no thing name
	https form = true  // the document is a string; no token, no timestamp
)

// Document is a job document, ready to be sent any number of times. It is
// never changed, and may be shared.
type Document struct {
	text    string
	compact []byte
}

// NewDocument prepares the JSON text of a document. It fails on what is not
// JSON, which CreateJob has refused.
func NewDocument(text string) (*Document, error) {
	var b bytes.Buffer
	b.Grow(len(text))
	if err := json.Compact(&b, []byte(text)); err != nil {
		return nil, fmt.Errorf("prepare a job document: %w", err)
	}
	return &Document{text: text, compact: b.Bytes()}, nil
}

// Text is the document as it was given.
func (d *Document) Text() string { return d.text }

// append writes the document: its bytes without white space as a value, or
// all of its text as a string.
func (d *Document) append(dst []byte, f form) []byte {
	if f == https {
		return appendString(dst, d.text)
	}
	return append(dst, d.compact...)
}

// plain tells which bytes of valid UTF-8 stand for themselves in a JSON
// string.
func plain(c byte) bool { return c >= ' ' && c != '"' && c != '\\' }

// appendString writes s, which is valid UTF-8, as a JSON string. Unlike
// encoding/json it leaves <, > and & alone.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	from := 0
	for i := range len(s) {
		if plain(s[i]) {
			continue
		}
		dst = append(dst, s[from:i]...)
		dst = appendEscape(dst, s[i])
		from = i + 1
	}
	return append(append(dst, s[from:]...), '"')
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	const hex = "0123456789abcdef"
	return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}

// object writes members with the commas between them.
type object struct{ b []byte }

// open begins an object at the end of dst.
func open(dst []byte) object { return object{append(dst, '{')} }

func (o object) close() []byte { return append(o.b, '}') }

// name begins a member; the value is the caller's to append.
func (o *object) name(name string) {
	if o.b[len(o.b)-1] != '{' {
		o.b = append(o.b, ',')
	}
	o.b = append(o.b, '"')
	o.b = append(o.b, name...)
	o.b = append(o.b, '"', ':')
}

func (o *object) string(name, value string) {
	o.name(name)
	o.b = appendString(o.b, value)
}

func (o *object) int(name string, value int64) {
	o.name(name)
	o.b = strconv.AppendInt(o.b, value, 10)
}

// started writes the member startedAt, unless that is still to come.
func (o *object) started(at awsapi.Seconds) {
	if at != 0 {
		o.int("startedAt", int64(at))
	}
}

// details writes a map of strings in the order of its keys, unless it is
// empty.
func (o *object) details(m map[string]string) {
	if len(m) == 0 {
		return
	}
	var few [8]string
	keys := few[:0]
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	o.name("statusDetails")
	inner := open(o.b)
	for _, k := range keys {
		inner.b = appendSeparator(inner.b)
		inner.b = append(appendString(inner.b, k), ':')
		inner.b = appendString(inner.b, m[k])
	}
	o.b = inner.close()
}

// appendSeparator writes a comma unless a list or object has just begun.
func appendSeparator(dst []byte) []byte {
	if c := dst[len(dst)-1]; c == '{' || c == '[' {
		return dst
	}
	return append(dst, ',')
}

// head begins an MQTT payload: the token if there is one, and the time.
func (o *object) head(token *string, at awsapi.Seconds) {
	if token != nil {
		o.string("clientToken", *token)
	}
	o.int("timestamp", int64(at))
}
