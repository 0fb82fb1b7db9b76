package crash

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/drover-iot/drover/internal/mqtt"
)

const (
	briefly = time.Second // how long a brief message lasts
	hour    = 3600        // seconds that others last, if they expire
)

// expires tells whether a numbered message of MQTT 5 has an expiry.
func expires(n int) bool { return n%5 == 0 }

// lasts tells whether a message came with the expiry it should have.
// spec: device-api.md#93-mqtt-5-connack-properties
func lasts(m *mqtt.Publish, n int) bool {
	if !strings.Contains(m.Topic, "/pub-5-") || !expires(n) {
		return m.Expiry == nil
	}
	return m.Expiry != nil && *m.Expiry > 0 && *m.Expiry <= hour
}

// brief knows of the messages that expire.
type brief struct {
	mu    sync.Mutex // guards acked
	acked map[numbered]time.Time
}

func (b *brief) acknowledged(n numbered) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.acked[n] = time.Now()
}

// came holds a message to its expiry: whoever connects when it is over is not
// sent it any more.
func (b *brief) came(s *session, m *mqtt.Publish, connecting time.Time) {
	key := numbered{topic: m.Topic}
	if _, err := fmt.Sscanf(string(m.Payload), "%d ", &key.n); err != nil {
		s.t.Errorf("client %s: message on %s is garbled: %q", s.client, m.Topic, m.Payload)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	s.t.saw("brief message came")
	if at, known := b.acked[key]; known && connecting.Sub(at) > 2*briefly {
		s.t.Errorf("client %s: %v came, which had expired %s before it connected", s.client, key, connecting.Sub(at)-briefly)
	}
}
