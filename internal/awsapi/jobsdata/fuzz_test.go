package jobsdata

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/drover-iot/drover/internal/fault"
)

// FuzzPayload sends a stranger's bytes through all four readers. What is
// accepted must be JSON for encoding/json as well, and the token must come
// back as it went in.
func FuzzPayload(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `{"clientToken":"a"}`, `{"status":"FAILED","statusDetails":{"a":"b"},"expectedVersion":"2"}`,
		`{"clientToken":"\ud83d\ude00","includeJobDocument":"false"}`, `[{"a":[]}]`, `{"a":{"b":[1,{"c":"}"}]}}`, "\ufeff{}",
	} {
		f.Add("press-07", "fw-3", []byte(seed))
	}
	f.Fuzz(func(t *testing.T, thing, job string, payload []byte) {
		topic := Topic{Thing: thing, Job: job}
		for _, read := range []func() (*string, error){
			func() (*string, error) { r, err := reader.GetPending(topic, payload); return r.ClientToken, err },
			func() (*string, error) { r, err := reader.StartNext(topic, payload); return r.ClientToken, err },
			func() (*string, error) { r, err := reader.Describe(topic, payload); return r.ClientToken, err },
			func() (*string, error) { r, err := reader.Update(topic, payload); return r.ClientToken, err },
		} {
			token, err := read()
			checkAnswer(t, payload, token, err)
		}
	})
}

func checkAnswer(t *testing.T, payload []byte, token *string, err error) {
	t.Helper()
	if err != nil && !fault.Is(err, fault.InvalidJSON) && !fault.Is(err, fault.InvalidRequest) {
		t.Fatalf("refused with %v", err)
	}
	if refused := fault.Is(err, fault.InvalidJSON); refused == isObject(payload) && !(refused && repaired(payload)) {
		t.Fatalf("%q: %v", payload, err)
	}
	answer := Rejected{ClientToken: token, Code: "x", Message: "y"}.AppendMQTT(nil)
	var back struct{ ClientToken *string }
	if e := json.Unmarshal(answer, &back); e != nil {
		t.Fatalf("answer %s: %v", answer, e)
	}
	if (token == nil) != (back.ClientToken == nil) || token != nil && *token != *back.ClientToken {
		t.Fatalf("token %v came back as %v", token, back.ClientToken)
	}
}

// isObject is what encoding/json thinks; nothing but white space is {}.
func isObject(payload []byte) bool {
	var m map[string]json.RawMessage
	if len(bytes.Trim(payload, " \t\r\n")) == 0 {
		return true
	}
	return utf8.Valid(payload) && json.Unmarshal(payload, &m) == nil && m != nil
}

// repaired tells whether encoding/json may take what Drover refuses: half a
// surrogate pair, or deep nesting.
func repaired(payload []byte) bool {
	deep := bytes.Count(payload, []byte("{"))+bytes.Count(payload, []byte("[")) > 64
	return deep || bytes.Contains(payload, []byte(`\u`))
}

// FuzzString holds the hand-written strings to encoding/json.
func FuzzString(f *testing.F) {
	f.Add("plain")
	f.Add("\"\\/\b\f\n\r\t\x00\x1f\x7f<>&é\u2028\U0001F600")
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			t.Skip("strings come from valid UTF-8")
		}
		var back string
		if err := json.Unmarshal(appendString(nil, s), &back); err != nil || back != s {
			t.Fatalf("%q came back as %q: %v", s, back, err)
		}
	})
}
