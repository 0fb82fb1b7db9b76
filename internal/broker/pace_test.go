package broker

import (
	"testing"

	"github.com/drover-iot/drover/internal/mqtt"
)

// tooMany connects until one CONNECT is refused: at one a second that is when
// two came within one.
func tooMany(b *testBroker, version byte) mqtt.Reason {
	b.t.Helper()
	for {
		p := b.dial(version)
		p.send(&mqtt.Connect{Version: version, Client: "many", Clean: true})
		if reason := next[*mqtt.Connack](p).Reason; reason != mqtt.Success {
			p.wantEnd(0)
			return reason
		}
	}
}

func TestAConnectOverTheRateIsToldToComeBack(t *testing.T) {
	for version, want := range map[byte]mqtt.Reason{mqtt.V311: 3, mqtt.V5: mqtt.QuotaExceeded} {
		b := start(t, Config{Limits: Limits{Connects: 1}})
		if got := tooMany(b, version); got != want {
			t.Errorf("version %d is refused with %#x, want %#x", version, got, want)
		}
	}
}

// spec: device-api.md#97-violations
func TestAPublishOverTheRateIsDiscardedAndTheConnectionStays(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		b := start(t, Config{Limits: Limits{Publishes: 1}})
		other := b.connect(version, "other")
		other.subscribe(0, "a")
		p := b.connect(version, "dev")
		sent := 0
		for b.Stats().Refused["publish_rate"] == 0 {
			sent++
			p.send(&mqtt.Publish{Message: mqtt.Message{Topic: "a", QoS: 1}, ID: uint16(sent)})
			p.send(&mqtt.Ping{})
			for {
				pk, err := p.read()
				if err != nil {
					t.Fatal(err)
				}
				if _, done := pk.(*mqtt.Ping); done {
					break
				}
				a := pk.(*mqtt.Ack)
				refused := b.Stats().Refused["publish_rate"] == 1
				if refused != (a.Reason == mqtt.QuotaExceeded) || refused && version == mqtt.V311 {
					t.Errorf("PUBACK %#x, refused: %v", a.Reason, refused)
				}
			}
		}
		if arrived := b.Stats().Refused["publish_rate"]; int(arrived) >= sent {
			t.Errorf("%d of %d were refused", arrived, sent)
		}
		p.wantNothing() // it is still there
		for range sent - 1 {
			next[*mqtt.Publish](other)
		}
		other.wantNothing()
	})
}

func TestWithoutRatesNobodyIsHeldToOne(t *testing.T) {
	b := start(t, Config{})
	p := b.connect(mqtt.V5, "dev")
	for range 300 {
		p.publish(1, "a", "")
	}
}
