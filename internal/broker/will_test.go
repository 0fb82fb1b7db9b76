package broker

import (
	"slices"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/mqtt"
)

func TestTheWillIsPublishedOnEveryEndButACleanOne(t *testing.T) {
	with := func(reason mqtt.Reason) func(b *testBroker, p *peer) {
		return func(_ *testBroker, p *peer) { p.send(&mqtt.Disconnect{Reason: reason}) }
	}
	cases := []struct {
		name     string
		end      func(b *testBroker, p *peer)
		sent     bool
		onlyFive bool
	}{
		{"the socket ends", func(_ *testBroker, p *peer) { p.nc.Close() }, true, false},
		{"a violation", func(_ *testBroker, p *peer) { p.raw([]byte{0, 0}) }, true, false},
		{"takeover", func(b *testBroker, p *peer) { b.connect(p.version, "dev") }, true, false},
		{"clean disconnect", with(mqtt.Success), false, false},
		{"disconnect with will", with(mqtt.DisconnectWithWill), true, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			eachVersion(t, func(t *testing.T, version byte) {
				if c.onlyFive && version != mqtt.V5 {
					t.Skip("no such thing in 3.1.1")
				}
				b := start(t, Config{})
				watcher := b.connect(version, "watcher")
				watcher.subscribe(1, "will")
				p := b.withWill(version, 0)
				c.end(b, p)
				b.eventually(func() bool { return slices.ContainsFunc(b.Stats().Ended, func(e Ended) bool { return e.N > 0 }) })
				if c.sent {
					watcher.wantMessage("will", "gone")
				}
				watcher.wantNothing()
			})
		})
	}
}

func (b *testBroker) withWill(version byte, delay time.Duration) *peer {
	b.t.Helper()
	p := b.dial(version)
	c := persistentConnect(version, "dev")
	c.Will = &mqtt.Will{Message: mqtt.Message{Topic: "will", Payload: []byte("gone"), QoS: 1, Retain: true}, Delay: delay}
	p.send(c)
	p.wantConnack(mqtt.Success)
	return p
}

func TestARetainedWillIsRetained(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		b := start(t, Config{})
		b.drop(b.withWill(version, 0), "dev")
		p := b.connect(version, "late")
		p.subscribe(1, "will")
		if m := p.wantMessage("will", "gone"); !m.Retain {
			t.Error("no RETAIN")
		}
	})
}

func TestADelayedWillIsNotSentWhenTheClientIsBackInTime(t *testing.T) {
	b := start(t, Config{})
	watcher := b.connect(mqtt.V5, "watcher")
	watcher.subscribe(1, "will")
	b.drop(b.withWill(mqtt.V5, time.Hour), "dev")
	b.persistent(mqtt.V5, "dev")
	watcher.wantNothing()
}

func TestADelayedWillIsSentWhenItsSessionEnds(t *testing.T) {
	b := start(t, Config{})
	watcher := b.connect(mqtt.V5, "watcher")
	watcher.subscribe(1, "will")
	b.drop(b.withWill(mqtt.V5, time.Hour), "dev")
	b.connect(mqtt.V5, "dev")
	watcher.wantMessage("will", "gone")
}

func TestADelayedWillIsSentAfterItsDelay(t *testing.T) {
	b := start(t, Config{})
	watcher := b.connect(mqtt.V5, "watcher")
	watcher.subscribe(1, "will")
	b.drop(b.withWill(mqtt.V5, time.Second), "dev")
	watcher.wantMessage("will", "gone")
	if _, resumed := b.persistent(mqtt.V5, "dev"); !resumed {
		t.Error("the session has ended with the delay")
	}
}
