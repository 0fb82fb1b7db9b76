package broker

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/drover-iot/drover/internal/mqtt"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for an event that must come.
const patience = 10 * time.Second

// testBroker is a broker on a loopback port.
type testBroker struct {
	*Broker
	t    testing.TB
	addr string
}

// start starts a broker; what cfg leaves out is as in tests' wishes: sessions
// are in memory, requests are echoed, and the forms and rules are those of Jobs.
func start(t testing.TB, cfg Config) *testBroker {
	t.Helper()
	if cfg.Sessions == nil {
		cfg.Sessions = newMemory(1000)
	}
	if cfg.Requests == nil {
		cfg.Requests = echo{}
	}
	if cfg.Reserved == nil {
		cfg.Reserved = []Rule{
			{"$aws/things/{}/jobs/", Request},
			{"$aws/rules/{}/", Swallow},
			{"$aws/things/{}/defender/metrics/{}", Swallow},
		}
	}
	if cfg.Forms == nil {
		cfg.Forms = []string{
			"$aws/things/{}/jobs/notify-next", "$aws/things/{}/jobs/notify",
			"$aws/things/{}/jobs/+/get/accepted", "$aws/things/{}/jobs/#",
			"$aws/things/{}/jobs/start-next/accepted", "$aws/things/{}/jobs/+/update/accepted",
			"$aws/things/{}/jobs/+/update/rejected",
		}
	}
	if cfg.Unqueued == nil {
		cfg.Unqueued = []string{"$aws/things/+/jobs/notify", "$aws/things/+/jobs/notify-next"}
	}
	if cfg.Log == nil && os.Getenv("BROKER_LOG") != "" {
		cfg.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	b, err := New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- b.Serve(context.Background(), l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := b.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return &testBroker{Broker: b, t: t, addr: l.Addr().String()}
}

// echo answers a request with its own payload on TOPIC/accepted.
type echo struct{}

func (echo) Begin(_ Requester, m mqtt.Message) Begun {
	return FinishFunc(func(context.Context) Reply {
		return Reply{Messages: []mqtt.Message{{Topic: m.Topic + "/accepted", Payload: m.Payload}}}
	})
}

// eachVersion runs f as 3.1.1 and as 5.
func eachVersion(t *testing.T, f func(t *testing.T, version byte)) {
	t.Run("3.1.1", func(t *testing.T) { f(t, mqtt.V311) })
	t.Run("5", func(t *testing.T) { f(t, mqtt.V5) })
}

// peer is the other end of a raw connection.
type peer struct {
	t       testing.TB
	nc      net.Conn
	r       *bytesReader
	version byte
	id      uint16
}

// bytesReader reads bytes one at a time, for headers.
type bytesReader struct{ io.Reader }

func (r *bytesReader) ReadByte() (byte, error) {
	var one [1]byte
	_, err := io.ReadFull(r.Reader, one[:])
	return one[0], err
}

// dial opens a connection and says nothing.
func (b *testBroker) dial(version byte) *peer {
	b.t.Helper()
	nc, err := net.Dial("tcp", b.addr)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { nc.Close() })
	return newPeer(b.t, nc, version)
}

func newPeer(t testing.TB, nc net.Conn, version byte) *peer {
	return &peer{t: t, nc: nc, r: &bytesReader{nc}, version: version}
}

// connect opens a clean session.
func (b *testBroker) connect(version byte, client string) *peer {
	b.t.Helper()
	p := b.dial(version)
	p.send(&mqtt.Connect{Version: version, Client: client, Clean: true, KeepAlive: 60})
	p.wantConnack(mqtt.Success)
	return p
}

// persistent opens or resumes a session that lasts an hour.
func (b *testBroker) persistent(version byte, client string) (p *peer, resumed bool) {
	b.t.Helper()
	p = b.dial(version)
	p.send(persistentConnect(version, client))
	return p, p.wantConnack(mqtt.Success).SessionPresent
}

func persistentConnect(version byte, client string) *mqtt.Connect {
	c := &mqtt.Connect{Version: version, Client: client, KeepAlive: 60}
	if version == mqtt.V5 {
		c.SessionExpiry = 3600
	}
	return c
}

func (p *peer) send(packets ...mqtt.Packet) {
	p.t.Helper()
	var buf bytes.Buffer
	for _, pk := range packets {
		if err := mqtt.Encode(&buf, p.version, pk); err != nil {
			p.t.Fatal(err)
		}
	}
	p.raw(buf.Bytes())
}

func (p *peer) raw(b []byte) {
	p.t.Helper()
	if _, err := p.nc.Write(b); err != nil {
		p.t.Fatalf("write: %v", err)
	}
}

func (p *peer) read() (mqtt.Packet, error) {
	p.nc.SetReadDeadline(time.Now().Add(patience))
	h, err := mqtt.ReadHeader(p.r, 1<<20)
	if err != nil {
		return nil, err
	}
	body := make([]byte, h.Remaining)
	if _, err := io.ReadFull(p.r, body); err != nil {
		return nil, err
	}
	return mqtt.Decode(h, p.version, body)
}

// next reads the next packet, which is a T.
func next[T mqtt.Packet](p *peer) T {
	p.t.Helper()
	pk, err := p.read()
	if err != nil {
		p.t.Fatalf("read: %v", err)
	}
	want, ok := pk.(T)
	if !ok {
		p.t.Fatalf("got %T %+v, want %T", pk, pk, want)
	}
	return want
}

func (p *peer) wantConnack(reason mqtt.Reason) *mqtt.Connack {
	p.t.Helper()
	c := next[*mqtt.Connack](p)
	if c.Reason != reason {
		p.t.Fatalf("CONNACK %#x, want %#x", c.Reason, reason)
	}
	return c
}

func (p *peer) wantAck(id uint16, reason mqtt.Reason) {
	p.t.Helper()
	if a := next[*mqtt.Ack](p); a.ID != id || a.Reason != reason {
		p.t.Fatalf("PUBACK %d %#x, want %d %#x", a.ID, a.Reason, id, reason)
	}
}

// wantMessage reads a PUBLISH, and acknowledges it.
func (p *peer) wantMessage(topic, payload string) *mqtt.Publish {
	p.t.Helper()
	m := p.unacknowledged(topic, payload)
	if m.QoS == 1 {
		p.send(&mqtt.Ack{Kind: mqtt.TypePuback, ID: m.ID})
	}
	return m
}

func (p *peer) unacknowledged(topic, payload string) *mqtt.Publish {
	p.t.Helper()
	m := next[*mqtt.Publish](p)
	if m.Topic != topic || string(m.Payload) != payload {
		p.t.Fatalf("message %q %q, want %q %q", m.Topic, m.Payload, topic, payload)
	}
	return m
}

// wantNothing asserts that nothing was sent before the answer to a ping.
func (p *peer) wantNothing() {
	p.t.Helper()
	p.send(&mqtt.Ping{})
	next[*mqtt.Ping](p)
}

// wantEnd reads until the connection ends: an MQTT 5 client is told reason
// first, if it is not 0.
func (p *peer) wantEnd(reason mqtt.Reason) {
	p.t.Helper()
	if reason != 0 && p.version == mqtt.V5 {
		if d := next[*mqtt.Disconnect](p); d.Reason != reason {
			p.t.Fatalf("DISCONNECT %#x, want %#x", d.Reason, reason)
		}
	}
	if pk, err := p.read(); err == nil || os.IsTimeout(err) {
		p.t.Fatalf("got %T %+v, %v; want the end of the connection", pk, pk, err)
	}
}

func (p *peer) nextID() uint16 {
	p.id++
	return p.id
}

// subscribe subscribes to filters at qos and asserts that all are granted.
func (p *peer) subscribe(qos byte, filters ...string) {
	p.t.Helper()
	s := &mqtt.Subscribe{ID: p.nextID()}
	var want []mqtt.Reason
	for _, f := range filters {
		s.Filters = append(s.Filters, mqtt.Wish{Filter: f, QoS: qos})
		want = append(want, mqtt.Reason(qos))
	}
	p.send(s)
	p.wantSuback(want...)
}

func (p *peer) wantSuback(want ...mqtt.Reason) {
	p.t.Helper()
	if diff := cmp.Diff(want, next[*mqtt.Suback](p).Reasons); diff != "" {
		p.t.Fatalf("SUBACK (-want +got):\n%s", diff)
	}
}

// publish publishes at qos and waits for the PUBACK.
func (p *peer) publish(qos byte, topic, payload string) {
	p.t.Helper()
	p.publishPacket(&mqtt.Publish{Message: mqtt.Message{Topic: topic, Payload: []byte(payload), QoS: qos}})
}

func (p *peer) publishPacket(m *mqtt.Publish) {
	p.t.Helper()
	if m.QoS == 0 {
		p.send(m)
		return
	}
	m.ID = p.nextID()
	p.send(m)
	if a := next[*mqtt.Ack](p); a.ID != m.ID || a.Reason.Failed() {
		p.t.Fatalf("PUBACK %d %#x, want %d", a.ID, a.Reason, m.ID)
	}
}

// leave disconnects cleanly and waits until the broker has noticed.
func (p *peer) leave() {
	p.t.Helper()
	p.send(&mqtt.Disconnect{})
	p.wantEnd(0)
}

// drop ends the connection without a word, and waits until b has noticed.
func (b *testBroker) drop(p *peer, client string) {
	b.t.Helper()
	p.nc.Close()
	b.eventually(func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		s := b.sessions[client]
		return s == nil || s.owner == nil
	})
}

// eventually waits until cond holds.
func (b *testBroker) eventually(cond func() bool) {
	b.t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); !cond(); <-tick.C {
		if time.Now().After(deadline) {
			b.t.Fatal("waited in vain")
		}
	}
}

func numbered(prefix string, n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("%s%d", prefix, i)
	}
	return names
}

func long(n int) string { return strings.Repeat("x", n) }
