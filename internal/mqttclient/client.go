// Package mqttclient is a small MQTT client, 3.1.1 and 5 over TCP and
// WebSocket, for the product's own demo, agent, bench and simulator: thousands
// fit into one process. Devices of others use clients of their own.
//
// Begin with [Dial]. A client is one connection: it does not reconnect, and
// when it has ended ([Client.Done]) the caller decides what comes next. It
// speaks QoS 0 and 1.
//
// A client has one goroutine, which reads, and calls the handler; and a timer
// for keep alive. Its mutexes guard writing, and what waits for an answer. All
// methods may be called by several goroutines at once.
package mqttclient

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/mqtt"
)

// Config says how to connect, and as whom.
type Config struct {
	// URL is tcp://HOST:PORT, or ws://HOST:PORT/mqtt (wss with TLS).
	URL string
	// Version is mqtt.V311 or mqtt.V5; 0: 3.1.1.
	Version byte
	// Client is the client id; empty: the server assigns one, if Resume is false.
	Client string
	// Resume goes on with the session the server has, if any, and keeps it
	// after the connection. False: a clean session.
	Resume bool
	// SessionExpiry is how long MQTT 5 keeps a session that may be resumed; 0:
	// an hour.
	SessionExpiry time.Duration
	// KeepAlive is the longest silence before a ping; 0: a minute.
	KeepAlive time.Duration
	// Timeout bounds one write, and the answer to a ping; 0: 10 s.
	Timeout time.Duration
	// Will is published by the server when the connection breaks; nil: none.
	Will *mqtt.Will
	// Handle gets each message, one after the other, on the client's own
	// goroutine: it must not wait for an answer to this client, so it answers
	// with Send and not with Publish. A QoS 1 message is acknowledged when it
	// returns. nil: messages are acknowledged and dropped.
	Handle func(c *Client, m mqtt.Message)
}

// Client is a connection to a broker.
type Client struct {
	cfg     Config
	nc      net.Conn
	r       *bufio.Reader
	resumed bool
	done    chan struct{}
	ping    *time.Timer

	wmu sync.Mutex // guards writing and buf
	buf bytes.Buffer

	mu      sync.Mutex // guards what follows
	err     error      // why it ended
	closing bool       // by Close
	last    uint16     // the identifier given last
	waiting map[uint16]chan mqtt.Packet
	pinged  bool // a ping is unanswered
}

// Refused is a CONNACK that says no.
type Refused struct {
	Reason mqtt.Reason // a return code in 3.1.1
}

func (r *Refused) Error() string {
	return fmt.Sprintf("mqtt: connection refused, reason 0x%02X", byte(r.Reason))
}

// ErrClosed is why a client ended that was closed by its owner.
var ErrClosed = errors.New("mqtt client is closed")

const (
	readBuffer    = 512 // enough for most answers, little for a client at rest
	keptBuffer    = 4096
	largestPacket = 1 << 20
)

// Resumed tells whether the server went on with a session it had.
func (c *Client) Resumed() bool { return c.resumed }

// Done is closed when the connection has ended and the handler has returned.
func (c *Client) Done() <-chan struct{} { return c.done }

// Err is why the connection ended; nil while it lasts.
func (c *Client) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Close disconnects, so that the will is not sent, and waits until the client
// has ended. Not to be called by the handler.
func (c *Client) Close() error {
	c.mu.Lock()
	c.closing = true
	c.mu.Unlock()
	err := c.write(&mqtt.Disconnect{})
	c.awaitEnd()
	c.nc.Close()
	<-c.done
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// farewell is how long a server may take to end the connection.
const farewell = time.Second

// awaitEnd lets the server end the connection: closing it before everything is
// read could make the server lose the DISCONNECT.
func (c *Client) awaitEnd() {
	if half, ok := c.nc.(interface{ CloseWrite() error }); !ok || half.CloseWrite() != nil {
		return
	}
	t := time.NewTimer(farewell)
	defer t.Stop()
	select {
	case <-c.done:
	case <-t.C:
	}
}

// Kill ends the connection without a word, as a device does that loses power.
// It does not wait.
func (c *Client) Kill() { c.nc.Close() }

// Publish sends m, and at QoS 1 waits until the server has acknowledged it. A
// message that was refused (MQTT 5) is an error.
func (c *Client) Publish(ctx context.Context, m mqtt.Message) error {
	if m.QoS == 0 {
		return c.Send(m)
	}
	answer, err := ask[*mqtt.Ack](ctx, c, func(id uint16) mqtt.Packet { return outgoing(m, id) })
	if err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	if answer.Reason.Failed() {
		return fmt.Errorf("publish to %q: refused, reason 0x%02X", m.Topic, byte(answer.Reason))
	}
	return nil
}

// Send sends m and does not wait for an acknowledgement.
func (c *Client) Send(m mqtt.Message) error {
	var id uint16
	if m.QoS > 0 {
		c.mu.Lock()
		id = c.nextID()
		c.mu.Unlock()
	}
	return c.write(outgoing(m, id))
}

func outgoing(m mqtt.Message, id uint16) *mqtt.Publish {
	p := &mqtt.Publish{Message: m, ID: id}
	if !m.Expires.IsZero() {
		left := uint32(max(m.Expires.Sub(clock.Wall()), time.Second) / time.Second)
		p.Expiry = &left
	}
	return p
}

// Subscribe asks for subscriptions and returns what was granted, filter by
// filter. One that was refused is an error.
func (c *Client) Subscribe(ctx context.Context, wishes ...mqtt.Wish) ([]mqtt.Reason, error) {
	answer, err := ask[*mqtt.Suback](ctx, c, func(id uint16) mqtt.Packet {
		return &mqtt.Subscribe{ID: id, Filters: wishes}
	})
	if err != nil {
		return nil, fmt.Errorf("subscribe: %w", err)
	}
	return answer.Reasons, anyFailed("subscribe", answer.Reasons)
}

// Unsubscribe takes subscriptions back.
func (c *Client) Unsubscribe(ctx context.Context, filters ...string) error {
	answer, err := ask[*mqtt.Unsuback](ctx, c, func(id uint16) mqtt.Packet {
		return &mqtt.Unsubscribe{ID: id, Filters: filters}
	})
	if err != nil {
		return fmt.Errorf("unsubscribe: %w", err)
	}
	return anyFailed("unsubscribe", answer.Reasons)
}

func anyFailed(what string, reasons []mqtt.Reason) error {
	if i := slices.IndexFunc(reasons, mqtt.Reason.Failed); i >= 0 {
		return fmt.Errorf("%s: filter %d was refused, reason 0x%02X", what, i+1, byte(reasons[i]))
	}
	return nil
}

// ask sends a packet under an identifier of its own and waits for the answer.
func ask[T mqtt.Packet](ctx context.Context, c *Client, packet func(id uint16) mqtt.Packet) (T, error) {
	var none T
	id, answer, err := c.expect()
	if err != nil {
		return none, err
	}
	defer c.forget(id)
	if err := c.write(packet(id)); err != nil {
		return none, err
	}
	select {
	case p := <-answer:
		if t, ok := p.(T); ok {
			return t, nil
		}
		return none, fmt.Errorf("the server answered with packet type %d", p.Type())
	case <-c.done:
		return none, c.Err()
	case <-ctx.Done():
		return none, ctx.Err()
	}
}

var errBusy = errors.New("65535 answers are outstanding")

func (c *Client) expect() (uint16, <-chan mqtt.Packet, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return 0, nil, c.err
	}
	if len(c.waiting) >= 1<<16-1 {
		return 0, nil, errBusy
	}
	if c.waiting == nil {
		c.waiting = map[uint16]chan mqtt.Packet{}
	}
	id, answer := c.nextID(), make(chan mqtt.Packet, 1)
	c.waiting[id] = answer
	return id, answer, nil
}

// nextID is an identifier that nobody waits on. It is called under mu.
func (c *Client) nextID() uint16 {
	for {
		c.last++
		if _, taken := c.waiting[c.last]; c.last != 0 && !taken {
			return c.last
		}
	}
}

func (c *Client) forget(id uint16) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.waiting, id)
	if len(c.waiting) == 0 {
		c.waiting = nil
	}
}

// answered hands an answer to whoever waits for it; an answer to Send has no
// taker.
func (c *Client) answered(id uint16, p mqtt.Packet) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if answer := c.waiting[id]; answer != nil {
		select {
		case answer <- p:
		default: // the server answered twice
		}
	}
}

func (c *Client) write(p mqtt.Packet) error {
	c.wmu.Lock()
	defer c.wmu.Unlock()
	c.buf.Reset()
	if err := mqtt.Encode(&c.buf, c.cfg.Version, p); err != nil {
		return err
	}
	c.nc.SetWriteDeadline(clock.Wall().Add(c.cfg.Timeout))
	if _, err := c.nc.Write(c.buf.Bytes()); err != nil {
		c.nc.Close() // half a packet may be out
		return err
	}
	if c.buf.Cap() > keptBuffer {
		c.buf = bytes.Buffer{}
	}
	return nil
}

// run reads until the end.
func (c *Client) run() {
	defer close(c.done)
	err := c.receive()
	c.nc.Close()
	c.ping.Stop()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err = err
	}
	if c.closing {
		c.err = ErrClosed
	}
}

func (c *Client) receive() error {
	for {
		p, err := c.read()
		if err != nil {
			return err
		}
		if err := c.take(p); err != nil {
			return err
		}
	}
}

func (c *Client) read() (mqtt.Packet, error) {
	h, err := mqtt.ReadHeader(c.r, largestPacket)
	if err != nil {
		return nil, err
	}
	body := make([]byte, h.Remaining)
	if _, err := io.ReadFull(c.r, body); err != nil {
		return nil, err
	}
	return mqtt.Decode(h, c.cfg.Version, body)
}

func (c *Client) take(p mqtt.Packet) error {
	switch p := p.(type) {
	case *mqtt.Publish:
		return c.message(p)
	case *mqtt.Ack:
		c.answered(p.ID, p)
	case *mqtt.Suback:
		c.answered(p.ID, p)
	case *mqtt.Unsuback:
		c.answered(p.ID, p)
	case *mqtt.Ping:
		c.setPinged(false)
	case *mqtt.Disconnect:
		return fmt.Errorf("mqtt: the server disconnected, reason 0x%02X", byte(p.Reason))
	default:
		return fmt.Errorf("mqtt: packet type %d from a server", p.Type())
	}
	return nil
}

func (c *Client) message(p *mqtt.Publish) error {
	if p.Expiry != nil {
		p.Expires = clock.Wall().Add(time.Duration(*p.Expiry) * time.Second)
	}
	if c.cfg.Handle != nil {
		c.cfg.Handle(c, p.Message)
	}
	if p.QoS == 0 {
		return nil
	}
	return c.write(&mqtt.Ack{Kind: mqtt.TypePuback, ID: p.ID})
}

func (c *Client) setPinged(to bool) (was bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	was, c.pinged = c.pinged, to
	return was
}

var errNoPong = errors.New("mqtt: the server did not answer a ping")

// keepAlive sends a ping, and gives up if the last one was not answered.
func (c *Client) keepAlive() {
	if c.setPinged(true) {
		c.mu.Lock()
		c.err = errNoPong
		c.mu.Unlock()
		c.nc.Close()
		return
	}
	if c.write(&mqtt.Ping{}) == nil {
		c.ping.Reset(c.cfg.KeepAlive)
	}
}
