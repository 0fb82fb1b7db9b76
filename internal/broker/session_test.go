package broker

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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

// failing is a Sessions whose Enqueue and SaveSession can be made to fail.
type failing struct {
	*memory
	mu  sync.Mutex
	err error
}

func (f *failing) set(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

func (f *failing) get() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

func (f *failing) Enqueue(ctx context.Context, m mqtt.Message, clients []string) error {
	if err := f.get(); err != nil {
		return err
	}
	return f.memory.Enqueue(ctx, m, clients)
}

func (f *failing) SaveSession(ctx context.Context, s mqtt.Session) error {
	if err := f.get(); err != nil {
		return err
	}
	return f.memory.SaveSession(ctx, s)
}

func (f *failing) Retain(ctx context.Context, m mqtt.Message) error {
	if err := f.get(); err != nil {
		return err
	}
	return f.memory.Retain(ctx, m)
}

var errDisk = errors.New("the disk is full")

func TestAMessageThatCannotBeStoredIsNotAcknowledged(t *testing.T) {
	for _, retain := range []bool{false, true} {
		eachVersion(t, func(t *testing.T, version byte) {
			store := &failing{memory: newMemory(10)}
			b := start(t, Config{Sessions: store})
			p, _ := b.persistent(version, "dev")
			p.subscribe(1, "a")
			online := b.connect(version, "online")
			online.subscribe(1, "a")
			store.set(errDisk)
			pub := b.connect(version, "pub")
			m := message("a", 1, retain)
			m.Payload = []byte("x")
			pub.send(m)
			if version == mqtt.V5 {
				pub.wantAck(7, mqtt.Unspecified)
			} else {
				pub.wantEnd(0)
			}
			online.wantNothing()
			store.set(nil)
			b.connect(version, "pub2").publish(1, "a", "y")
			p.wantMessage("a", "y")
			online.wantMessage("a", "y")
		})
	}
}

func TestASubscriptionThatCannotBeStoredIsRefused(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		store := &failing{memory: newMemory(10)}
		b := start(t, Config{Sessions: store})
		p, _ := b.persistent(version, "dev")
		store.set(errDisk)
		p.send(&mqtt.Subscribe{ID: 1, Filters: []mqtt.Wish{{Filter: "a", QoS: 1}}})
		p.wantSuback(mqtt.Unspecified)
		b.connect(version, "pub").publish(1, "a", "x")
		p.wantNothing()
		store.set(nil)
		p.subscribe(1, "a")
	})
}

func TestASessionThatCannotBeStoredIsRefused(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		store := &failing{memory: newMemory(10)}
		store.set(errDisk)
		b := start(t, Config{Sessions: store})
		p := b.dial(version)
		p.send(persistentConnect(version, "dev"))
		p.wantConnack(map[byte]mqtt.Reason{mqtt.V311: 3, mqtt.V5: mqtt.ServerUnavailable}[version])
		p.wantEnd(0)
		b.eventually(func() bool { return b.Stats().Sessions == 0 })
	})
}

// ledger is a Debts that owes what the test says.
type ledger struct {
	mu   sync.Mutex
	owed []mqtt.Message
	paid chan string
}

func (l *ledger) Owed(_ context.Context, _ string, upTo int64) ([]mqtt.Message, int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if upTo > 0 {
		return nil, upTo, nil
	}
	return l.owed, 1, nil
}

func (l *ledger) Paid(client string, m mqtt.Message) { l.paid <- client + " " + string(m.Payload) }

func (l *ledger) owe(m mqtt.Message) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.owed = []mqtt.Message{m}
}

func newLedger() *ledger { return &ledger{paid: make(chan string, 100)} }

const nextTopic = "$aws/things/T/jobs/notify-next"

func TestAResumedSessionGetsWhatIsStoredThenWhatItIsOwed(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		debts := newLedger()
		b := start(t, Config{Debts: debts, Limits: Limits{InFlight: 10}})
		p, _ := b.persistent(version, "dev")
		p.subscribe(1, "a", nextTopic)
		p.wantNothing() // a new session is owed nothing
		b.drop(p, "dev")
		pub := b.connect(version, "pub")
		stored := numbered("m", 45)
		for _, payload := range stored {
			pub.publish(1, "a", payload)
		}
		if n := b.Deliver(mqtt.Message{Topic: nextTopic, Payload: []byte("live"), QoS: 1}); n != 0 {
			t.Errorf("delivered to %d while offline", n)
		}
		debts.owe(mqtt.Message{Topic: nextTopic, Payload: []byte("owed"), QoS: 1})
		p, _ = b.persistent(version, "dev")
		for _, payload := range stored {
			p.wantMessage("a", payload)
		}
		p.wantMessage(nextTopic, "owed")
		if got := <-debts.paid; got != "dev owed" {
			t.Errorf("paid %q", got)
		}
		p.wantNothing()
	})
}

func TestANoticeIsPaidAtItsPuback(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		debts := newLedger()
		b := start(t, Config{Debts: debts})
		p, _ := b.persistent(version, "dev")
		p.subscribe(1, nextTopic)
		b.Deliver(mqtt.Message{Topic: nextTopic, Payload: []byte("n1"), QoS: 1})
		m := p.unacknowledged(nextTopic, "n1")
		select {
		case got := <-debts.paid:
			t.Errorf("%q is paid before its PUBACK", got)
		default:
		}
		p.send(&mqtt.Ack{Kind: mqtt.TypePuback, ID: m.ID})
		if got := <-debts.paid; got != "dev n1" {
			t.Errorf("paid %q", got)
		}
	})
}

func TestANoticeThatWasNotAcknowledgedIsLeftToDebts(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		debts := newLedger()
		b := start(t, Config{Debts: debts})
		p, _ := b.persistent(version, "dev")
		p.subscribe(1, nextTopic)
		b.Deliver(mqtt.Message{Topic: nextTopic, Payload: []byte("old"), QoS: 1})
		p.unacknowledged(nextTopic, "old")
		b.drop(p, "dev")
		debts.owe(mqtt.Message{Topic: nextTopic, Payload: []byte("new"), QoS: 1})
		p, _ = b.persistent(version, "dev")
		if m := p.wantMessage(nextTopic, "new"); m.Dup {
			t.Error("DUP")
		}
		p.wantNothing()
	})
}

func TestAResumedSessionGetsNoticesWhereNothingIsOwed(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		b := start(t, Config{})
		p, _ := b.persistent(version, "dev")
		p.subscribe(1, nextTopic)
		b.drop(p, "dev")
		p, _ = b.persistent(version, "dev")
		if n := b.Deliver(mqtt.Message{Topic: nextTopic, Payload: []byte("n"), QoS: 1}); n != 1 {
			t.Errorf("delivered to %d", n)
		}
		p.wantMessage(nextTopic, "n")
	})
}

func TestAResumedClientThatTakesLessAtOnceStillGetsEverything(t *testing.T) {
	b := start(t, Config{})
	p, _ := b.persistent(mqtt.V5, "dev")
	p.subscribe(1, "a")
	for _, payload := range numbered("m", 10) {
		if err := b.Publish(t.Context(), mqtt.Message{Topic: "a", Payload: []byte(payload), QoS: 1}); err != nil {
			t.Fatal(err)
		}
		p.unacknowledged("a", payload)
	}
	b.drop(p, "dev")
	p = b.dial(mqtt.V5)
	c := persistentConnect(mqtt.V5, "dev")
	c.ReceiveMaximum = 2
	p.send(c)
	p.wantConnack(mqtt.Success)
	first, second := p.unacknowledged("a", "m0"), p.unacknowledged("a", "m1")
	p.wantNothing()
	for _, m := range []*mqtt.Publish{first, second} {
		p.send(&mqtt.Ack{Kind: mqtt.TypePuback, ID: m.ID})
	}
	for _, payload := range numbered("m", 10)[2:] {
		if !p.wantMessage("a", payload).Dup {
			t.Errorf("%s comes without DUP", payload)
		}
	}
}

func TestWhoeverIsAwaySubscribesButDoesNotListen(t *testing.T) {
	b := start(t, Config{})
	p, _ := b.persistent(mqtt.V5, "away")
	p.subscribe(1, "$share/g/a", "b")
	b.drop(p, "away")
	for topic, want := range map[string]bool{"a": true, "b": true, "c": false} {
		if b.Subscribed(topic) != want || b.Listening(topic) {
			t.Errorf("%s: subscribed %v, want %v; listening %v, want false", topic, !want, want, b.Listening(topic))
		}
	}
}

func TestToAskWhoListensTakesNobodysTurn(t *testing.T) {
	b := start(t, Config{})
	one, two := b.connect(mqtt.V5, "one"), b.connect(mqtt.V5, "two")
	one.subscribe(1, "$share/g/a")
	two.subscribe(1, "$share/g/a")
	for _, p := range []*peer{two, one, two, one} {
		if !b.Listening("a") || !b.Subscribed("a") {
			t.Error("nobody listens")
		}
		b.Deliver(mqtt.Message{Topic: "a", Payload: []byte("x")})
		p.wantMessage("a", "x")
	}
}

func TestDeliverReachesTheConnectedAtMostAtTheGrantedQoS(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		b := start(t, Config{})
		at1, at0, back := b.connect(version, "1"), b.connect(version, "0"), b.connect(version, "back")
		at1.subscribe(1, nextTopic, "$aws/things/T/jobs/#")
		at0.subscribe(0, nextTopic)
		back.subscribe(1, "$aws/things/+/jobs/notify-next")
		if !b.Listening(nextTopic) || b.Listening("$aws/things/U/jobs/notify") {
			t.Error("Listening is wrong")
		}
		if n := b.Deliver(mqtt.Message{Topic: nextTopic, Payload: []byte("x"), QoS: 1}); n != 3 {
			t.Errorf("delivered to %d", n)
		}
		got := []byte{at1.wantMessage(nextTopic, "x").QoS, at0.wantMessage(nextTopic, "x").QoS, back.wantMessage(nextTopic, "x").QoS}
		if diff := cmp.Diff([]byte{1, 0, 1}, got); diff != "" {
			t.Errorf("QoS (-want +got):\n%s", diff)
		}
		at1.wantNothing()
	})
}

func TestAResumedSessionThatIsTakenOverStillGetsEverything(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		b := start(t, Config{})
		p, _ := b.persistent(version, "dev")
		p.subscribe(1, "a")
		pub := b.connect(version, "pub")
		for _, payload := range numbered("m", 5) {
			pub.publish(1, "a", payload)
		}
		p.unacknowledged("a", "m0")
		taken, resumed := b.persistent(version, "dev")
		if !resumed {
			t.Error("not resumed")
		}
		for _, payload := range numbered("m", 5) {
			taken.wantMessage("a", payload)
		}
		taken.wantNothing()
	})
}
