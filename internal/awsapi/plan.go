package awsapi

import (
	"fmt"
	"reflect"
	"strings"
)

// Decoder reads requests of type T as T's shape says. Make one with
// [NewDecoder] at start; it may be used by many goroutines.
type Decoder[T any] struct{ plan *plan }

// NewDecoder marries the fields of T to its shape. It panics if a field has
// no row or a row no field, or their types do not go together: that is a
// mistake in the source, not in a request.
func NewDecoder[T Shaped]() Decoder[T] {
	return decoderOf[T](reading{})
}

// Within is the decoder of a node that has set limits.
func (d Decoder[T]) Within(l Limits) Decoder[T] { return decoderOf[T](reading{limits: l}) }

// reading is how requests are read, beside their shapes.
type reading struct {
	limits   Limits
	extended bool // with the members that are extensions
	strict   bool // refusing members and parameters that the shape does not know
}

func decoderOf[T any](how reading) Decoder[T] {
	return Decoder[T]{plan: planOf(reflect.TypeFor[T](), how)}
}

// plan is a struct type joined to its shape.
type plan struct {
	rows   []row
	byName map[string]int // of the members that may stand in JSON
	inBody bool           // whether an HTTP request has a body to read
	whole  bool           // and is not JSON
	strict bool           // whether what no row knows is refused
}

// row is a member and the field it fills.
type row struct {
	Member
	field  int // -1 for a member that is not built, or an extension where none is read
	nested *plan
}

func planOf(t reflect.Type, how reading) *plan {
	p := &plan{byName: map[string]int{}, strict: how.strict}
	fields := fieldsOf(t)
	for _, m := range shapeOf(t) {
		r := row{Member: m, field: -1}
		r.Rule = m.Rule.within(how.limits)
		if r.Extension = m.Extension && !how.extended; r.Extension {
			delete(fields, m.Name)
		} else if !m.NotBuilt && m.Elsewhere == "" {
			at, ok := fields[m.Name]
			if !ok {
				panic(fmt.Sprintf("awsapi: %s has no field for %q", t, m.Name))
			}
			r.field, r.nested = at, nestedPlan(t.Field(at).Type, how)
			delete(fields, m.Name)
		}
		p.inBody = p.inBody || m.In == Body || m.In == Whole
		p.whole = p.whole || m.In == Whole
		if m.In != Path && m.In != Header && m.In != Whole {
			p.byName[m.Name] = len(p.rows)
		}
		p.rows = append(p.rows, r)
	}
	delete(fields, "-") // filled by whoever knows it otherwise, if no row does
	if len(fields) > 0 {
		panic(fmt.Sprintf("awsapi: fields of %s without a row: %v", t, fields))
	}
	return p
}

// fieldsOf maps the json names of t to its fields.
func fieldsOf(t reflect.Type) map[string]int {
	fields := map[string]int{}
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		fields[name] = i
	}
	return fields
}

func shapeOf(t reflect.Type) Shape {
	shaped, ok := reflect.TypeAssert[Shaped](reflect.Zero(t))
	if !ok {
		panic(fmt.Sprintf("awsapi: %s has no shape", t))
	}
	return shaped.Shape()
}

// nestedPlan is the plan of the structure in t, nil if there is none.
func nestedPlan(t reflect.Type, how reading) *plan {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t == decimalType {
		return nil
	}
	return planOf(t, how)
}

var decimalType = reflect.TypeFor[Decimal]()
