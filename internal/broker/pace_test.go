package broker

import (
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/mqtt"
)

// onePublish and oneConnect are brokers that allow one a second, and for which
// time stands.
func onePublish() Config { return Config{Limits: Limits{Publishes: 1}, Now: stands} }
func oneConnect() Config { return Config{Limits: Limits{Connects: 1}, Now: stands} }

func stands() time.Time { return time.Unix(1_800_000_000, 0) }

// tooMany connects twice, and answers what the second is told.
func tooMany(b *testBroker, version byte) mqtt.Reason {
	b.t.Helper()
	var reason mqtt.Reason
	for range 2 {
		p := b.dial(version)
		p.send(&mqtt.Connect{Version: version, Client: "many", Clean: true})
		if reason = next[*mqtt.Connack](p).Reason; reason != mqtt.Success {
			p.wantEnd(0)
		}
	}
	return reason
}

func TestAConnectOverTheRateIsToldToComeBack(t *testing.T) {
	for version, want := range map[byte]mqtt.Reason{mqtt.V311: 3, mqtt.V5: mqtt.QuotaExceeded} {
		b := start(t, oneConnect())
		if got := tooMany(b, version); got != want {
			t.Errorf("version %d is refused with %#x, want %#x", version, got, want)
		}
	}
}

// spec: device-api.md#97-violations
func TestAPublishOverTheRateIsDiscardedAndTheConnectionStays(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		b := start(t, onePublish())
		other := b.connect(version, "other")
		other.subscribe(0, "a")
		p := b.connect(version, "dev")
		p.publish(1, "a", "")
		next[*mqtt.Publish](other)
		p.send(&mqtt.Publish{Message: mqtt.Message{Topic: "a", QoS: 1}, ID: 100})
		if version == mqtt.V5 {
			if reason := next[*mqtt.Ack](p).Reason; reason != mqtt.QuotaExceeded {
				t.Errorf("it is refused with %#x", reason)
			}
		}
		p.wantNothing() // it is still there
		other.wantNothing()
		if n := b.Stats().Refused["publish_rate"]; n != 1 {
			t.Errorf("%d were refused", n)
		}
	})
}

func TestWithoutRatesNobodyIsHeldToOne(t *testing.T) {
	b := start(t, Config{})
	p := b.connect(mqtt.V5, "dev")
	for range 300 {
		p.publish(1, "a", "")
	}
}
