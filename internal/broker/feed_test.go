package broker

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/drover-iot/drover/internal/mqtt"
)

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

func TestAFewFeedersTakeAllSessionsInOrder(t *testing.T) {
	var f feeders
	var all []*session
	started := 0
	for range 40 {
		s := &session{}
		all = append(all, s)
		if f.put(s) {
			started++
		}
	}
	if started != feedersAtOnce {
		t.Errorf("%d feeders were started, want %d", started, feedersAtOnce)
	}
	f.putBack(f.take())
	for _, want := range append(all[1:], all[0]) {
		if f.take() != want {
			t.Fatal("a session was taken out of turn")
		}
	}
	for range feedersAtOnce {
		if f.take() != nil {
			t.Error("a session was taken twice")
		}
	}
	if !f.put(all[0]) {
		t.Error("all feeders have ended, and none was started")
	}
}

// troubled is Sessions of which one read hangs and fails.
type troubled struct {
	*memory
	once    chan struct{}
	hangs   chan struct{}
	proceed chan struct{}
}

func (s *troubled) Stored(ctx context.Context, client string, after int64, n int) ([]mqtt.Stored, error) {
	select {
	case <-s.once:
		close(s.hangs)
		<-s.proceed
		return nil, errors.New("a moment of trouble")
	default:
		return s.memory.Stored(ctx, client, after, n)
	}
}

func TestWhoTakesOverWhileAReadFailsGetsWhatIsStored(t *testing.T) {
	s := &troubled{memory: newMemory(1000), once: make(chan struct{}, 1), hangs: make(chan struct{}), proceed: make(chan struct{})}
	b := start(t, Config{Sessions: s})
	p, _ := b.persistent(mqtt.V311, "dev")
	p.subscribe(1, "a")
	p.wantNothing()
	s.once <- struct{}{}
	if err := b.Publish(t.Context(), mqtt.Message{Topic: "a", Payload: []byte("one"), QoS: 1}); err != nil {
		t.Fatal(err)
	}
	<-s.hangs
	p, _ = b.persistent(mqtt.V311, "dev")
	close(s.proceed)
	p.wantMessage("a", "one")
}

func TestAMessageForManySessionsReachesEach(t *testing.T) {
	b := start(t, Config{Limits: Limits{InFlight: 10}})
	var peers []*peer
	for _, client := range numbered("dev", 40) {
		p, _ := b.persistent(mqtt.V311, client)
		p.subscribe(1, "a")
		peers = append(peers, p)
	}
	sent := numbered("m", 50)
	for _, payload := range sent {
		if err := b.Publish(t.Context(), mqtt.Message{Topic: "a", Payload: []byte(payload), QoS: 1}); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range peers {
		for _, payload := range sent {
			p.wantMessage("a", payload)
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
