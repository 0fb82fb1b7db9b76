package awsapi

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/drover-iot/drover/internal/fault"
)

func TestJSONThatIsTaken(t *testing.T) {
	for _, c := range []struct{ name, text string }{
		{"any value, not only an object", ` [1, "a", null, true] `},
		{"64 levels", strings.Repeat("[", 64) + strings.Repeat("]", 64)},
		{"many brackets side by side", "[" + strings.Repeat("[],", 100) + "[]]"},
		{"brackets and quotes in strings", `{"a\"]}":"[[[{{{\\"}`},
		{"a surrogate pair", `"\uD83D\uDE00"`},
		{"escapes that are no surrogates", `"\u0041\ue000\ud7ff\\ud800"`},
		{"a noncharacter", "\"\uffff\""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := CheckJSON([]byte(c.text)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestJSONThatIsRefused(t *testing.T) {
	for _, c := range []struct{ name, text, why string }{
		{"nothing", ``, "not valid JSON"},
		{"65 levels", strings.Repeat("[", 65) + strings.Repeat("]", 65), "nested deeper than 64"},
		{"a byte order mark", "\ufeff{}", "byte order mark"},
		{"a raw surrogate", "\"\xed\xa0\x80\"", "not valid UTF-8"},
		{"an overlong encoding", "\"\xc0\xaf\"", "not valid UTF-8"},
		{"a high half alone", `"\ud83d"`, "surrogate"},
		{"a high half before something else", `"\ud83d\u0041"`, "surrogate"},
		{"a low half alone", `["a","\ude00"]`, "surrogate"},
		{"a trailing comma", `[1,]`, "not valid JSON"},
		{"a comment", `{} // x`, "not valid JSON"},
		{"NaN", `NaN`, "not valid JSON"},
		{"a leading zero", `01`, "not valid JSON"},
		{"a control character in a string", "\"\n\"", "not valid JSON"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := CheckJSON([]byte(c.text))
			if !fault.Is(err, fault.InvalidJSON) || !strings.Contains(err.Error(), c.why) {
				t.Errorf("got %v, want %s", err, c.why)
			}
		})
	}
}

// FuzzObject holds the walker to encoding/json: both see the same members.
func FuzzObject(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"a":1}`, ` { "a" : [ 1 , {"b":"}"} ] , "a" : "\"" } `, `{"":{"":[[],[ ]]},"é":-1.5e+3}`, `{"a":"\\"}`, `{"\u0061":null}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		obj, err := object(text)
		if err != nil {
			return
		}
		var want map[string]json.RawMessage
		if err := json.Unmarshal(obj, &want); err != nil {
			t.Fatalf("%q was taken, but: %v", text, err)
		}
		got := map[string]string{}
		err = members(obj, func(name, value []byte) error {
			if !utf8.Valid(value) {
				t.Fatalf("%q was cut inside a letter", value)
			}
			got[unquote(name)] = string(value)
			if value[0] == '[' {
				return items(value, func(_ int, item []byte) error { return json.Unmarshal(item, new(any)) })
			}
			return nil
		})
		if err != nil || len(got) != len(want) {
			t.Fatalf("%q: %v, %v, want %s", text, err, got, want)
		}
		for name, value := range want {
			if got[name] != string(value) {
				t.Fatalf("%q: member %q is %q, want %q", text, name, got[name], value)
			}
		}
	})
}
