package broker

import (
	"testing"

	"github.com/drover-iot/drover/internal/mqtt"
)

func TestWhatWasNotAcknowledgedIsSentAgainWithDup(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		b := start(t, Config{})
		p, _ := b.persistent(version, "dev")
		p.subscribe(1, "a")
		pub := b.connect(version, "pub")
		for _, payload := range numbered("m", 4) {
			pub.publish(1, "a", payload)
		}
		p.wantMessage("a", "m0")
		first := p.unacknowledged("a", "m1")
		p.wantMessage("a", "m2")
		p.unacknowledged("a", "m3")
		p.wantNothing() // the PUBACKs have come
		b.drop(p, "dev")
		pub.publish(1, "a", "m4")
		p, _ = b.persistent(version, "dev")
		again := p.wantMessage("a", "m1")
		if !again.Dup || again.ID != first.ID {
			t.Errorf("DUP %v, identifier %d, was %d", again.Dup, again.ID, first.ID)
		}
		if m := p.wantMessage("a", "m3"); !m.Dup {
			t.Error("no DUP")
		}
		if m := p.wantMessage("a", "m4"); m.Dup {
			t.Error("DUP on a message that was never sent")
		}
		p.wantNothing()
	})
}

func TestNoMoreThan100AreInFlightAndTheRestKeepsItsOrder(t *testing.T) {
	for _, persistent := range []bool{false, true} {
		eachVersion(t, func(t *testing.T, version byte) {
			b := start(t, Config{})
			p := b.open(version, "dev", persistent)
			p.subscribe(1, "a")
			pub := b.connect(version, "pub")
			payloads := numbered("m", 250)
			for _, payload := range payloads {
				pub.publish(1, "a", payload)
			}
			var ids []uint16
			for _, payload := range payloads[:100] {
				ids = append(ids, p.unacknowledged("a", payload).ID)
			}
			p.wantNothing()
			p.send(&mqtt.Ack{Kind: mqtt.TypePuback, ID: ids[50]})
			ids[50] = p.unacknowledged("a", payloads[100]).ID
			for _, id := range ids {
				p.send(&mqtt.Ack{Kind: mqtt.TypePuback, ID: id})
			}
			for _, payload := range payloads[101:] {
				p.wantMessage("a", payload)
			}
			p.wantNothing()
		})
	}
}

// open opens a session of either kind.
func (b *testBroker) open(version byte, client string, persistent bool) *peer {
	b.t.Helper()
	if !persistent {
		return b.connect(version, client)
	}
	p, _ := b.persistent(version, client)
	return p
}

func TestTheClientsReceiveMaximumLimitsWhatIsInFlight(t *testing.T) {
	b := start(t, Config{})
	p := b.dial(mqtt.V5)
	p.send(&mqtt.Connect{Version: mqtt.V5, Client: "dev", ReceiveMaximum: 2, SessionExpiry: 60})
	p.wantConnack(mqtt.Success)
	p.subscribe(1, "a")
	pub := b.connect(mqtt.V5, "pub")
	for _, payload := range numbered("m", 3) {
		pub.publish(1, "a", payload)
	}
	first := p.unacknowledged("a", "m0")
	p.unacknowledged("a", "m1")
	p.wantNothing()
	p.send(&mqtt.Ack{Kind: mqtt.TypePuback, ID: first.ID})
	p.wantMessage("a", "m2")
}

func TestTheOldestIsDroppedBeyondTheQueueLimit(t *testing.T) {
	for _, persistent := range []bool{false, true} {
		eachVersion(t, func(t *testing.T, version byte) {
			b := start(t, Config{Sessions: newMemory(20), Limits: Limits{InFlight: 10, Queue: 10}})
			p := b.open(version, "dev", persistent)
			p.subscribe(1, "a")
			pub := b.connect(version, "pub")
			payloads := numbered("m", 10)
			for _, payload := range payloads {
				pub.publish(1, "a", payload)
			}
			var sent []*mqtt.Publish
			for _, payload := range payloads {
				sent = append(sent, p.unacknowledged("a", payload))
			}
			more := numbered("n", 22)
			for _, payload := range more {
				pub.publish(1, "a", payload)
			}
			for _, m := range sent {
				p.send(&mqtt.Ack{Kind: mqtt.TypePuback, ID: m.ID})
			}
			for _, payload := range more[12:] { // behind the ten in flight there is room for ten
				p.wantMessage("a", payload)
			}
			p.wantNothing()
		})
	}
}

func TestWhatIsInFlightIsSentAgainWhateverCameMeanwhile(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		b := start(t, Config{Sessions: newMemory(5), Limits: Limits{InFlight: 3}})
		p, _ := b.persistent(version, "dev")
		p.subscribe(1, "a")
		pub := b.connect(version, "pub")
		for _, payload := range numbered("m", 3) {
			pub.publish(1, "a", payload)
			p.unacknowledged("a", payload)
		}
		for _, payload := range numbered("n", 10) {
			pub.publish(1, "a", payload)
		}
		b.drop(p, "dev")
		p, _ = b.persistent(version, "dev")
		for _, payload := range numbered("m", 3) {
			if m := p.wantMessage("a", payload); !m.Dup {
				t.Errorf("%s comes again without DUP", payload)
			}
		}
		for _, payload := range []string{"n8", "n9"} {
			p.wantMessage("a", payload)
		}
		p.wantNothing()
	})
}
