package shadow

import (
	"slices"

	"github.com/drover-iot/drover/internal/fault"
)

// The bounds of a shadow. spec: device-api.md#13-device-shadows
const (
	// MostState is how many bytes of compact JSON the state may have, metadata
	// not counted.
	MostState = 8 << 10
	// MostDocument is the same with the metadata: two of these fit a message.
	MostDocument = 60 << 10
	// MostLevels is how deep names may nest within a section.
	MostLevels = 8
	// MostOfThing is how many shadows a thing may have, the deleted ones whose
	// version is remembered among them.
	MostOfThing = 1000
)

// check refuses a shadow that is too large.
func (s Shadow) check() error {
	state := size(s.States())
	if state > MostState {
		return fault.New(fault.TooLarge, "The payload exceeds the maximum size allowed")
	}
	if state+size(s.Metadata()) > MostDocument {
		return fault.New(fault.TooLarge, "The payload exceeds the maximum size allowed: with its metadata, the shadow is over %d bytes", MostDocument)
	}
	return nil
}

// size is how many bytes v takes as compact JSON.
func size(v map[string]any) int { return len(Append(nil, v)) }

// checkSection checks what an update brings for a section.
func checkSection(members map[string]any) error {
	if levels(members) > MostLevels {
		return fault.New(fault.InvalidRequest, "JSON contains too many levels of nesting; maximum is 6")
	}
	if hasNull(members, false) {
		return invalidNode("an array holds null")
	}
	return nil
}

// levels is how deep members and elements nest below a value.
func levels(value any) int {
	n := 0
	switch v := value.(type) {
	case map[string]any:
		for _, below := range v {
			n = max(n, 1+levels(below))
		}
	case []any:
		for _, below := range v {
			n = max(n, 1+levels(below))
		}
	}
	return n
}

// hasNull tells whether there is a null within an array, where it could remove
// nothing.
func hasNull(value any, inArray bool) bool {
	switch v := value.(type) {
	case nil:
		return inArray
	case map[string]any:
		for _, below := range v {
			if hasNull(below, inArray) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, func(below any) bool { return hasNull(below, true) })
	}
	return false
}

func invalidNode(why string) error {
	return fault.New(fault.InvalidRequest, "State contains an invalid node: %s", why)
}
