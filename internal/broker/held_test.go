package broker

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/mqtt"
)

// wantHeld waits until the node holds from least to most bytes for its clients.
func (b *testBroker) wantHeld(least, most int64) {
	b.t.Helper()
	b.eventually(func() bool {
		n := b.Stats().HeldBytes
		return n >= least && n <= most
	})
}

func TestWhatAClientMakesTheNodeHoldIsCountedAndGivenBack(t *testing.T) {
	const large = 100_000
	half := packet(t, mqtt.V5, &mqtt.Publish{Message: mqtt.Message{Topic: "a", Payload: make([]byte, large)}})
	half = half[:len(half)/2]
	closed := newGate()
	cases := []struct {
		name        string
		cfg         Config
		do          func(b *testBroker, p *peer)
		least, most int64
	}{
		{"half a packet", Config{}, func(_ *testBroker, p *peer) { p.raw(half) }, int64(len(half)) - smallPacket, large},
		{"a packet that is announced and does not come", Config{}, func(_ *testBroker, p *peer) { p.raw(half[:100]) }, 0, 0},
		{"half a small packet", Config{}, func(_ *testBroker, p *peer) { p.raw([]byte{0x30, 100, 0}) }, 0, 0},
		{"a request under way", Config{Requests: closed}, func(_ *testBroker, p *peer) {
			p.send(&mqtt.Publish{Message: mqtt.Message{Topic: getTopic, Payload: make([]byte, large)}})
		}, large, large + 200},
		{"what waits for it to read", Config{}, func(b *testBroker, p *peer) {
			p.subscribe(0, "a")
			waitFor(b, large)
		}, large, large + 20_000},
		{"what waits for it to acknowledge", Config{Limits: Limits{InFlight: 1}}, func(b *testBroker, p *peer) {
			p.subscribe(1, "a")
			for range 3 {
				b.Deliver(mqtt.Message{Topic: "a", Payload: make([]byte, large), QoS: 1})
			}
		}, 2 * large, 2*large + 2000},
		{"its will", Config{}, func(b *testBroker, _ *peer) {
			b.dialWill("other", make([]byte, 60_000), 0)
		}, 60_000, 61_000},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := start(t, c.cfg)
			p := b.connect(mqtt.V5, "dev")
			c.do(b, p)
			b.wantHeld(c.least, c.most)
			b.closeAll()
			for range len(closed.begun) {
				closed.open <- struct{}{}
			}
			b.wantHeld(0, 0)
		})
	}
}

// packet is p as it goes over the wire.
func packet(t *testing.T, version byte, p mqtt.Packet) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := mqtt.Encode(&buf, version, p); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// dialWill opens a session of an hour with a will.
func (b *testBroker) dialWill(client string, payload []byte, delay time.Duration) *peer {
	b.t.Helper()
	p, hello := b.dial(mqtt.V5), persistentConnect(mqtt.V5, client)
	hello.Will = &mqtt.Will{Message: mqtt.Message{Topic: "will", Payload: payload}, Delay: delay}
	p.send(hello)
	p.wantConnack(mqtt.Success)
	return p
}

// closeAll ends all connections as a broken network does.
func (b *testBroker) closeAll() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for c := range b.conns {
		c.end(peerGone, 0)
	}
}

func TestWhoHoldsMostIsCutWhenTheNodeHoldsTooMuch(t *testing.T) {
	const limit = 4 << 20
	b := start(t, Config{Limits: Limits{Held: limit, Outbound: 1 << 30}})
	half, other, slow := b.connect(mqtt.V5, "half"), b.connect(mqtt.V5, "other"), b.connect(mqtt.V5, "slow")
	sent := packet(t, mqtt.V5, &mqtt.Publish{Message: mqtt.Message{Topic: "x", Payload: make([]byte, 100_000)}})
	half.raw(sent[:90_000])
	b.wantHeld(1, limit)
	slow.subscribe(0, "a")
	for b.Stats().endedFor("held_most") == 0 {
		if err := b.Publish(t.Context(), mqtt.Message{Topic: "a", Payload: make([]byte, 131072)}); err != nil {
			t.Fatal(err)
		}
	}
	b.wantHeld(1, 400_000)
	other.wantNothing()
	half.raw(sent[90_000:])
	half.wantNothing()
}

func TestWillsThatWaitAreBounded(t *testing.T) {
	b := start(t, Config{Limits: Limits{Held: 300_000}})
	watcher := b.connect(mqtt.V5, "watcher")
	watcher.subscribe(0, "will")
	first := b.dialWill("first", bytes.Repeat([]byte("1"), 60_000), time.Hour)
	b.drop(first, "first")
	watcher.wantNothing()
	b.drop(b.dialWill("second", bytes.Repeat([]byte("2"), 60_000), time.Hour), "second")
	watcher.wantMessage("will", string(bytes.Repeat([]byte("2"), 60_000)))
	b.wantHeld(60_000, 61_000)
	b.persistent(mqtt.V5, "first") // it is back, and its will is gone
	b.wantHeld(0, 0)
}

func TestAStrangerLeavesWhenThereIsNoRoom(t *testing.T) {
	b := start(t, Config{Limits: Limits{Connections: 3}})
	known := b.connect(mqtt.V5, "known")
	silent, half := b.dial(mqtt.V5), b.dial(mqtt.V5)
	half.raw([]byte{0x10, 100, 0})
	b.eventually(func() bool { return b.Stats().Connections == 3 })
	late := b.connect(mqtt.V5, "late")
	silent.wantEnd(0)
	later := b.connect(mqtt.V5, "later")
	half.wantEnd(0)
	b.dial(mqtt.V5).wantEnd(0) // all have said who they are
	for _, p := range []*peer{known, late, later} {
		p.wantNothing()
	}
}

func TestWhatIsStoredWaitsForASlowReader(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		b := start(t, Config{})
		p, _ := b.persistent(version, "slow")
		p.subscribe(1, "a")
		b.drop(p, "slow")
		const n = 60 // of 128 KiB: more than may wait for a peer, and than sockets take
		for i := range n {
			if err := b.Publish(t.Context(), mqtt.Message{Topic: "a", Payload: large(i), QoS: 1}); err != nil {
				t.Fatal(err)
			}
		}
		p, _ = b.persistent(version, "slow")
		b.eventually(func() bool { return b.Stats().HeldBytes > 0 })
		for i := range n {
			p.wantMessage("a", string(large(i)))
		}
		p.wantNothing()
	})
}

// large is the i-th of many large payloads.
func large(i int) []byte { return append(make([]byte, 131000), fmt.Sprint(i)...) }

// sips is a peer that takes a little of what is written, and nothing more until
// the deadline is over.
type sips struct {
	net.Conn
	each int
	got  int
}

func (s *sips) Write(p []byte) (int, error) {
	n := min(s.each, len(p))
	s.got += n
	if n < len(p) {
		return n, os.ErrDeadlineExceeded
	}
	return n, nil
}

// watcher is an owner that notes whether the peer was given up.
type watcher struct {
	nobody
	why Why
}

func (w *watcher) slow(why Why) { w.why = why }

func TestWhoTakesAnythingInTimeIsNotGivenUp(t *testing.T) {
	for _, c := range []struct {
		name string
		each int
		got  int
		why  Why
	}{
		{"a little", 1000, 300_000, notEnded},
		{"nothing", 0, 0, writeTimeout},
	} {
		t.Run(c.name, func(t *testing.T) {
			ours, theirs := net.Pipe()
			defer theirs.Close()
			peer, owner := &sips{Conn: ours, each: c.each}, &watcher{}
			o := newOutbox(peer, Limits{}.withDefaults())
			o.owner = owner
			if _, err := o.Write(make([]byte, 300_000)); err != nil {
				t.Fatal(err)
			}
			o.wait()
			if peer.got != c.got || owner.why != c.why {
				t.Errorf("it got %d bytes, and was given up for %s; want %d, %s", peer.got, owner.why, c.got, c.why)
			}
		})
	}
}

func TestThousandsOfFiltersAreRefusedAndForgotten(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		b := start(t, Config{})
		p := b.connect(version, "greedy")
		p.subscribe(0, "a", "b")
		subscribe, unsubscribe := &mqtt.Subscribe{ID: 7}, &mqtt.Unsubscribe{ID: 8, Filters: []string{"a"}}
		for range 20_000 {
			subscribe.Filters = append(subscribe.Filters, mqtt.Wish{Filter: "c"})
			unsubscribe.Filters = append(unsubscribe.Filters, "c")
		}
		p.send(subscribe)
		if got := next[*mqtt.Suback](p); len(got.Reasons) != 20_000 || !got.Reasons[0].Failed() {
			t.Errorf("SUBACK with %d reasons, the first %#x", len(got.Reasons), got.Reasons[0])
		}
		p.send(unsubscribe)
		if got := next[*mqtt.Unsuback](p); got.ID != 8 {
			t.Errorf("UNSUBACK %d", got.ID)
		}
		p.publish(0, "a", "taken back")
		p.publish(0, "b", "there")
		p.wantMessage("b", "there")
	})
}

func TestSessionsAndFiltersOfTheNodeAreBounded(t *testing.T) {
	b := start(t, Config{Limits: Limits{Sessions: 2, AllFilters: 2}})
	first, _ := b.persistent(mqtt.V5, "first")
	second := b.connect(mqtt.V5, "second")
	third := b.dial(mqtt.V5)
	third.send(persistentConnect(mqtt.V5, "third"))
	third.wantConnack(mqtt.QuotaExceeded)
	first.subscribe(0, "a", "$aws/things/T/jobs/notify") // the latter is of a form
	second.subscribe(0, "a")
	second.send(&mqtt.Subscribe{ID: 9, Filters: []mqtt.Wish{{Filter: "b"}, {Filter: "a"}, {Filter: "$aws/things/T/jobs/notify"}}})
	second.wantSuback(mqtt.QuotaExceeded, 0, 0)
	second.leave()
	b.eventually(func() bool { return b.Stats().Sessions == 1 })
	b.connect(mqtt.V5, "third").subscribe(0, "b")
	b.persistent(mqtt.V5, "first") // which is there already
}

func TestLevelsOfAllFiltersAreBounded(t *testing.T) {
	b := start(t, Config{Limits: Limits{AllLevels: 5}})
	p := b.connect(mqtt.V5, "deep")
	p.subscribe(0, "a/b/c")
	p.send(&mqtt.Subscribe{ID: 9, Filters: []mqtt.Wish{{Filter: "d/e"}, {Filter: "f"}, {Filter: "a/b/c"}, {Filter: "$aws/things/T/jobs/notify"}}})
	p.wantSuback(0, mqtt.QuotaExceeded, 0, 0)
	p.send(&mqtt.Unsubscribe{ID: 8, Filters: []string{"a/b/c"}})
	next[*mqtt.Unsuback](p)
	p.subscribe(0, "f/g/h")
}
