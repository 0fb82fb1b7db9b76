package broker

import (
	"bytes"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/drover-iot/drover/internal/mqtt"
)

func TestEachEndIsCountedByItsReason(t *testing.T) {
	say := func(packets ...mqtt.Packet) func(*testBroker, *peer) {
		return func(_ *testBroker, p *peer) { p.send(packets...) }
	}
	raw := func(b string) func(*testBroker, *peer) { return func(_ *testBroker, p *peer) { p.raw([]byte(b)) } }
	g := newGate()
	failed := func() Config { return Config{Sessions: &failing{memory: newMemory(10), err: errors.New("full")}} }
	cases := []struct {
		why      string
		cfg      Config
		version  byte
		stranger bool // do begins without a CONNECT
		do       func(b *testBroker, p *peer)
	}{
		{why: "disconnect", do: say(&mqtt.Disconnect{})},
		{why: "websocket_close", do: func(b *testBroker, _ *peer) {
			ws, _ := b.connectWeb(mqtt.V5, "web")
			_ = ws.Close(1000, "")
		}},
		{why: "malformed", do: raw("\x00\x00")},
		{why: "protocol_error", do: raw("\xd0\x00")},
		{why: "packet_too_large", do: raw("\x30\xff\xff\xff\x7f")},
		{why: "receive_maximum", cfg: Config{Requests: g}, do: func(_ *testBroker, p *peer) {
			for i := range 101 {
				p.send(&mqtt.Publish{Message: mqtt.Message{Topic: getTopic, QoS: 1}, ID: uint16(i + 1)})
			}
			p.wantEnd(mqtt.ReceiveMaxExceeded)
			g.release()
		}},
		{why: "topic_alias", do: say(&mqtt.Publish{Message: mqtt.Message{Topic: "a"}, Alias: 9})},
		{why: "topic", do: say(message("$SYS/x", 0, false))},
		{why: "filter", version: mqtt.V311, do: say(&mqtt.Subscribe{ID: 1, Filters: []mqtt.Wish{{Filter: long(257)}}})},
		{why: "retain", do: say(message(getTopic, 1, true))},
		{why: "qos", do: say(message("a", 2, false))},
		{why: "subscription_identifier", do: raw("\x82\x09\x00\x01\x02\x0b\x01\x00\x01a\x00")},
		{why: "peer_gone", do: func(_ *testBroker, p *peer) { p.nc.Close() }},
		{why: "taken_over", do: func(b *testBroker, p *peer) { b.connect(p.version, "dev") }},
		{why: "keep_alive", cfg: Config{Limits: Limits{MinKeepAlive: time.Millisecond, MaxKeepAlive: time.Millisecond}}, do: say()},
		{why: "shutdown", do: func(b *testBroker, p *peer) {
			go func() { _ = b.Shutdown(t.Context()) }()
			p.wantEnd(mqtt.ShuttingDown)
			p.nc.Close()
		}},
		{why: "store", cfg: failed(), version: mqtt.V311, do: say(&mqtt.Publish{Message: mqtt.Message{Topic: "a", QoS: 1, Retain: true, Payload: []byte("x")}, ID: 1})},
		{why: "panic", cfg: Config{Requests: panicking{}}, do: say(&mqtt.Publish{Message: mqtt.Message{Topic: getTopic}})},
		{why: "outbound_full", cfg: Config{Limits: Limits{Outbound: 1 << 20}}, do: neverRead},
		{why: "held_most", cfg: Config{Limits: Limits{Held: 1 << 20, Outbound: 1 << 30}}, do: neverRead},
		{why: "write_timeout", cfg: Config{Limits: Limits{Outbound: 1 << 30, WriteTimeout: 50 * time.Millisecond}}, do: neverRead},

		{why: "connect_timeout", cfg: Config{Limits: Limits{ConnectTimeout: 20 * time.Millisecond}}, stranger: true, do: raw("\x10")},
		{why: "connect_refused", stranger: true, do: say(&mqtt.Connect{Version: mqtt.V5, Client: "x", AuthMethod: "SCRAM"})},
		{why: "connect_invalid", stranger: true, do: say(&mqtt.Ping{})},
		{why: "connect_unavailable", cfg: failed(), stranger: true, do: say(persistentConnect(mqtt.V5, "dev"))},
		{why: "connect_crowded", cfg: Config{Limits: Limits{Connections: 1}}, stranger: true, do: func(b *testBroker, _ *peer) { b.dial(mqtt.V5) }},
		{why: "connect_rate", cfg: oneConnect(), stranger: true, do: func(b *testBroker, _ *peer) { tooMany(b, mqtt.V5) }},
		{why: "connect_lost", stranger: true, do: func(_ *testBroker, p *peer) { p.nc.Close() }},
	}
	seen := map[string]bool{}
	for _, c := range cases {
		seen[c.why] = true
		t.Run(c.why, func(t *testing.T) {
			b := start(t, c.cfg)
			version := c.version
			if version == 0 {
				version = mqtt.V5
			}
			p := b.dial(version)
			if !c.stranger {
				p.send(&mqtt.Connect{Version: version, Client: "dev", Clean: true, KeepAlive: 60})
				p.wantConnack(mqtt.Success)
			}
			c.do(b, p)
			b.eventually(func() bool { return b.Stats().endedFor(c.why) == 1 })
		})
	}
	for w := notEnded + 1; w < whys; w++ {
		if !seen[w.String()] {
			t.Errorf("nothing shows that %s is counted", w)
		}
	}
}

// release opens the gate for all that may come.
func (g *gate) release() {
	for range 200 {
		g.open <- struct{}{}
	}
}

// waitFor publishes to a peer that does not read until n bytes wait for it.
func waitFor(b *testBroker, n int64) {
	for b.Stats().HeldBytes < n {
		if err := b.Publish(b.t.Context(), mqtt.Message{Topic: "a", Payload: make([]byte, 10_000)}); err != nil {
			b.t.Fatal(err)
		}
	}
}

// neverRead publishes to the peer, which has subscribed, more than its socket
// takes.
func neverRead(b *testBroker, p *peer) {
	p.subscribe(0, "a")
	for range 100 {
		if err := b.Publish(b.t.Context(), mqtt.Message{Topic: "a", Payload: make([]byte, 131072)}); err != nil {
			b.t.Fatal(err)
		}
	}
}

func (s Stats) endedFor(why string) (n int64) {
	for _, e := range s.Ended {
		if e.Why.String() == why {
			n += e.N
		}
	}
	return n
}

func TestWhatIsRefusedHeldOrDroppedIsCounted(t *testing.T) {
	wishes := func(filters ...string) *mqtt.Subscribe {
		s := &mqtt.Subscribe{ID: 1}
		for _, f := range filters {
			s.Filters = append(s.Filters, mqtt.Wish{Filter: f})
		}
		return s
	}
	many, large, pressed := newGate(), newGate(), newGate()
	requests := func(g *gate, n, size int) func(*testBroker, *peer) {
		return func(b *testBroker, p *peer) {
			b.t.Cleanup(g.release)
			for range n {
				p.send(&mqtt.Publish{Message: mqtt.Message{Topic: getTopic, Payload: make([]byte, size)}})
			}
		}
	}
	cases := []struct {
		word string
		cfg  Config
		do   func(b *testBroker, p *peer)
	}{
		{"refused topic", Config{}, func(_ *testBroker, p *peer) { p.send(message("$SYS/x", 1, false)) }},
		{"refused filter", Config{}, func(_ *testBroker, p *peer) { p.send(wishes("a/#/b")) }},
		{"refused filters_in_subscribe", Config{}, func(_ *testBroker, p *peer) { p.send(wishes(numbered("f", 9)...)) }},
		{"refused filters_of_session", Config{Limits: Limits{Filters: 1}}, func(_ *testBroker, p *peer) { p.send(wishes("a", "b")) }},
		{"refused filters_of_node", Config{Limits: Limits{AllFilters: 1}}, func(_ *testBroker, p *peer) { p.send(wishes("a", "b", "$aws/things/T/jobs/notify")) }},
		{"refused publish_rate", onePublish(), func(_ *testBroker, p *peer) {
			for range 2 {
				p.send(&mqtt.Publish{Message: mqtt.Message{Topic: "a"}})
			}
		}},
		{"paused in_flight", Config{Requests: many}, requests(many, 101, 0)},
		{"paused request_bytes", Config{Requests: large}, requests(large, 3, 100<<10)},
		{"paused node_bytes", Config{Requests: pressed, Limits: Limits{Held: 1600}}, requests(pressed, 2, 1000)},
		{"paused outbound", Config{}, func(b *testBroker, p *peer) {
			p.subscribe(0, "a")
			waitFor(b, 4*ease)
			p.send(&mqtt.Ping{})
		}},
		{"dropped queue_full", Config{Limits: Limits{InFlight: 1, Queue: 1}}, func(b *testBroker, p *peer) {
			p.subscribe(1, "a")
			for range 3 {
				b.Deliver(mqtt.Message{Topic: "a", QoS: 1})
			}
		}},
		{"dropped expired", Config{}, func(b *testBroker, p *peer) {
			p.subscribe(0, "a")
			b.Deliver(mqtt.Message{Topic: "a", Expires: time.Now().Add(-time.Second)})
		}},
		{"dropped too_large", Config{}, func(b *testBroker, _ *peer) {
			small := b.dial(mqtt.V5)
			small.send(&mqtt.Connect{Version: mqtt.V5, Client: "small", Clean: true, MaximumPacket: 512})
			small.wantConnack(mqtt.Success)
			small.subscribe(0, "a")
			b.Deliver(mqtt.Message{Topic: "a", Payload: make([]byte, 1000)})
		}},
	}
	var words []string
	for _, c := range cases {
		words = append(words, c.word)
		t.Run(c.word, func(t *testing.T) {
			b := start(t, c.cfg)
			p := b.connect(mqtt.V5, "dev")
			want := b.Stats().words()
			want[c.word] = 1
			c.do(b, p)
			b.eventually(func() bool { return b.Stats().words()[c.word] == 1 })
			if diff := cmp.Diff(want, b.Stats().words()); diff != "" {
				t.Errorf("counted (-want +got):\n%s", diff)
			}
			p.nc.Close()
		})
	}
	b := start(t, Config{})
	for word := range b.Stats().words() {
		if !slices.Contains(words, word) {
			t.Errorf("nothing shows that %s is counted", word)
		}
	}
}

// words are the counters that have words.
func (s Stats) words() map[string]int64 {
	all := map[string]int64{}
	for of, counts := range map[string]map[string]int64{"refused ": s.Refused, "paused ": s.Paused, "dropped ": s.Dropped} {
		for word, n := range maps.All(counts) {
			all[of+word] = n
		}
	}
	return all
}

func TestWhatAPeerDidWrongIsLoggedWithItsAddress(t *testing.T) {
	cases := []struct {
		name string
		do   func(b *testBroker, p *peer)
		want []string
	}{
		{
			"a violation",
			func(_ *testBroker, p *peer) { p.send(message("$SYS/x", 0, false)) },
			[]string{"client=dev", "reason=topic", `err="mqtt violation 0x90: reserved topic"`},
		},
		{
			"a refused CONNECT",
			func(b *testBroker, _ *peer) {
				b.dial(mqtt.V5).send(&mqtt.Connect{Version: mqtt.V5, Client: "x", AuthMethod: "SCRAM"})
			},
			[]string{"client=x", "cause=NO_CONNECT", "reason=connect_refused", `err="mqtt violation 0x8C: CONNECT refused"`},
		},
		{
			"an unsound first packet",
			func(b *testBroker, _ *peer) { b.dial(mqtt.V311).raw([]byte("\x00\x00")) },
			[]string{"reason=connect_invalid", "err="},
		},
		{
			"a TLS hello",
			func(b *testBroker, _ *peer) { b.dial(mqtt.V311).raw([]byte("\x16\x03\x01\x02\x00")) },
			[]string{"reason=connect_invalid", "this looks like TLS"},
		},
		{
			"an HTTP request",
			func(b *testBroker, _ *peer) { b.dial(mqtt.V311).raw([]byte("POST /things HTTP/1.1\r\n\r\n")) },
			[]string{"reason=connect_invalid", "this looks like HTTP"},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			out := &lines{}
			b := start(t, Config{Log: slog.New(slog.NewTextHandler(out, nil))})
			c.do(b, b.connect(mqtt.V5, "dev"))
			b.eventually(func() bool { return strings.Contains(out.String(), "connection ended") })
			for _, want := range append(c.want, "level=INFO", "remote=127.0.0.1:") {
				if !strings.Contains(out.String(), want) {
					t.Errorf("log lacks %s: %s", want, out)
				}
			}
		})
	}
}

func TestAnEndThatIsNobodysFaultIsNotLoggedAtInfo(t *testing.T) {
	out := &lines{}
	b := start(t, Config{Log: slog.New(slog.NewTextHandler(out, nil))})
	b.connect(mqtt.V5, "dev").leave()
	b.drop(b.connect(mqtt.V5, "dev"), "dev")
	b.wantEnded(ConnectionLost, 1)
	if out.String() != "" {
		t.Errorf("logged %s", out)
	}
}

// lines is a log that a test reads while it is written.
type lines struct {
	mu  sync.Mutex // guards buf
	buf bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}
