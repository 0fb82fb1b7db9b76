package broker

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/mqtt"
)

// FuzzConnection sends any bytes after a CONNECT. Whatever they are, the
// broker does not panic, and ends the connection when the peer does.
func FuzzConnection(f *testing.F) {
	for _, version := range []byte{mqtt.V311, mqtt.V5} {
		for _, packets := range sequences() {
			var buf bytes.Buffer
			for _, p := range packets {
				if err := mqtt.Encode(&buf, version, p); err != nil {
					f.Fatal(err)
				}
			}
			f.Add(version == mqtt.V5, buf.Bytes())
		}
	}
	b := start(f, Config{Log: nil})
	f.Fuzz(func(t *testing.T, five bool, raw []byte) {
		c := persistentConnect(mqtt.V311, "dev")
		if five {
			c = persistentConnect(mqtt.V5, "dev")
		}
		var buf bytes.Buffer
		if err := mqtt.Encode(&buf, c.Version, c); err != nil {
			t.Fatal(err)
		}
		buf.Write(raw)
		ours, theirs := net.Pipe()
		b.accept(newSocket(theirs, b.limits))
		ours.SetDeadline(time.Now().Add(patience))
		go func() {
			ours.Write(buf.Bytes())
			ours.Close()
		}()
		if _, err := io.Copy(io.Discard, ours); err != nil && !errors.Is(err, io.ErrClosedPipe) {
			t.Fatal(err)
		}
		if s := b.Stats(); s.Panics+s.Faults > 0 {
			t.Fatalf("%d panics of the codec, %d of ours", s.Panics, s.Faults)
		}
	})
}

func sequences() [][]mqtt.Packet {
	expiry := uint32(0)
	return [][]mqtt.Packet{
		{&mqtt.Subscribe{ID: 1, Filters: []mqtt.Wish{{Filter: "a/#", QoS: 1}, {Filter: "$share/g/a", QoS: 1}}}, message("a/b", 1, true)},
		{message(getTopic, 1, false), &mqtt.Ack{Kind: mqtt.TypePuback, ID: 1}, &mqtt.Ping{}},
		{&mqtt.Unsubscribe{ID: 2, Filters: []string{"a/#"}}, &mqtt.Disconnect{SessionExpiry: &expiry}},
		{&mqtt.Publish{Message: mqtt.Message{Topic: "a"}, Alias: 1}, &mqtt.Publish{Alias: 1}},
		{persistentConnect(mqtt.V5, "dev")},
	}
}

func TestServeGoesOnAfterAnErrorOfItsListener(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := start(t, Config{})
	served := make(chan error, 1)
	go func() { served <- b.Serve(t.Context(), &hiccup{Listener: l}) }()
	on := &testBroker{Broker: b.Broker, t: t, addr: l.Addr().String()}
	on.connect(mqtt.V311, "dev").wantNothing()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}

// hiccup is a listener whose first accept fails.
type hiccup struct {
	net.Listener
	failed bool
}

func (h *hiccup) Accept() (net.Conn, error) {
	if !h.failed {
		h.failed = true
		return nil, io.ErrUnexpectedEOF
	}
	return h.Listener.Accept()
}
