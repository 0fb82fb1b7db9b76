package job

import (
	"bytes"
	"cmp"
	"encoding/json"
	"unicode/utf8"

	"github.com/drover-iot/drover/internal/fault"
)

// Limits of a job document. The bytes are bounded so that an answer that holds
// it fits an MQTT payload; the depth, so that it is never deeper than what a
// device may send. spec: job-lifecycle.md#81-validation-in-this-order-order-is-a-decision
const (
	MaxDocumentRunes = 32768
	MaxDocumentBytes = 120 << 10
	MaxDocumentDepth = 64
)

// CheckDocument refuses, as InvalidRequest, what cannot be a job document: it
// must be one JSON value in UTF-8 within the limits. Placeholders that devices
// would need resolved are refused by name, as long as nothing resolves them.
// spec: device-api.md#81-placeholders
func CheckDocument(doc []byte) error {
	switch {
	case len(doc) > MaxDocumentBytes:
		return fault.New(fault.InvalidRequest, "Value at 'document' has %d bytes, at most %d are allowed", len(doc), MaxDocumentBytes)
	case !utf8.Valid(doc):
		return fault.New(fault.InvalidRequest, "Value at 'document' is not UTF-8")
	case utf8.RuneCount(doc) > MaxDocumentRunes:
		return fault.New(fault.InvalidRequest, "Value at 'document' has %d characters, at most %d are allowed", utf8.RuneCount(doc), MaxDocumentRunes)
	case !json.Valid(doc):
		return fault.New(fault.InvalidRequest, "Value at 'document' is not JSON")
	}
	return walk(doc)
}

// walk goes through valid JSON: it bounds its depth and looks at its strings.
func walk(doc []byte) error {
	depth := 0
	for i := 0; i < len(doc); i++ {
		switch doc[i] {
		case '{', '[':
			if depth++; depth > MaxDocumentDepth {
				return fault.New(fault.InvalidRequest, "Value at 'document' is nested deeper than %d", MaxDocumentDepth)
			}
		case '}', ']':
			depth--
		case '"':
			end := i + 1 + textLength(doc[i+1:])
			if err := checkText(doc[i+1:end], doc[end+1:]); err != nil {
				return err
			}
			i = end
		}
	}
	return nil
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

const placeholderStart = "${aws:iot:"

// notBuilt are the kinds of placeholder that this server knows but does not
// resolve, or not yet; any other is passed on to the device as it stands.
var notBuilt = [...]string{"s3-presigned-url", "s3-presigned-url-v2", "s3-presigned-url-upload", "package", "parameter"}

// checkText looks at the placeholders of a string; the name of a member, which
// a colon follows, has none.
func checkText(text, following []byte) error {
	if bytes.HasPrefix(bytes.TrimLeft(following, " \t\r\n"), []byte(":")) {
		return nil
	}
	known, closed := placeholders(text)
	switch {
	case !closed:
		return fault.New(fault.InvalidRequest, "One or more parameters or placeholders are not terminated.")
	case known == "parameter":
		return fault.New(fault.InvalidRequest, "Value at 'document' is not allowed: placeholder %sparameter:...} has a value only in the document of a managed job template", placeholderStart)
	case known != "":
		return fault.New(fault.InvalidRequest, "Value at 'document' is not allowed: placeholder %s%s:...} is not supported yet", placeholderStart, known)
	default:
		return nil
	}
}

// placeholders finds the last kind in notBuilt that the text holds, or "", and
// whether every ${aws:iot: has an end of its own, behind that of what is in it.
func placeholders(text []byte) (known string, closed bool) {
	var open []bool // of each ${ under way, whether it is ours
	ours := 0
	for i := range text {
		switch at := text[i:]; {
		case bytes.HasPrefix(at, []byte(placeholderStart)):
			open = append(open, true)
			ours++
			known = cmp.Or(kindOf(at[len(placeholderStart):]), known)
		case bytes.HasPrefix(at, []byte("${")):
			open = append(open, false)
		case at[0] == '}' && len(open) > 0:
			if open[len(open)-1] {
				ours--
			}
			open = open[:len(open)-1]
		}
	}
	return known, ours == 0
}

// kindOf is the kind in notBuilt of the placeholder whose inside begins with
// s, or "".
func kindOf(s []byte) string {
	for _, kind := range notBuilt {
		if after, is := bytes.CutPrefix(s, []byte(kind)); is && len(after) > 0 && (after[0] == ':' || after[0] == '}') {
			return kind
		}
	}
	return ""
}
