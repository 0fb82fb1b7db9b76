package job

import (
	"cmp"
	"encoding/json"
	"slices"
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
// must be one JSON value in UTF-8 within the limits, and have no placeholders but
// those that are resolved when a device gets it, and those of kinds that are not
// known, which a device gets as they stand.
// spec: device-api.md#81-placeholders
func CheckDocument(doc []byte) error {
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

// CheckInline is CheckDocument for a document that a request brings, with what
// was filled in: that has a limit of characters too. How long one may be that is
// read from an object, whoever reads it knows.
// spec: job-lifecycle.md#81-validation-in-this-order-order-is-a-decision
func CheckInline(doc []byte) error {
	if err := CheckDocument(doc); err != nil {
		return err
	}
	if n := utf8.RuneCount(doc); n > MaxDocumentRunes {
		return fault.New(fault.InvalidRequest, "Value at 'document' has %d characters, at most %d are allowed", n, MaxDocumentRunes)
	}
	return nil
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

// CheckText refuses, as InvalidRequest, text for a document whose placeholders
// have no value there. It is at a member of a request. Package versions are put
// in behind it.
func CheckText(text, member string) error {
	quoted := Text(text).inside
	found := spans(quoted)
	if slices.ContainsFunc(found, span.open) {
		return fault.New(fault.InvalidRequest, "Value at '%s' is not allowed: a placeholder in it is not terminated", member)
	}
	return checkFilled(found, quoted, member, span.nested)
}

// checkPlaceholders refuses placeholders that are not closed, and those that
// were to be filled in before: within another, or in what was filled in.
func checkPlaceholders(doc []byte) error {
	for _, text := range texts(doc) {
		found := spans(text)
		if slices.ContainsFunc(found, span.open) {
			return fault.New(fault.InvalidRequest, "One or more parameters or placeholders are not terminated.")
		}
		if err := checkFilled(found, text, "document", func(span) bool { return true }); err != nil {
			return err
		}
	}
	return nil
}

// checkFilled refuses those of the placeholders of a text that have no value any
// more; late tells of which a package version has none.
func checkFilled(found []span, text []byte, member string, late func(span) bool) error {
	for _, s := range found {
		switch kind := s.kind(text); {
		case kind == OfParameter:
			return fault.New(fault.InvalidRequest, "Value at '%s' is not allowed: placeholder %s%s:...} has a value only in the document of a managed job template", member, placeholderStart, OfParameter)
		case kind == OfPackage && late(s):
			return fault.New(fault.InvalidRequest, "Value at '%s' is not allowed: placeholder %s%s:...} has no value within another, or in what was put into the document", member, placeholderStart, OfPackage)
		}
	}
	return nil
}
