package broker

import (
	"bufio"
	"container/list"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/mqtt"
	"github.com/drover-iot/drover/internal/quota"
)

// conn is one connection, from its accept to its end. Its reader's goroutine owns what is not said to be
// otherwise.
type conn struct {
	b       *Broker
	t       transport
	who     Requester
	session *session // nil until CONNECT is accepted
	visit   Visit    // nil: nobody is told
	will    *mqtt.Will
	expiry  *time.Duration // of the session, as DISCONNECT changed it; nil: it did not
	aliases []string       // by alias - 1; made when the first comes
	fault   error          // what the peer did wrong; nil: nothing
	// published holds it to Limits.Publishes; of its reader alone.
	published quota.Bucket
	line      line
	share     share
	size      int // of the packet in hand
	reading   int // bytes of it that count in share

	grace time.Duration // how long the peer may be silent
	most  int           // bytes of a packet that an MQTT 5 client takes; 0: any
	ahead []byte        // what Await got and is still to be handed out

	greeting sync.Mutex     // makes CONNACK and open one
	open     atomic.Bool    // CONNACK was sent
	ended    atomic.Uint32  // a Why
	leaving  atomic.Uint32  // the Why of its last call; notEnded: there was none
	ending   sync.WaitGroup // until end is through
	lastSeen atomic.Int64   // when the last packet came, in Unix nanoseconds
	watch    *time.Timer
	feeds    atomic.Pointer[session] // once CONNACK was sent
	stranger *list.Element           // guarded by Broker.mu; nil once it has said who it is
	gone     chan struct{}           // closed when the session is free for another connection
}

func newConn(b *Broker, t transport) *conn {
	c := &conn{b: b, t: t, gone: make(chan struct{})}
	c.share.held, c.line.share = &b.held, &c.share
	c.who.Version = mqtt.V311 // until CONNECT says otherwise
	c.ending.Add(1)
	t.Own(c)
	c.watch = time.AfterFunc(b.limits.ConnectTimeout, c.overdue)
	return c
}

// serve reads until the end, then takes the connection down.
func (c *conn) serve() {
	defer c.b.forget(c)
	c.read()
	c.watch.Stop()
	<-c.line.drained()
	c.b.detach(c)
	close(c.gone)
	c.b.stats.ended[c.why()].Add(1)
	c.logEnd()
	c.ending.Wait() // or what the peer is told would be cut off
	c.t.Linger()
	c.share.close()
}

// slow implements owner.
func (c *conn) slow(why Why) { c.end(why, 0) }

// waits implements owner.
func (c *conn) waits(n int) { c.share.add(n) }

// drained implements owner: what is stored for the session goes on.
func (c *conn) drained() {
	if s := c.feeds.Load(); s != nil && s.kept {
		c.b.kick(s, false)
	}
}

func (c *conn) why() Why { return Why(c.ended.Load()) }

// logEnd logs that the connection has ended, with more emphasis if that was for
// what the peer did: only operators can tell it to whoever made the device.
func (c *conn) logEnd() {
	level := slog.LevelDebug
	if c.why().peersFault() {
		level = slog.LevelInfo
	}
	attrs := []slog.Attr{
		slog.String("client", c.who.Client), slog.String("remote", c.t.Remote()),
		slog.String("cause", c.why().Cause().String()), slog.String("reason", c.why().String()),
	}
	if c.fault != nil {
		attrs = append(attrs, slog.Any("err", c.fault))
	}
	c.b.log.LogAttrs(c.b.ctx, level, "connection ended", attrs...)
}

// read waits with no buffer; when something comes, buffers are borrowed until
// nothing is left in them.
func (c *conn) read() {
	for c.why() == notEnded {
		p, n, err := c.t.Await(&c.b.chunks)
		if err != nil {
			c.failed(err)
			return
		}
		c.ahead = p[:n]
		c.burst()
		c.ahead = nil
		c.b.chunks.Put(p)
	}
}

func (c *conn) burst() {
	r := c.b.readers.Get().(*bufio.Reader)
	r.Reset(c)
	defer func() {
		r.Reset(nil)
		c.b.readers.Put(r)
	}()
	for c.why() == notEnded {
		c.ease()
		if err := c.packet(r); err != nil {
			c.failed(err)
			return
		}
		if r.Buffered() == 0 && len(c.ahead) == 0 {
			return
		}
	}
}

// ease waits while much waits for the peer: who does not read is not read.
func (c *conn) ease() {
	if space := c.t.Space(); space != nil {
		c.b.stats.outboundPaused.Add(1)
		<-space
	}
}

// Read hands out what Await got, then what the peer sends.
func (c *conn) Read(p []byte) (int, error) {
	if len(c.ahead) > 0 {
		n := copy(p, c.ahead)
		c.ahead = c.ahead[n:]
		return n, nil
	}
	return c.t.Read(p)
}

const longestHeader = 5

// packet reads one packet and handles it.
func (c *conn) packet(r *bufio.Reader) error {
	h, err := mqtt.ReadHeader(r, c.b.limits.Packet-longestHeader)
	if err != nil {
		return err
	}
	if other := mqtt.OtherProtocol(h); other != "" && !c.open.Load() {
		return &mqtt.Violation{Reason: mqtt.Malformed, Text: "this looks like " + other + ": here is MQTT without TLS"}
	}
	defer c.handled()
	body, err := c.body(r, h.Remaining)
	if err != nil {
		return err
	}
	c.size = h.Size()
	c.b.stats.packetsIn.Add(1)
	c.b.stats.bytesIn.Add(int64(h.Size()))
	c.lastSeen.Store(clock.Wall().UnixNano())
	p, err := mqtt.Decode(h, c.who.Version, body)
	if err != nil {
		c.countPanic(err)
		return c.notDecoded(h, body, err)
	}
	return c.handle(p)
}

// smallPacket is how long a packet may be that costs nobody anything: its
// memory is part of what a connection takes.
const smallPacket = 4 << 10

// body reads n bytes, for which it takes memory as they come: to announce much
// and send little is free.
func (c *conn) body(r io.Reader, n int) ([]byte, error) {
	body := make([]byte, min(n, smallPacket))
	for at := 0; ; {
		if _, err := io.ReadFull(r, body[at:]); err != nil || len(body) == n {
			return body, err
		}
		at = len(body)
		body = append(make([]byte, 0, min(n, 4*at)), body...)
		body = body[:cap(body)]
		c.reading += len(body) - at
		c.share.add(len(body) - at)
	}
}

// handled forgets the packet in hand.
func (c *conn) handled() {
	c.share.add(-c.reading)
	c.reading = 0
}

// countPanic counts a panic of the codec, and logs the first: anyone who finds
// the packet can send it again and again.
func (c *conn) countPanic(err error) {
	var v *mqtt.Violation
	if errors.As(err, &v) && v.Panic != "" && c.b.stats.panics.Add(1) == 1 {
		c.b.log.Error("codec panicked over a packet", "client", c.who.Client, "err", v.Panic)
	}
}

// notDecoded answers a CONNECT that is not sound; anything else is for failed.
func (c *conn) notDecoded(h mqtt.Header, body []byte, err error) error {
	var v *mqtt.Violation
	if c.open.Load() || h.Type() != mqtt.TypeConnect || !errors.As(err, &v) {
		return err
	}
	if level := mqtt.Level(body); level >= mqtt.V5 {
		c.who.Version = mqtt.V5
	}
	c.fault = v
	c.refuse(connectInvalid, v.Reason)
	return nil
}

// failed ends the connection over an error of the socket or a violation.
func (c *conn) failed(err error) {
	var v *mqtt.Violation
	switch {
	case errors.Is(err, errGoodbye):
		c.end(closeFrame, 0) // the will is sent all the same
	case errors.Is(err, errLastCall):
		c.leave()
	case !errors.As(err, &v):
		c.lost()
	case !c.open.Load():
		c.fault = err
		c.end(connectInvalid, 0)
	default:
		c.fault = err
		c.end(whyOf(v.Reason), v.Reason)
	}
}

// lost ends the connection because its socket has ended.
func (c *conn) lost() {
	if c.open.Load() {
		c.end(peerGone, 0)
	} else {
		c.end(connectLost, 0)
	}
}

// do lets a step take effect.
func (c *conn) do(s step) {
	defer c.contain()
	s.do(c)
}

// contain turns a panic, which is a fault of ours, into the end of this one
// connection. It is deferred.
func (c *conn) contain() {
	if r := recover(); r != nil {
		c.b.stats.faults.Add(1)
		c.b.log.Error("panic", "client", c.who.Client, "err", fmt.Sprint(r), "stack", string(debug.Stack()))
		c.end(panicked, mqtt.Unspecified)
	}
}

// handle takes one packet. The error is a violation.
func (c *conn) handle(p mqtt.Packet) error {
	defer c.contain()
	if !c.open.Load() {
		return c.handleFirst(p)
	}
	switch p := p.(type) {
	case *mqtt.Publish:
		return c.publish(p)
	case *mqtt.Ack:
		return c.acked(p)
	case *mqtt.Subscribe:
		return c.subscribe(p)
	case *mqtt.Unsubscribe:
		return c.enter(&unsubscribing{p, c.size})
	case *mqtt.Ping:
		return c.ping(p)
	case *mqtt.Disconnect:
		return c.disconnect(p)
	default:
		return &mqtt.Violation{Reason: mqtt.ProtocolError, Text: fmt.Sprintf("packet type %d from a client", p.Type())}
	}
}

func (c *conn) handleFirst(p mqtt.Packet) error {
	connect, ok := p.(*mqtt.Connect)
	if !ok {
		return &mqtt.Violation{Reason: mqtt.ProtocolError, Text: "first packet is not CONNECT"}
	}
	return c.connect(connect)
}

func (c *conn) ping(p *mqtt.Ping) error {
	if p.Response {
		return &mqtt.Violation{Reason: mqtt.ProtocolError, Text: "PINGRESP from a client"}
	}
	c.send(&mqtt.Ping{Response: true})
	return nil
}

// acked takes a PUBACK. The packets of QoS 2 have no place here.
func (c *conn) acked(p *mqtt.Ack) error {
	if p.Kind != mqtt.TypePuback {
		return &mqtt.Violation{Reason: mqtt.ProtocolError, Text: "a packet of QoS 2"}
	}
	c.session.acked(c, p.ID)
	return nil
}

// disconnect ends the connection as the client wishes.
// spec: device-api.md#95-sessions
func (c *conn) disconnect(p *mqtt.Disconnect) error {
	if p.SessionExpiry != nil {
		if c.session.expiry == 0 && *p.SessionExpiry > 0 {
			return &mqtt.Violation{Reason: mqtt.ProtocolError, Text: "session expiry from 0 to more"}
		}
		expiry := min(time.Duration(*p.SessionExpiry)*time.Second, c.b.limits.MaxSessionExpiry)
		c.expiry = &expiry
	}
	if p.Reason == mqtt.Success {
		c.will = nil
	}
	c.end(disconnected, 0)
	return nil
}

// enter puts s into the line when there is room for it. The reader waits.
func (c *conn) enter(s step) error {
	if c.admit(s.size()) {
		defer c.line.through()
		c.put(s)
	}
	return nil
}

// admit waits until the line has room for n more bytes; see line.admit.
func (c *conn) admit(n int) bool { return c.line.admit(n, c.b.limits, &c.b.stats) }

func (c *conn) put(s step) {
	if c.line.put(s) {
		c.b.wg.Add(1)
		c.b.workers.do(c)
	}
}

// work does the steps of the line until it is empty.
func (c *conn) work() {
	defer c.b.wg.Done()
	for more := true; more; more = c.line.done() {
		c.do(c.line.first())
	}
}

// send encodes p and hands it to the transport.
func (c *conn) send(p mqtt.Packet) {
	buf := c.b.buffer()
	defer c.b.release(buf)
	if err := mqtt.Encode(buf, c.who.Version, p); err != nil {
		c.b.log.Error("encode", "client", c.who.Client, "err", err)
		return
	}
	c.write(buf.Bytes(), 1)
}

// write hands n packets to the transport and tells whether it took them.
func (c *conn) write(raw []byte, n int) bool {
	if len(raw) == 0 {
		return true
	}
	if _, err := c.t.Write(raw); err != nil {
		return false
	}
	c.b.stats.packetsOut.Add(int64(n))
	c.b.stats.bytesOut.Add(int64(len(raw)))
	return true
}
