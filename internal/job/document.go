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
// must be one JSON value in UTF-8 within the limits. Placeholders that were to be
// filled before are refused by name.
// spec: device-api.md#81-placeholders
func CheckDocument(doc []byte) error {
	if utf8.Valid(doc) && utf8.RuneCount(doc) > MaxDocumentRunes && len(doc) <= MaxDocumentBytes {
		return fault.New(fault.InvalidRequest, "Value at 'document' has %d characters, at most %d are allowed", utf8.RuneCount(doc), MaxDocumentRunes)
	}
	return CheckSourced(doc)
}

// CheckSourced is CheckDocument for a document that was read from an object:
// how long that may be, whoever reads it knows.
func CheckSourced(doc []byte) error {
	switch {
	case len(doc) > MaxDocumentBytes:
		return fault.New(fault.InvalidRequest, "Value at 'document' has %d bytes, at most %d are allowed", len(doc), MaxDocumentBytes)
	case !utf8.Valid(doc):
		return fault.New(fault.InvalidRequest, "Value at 'document' is not UTF-8")
	case !json.Valid(doc):
		return fault.New(fault.InvalidRequest, "Value at 'document' is not JSON")
	}
	return cmp.Or(checkDepth(doc), checkPlaceholders(doc))
}

// checkDepth bounds the depth of valid JSON.
func checkDepth(doc []byte) error {
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
			i += 1 + textLength(doc[i+1:])
		}
	}
	return nil
}

// unfilled are the kinds of placeholder that are filled in before a document is
// checked, so that one which is there has no value; any other is passed on to
// the device as it stands.
var unfilled = [...]string{packagePlaceholder, "parameter"}

// checkPlaceholders refuses placeholders that are not closed, and those that
// nothing resolves.
func checkPlaceholders(doc []byte) error {
	for _, text := range texts(doc) {
		known, closed := placeholders(text)
		switch {
		case !closed:
			return fault.New(fault.InvalidRequest, "One or more parameters or placeholders are not terminated.")
		case known == "parameter":
			return fault.New(fault.InvalidRequest, "Value at 'document' is not allowed: placeholder %sparameter:...} has a value only in the document of a managed job template", placeholderStart)
		case known != "":
			return fault.New(fault.InvalidRequest, "Value at 'document' is not allowed: placeholder %s%s:...} has no value within another, or in what was put into the document", placeholderStart, known)
		}
	}
	return nil
}

// placeholders finds the last kind in unfilled that the text holds, or "", and
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

// kindOf is the kind in unfilled of the placeholder whose inside begins with
// s, or "".
func kindOf(s []byte) string {
	for _, kind := range unfilled {
		if after, is := bytes.CutPrefix(s, []byte(kind)); is && len(after) > 0 && (after[0] == ':' || after[0] == '}') {
			return kind
		}
	}
	return ""
}
