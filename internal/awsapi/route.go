package awsapi

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"reflect"

	"github.com/drover-iot/drover/internal/fault"
)

// Route is an operation and what answers it.
type Route struct {
	Operation Operation
	// Serve answers a 200, or an error. The Mux has matched the path, limited
	// the body, and writes what Serve answers.
	Serve func(r *http.Request) (Answer, error)
}

// Answer is a 200.
type Answer struct {
	Body []byte
	ETag string // as a header has it; "" is none
}

// Tagged is the answer of an operation that tells at which version its resource
// is; 0 tells nothing.
type Tagged interface{ Tag() (version int64) }

// Handle makes a route of a function from request to answer. In is read and
// checked by its shape, and Out is written as JSON, a nil one as {}. It panics if In and
// its shape do not go together.
func Handle[In Shaped, Out any](op Operation, answer func(context.Context, *In) (*Out, error)) Route {
	return handle(reading{}, op, answer)
}

// HandleWithin is Handle for a node that has set limits.
func HandleWithin[In Shaped, Out any](l Limits, op Operation, answer func(context.Context, *In) (*Out, error)) Route {
	return handle(reading{limits: l}, op, answer)
}

// HandleExtended is HandleWithin for an operation that AWS does not have: it
// reads the members that are extensions too.
func HandleExtended[In Shaped, Out any](l Limits, op Operation, answer func(context.Context, *In) (*Out, error)) Route {
	return handle(reading{limits: l, extended: true}, op, answer)
}

func handle[In, Out any](how reading, op Operation, answer func(context.Context, *In) (*Out, error)) Route {
	how.strict = op.ours()
	decoder := decoderOf[In](how)
	return Route{Operation: op, Serve: func(r *http.Request) (Answer, error) {
		in, err := decoder.Request(r)
		if err != nil {
			return Answer{}, err
		}
		out, err := answer(r.Context(), &in)
		if err != nil {
			return Answer{}, err
		}
		body, err := Encode(out)
		return Answer{Body: body, ETag: tagOf(out)}, err
	}}
}

// Refuse is the route of an operation that Drover does not have yet.
// spec: wire-protocol.md#3-errors-on-http
func Refuse(op Operation) Route {
	return Route{Operation: op, Serve: func(*http.Request) (Answer, error) {
		return Answer{}, fault.New(fault.InvalidRequest, "Operation %s is not supported by this server", op.Name)
	}}
}

// Appender writes itself as JSON, byte by byte.
type Appender interface{ AppendJSON(dst []byte) []byte }

// Encode writes v as JSON that keeps <, > and &, without a trailing newline.
// A nil pointer answers nothing: {}.
func Encode(v any) ([]byte, error) {
	if p := reflect.ValueOf(v); p.Kind() == reflect.Pointer && p.IsNil() {
		return []byte("{}"), nil
	}
	if a, ok := v.(Appender); ok {
		return a.AppendJSON(make([]byte, 0, 512)), nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(withLists(v)); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// withLists gives the struct that v points to empty lists for nil ones, so
// that a list that is never omitted is never null either.
func withLists(v any) any {
	p := reflect.ValueOf(v)
	if p.Kind() != reflect.Pointer || p.Elem().Kind() != reflect.Struct {
		return v
	}
	for _, f := range p.Elem().Fields() {
		if f.Kind() == reflect.Slice && f.IsNil() {
			f.Set(reflect.MakeSlice(f.Type(), 0, 0))
		}
	}
	return v
}
