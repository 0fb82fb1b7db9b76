package shadow

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Delta is what of the desired state differs from the reported one or is
// missing there, whenever it was set; nil if nothing is.
// spec: device-api.md#13-device-shadows
func (s Shadow) Delta() Section {
	state, times := differing(s.Desired.State, s.Reported.State, s.Desired.Times)
	if len(state) == 0 {
		return Section{}
	}
	return Section{State: state, Times: times}
}

// differing is the members of want that have does not have just so, with their
// times. Objects are compared member by member, anything else as a whole.
func differing(want, have, times map[string]any) (state, since map[string]any) {
	state, since = map[string]any{}, map[string]any{}
	for name, w := range want {
		h, there := have[name]
		wantObject, ok1 := w.(map[string]any)
		haveObject, ok2 := h.(map[string]any)
		switch {
		case ok1 && ok2:
			below, _ := times[name].(map[string]any)
			if s, t := differing(wantObject, haveObject, below); len(s) > 0 {
				state[name], since[name] = s, t
			}
		case !there || !same(w, h):
			state[name], since[name] = w, times[name]
		}
	}
	return state, since
}

// same tells whether two values are equal; numbers are by what they are worth.
func same(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && sameMembers(a, b)
	case []any:
		b, ok := b.([]any)
		return ok && sameElements(a, b)
	case json.Number:
		b, ok := b.(json.Number)
		return ok && (a == b || decimalOf(a) == decimalOf(b))
	default:
		return a == b
	}
}

func sameMembers(a, b map[string]any) bool {
	if len(a) != len(b) {
		return false
	}
	for name, v := range a {
		if w, ok := b[name]; !ok || !same(v, w) {
			return false
		}
	}
	return true
}

func sameElements(a, b []any) bool {
	if len(a) != len(b) {
		return false
	}
	for i, v := range a {
		if !same(v, b[i]) {
			return false
		}
	}
	return true
}

// decimal is a number in the one form that all its spellings share: without
// zeros at either end of its digits. Digits "" is zero.
type decimal struct {
	negative bool
	digits   string
	exponent int64 // of the last digit
}

// decimalOf reads a number. An exponent that no machine could mean stays in the
// digits, so that such a number equals only its own spelling.
func decimalOf(n json.Number) decimal {
	text, negative := strings.CutPrefix(string(n), "-")
	mantissa, power, _ := strings.Cut(strings.ToLower(text), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	kept := strings.TrimRight(digits, "0")
	if kept == "" {
		return decimal{}
	}
	exponent := int64(0)
	if power != "" {
		e, err := strconv.ParseInt(power, 10, 32)
		if err != nil {
			return decimal{negative: negative, digits: text}
		}
		exponent = e
	}
	return decimal{negative, kept, exponent - int64(len(fraction)) + int64(len(digits)-len(kept))}
}
