package job

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/fault"
)

func TestDocuments(t *testing.T) {
	for _, c := range []struct{ name, doc, want string }{
		{"an object", `{"op":"reboot"}`, ""},
		{"an array", `[1,"a",null]`, ""},
		{"a string", `"reboot"`, ""},
		{"a number", `12345678901234567890`, ""},
		{"white space around", " \n{}\t", ""},
		{"nothing", ``, "not JSON"},
		{"white space alone", "  ", "not JSON"},
		{"no JSON", `{op:1}`, "not JSON"},
		{"something behind it", `{} {}`, "not JSON"},
		{"a byte order mark", "\ufeff{}", "not JSON"},
		{"bad UTF-8", "\"\xff\"", "not UTF-8"},
		{"the most characters", quoted(MaxDocumentRunes), ""},
		{"one character more", quoted(MaxDocumentRunes + 1), "32769 characters"},
		{"characters of several bytes count once", `"` + strings.Repeat("ж", MaxDocumentRunes-2) + `"`, ""},
		{"more bytes than an answer holds", `"` + strings.Repeat("𝄞", MaxDocumentRunes-2) + `"`, "131066 bytes"},
		{"the deepest", nested(MaxDocumentDepth), ""},
		{"deeper", nested(MaxDocumentDepth + 1), "deeper than 64"},
		{"depth falls again", `[` + strings.Repeat(`[],`, 100) + `[]]`, ""},
		{"brackets in strings have no depth", `"` + strings.Repeat("[", 100) + `"`, ""},
		{"a quote in a string does not end it", `{"a":"\"[","b":"\\"}`, ""},
	} {
		t.Run(c.name, func(t *testing.T) { wantRefused(t, CheckInline([]byte(c.doc)), c.want) })
	}
}

// How long a document in an object may be, whoever reads it knows.
func TestADocumentInAnObjectHasNoLimitOfCharacters(t *testing.T) {
	wantRefused(t, CheckDocument([]byte(quoted(MaxDocumentBytes))), "")
	wantRefused(t, CheckDocument([]byte(quoted(MaxDocumentBytes+1))), "122881 bytes")
}

func TestPlaceholdersOfADocument(t *testing.T) {
	const open = "One or more parameters or placeholders are not terminated."
	for _, c := range []struct{ name, doc, want string }{
		{"a presigned URL", `{"url":"${aws:iot:s3-presigned-url:https://s3.amazonaws.com/b/k}"}`, ""},
		{"an upload URL", `["${aws:iot:s3-presigned-url-upload:https://s3.amazonaws.com/b/${thingName}}"]`, ""},
		{"a presigned URL that is not closed", `["${aws:iot:s3-presigned-url-upload:https://s3.amazonaws.com/b/${thingName}"]`, open},
		{"a package", `{"v":"${aws:iot:package:app:version:1:attributes:url}"}`, "${aws:iot:package:...} has no value"},
		{"a package without a name", `{"v":"${aws:iot:package::version::attributes}"}`, "${aws:iot:package:...} has no value"},
		{"a parameter within text", `{"v":"before ${aws:iot:parameter:path} behind"}`, "${aws:iot:parameter:...} has a value only in the document of a managed job template"},
		{"a known one inside an unknown one", `"${aws:iot:new:${aws:iot:parameter:k}}"`, "${aws:iot:parameter:...}"},
		{"an unknown one passes", `"${aws:iot:thing-shadow:x}"`, ""},
		{"a longer name is another one", `"${aws:iot:parameters:x}"`, ""},
		{"a signature passes", `"${aws:iot:code-sign-signature:s3://eu.b/k@v}"`, ""},
		{"other text passes", `"${HOME} $ {} ${ $${x} }"`, ""},
		{"other text may stay open", `"${HOME"`, ""},
		{"the name of a member is no placeholder", `{"${aws:iot:parameter:k}" : 1, "${aws:iot:" :2}`, ""},
		{"a kind with an escape", `"${aws:iot:p\u0061rameter:k}"`, "${aws:iot:parameter:...}"},
		{"a kind alone", `"${aws:iot:package}"`, "${aws:iot:package:...}"},
		{"an escaped one is not literal", `"\u0024{aws:iot:parameter:k}"`, ""},
		{"open, known", `"${aws:iot:parameter:k"`, open},
		{"open, unknown", `"${aws:iot:x"`, open},
		{"open, nothing behind it", `["${aws:iot:"]`, open},
		{"the end of the inner one does not close the outer", `"${aws:iot:x:${thingName}"`, open},
		{"an end in another string does not count", `["${aws:iot:x","}"]`, open},
	} {
		t.Run(c.name, func(t *testing.T) { wantRefused(t, CheckDocument([]byte(c.doc)), c.want) })
	}
}

// FuzzCheckDocument holds the check to what an answer relies on: what passes
// is JSON that stays within an MQTT payload.
func FuzzCheckDocument(f *testing.F) {
	for _, doc := range []string{`{"a":["${aws:iot:parameter:k}"]}`, `"\"${aws:iot:x"`, `"\\"`, "[[{}]]", "\xff", ""} {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		err := CheckDocument(doc)
		if err != nil && fault.KindOf(err) != fault.InvalidRequest {
			t.Fatalf("kind %d: %v", fault.KindOf(err), err)
		}
		if err == nil && (!json.Valid(doc) || len(doc) > MaxDocumentBytes) {
			t.Fatalf("accepted %q", doc)
		}
	})
}

func quoted(runes int) string { return `"` + strings.Repeat("x", runes-2) + `"` }

func nested(depth int) string {
	return strings.Repeat("[", depth) + strings.Repeat("]", depth)
}

// wantRefused: an InvalidRequest whose message holds want; "" is no error.
func wantRefused(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("refused: %v", err)
	case want != "" && (!fault.Is(err, fault.InvalidRequest) || !strings.Contains(err.Error(), want)):
		t.Errorf("answered %v, want an invalid request with %q", err, want)
	}
}
