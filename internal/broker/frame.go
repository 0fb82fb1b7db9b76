package broker

import (
	"bytes"

	"github.com/drover-iot/drover/internal/mqtt"
)

// largeFrame is from how many bytes of payload on a message is worth encoding
// for all of its receivers together.
const largeFrame = 1 << 10

// frames are one message as it goes over the wire at QoS 0, encoded once for all
// whose form is the same. What waits for peers that do not read is then one
// copy, however many they are.
type frames map[form][]byte

// form is what makes a difference to the bytes.
type form struct {
	version byte
	retain  bool
}

// of is m as a frame for a session of that version; nil if it is not worth it,
// or differs from one receiver to the next.
func (f frames) of(version byte, m mqtt.Message) []byte {
	if m.QoS > 0 || !m.Expires.IsZero() || len(m.Payload) < largeFrame {
		return nil
	}
	key := form{version, m.Retain}
	if raw, ok := f[key]; ok {
		return raw
	}
	var buf bytes.Buffer
	if mqtt.Encode(&buf, version, &mqtt.Publish{Message: m}) != nil {
		return nil // deliver finds that too, and says so
	}
	f[key] = buf.Bytes()
	return f[key]
}

// deliverFrame sends a frame to the client if it is there.
func (s *session) deliverFrame(raw []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.live
	if c != nil && c.why() == notEnded && c.takes(len(raw)) {
		_, err := c.t.Share(raw)
		c.wrote(1, len(raw), err)
	}
}
