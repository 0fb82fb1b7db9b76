package awsapi

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
)

// NewRequest writes in, a request struct or a pointer to one, as an HTTP
// request to op: the inverse of what [Handle] reads, for clients of the
// control plane. endpoint is a URL without a path, "http://127.0.0.1:7070".
// Nothing is checked but that labels are there; the server does that.
func NewRequest(ctx context.Context, endpoint string, op Operation, in Shaped) (*http.Request, error) {
	v := reflect.Indirect(reflect.ValueOf(in))
	fields := fieldsOf(v.Type())
	path, query, body := op.Path, url.Values{}, map[string]any{}
	for _, m := range in.Shape() {
		at, ok := fields[m.Name]
		if !ok {
			continue
		}
		f := v.Field(at)
		switch {
		case m.In == Path && f.IsZero():
			return nil, fmt.Errorf("write %s: no %s", op.Name, m.Name)
		case m.In == Path:
			path = strings.Replace(path, "{"+m.Name+"}", url.PathEscape(textOf(f)), 1)
		case f.IsZero() && !m.Required:
		case m.In == Query:
			query.Set(m.Name, textOf(f))
		case m.In == Body:
			body[m.Name] = f.Interface()
		}
	}
	return newRequest(ctx, op, strings.TrimSuffix(endpoint, "/")+path, query, body)
}

func newRequest(ctx context.Context, op Operation, address string, query url.Values, body map[string]any) (*http.Request, error) {
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	b, err := Encode(body)
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", op.Name, err)
	}
	if len(body) == 0 && (op.Method == http.MethodGet || op.Method == http.MethodDelete) {
		b = nil
	}
	r, err := http.NewRequestWithContext(ctx, op.Method, address, bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", op.Name, err)
	}
	r.Header.Set("Content-Type", "application/json")
	return r, nil
}

// textOf is a scalar as a label or query parameter.
func textOf(v reflect.Value) string {
	switch v = reflect.Indirect(v); v.Kind() {
	case reflect.Bool:
		return strconv.FormatBool(v.Bool())
	case reflect.String:
		return v.String()
	}
	return strconv.FormatInt(v.Int(), 10)
}
