package broker

import (
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/mqtt"
)

func TestACleanSessionIsNotResumed(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		b := start(t, Config{})
		p := b.connect(version, "dev")
		p.subscribe(1, "a")
		p.leave()
		p, resumed := b.persistent(version, "dev")
		if resumed {
			t.Error("the session is resumed")
		}
		b.connect(version, "pub").publish(1, "a", "x")
		p.wantNothing()
	})
}

func TestAPersistentSessionKeepsSubscriptionsAndMessagesOfQoS1(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		b := start(t, Config{})
		p, _ := b.persistent(version, "dev")
		p.subscribe(1, "a/1", "$aws/things/T/jobs/#")
		p.subscribe(0, "a/0")
		b.drop(p, "dev")
		pub := b.connect(version, "pub")
		pub.publish(1, "a/1", "stored")
		pub.publish(0, "a/1", "of QoS 0")
		pub.publish(1, "a/0", "for a subscription of QoS 0")
		p, resumed := b.persistent(version, "dev")
		if !resumed {
			t.Error("the session is not resumed")
		}
		if m := p.wantMessage("a/1", "stored"); m.Dup || m.QoS != 1 {
			t.Errorf("DUP %v, QoS %d", m.Dup, m.QoS)
		}
		p.wantNothing()
		pub.publish(1, "a/0", "now")
		p.wantMessage("a/0", "now")
	})
}

func TestCleanStartForgetsTheSession(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		memory := newMemory(10)
		b := start(t, Config{Sessions: memory})
		p, _ := b.persistent(version, "dev")
		p.subscribe(1, "a")
		b.drop(p, "dev")
		b.connect(version, "pub").publish(1, "a", "old")
		b.connect(version, "dev").leave()
		b.eventually(func() bool {
			memory.mu.Lock()
			defer memory.mu.Unlock()
			return len(memory.sessions) == 0
		})
		p, resumed := b.persistent(version, "dev")
		if resumed {
			t.Error("the session is resumed")
		}
		p.wantNothing()
	})
}

func TestASessionOfTheOtherVersionIsNotResumed(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		b := start(t, Config{})
		p, _ := b.persistent(version, "dev")
		p.subscribe(1, "a")
		b.drop(p, "dev")
		b.connect(version, "pub").publish(1, "a", "old")
		p, resumed := b.persistent(other(version), "dev")
		if resumed {
			t.Error("the session is resumed")
		}
		p.wantNothing()
	})
}

func other(version byte) byte { return mqtt.V311 + mqtt.V5 - version }

func TestASessionEndsWhenItExpires(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		const soon = 30 * time.Millisecond
		b := start(t, Config{Limits: Limits{SessionExpiry: soon, MaxSessionExpiry: soon}})
		p, _ := b.persistent(version, "dev")
		p.subscribe(1, "a")
		b.drop(p, "dev")
		b.eventually(func() bool { return b.Stats().Sessions == 0 })
		if _, resumed := b.persistent(version, "dev"); resumed {
			t.Error("the session is resumed")
		}
	})
}

func TestDisconnectMayEndASessionAtOnce(t *testing.T) {
	b := start(t, Config{})
	p, _ := b.persistent(mqtt.V5, "dev")
	var now uint32
	p.send(&mqtt.Disconnect{SessionExpiry: &now})
	p.wantEnd(0)
	b.eventually(func() bool { return b.Stats().Sessions == 0 })
}

func TestSessionsSurviveARestart(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		memory := newMemory(1000)
		t.Run("before", func(t *testing.T) {
			b := start(t, Config{Sessions: memory})
			p, _ := b.persistent(version, "dev")
			p.subscribe(1, "a/+", "$aws/things/T/jobs/notify-next")
			pub := b.connect(version, "pub")
			pub.publish(1, "a/1", "sent, not acknowledged")
			p.unacknowledged("a/1", "sent, not acknowledged")
			b.drop(p, "dev")
			pub.publish(1, "a/1", "stored")
		})
		b := start(t, Config{Sessions: memory})
		b.connect(version, "pub").publish(1, "a/2", "after")
		p, resumed := b.persistent(version, "dev")
		if !resumed {
			t.Error("the session is not resumed")
		}
		if !p.wantMessage("a/1", "sent, not acknowledged").Dup {
			t.Error("a message that may have been sent has no DUP")
		}
		p.wantMessage("a/1", "stored")
		p.wantMessage("a/2", "after")
		if n := b.Deliver(mqtt.Message{Topic: "$aws/things/T/jobs/notify-next", QoS: 1}); n != 1 {
			t.Errorf("delivered to %d", n)
		}
		p.wantMessage("$aws/things/T/jobs/notify-next", "")
	})
}
