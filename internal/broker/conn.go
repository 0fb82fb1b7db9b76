package broker

import (
	"container/list"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

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

func (c *conn) put(s step) { c.call(c.line.put(s)) }

// call has the line gone on with.
func (c *conn) call(by hand) {
	switch by {
	case byNobody:
	case byAnswerer:
		c.b.wg.Add(1)
		c.b.answers.put(c)
	case byWorker:
		c.b.wg.Add(1)
		c.b.workers.do(c)
	}
}

// work does the steps of the line as long as there are some to do.
func (c *conn) work() {
	defer c.b.wg.Done()
	for by := byWorker; by != byNobody; by = c.line.done() {
		c.do(c.line.first())
	}
}

// answer does one step of the line: whoever sends many takes turns.
func (c *conn) answer() {
	defer c.b.wg.Done()
	c.do(c.line.first())
	c.call(c.line.done())
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
	_, err := c.t.Write(raw)
	return c.wrote(n, len(raw), err)
}

// takes tells whether a packet of n bytes is not too large for the client, and
// counts it if it is.
func (c *conn) takes(n int) bool {
	if c.most > 0 && n > c.most {
		c.b.stats.tooLarge.Add(1)
		return false
	}
	return true
}

// wrote counts n packets that the transport took, if there was no error, and
// tells whether there was none.
func (c *conn) wrote(n, size int, err error) bool {
	if err != nil {
		return false
	}
	c.b.stats.packetsOut.Add(int64(n))
	c.b.stats.bytesOut.Add(int64(size))
	return true
}
