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
		refused := false
		for id := uint16(1); !refused; id++ {
			p.send(&mqtt.Publish{Message: mqtt.Message{Topic: "a", QoS: 1}, ID: id})
			if version == mqtt.V5 {
				refused = next[*mqtt.Ack](p).Reason == mqtt.QuotaExceeded
			} else {
				refused = !b.acknowledged(p)
			}
			if !refused {
				next[*mqtt.Publish](other)
			}
		}
		if n := b.Stats().Refused["publish_rate"]; n != 1 {
			t.Errorf("%d were refused", n)
		}
		p.wantNothing() // it is still there
		other.wantNothing()
	})
}

// acknowledged tells whether what the peer has just published was taken, and
// reads its PUBACK then, which comes before or behind the answer to a PINGREQ.
// When that is there, the publish was looked at.
func (b *testBroker) acknowledged(p *peer) bool {
	b.t.Helper()
	p.send(&mqtt.Ping{})
	acks := 0
	for {
		pk, err := p.read()
		if err != nil {
			b.t.Fatal(err)
		}
		if _, answered := pk.(*mqtt.Ping); answered {
			break
		}
		acks++
	}
	if b.Stats().Refused["publish_rate"] > 0 {
		return acks > 0
	}
	if acks == 0 {
		next[*mqtt.Ack](p)
	}
	return true
}

func TestWithoutRatesNobodyIsHeldToOne(t *testing.T) {
	b := start(t, Config{})
	p := b.connect(mqtt.V5, "dev")
	for range 300 {
		p.publish(1, "a", "")
	}
}
