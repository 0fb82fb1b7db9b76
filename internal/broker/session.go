package broker

import (
	"bytes"
	"strings"
	"sync"
	"time"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/mqtt"
)

// session is a client's subscriptions and what is on its way to it. A
// persistent one stays when the connection ends.
type session struct {
	client  string
	version byte

	// kept: Sessions has it. Set at its beginning or restoring, and never again:
	// publishers read it without a lock, who find the session in the index, and
	// that is after its first subscription.
	kept bool

	// Of the owner alone:
	expiry time.Duration // 0: ends with the connection
	will   *mqtt.Will    // waits for its delay
	parked int64         // what it counts for in Broker.held

	// Guarded by Broker.mu:
	owner             *tenant
	epoch             int // counts its clients
	expires, willWait *time.Timer

	mu      sync.Mutex // guards what follows, and the order of what is sent
	live    *conn      // nil: not connected
	plain   []mqtt.Filter
	forms   []instances
	window  window
	cursor  int64 // Seq of the last stored message that was read
	highest int64 // Seq of the last that was ever sent
	unsure  int   // so many of the next stored messages may have been sent before a restart
	more    bool  // there may be stored messages behind the cursor
	owing   bool  // Debts are to be asked when all that is stored is sent
	missed  bool  // a notice was held back since they were asked
	feeding bool  // a feeder has it, or it waits for one
}

// instances are a session's subscriptions of forms with one name: a bit each.
type instances struct {
	name      string
	bits      uint32 // bit n-1: subscribed to form n
	confirmed uint32 // at QoS 1
}

func newSession(client string, version byte, expiry time.Duration) *session {
	return &session{client: client, version: version, expiry: expiry}
}

// stopTimers is called under Broker.mu.
func (s *session) stopTimers() {
	for _, t := range []*time.Timer{s.expires, s.willWait} {
		if t != nil {
			t.Stop()
		}
	}
	s.expires, s.willWait = nil, nil
}

// stored is what Sessions keeps of s.
func (s *session) stored(forms mqtt.Forms) mqtt.Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := mqtt.Session{Client: s.client, Version: s.version, Expiry: s.expiry}
	kept.Filters = append(kept.Filters, s.plain...)
	for _, i := range s.forms {
		for n := byte(1); int(n) <= forms.Len(); n++ {
			if qos, ok := i.granted(n); ok {
				kept.Filters = append(kept.Filters, mqtt.Filter{Text: forms.Text(n, i.name), QoS: qos, Form: n, Name: i.name})
			}
		}
	}
	return kept
}

func (i instances) granted(n byte) (qos byte, ok bool) {
	bit := uint32(1) << (n - 1)
	if i.confirmed&bit != 0 {
		qos = 1
	}
	return qos, i.bits&bit != 0
}

// granted is the highest QoS of a subscription that matches topic.
func (s *session) granted(topic string, forms mqtt.Forms) (qos byte, ok bool) {
	for _, f := range s.plain {
		if (!ok || f.QoS > qos) && !strings.HasPrefix(f.Text, "$share/") && mqtt.Matches(f.Text, topic) {
			qos, ok = f.QoS, true
		}
	}
	for n := byte(1); int(n) <= forms.Len() && len(s.forms) > 0; n++ {
		name, matches := forms.Match(n, topic)
		if !matches {
			continue
		}
		for _, i := range s.forms {
			if q, has := i.granted(n); has && i.name == name {
				qos, ok = max(qos, q), true
			}
		}
	}
	return qos, ok
}

// attach sends CONNACK and lets the session send through c. What was stored
// and not acknowledged is sent again, then what is new, then what is owed.
func (s *session) attach(c *conn, connack *mqtt.Connack, size int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !c.greet(connack) {
		return
	}
	s.live = c
	s.window.reopen(size, &c.share)
	c.feeds.Store(s)
	s.cursor = s.window.before(s.highest)
	s.more = s.kept
	s.owing = connack.SessionPresent && s.kept && c.b.cfg.Debts != nil
}

// detach takes c from the session. What was in memory only is lost.
func (s *session) detach() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.live = nil
	s.window.forget()
}

// connected tells whether the client is there at the moment.
func (s *session) connected() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.live != nil
}

// deliver sends m to the client if it is there; at QoS 1 it waits in memory
// for its turn. It tells whether the client was there.
func (s *session) deliver(b *Broker, m mqtt.Message, owed bool) bool {
	buf := b.buffer()
	defer b.release(buf)
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.live
	if c == nil || c.why() != notEnded {
		return false
	}
	if owed && s.owing && m.QoS > 0 {
		s.missed = true
		return true // Debts will say it when they are asked
	}
	n := s.push(buf, c, m, flight{owed: owed})
	return c.write(buf.Bytes(), n)
}

// answer sends a PUBACK, if ack is not nil, and the messages of a reply at once.
func (s *session) answer(c *conn, ack *mqtt.Ack, messages []mqtt.Message, qos byte) {
	buf := c.b.buffer()
	defer c.b.release(buf)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.live != c {
		return
	}
	n := 0
	if ack != nil && mqtt.Encode(buf, s.version, ack) == nil {
		n++
	}
	for _, m := range messages {
		m.QoS, m.Retain = qos, false
		if granted, ok := s.granted(m.Topic, c.b.forms); ok {
			m.QoS = min(qos, granted)
		}
		n += s.push(buf, c, m, flight{})
	}
	c.write(buf.Bytes(), n)
}

// push encodes m into buf, at QoS 1 under an identifier of its own, or lets it
// wait when the client has no room. It tells how many packets it added. It is
// called under s.mu.
func (s *session) push(buf *bytes.Buffer, c *conn, m mqtt.Message, f flight) int {
	if m.QoS == 0 {
		return s.encode(buf, c, &mqtt.Publish{Message: m})
	}
	if s.window.full() {
		f.message = m
		c.b.stats.queueFull.Add(int64(s.window.wait(f, c.b.limits)))
		return 0
	}
	f.message = mqtt.Message{}
	if f.owed {
		f.message = m // to be paid
	}
	id := s.window.take(f)
	n := s.encode(buf, c, &mqtt.Publish{Message: m, ID: id, Dup: f.again})
	if n == 0 {
		s.window.release(id)
	}
	return n
}

// encode adds p to buf, unless it has expired or is too large for the client.
func (s *session) encode(buf *bytes.Buffer, c *conn, p *mqtt.Publish) int {
	if !p.Expires.IsZero() {
		now := clock.Wall()
		if p.Expired(now) {
			c.b.stats.expired.Add(1)
			return 0
		}
		left := uint32((p.Expires.Sub(now) + time.Second - 1) / time.Second)
		p.Expiry = &left
	}
	start := buf.Len()
	if err := mqtt.Encode(buf, s.version, p); err != nil {
		c.b.log.Error("encode", "client", s.client, "err", err)
		buf.Truncate(start)
		return 0
	}
	if !c.takes(buf.Len() - start) {
		buf.Truncate(start)
		return 0
	}
	return 1
}

// acked takes the client's PUBACK and sends what waited for its room.
func (s *session) acked(c *conn, id uint16) {
	f, ok := s.settle(c, id)
	if !ok {
		return
	}
	switch {
	case f.seq > 0:
		c.b.cfg.Sessions.Acked(s.client, f.seq)
	case f.owed:
		c.b.paid(s, f.message)
	}
	c.b.kick(s, false)
}

func (s *session) settle(c *conn, id uint16) (flight, bool) {
	buf := c.b.buffer()
	defer c.b.release(buf)
	s.mu.Lock()
	defer s.mu.Unlock()
	f, ok := s.window.release(id)
	n := 0
	for !s.window.full() {
		waiting, ok := s.window.next()
		if !ok {
			break
		}
		n += s.push(buf, c, waiting.message, waiting)
	}
	c.write(buf.Bytes(), n)
	return f, ok
}
