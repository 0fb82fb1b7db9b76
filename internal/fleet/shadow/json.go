package shadow

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Append appends v as compact JSON, the members of an object by name. v is made
// of what JSON decodes to, and integers.
func Append(dst []byte, v any) []byte {
	b := bytes.NewBuffer(dst)
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(fmt.Sprintf("shadow: what was decoded does not encode: %v", err))
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// stored is a section as it is kept.
type stored struct {
	State json.RawMessage `json:"s"`
	Times json.RawMessage `json:"t"`
}

// MarshalJSON implements json.Marshaler.
func (c Section) MarshalJSON() ([]byte, error) {
	return json.Marshal(stored{Append(nil, c.State), Append(nil, c.Times)})
}

// UnmarshalJSON implements json.Unmarshaler.
func (c *Section) UnmarshalJSON(text []byte) error {
	var kept stored
	if err := json.Unmarshal(text, &kept); err != nil {
		return err
	}
	state, err := decode(kept.State)
	if err != nil {
		return fmt.Errorf("state of a shadow: %w", err)
	}
	times, err := decode(kept.Times)
	if err != nil {
		return fmt.Errorf("times of a shadow: %w", err)
	}
	c.State, _ = state.(map[string]any)
	c.Times, _ = seconds(times).(map[string]any)
	return nil
}

// seconds is times with an int64 at each leaf.
func seconds(times any) any {
	switch t := times.(type) {
	case map[string]any:
		for name, below := range t {
			t[name] = seconds(below)
		}
		return t
	case []any:
		for i, below := range t {
			t[i] = seconds(below)
		}
		return t
	case json.Number:
		n, _ := t.Int64() // it was written as one
		return n
	default:
		return times
	}
}
