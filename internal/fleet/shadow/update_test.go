package shadow

import (
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/fault"
)

// spec: device-api.md#13-device-shadows
func TestRequestsThatAreRefused(t *testing.T) {
	const invalid = fault.InvalidRequest
	for _, c := range []struct {
		name, payload string
		kind          fault.Kind
		message       string
		token         string
	}{
		{"nothing", ``, invalid, "Invalid JSON", ""},
		{"no JSON", `{"state"`, invalid, "Invalid JSON", ""},
		{"something behind it", `{"state":{}} {}`, invalid, "Invalid JSON", ""},
		{"a byte order mark", "\ufeff{}", invalid, "Invalid JSON", ""},
		{"no object", `[]`, invalid, "Invalid JSON", ""},
		{"no UTF-8", "{\"state\":{\"desired\":{\"a\":\"\xff\"}}}", fault.BadEncoding, "Unsupported documented encoding; supported encoding is UTF-8", ""},
		{"no state", `{"clientToken":"t"}`, invalid, "Missing required node: state", "t"},
		{"a state that is null", `{"state":null,"clientToken":"t"}`, invalid, "Missing required node: state", "t"},
		{"a state that is no object", `{"state":1}`, invalid, "State node must be an object", ""},
		{"desired that is no object", `{"state":{"desired":[]}}`, invalid, "Desired node must be an object", ""},
		{"reported that is no object", `{"state":{"reported":"x"}}`, invalid, "Reported node must be an object", ""},
		{"another section", `{"state":{"delta":{}}}`, invalid, "State contains an invalid node: state has desired and reported alone", ""},
		{"null in an array", `{"state":{"desired":{"a":[1,null]}}}`, invalid, "State contains an invalid node: an array holds null", ""},
		{"null below an array", `{"state":{"desired":{"a":[{"b":null}]}}}`, invalid, "State contains an invalid node: an array holds null", ""},
		{"a version that is no integer", `{"state":{},"version":1.5,"clientToken":"t"}`, invalid, "Invalid version", "t"},
		{"a version that is a string", `{"state":{},"version":"1"}`, invalid, "Invalid version", ""},
		{"a version below 0", `{"state":{},"version":-1}`, invalid, "Invalid version", ""},
		{"a token that is no string", `{"state":{},"clientToken":7}`, invalid, "Invalid clientToken", ""},
		{"a token of 65 bytes", `{"state":{},"clientToken":"` + strings.Repeat("t", 65) + `"}`, invalid, "Invalid clientToken", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			u, err := Parse([]byte(c.payload))
			if !fault.Is(err, c.kind) || err.Error() != c.message || u.Token != c.token {
				t.Errorf("refused with %v and token %q, want %q and %q", err, u.Token, c.message, c.token)
			}
		})
	}
}

func TestGetAndDeleteReadNoMoreThanAToken(t *testing.T) {
	for payload, want := range map[string]string{"": "", " \n": "", "{}": "", `{"clientToken":"x","state":7}`: "x"} {
		if got, err := ParseToken([]byte(payload)); got != want || err != nil {
			t.Errorf("%q: token %q, %v", payload, got, err)
		}
	}
	for _, payload := range []string{"x", "[]", `{"clientToken":1}`, "\xff"} {
		if _, err := ParseToken([]byte(payload)); err == nil {
			t.Errorf("%q is accepted", payload)
		}
	}
}
