package broker

import (
	"bufio"
	"errors"
	"io"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/mqtt"
)

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
	// Before Decode, which copies every filter.
	if id, n := mqtt.CountWishes(h, c.who.Version, body); n > c.b.limits.Wishes && c.open.Load() {
		return c.refuseWishes(id, n)
	}
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
