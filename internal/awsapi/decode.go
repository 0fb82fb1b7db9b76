package awsapi

import (
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/drover-iot/drover/internal/fault"
)

// Request reads an HTTP request whose path a ServeMux has matched. A request
// that does not fit the shape is an invalid request whose message names the
// member and the rule. spec: wire-protocol.md#2-rest-json-rules-model-protocol-restjson1
func (d Decoder[T]) Request(r *http.Request) (in T, err error) {
	s := source{label: r.PathValue, request: r}
	if d.plan.inBody { // first: what a query becomes is large, and a body may take a minute
		if s.body, err = readBody(r.Body); err != nil {
			return in, err
		}
	}
	if s.query, err = d.plan.query(r.URL.RawQuery); err != nil {
		return in, err
	}
	return in, s.decode(d.plan, reflect.ValueOf(&in).Elem())
}

// Message reads an MQTT request: labels come from the topic, all other
// members from the payload. What could be read is in the request even if
// there is an error, so that a client token can be echoed.
// spec: device-api.md#3-common-request-and-answer-rules
func (d Decoder[T]) Message(label func(name string) string, payload []byte) (in T, err error) {
	s := source{label: label, body: payload}
	return in, s.decode(d.plan, reflect.ValueOf(&in).Elem())
}

// source is what members are read from. Without an HTTP request it is an
// MQTT payload.
type source struct {
	label   func(name string) string
	query   url.Values
	request *http.Request
	body    []byte
}

// decode fills the struct into by p: first every member of the JSON is
// found, so that the last duplicate wins, then the members are read in the
// order of the shape.
func (s source) decode(p *plan, into reflect.Value) error {
	obj, err := s.object(p)
	if err != nil {
		return err
	}
	found, err := p.find(obj, "")
	if err != nil {
		return err
	}
	for i := range p.rows {
		r := &p.rows[i]
		switch {
		case s.isJSON(r):
			err = r.read(found[i], into, r.Name)
		case r.In == Whole:
			into.Field(r.field).SetBytes(s.body)
		case r.In != Payload:
			err = r.readText(s.text(r), into)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// object is the JSON object that members are read from.
func (s source) object(p *plan) ([]byte, error) {
	if p.whole {
		return []byte("{}"), nil
	}
	return object(s.body)
}

// isJSON tells whether the member travels in the JSON object.
func (s source) isJSON(r *row) bool {
	switch r.In {
	case Body:
		return true
	case Query, Payload:
		return s.request == nil
	default:
		return false
	}
}

// text is the member as a label, query parameter or header brings it; nil if
// it does not come.
func (s source) text(r *row) *string {
	name := r.wireName()
	var text string
	switch r.In {
	case Path:
		text = s.label(name)
	case Query:
		if !s.query.Has(name) {
			return nil
		}
		text = s.query.Get(name)
	case Header:
		lines := s.header(name)
		if lines == nil {
			return nil
		}
		text = strings.Join(lines, ", ") // several are one list, RFC 9110 section 5.3
	default: // it travels as JSON
	}
	return &text
}

// header is the lines of a header, nil if there are none.
func (s source) header(name string) []string {
	switch {
	case s.request == nil:
		return nil
	case name == "Host":
		return []string{s.request.Host}
	case name == Caller:
		return []string{callerOf(s.request)}
	}
	return s.request.Header.Values(name)
}

// find maps the rows of p to their values in obj; null equals absent. A member
// that no row knows is ignored, as AWS does, or refused if p is strict; before
// is what stands before its name.
func (p *plan) find(obj []byte, before string) ([][]byte, error) {
	found := make([][]byte, len(p.rows))
	err := members(obj, func(name, value []byte) error {
		i, ok := p.row(name)
		switch {
		case ok && value[0] == 'n':
			found[i] = nil
		case ok:
			found[i] = value
		case p.strict:
			return unknownMember(before + unquote(name))
		}
		return nil
	})
	return found, err
}

// row finds the member of a quoted name.
func (p *plan) row(quoted []byte) (i int, ok bool) {
	if slices.Contains(quoted, '\\') {
		i, ok = p.byName[unquote(quoted)]
		return i, ok
	}
	i, ok = p.byName[string(quoted[1:len(quoted)-1])] // does not allocate
	return i, ok
}

// structure fills a nested structure from JSON.
func (p *plan) structure(obj []byte, into reflect.Value, path string) error {
	if obj[0] != '{' {
		return violation(obj, path, "must be an object")
	}
	found, err := p.find(obj, path+".")
	if err != nil {
		return err
	}
	for i := range p.rows {
		if err := p.rows[i].read(found[i], into, path+"."+p.rows[i].Name); err != nil {
			return err
		}
	}
	return nil
}

// read fills the field of r from JSON; nil is absent.
func (r *row) read(value []byte, into reflect.Value, path string) error {
	switch {
	case value == nil && r.Required:
		return missing(path)
	case value == nil:
		return nil
	case r.NotBuilt:
		return notBuilt(path)
	case r.Extension:
		return extension(path)
	case r.Elsewhere != "":
		return elsewhere(path, r.Elsewhere)
	}
	return r.json(value, into.Field(r.field), &r.Rule, path)
}

// readText fills the field of r from text; nil is absent.
func (r *row) readText(text *string, into reflect.Value) error {
	switch {
	case text == nil && r.Required, text != nil && *text == "" && r.In == Path:
		return missing(r.wireName())
	case text == nil:
		return nil
	case r.NotBuilt:
		return notBuilt(r.wireName())
	case !utf8.ValidString(*text):
		return fault.New(fault.InvalidRequest, "Value at '%s' is not valid UTF-8", r.wireName())
	}
	return scalar(*text, into.Field(r.field), &r.Rule, r.wireName())
}
