package broker

import (
	"bytes"

	"github.com/drover-iot/drover/internal/mqtt"
)

// page is how many stored messages a feeder reads at once: enough to keep a
// client busy, few enough to hold in memory at full size. mouthful is how many
// bytes it sends at once; then it waits until the client has taken them.
const (
	page     = 20
	mouthful = 64 << 10
)

// feedersAtOnce is how many feeders run at most. When a message for hundreds of
// sessions has been stored, whoever is to be answered meanwhile waits for a
// processor behind four feeders, not behind hundreds.
const feedersAtOnce = 4

// feeders take the sessions that something is stored for in turns.
type feeders struct{ queue[session] }

// put adds a session and tells whether a feeder must be started for it.
func (f *feeders) put(s *session) (start bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.waiting = append(f.waiting, s)
	if f.at == feedersAtOnce {
		return false
	}
	f.at++
	return true
}

// putBack adds a session again; the feeder that had it goes on, so none is
// started.
func (f *feeders) putBack(s *session) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.waiting = append(f.waiting, s)
}

// kick says that there is room for what is stored for s, and whether there may
// be more of it.
func (b *Broker) kick(s *session, more bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.kept {
		return
	}
	s.more = s.more || more
	if !s.more || s.feeding || s.live == nil || s.window.full() {
		return
	}
	s.feeding = true
	if b.feeders.put(s) {
		b.wg.Add(1)
		go b.feed()
	}
}

// feed sends what is stored, in turns a page of each session.
func (b *Broker) feed() {
	defer b.wg.Done()
	for s := b.feeders.take(); s != nil; s = b.feeders.take() {
		if b.feedPage(s) {
			b.feeders.putBack(s)
		}
	}
}

// feedPage sends a page of what is stored for s, in order, if its client is
// there, has room and reads; when that was all, what it is owed. It tells
// whether to go on.
func (b *Broker) feedPage(s *session) (again bool) {
	c, after, n := s.hunger()
	if n == 0 {
		return false
	}
	messages, err := b.cfg.Sessions.Stored(b.ctx, s.client, after, n)
	if err != nil {
		b.log.Error("read stored messages", "client", s.client, "err", err)
		c.end(storeFailed, mqtt.Unspecified)
		return s.starved(c)
	}
	if s.serve(c, messages, n) {
		b.settleDebts(s, c)
	}
	return true
}

// hunger is what to read next, for whom, and how much; n is 0 when it is not to
// be fed until the next kick.
func (s *session) hunger() (c *conn, after int64, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n = min(s.window.room(), page)
	if s.live == nil || s.live.why() != notEnded || !s.more || n == 0 || s.live.t.Queued() > 0 {
		s.feeding = false
		return nil, 0, 0
	}
	s.more = false
	return s.live, s.cursor, n
}

// starved notes that what is stored could not be read for c. It tells whether
// another connection has taken its place, whose kick has found a feeder.
func (s *session) starved(c *conn) (again bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.more = true
	s.feeding = s.live != nil && s.live != c
	return s.feeding
}

// serve sends a page of n stored messages at most. It tells whether everything
// is sent and the debts are next.
func (s *session) serve(c *conn, messages []mqtt.Stored, n int) (debts bool) {
	buf := c.b.buffer()
	defer c.b.release(buf)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.live != c {
		s.more = true // for another connection, which has a cursor of its own
		return false
	}
	packets := 0
	for _, m := range messages {
		if s.window.full() || buf.Len() > mouthful {
			s.more = true
			break
		}
		packets += s.pushStored(buf, c, m)
		s.cursor = m.Seq
	}
	s.more = s.more || len(messages) == n
	s.window.forgetGone(s.cursor)
	c.b.cfg.Sessions.Sent(s.client, s.highest)
	c.write(buf.Bytes(), packets)
	return s.owing && !s.more
}

// pushStored sends a stored message, with its old identifier and DUP if it was
// sent before. One that was acknowledged, but is not gone yet, is passed over.
// spec: device-api.md#95-sessions
func (s *session) pushStored(buf *bytes.Buffer, c *conn, m mqtt.Stored) int {
	f, flying := s.window.stored(m.Seq)
	switch {
	case flying && f.onWire, !flying && m.Seq <= s.highest:
		return 0
	case !flying:
		f = flight{seq: m.Seq, again: s.unsure > 0}
		s.unsure = max(s.unsure-1, 0)
	}
	s.highest = max(s.highest, m.Seq)
	m.QoS = 1
	n := s.push(buf, c, m.Message, f)
	if n == 0 {
		c.b.cfg.Sessions.Acked(s.client, m.Seq) // expired or too large: it will never be taken
	}
	return n
}

// settleDebts sends what a resumed session is owed. Notices that come meanwhile
// are held back; if there were any, what is owed since is asked for again. So
// none is missed, and none comes twice.
// spec: device-api.md#71-payloads
func (b *Broker) settleDebts(s *session, c *conn) {
	for upTo, round := int64(0), 1; ; round++ {
		messages, seen, err := b.cfg.Debts.Owed(b.ctx, s.client, upTo)
		if err != nil {
			b.log.Error("read what is owed", "client", s.client, "err", err)
			c.end(storeFailed, mqtt.Unspecified)
			return
		}
		if s.repay(c, messages, round == mostRounds) {
			return
		}
		upTo = seen
	}
}

// mostRounds bounds how often debts are asked for by a session that listens to
// very much; in the last round a notice may come twice.
const mostRounds = 10

// repay sends what is owed. It tells whether that was all: no notice was held
// back meanwhile, and from here on they are sent again.
func (s *session) repay(c *conn, messages []mqtt.Message, last bool) (all bool) {
	buf := c.b.buffer()
	defer c.b.release(buf)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.live != c {
		return true // another connection will ask
	}
	n := 0
	for _, m := range messages {
		n += s.push(buf, c, m, flight{owed: true})
	}
	c.write(buf.Bytes(), n)
	all = last || !s.missed
	s.owing, s.missed = !all, false
	return all
}

// deliverOwed sends a message of an unqueued topic to a persistent session.
func (b *Broker) deliverOwed(s *session, m mqtt.Message) bool {
	ok := s.deliver(b, m, true)
	if ok && m.QoS == 0 {
		b.paid(s, m)
	}
	return ok
}

func (b *Broker) paid(s *session, m mqtt.Message) {
	if b.cfg.Debts != nil {
		b.cfg.Debts.Paid(s.client, m)
	}
}
