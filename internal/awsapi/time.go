package awsapi

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// Time is a moment as the control plane writes it: epoch seconds as a JSON
// number, with milliseconds as its fraction. The zero value is absent if the
// member says omitzero.
// spec: wire-protocol.md#2-rest-json-rules-model-protocol-restjson1
type Time struct{ time.Time }

// At is t for the control plane; the zero time stays zero.
func At(t time.Time) Time { return Time{t} }

// MarshalJSON writes 1486687079.743, and a whole second without a fraction.
func (t Time) MarshalJSON() ([]byte, error) {
	ms := t.UnixMilli()
	if ms < 0 {
		return nil, fmt.Errorf("write the time %s: before 1970", t.Time)
	}
	return []byte(NewDecimal(ms, 3).String()), nil
}

// UnmarshalJSON reads epoch seconds, to the millisecond.
func (t *Time) UnmarshalJSON(b []byte) error {
	seconds, err := strconv.ParseFloat(string(b), 64)
	if err != nil || math.Abs(seconds) > 1e12 {
		return fmt.Errorf("read the time %q: not epoch seconds", b)
	}
	t.Time = time.UnixMilli(int64(math.Round(seconds * 1000))).UTC()
	return nil
}

// Seconds is a moment as the device plane writes it: whole epoch seconds.
// Zero is absent. spec: wire-protocol.md#2-rest-json-rules-model-protocol-restjson1
type Seconds int64

// SecondsAt is the second that holds t; the zero time stays absent.
func SecondsAt(t time.Time) Seconds {
	if t.IsZero() {
		return 0
	}
	return Seconds(t.Unix())
}
