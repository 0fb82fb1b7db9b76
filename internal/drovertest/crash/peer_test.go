package crash

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/drover-iot/drover/internal/mqtt"
)

// peer is an MQTT connection, seen from its client's end. A goroutine of its
// own reads; the client decides about each acknowledgement.
type peer struct {
	version byte
	resumed bool // the server had kept the session
	// take gets each message on the reader's goroutine, one after the other.
	take func(*mqtt.Publish)
	// late is how many acknowledgements are held back, to be sent at once.
	late int
	done chan struct{}

	nc   net.Conn
	r    *bufio.Reader
	held []uint16 // of the reader alone

	wmu sync.Mutex // guards writing and buf
	buf bytes.Buffer

	mu    sync.Mutex // guards what follows
	last  uint16
	waits map[uint16]chan mqtt.Packet
}

var (
	errEnded  = errors.New("the connection has ended")
	errSilent = errors.New("no answer came")
)

// overTCP opens a connection to the MQTT listener.
func overTCP(n *node) (net.Conn, error) { return net.DialTimeout("tcp", n.MQTT, patience) }

// overWebSocket opens one through HTTP.
func overWebSocket(n *node) (net.Conn, error) {
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	ws, _, err := websocket.Dial(ctx, "ws://"+n.HTTP+"/mqtt", &websocket.DialOptions{Subprotocols: []string{"mqtt"}})
	if err != nil {
		return nil, err
	}
	ws.SetReadLimit(-1)
	return websocket.NetConn(context.Background(), ws, websocket.MessageBinary), nil
}

// dial connects over TCP and waits for the CONNACK.
func dial(n *node, hello mqtt.Connect, late int, take func(*mqtt.Publish)) (*peer, error) {
	nc, err := overTCP(n)
	if err != nil {
		return nil, err
	}
	return connect(nc, hello, late, take)
}

// connect greets over an open connection.
func connect(nc net.Conn, hello mqtt.Connect, late int, take func(*mqtt.Publish)) (*peer, error) {
	hello.KeepAlive = 1200
	p := &peer{
		version: hello.Version, take: take, late: late, done: make(chan struct{}),
		nc: nc, r: bufio.NewReader(nc), waits: map[uint16]chan mqtt.Packet{},
	}
	if err := p.greet(&hello); err != nil {
		nc.Close()
		return nil, err
	}
	go p.run()
	return p, nil
}

func (p *peer) greet(hello *mqtt.Connect) error {
	if err := p.write(hello); err != nil {
		return err
	}
	p.nc.SetReadDeadline(time.Now().Add(patience))
	defer p.nc.SetReadDeadline(time.Time{})
	got, err := p.read()
	if err != nil {
		return err
	}
	back, ok := got.(*mqtt.Connack)
	if !ok || back.Reason != mqtt.Success {
		return refusedBy(got)
	}
	p.resumed = back.SessionPresent
	return nil
}

// refusedBy tells how a connection was refused.
func refusedBy(got mqtt.Packet) error {
	if back, ok := got.(*mqtt.Connack); ok {
		return fmt.Errorf("CONNACK %#x", back.Reason)
	}
	return fmt.Errorf("CONNECT was answered by %+v", got)
}

func (p *peer) read() (mqtt.Packet, error) {
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

// run reads until the connection ends.
func (p *peer) run() {
	defer close(p.done)
	defer p.nc.Close()
	for {
		got, err := p.read()
		if err != nil {
			return
		}
		switch got := got.(type) {
		case *mqtt.Publish:
			p.message(got)
		case *mqtt.Ack:
			p.answered(got.ID, got)
		case *mqtt.Suback:
			p.answered(got.ID, got)
		case *mqtt.Unsuback:
			p.answered(got.ID, got)
		default:
			return // DISCONNECT
		}
	}
}

func (p *peer) message(m *mqtt.Publish) {
	p.take(m)
	if m.QoS == 0 {
		return
	}
	p.held = append(p.held, m.ID)
	if len(p.held) <= p.late {
		return
	}
	for _, id := range p.held {
		_ = p.write(&mqtt.Ack{Kind: mqtt.TypePuback, ID: id}) // if it fails the reader will notice
	}
	p.held = p.held[:0]
}

func (p *peer) answered(id uint16, a mqtt.Packet) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if wait := p.waits[id]; wait != nil {
		wait <- a
		delete(p.waits, id)
	}
}

func (p *peer) write(packet mqtt.Packet) error {
	p.wmu.Lock()
	defer p.wmu.Unlock()
	p.buf.Reset()
	if err := mqtt.Encode(&p.buf, p.version, packet); err != nil {
		return err
	}
	_, err := p.nc.Write(p.buf.Bytes())
	return err
}

// begin sends a packet under an identifier of its own; the answer comes by the
// channel.
func (p *peer) begin(packet func(id uint16) mqtt.Packet) (<-chan mqtt.Packet, error) {
	p.mu.Lock()
	p.last++
	id, wait := p.last, make(chan mqtt.Packet, 1)
	p.waits[id] = wait
	p.mu.Unlock()
	return wait, p.write(packet(id))
}

// await waits for what comes by a channel.
func await[T any](p *peer, from <-chan T) (T, error) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	var none T
	select {
	case got := <-from:
		return got, nil
	case <-p.done:
		select {
		case got := <-from: // it came just before the end
			return got, nil
		default:
			return none, errEnded
		}
	case <-timer.C:
		return none, errSilent
	}
}

func (p *peer) ask(packet func(id uint16) mqtt.Packet) (mqtt.Packet, error) {
	wait, err := p.begin(packet)
	if err != nil {
		return nil, err
	}
	return await(p, wait)
}

// publish publishes at QoS 1 and waits for the PUBACK.
func (p *peer) publish(topic, payload string, retain bool) error {
	wait, err := p.begin(func(id uint16) mqtt.Packet { return message(id, topic, payload, retain) })
	if err != nil {
		return err
	}
	return p.acknowledged(wait)
}

// acknowledged waits for a PUBACK.
func (p *peer) acknowledged(wait <-chan mqtt.Packet) error {
	answer, err := await(p, wait)
	if err != nil {
		return err
	}
	if reason := answer.(*mqtt.Ack).Reason; reason.Failed() {
		return fmt.Errorf("PUBACK %#x", reason)
	}
	return nil
}

func message(id uint16, topic, payload string, retain bool) *mqtt.Publish {
	return &mqtt.Publish{ID: id, Message: mqtt.Message{Topic: topic, Payload: []byte(payload), QoS: 1, Retain: retain}}
}

// subscribe subscribes at QoS 1.
func (p *peer) subscribe(filters ...string) error {
	answer, err := p.ask(func(id uint16) mqtt.Packet {
		s := &mqtt.Subscribe{ID: id}
		for _, f := range filters {
			s.Filters = append(s.Filters, mqtt.Wish{Filter: f, QoS: 1})
		}
		return s
	})
	if err != nil {
		return err
	}
	for _, reason := range answer.(*mqtt.Suback).Reasons {
		if reason != 1 {
			return fmt.Errorf("subscribe to %q: granted %#x", filters, reason)
		}
	}
	return nil
}

func (p *peer) unsubscribe(filter string) error {
	_, err := p.ask(func(id uint16) mqtt.Packet { return &mqtt.Unsubscribe{ID: id, Filters: []string{filter}} })
	return err
}

// leave disconnects in good order and waits until the server has noticed.
func (p *peer) leave() {
	_ = p.write(&mqtt.Disconnect{}) // if it fails the connection has ended
	timer := time.AfterFunc(patience, p.drop)
	defer timer.Stop()
	<-p.done
}

// ended tells whether the connection has.
func (p *peer) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// drop closes the socket without a word.
func (p *peer) drop() { p.nc.Close() }
