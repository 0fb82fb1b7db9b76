package shadow

import (
	"bytes"
	"encoding/json"
	"io"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/drover-iot/drover/internal/fault"
)

// Update is what a client asks a shadow to become.
type Update struct {
	// State is the sections that are named, as they were sent; a nil one is to
	// be removed.
	State   map[string]any
	Version *int64 // that the shadow must have; nil: any
	Token   string // "" if there is none
}

// Metadata mirrors what the update sets, as if it did so at now.
func (u Update) Metadata(now time.Time) map[string]any {
	m := map[string]any{}
	for section, patch := range u.State {
		if members, ok := patch.(map[string]any); ok {
			m[section] = Timestamps(mergedTimes(nil, members, now.Unix()))
		}
	}
	return m
}

// MostToken is how many bytes a client token may have.
const MostToken = 64

// Parse reads the payload of an update. If it is refused, the token is there
// all the same, unless that could not be read.
//
// Errors: InvalidRequest, BadEncoding.
func Parse(payload []byte) (Update, error) {
	o, err := object(payload)
	if err != nil {
		return Update{}, err
	}
	u := Update{}
	if u.Token, err = token(o); err != nil {
		return u, err
	}
	if u.Version, err = version(o["version"]); err != nil {
		return u, err
	}
	u.State, err = state(o["state"])
	return u, err
}

// ParseToken reads the payload of a request that says no more than its token,
// and may be empty. Errors: as of Parse.
func ParseToken(payload []byte) (string, error) {
	if len(bytes.TrimSpace(payload)) == 0 {
		return "", nil
	}
	o, err := object(payload)
	if err != nil {
		return "", err
	}
	return token(o)
}

// object reads one JSON object; of two members with a name the last counts.
func object(payload []byte) (map[string]any, error) {
	if !utf8.Valid(payload) {
		return nil, fault.New(fault.BadEncoding, "Unsupported documented encoding; supported encoding is UTF-8")
	}
	v, err := decode(payload)
	o, ok := v.(map[string]any)
	if err != nil || !ok {
		return nil, fault.New(fault.InvalidRequest, "Invalid JSON")
	}
	return o, nil
}

// decode reads one JSON value and nothing behind it. Numbers keep their digits.
func decode(text []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fault.New(fault.InvalidRequest, "more than one value")
	}
	return v, nil
}

func token(o map[string]any) (string, error) {
	switch t := o["clientToken"].(type) {
	case nil:
		return "", nil
	case string:
		if len(t) <= MostToken {
			return t, nil
		}
	}
	return "", fault.New(fault.InvalidRequest, "Invalid clientToken")
}

func version(v any) (*int64, error) {
	if v == nil {
		return nil, nil
	}
	n, ok := v.(json.Number)
	i, err := strconv.ParseInt(string(n), 10, 64)
	if !ok || err != nil || i < 0 {
		return nil, fault.New(fault.InvalidRequest, "Invalid version")
	}
	return &i, nil
}

// state checks the sections of an update.
func state(v any) (map[string]any, error) {
	if v == nil {
		return nil, fault.New(fault.InvalidRequest, "Missing required node: state")
	}
	s, ok := v.(map[string]any)
	if !ok {
		return nil, fault.New(fault.InvalidRequest, "State node must be an object")
	}
	for _, c := range []struct{ section, refusal string }{
		{desired, "Desired node must be an object"},
		{reported, "Reported node must be an object"},
	} {
		members, ok := s[c.section].(map[string]any)
		if !ok && s[c.section] != nil {
			return nil, fault.New(fault.InvalidRequest, "%s", c.refusal)
		}
		if err := checkSection(members); err != nil {
			return nil, err
		}
	}
	return s, checkSections(s)
}

func checkSections(s map[string]any) error {
	for name := range s {
		if name != desired && name != reported {
			return invalidNode("state has desired and reported alone")
		}
	}
	return nil
}
