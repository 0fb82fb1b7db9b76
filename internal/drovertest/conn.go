package drovertest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/mqtt"
)

// Session is how a client opens a connection.
type Session struct {
	Client     string // "" for one that nobody else has
	Version    byte   // 0 is mqtt.V5
	Persistent bool   // the session is kept for an hour after the end
}

// Conn is an MQTT connection, seen from its client's end. It reads only when
// it is asked for something; what comes meanwhile waits in its inbox.
type Conn struct {
	Session
	// Resumed tells that the server had kept the session.
	Resumed bool
	// Silent withholds the acknowledgement of messages.
	Silent bool

	t     testing.TB
	nc    net.Conn
	r     *bufio.Reader
	id    uint16
	inbox []*mqtt.Publish
}

// Dial opens a connection and says nothing.
func (n *Node) Dial(version byte) *Conn {
	n.t.Helper()
	nc, err := net.Dial("tcp", n.MQTTAddr())
	if err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(func() { nc.Close() })
	return &Conn{Session: Session{Version: version}, t: n.t, nc: nc, r: bufio.NewReader(nc)}
}

// Connect opens a connection; the test fails unless it is accepted.
func (n *Node) Connect(s Session) *Conn {
	n.t.Helper()
	if s.Version == 0 {
		s.Version = mqtt.V5
	}
	if s.Client == "" {
		n.devices++
		s.Client = fmt.Sprintf("drovertest-%d", n.devices)
	}
	c := n.Dial(s.Version)
	c.Session = s
	hello := &mqtt.Connect{Version: s.Version, Client: s.Client, Clean: !s.Persistent, KeepAlive: 1200}
	if s.Persistent && s.Version == mqtt.V5 {
		hello.SessionExpiry = 3600
	}
	c.Send(hello)
	back := await[*mqtt.Connack](c)
	if back.Reason != mqtt.Success {
		n.t.Fatalf("CONNACK %#x for client %s", back.Reason, s.Client)
	}
	c.Resumed = back.SessionPresent
	return c
}

// Send writes packets.
func (c *Conn) Send(packets ...mqtt.Packet) {
	c.t.Helper()
	var buf bytes.Buffer
	for _, p := range packets {
		if err := mqtt.Encode(&buf, c.Version, p); err != nil {
			c.t.Fatal(err)
		}
	}
	c.SendRaw(buf.Bytes())
}

// SendRaw writes bytes.
func (c *Conn) SendRaw(raw []byte) {
	c.t.Helper()
	if _, err := c.nc.Write(raw); err != nil {
		c.t.Fatalf("client %s: write: %v", c.Client, err)
	}
}

func (c *Conn) read() (mqtt.Packet, error) {
	if err := c.nc.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return nil, err
	}
	h, err := mqtt.ReadHeader(c.r, 1<<20)
	if err != nil {
		return nil, err
	}
	body := make([]byte, h.Remaining)
	if _, err := io.ReadFull(c.r, body); err != nil {
		return nil, err
	}
	return mqtt.Decode(h, c.Version, body)
}

// await reads up to the next packet of a kind; messages go to the inbox.
func await[T mqtt.Packet](c *Conn) T {
	c.t.Helper()
	for {
		p, err := c.read()
		if err != nil {
			c.t.Fatalf("client %s: wait for a %T: %v", c.Client, *new(T), err)
		}
		if want, ok := p.(T); ok {
			return want
		}
		m, ok := p.(*mqtt.Publish)
		if !ok {
			c.t.Fatalf("client %s: got %T %+v, want a %T", c.Client, p, p, *new(T))
		}
		c.keep(m)
	}
}

// keep puts a message into the inbox and acknowledges it.
func (c *Conn) keep(m *mqtt.Publish) {
	c.inbox = append(c.inbox, m)
	if m.QoS == 1 && !c.Silent {
		c.Send(&mqtt.Ack{Kind: mqtt.TypePuback, ID: m.ID})
	}
}

func (c *Conn) nextID() uint16 {
	c.id++
	return c.id
}

// Subscribe asks for filters at QoS 1 and answers what was granted.
func (c *Conn) Subscribe(filters ...string) []mqtt.Reason {
	c.t.Helper()
	s := &mqtt.Subscribe{ID: c.nextID()}
	for _, f := range filters {
		s.Filters = append(s.Filters, mqtt.Wish{Filter: f, QoS: 1})
	}
	c.Send(s)
	return await[*mqtt.Suback](c).Reasons
}

// Unsubscribe takes filters back.
func (c *Conn) Unsubscribe(filters ...string) {
	c.t.Helper()
	c.Send(&mqtt.Unsubscribe{ID: c.nextID(), Filters: filters})
	await[*mqtt.Unsuback](c)
}

// Publish publishes at QoS 1 and answers the reason of its acknowledgement,
// which 3.1.1 does not have.
func (c *Conn) Publish(topic, payload string) mqtt.Reason {
	c.t.Helper()
	m := &mqtt.Publish{Message: mqtt.Message{Topic: topic, Payload: []byte(payload), QoS: 1}, ID: c.nextID()}
	c.Send(m)
	return await[*mqtt.Ack](c).Reason
}

// Request publishes a request and waits for its answer on TOPIC/accepted or
// TOPIC/rejected.
func (c *Conn) Request(topic, payload string) *mqtt.Publish {
	c.t.Helper()
	c.Publish(topic, payload)
	return c.answer(topic)
}

// answer takes the answer to topic out of the inbox, reading until it is
// there.
func (c *Conn) answer(topic string) *mqtt.Publish {
	c.t.Helper()
	for i := 0; ; i++ {
		if i == len(c.inbox) {
			c.keep(await[*mqtt.Publish](c))
		}
		if m := c.inbox[i]; m.Topic == topic+"/accepted" || m.Topic == topic+"/rejected" {
			c.inbox = append(c.inbox[:i:i], c.inbox[i+1:]...)
			return m
		}
	}
}

// Sync returns when all that the client has asked for has taken effect, and
// all that the server had written before is in the inbox.
func (c *Conn) Sync() {
	c.t.Helper()
	c.Send(&mqtt.Unsubscribe{ID: c.nextID(), Filters: []string{"drovertest/sync"}})
	await[*mqtt.Unsuback](c)
}

// Drain sends packets and reads on until they have taken effect: what they
// bring is in the inbox, their acknowledgements are dropped.
func (c *Conn) Drain(packets ...mqtt.Packet) {
	c.t.Helper()
	c.Send(append(packets, &mqtt.Unsubscribe{ID: c.nextID(), Filters: []string{"drovertest/sync"}})...)
	for {
		p, err := c.read()
		if err != nil {
			c.t.Fatalf("client %s: %v", c.Client, err)
		}
		switch p := p.(type) {
		case *mqtt.Unsuback:
			return
		case *mqtt.Publish:
			c.keep(p)
		}
	}
}

// Await reads until the inbox holds so many messages. What a resumed session
// is sent comes at no point that a client could tell.
func (c *Conn) Await(messages int) {
	c.t.Helper()
	for len(c.inbox) < messages {
		c.keep(await[*mqtt.Publish](c))
	}
}

// Take is the inbox, which is empty then.
func (c *Conn) Take() []*mqtt.Publish {
	taken := c.inbox
	c.inbox = nil
	return taken
}

// Leave disconnects in good order and waits until the server has noticed.
func (c *Conn) Leave() {
	c.t.Helper()
	c.Send(&mqtt.Disconnect{})
	c.WantEnd(mqtt.Success)
}

// Drop closes the socket without a word.
func (c *Conn) Drop() { c.nc.Close() }

// WantEnd reads until the connection ends; an MQTT 5 client is told the reason
// first, unless it is Success.
func (c *Conn) WantEnd(reason mqtt.Reason) {
	c.t.Helper()
	if reason != mqtt.Success && c.Version == mqtt.V5 {
		if d := await[*mqtt.Disconnect](c); d.Reason != reason {
			c.t.Fatalf("DISCONNECT %#x, want %#x", d.Reason, reason)
		}
	}
	for {
		p, err := c.read()
		if m, ok := p.(*mqtt.Publish); ok {
			c.keep(m)
			continue
		}
		if err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
			c.t.Fatalf("client %s: got %T %+v, %v; want the end of the connection", c.Client, p, p, err)
		}
		return
	}
}

// base is what the topics of a thing's jobs begin with.
func base(thing string) string { return "$aws/things/" + thing + "/jobs/" }

// below is a topic without what all topics of the thing's jobs begin with.
func below(thing, topic string) string { return strings.TrimPrefix(topic, base(thing)) }
