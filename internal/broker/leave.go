package broker

import (
	"time"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/mqtt"
)

// detach takes an ended connection from its session, and ends the session or
// lets it wait for the client. Its line is empty.
func (b *Broker) detach(c *conn) {
	s := c.session
	if s == nil {
		return
	}
	s.detach()
	if c.visit != nil {
		c.visit.Disconnected(b.ctx, c.why().Cause())
	}
	if s.will = c.will; s.will != nil {
		c.share.add(-s.will.Message.Weight())
	}
	b.changeExpiry(s, c.expiry)
	if s.expiry == 0 {
		b.endSession(s)
		return
	}
	if s.will != nil && (s.will.Delay == 0 || !b.parkWill(s)) {
		b.publishWill(s)
	}
	b.expireLater(s)
}

// changeExpiry keeps the expiry that a DISCONNECT asked for.
func (b *Broker) changeExpiry(s *session, to *time.Duration) {
	if to == nil || *to == s.expiry {
		return
	}
	s.expiry = *to
	if s.expiry == 0 {
		return
	}
	if err := b.save(s); err != nil {
		b.log.Error("save session expiry", "client", s.client, "err", err)
	}
}

// endSession forgets s and all that is kept of it. The caller owns it.
func (b *Broker) endSession(s *session) {
	b.index.drop(s)
	b.publishWill(s)
	if s.kept {
		if err := b.cfg.Sessions.DropSession(b.ctx, s.client); err != nil {
			b.log.Error("drop session", "client", s.client, "err", err)
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	s.owner = nil
	if b.sessions[s.client] == s {
		delete(b.sessions, s.client)
	}
}

// expireLater lets go of s, and ends it when its time is over.
// spec: device-api.md#95-sessions
func (b *Broker) expireLater(s *session) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s.owner = nil
	if b.stopping {
		return
	}
	epoch := s.epoch
	s.expires = b.later(s.expiry, func() { b.asOwner(s, epoch, b.endSession) })
	if s.will != nil {
		s.willWait = b.later(min(s.will.Delay, s.expiry), func() { b.asOwner(s, epoch, b.sendDelayed) })
	}
}

// sendDelayed publishes a will whose delay is over. The session's expiry, whose
// timer runs on, is not touched.
func (b *Broker) sendDelayed(s *session) {
	b.publishWill(s)
	b.mu.Lock()
	defer b.mu.Unlock()
	s.owner = nil
}

// asOwner runs f as the owner of s, unless a client came since epoch.
func (b *Broker) asOwner(s *session, epoch int, f func(*session)) {
	t := &tenant{gone: make(chan struct{})}
	for {
		mine, busy := b.takeIdle(s, epoch, t)
		if mine {
			defer close(t.gone)
			f(s)
			return
		}
		if busy == nil {
			return
		}
		<-busy // the other timer of s
	}
}

// takeIdle makes t the owner of s, or tells for whom to wait; nil if a client
// came since epoch.
func (b *Broker) takeIdle(s *session, epoch int, t *tenant) (mine bool, busy <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case s.epoch != epoch || b.sessions[s.client] != s:
		return false, nil
	case s.owner != nil:
		return false, s.owner.gone
	default:
		s.owner = t
		return true, nil
	}
}

// parkWill counts the will that waits for its delay, and is false if that would
// be too much: then the will does not wait.
func (b *Broker) parkWill(s *session) bool {
	n := int64(s.will.Message.Weight())
	if b.held.total.Load()+n > b.held.limit/4 {
		return false
	}
	s.parked = n
	b.held.add(n)
	return true
}

// takeWill takes the will from s, if it has one.
func (b *Broker) takeWill(s *session) *mqtt.Will {
	w := s.will
	b.held.add(-s.parked)
	s.will, s.parked = nil, 0
	return w
}

// publishWill publishes the will that s has, if any, once.
// spec: device-api.md#96-topics-subscriptions-retained-will
func (b *Broker) publishWill(s *session) {
	w := b.takeWill(s)
	if w == nil {
		return
	}
	m := w.Message
	m.Expires = b.expires(w.Expiry)
	if _, err := b.publish(b.ctx, m, s); err != nil {
		b.log.Error("publish will", "client", s.client, "err", err)
	}
}

// expires is when a message with this expiry interval is over.
// spec: device-api.md#93-mqtt-5-connack-properties
func (b *Broker) expires(interval *uint32) time.Time {
	if interval == nil {
		return time.Time{}
	}
	after := max(time.Duration(*interval)*time.Second, time.Second)
	return clock.Wall().Add(min(after, b.limits.MaxMessageExpiry))
}
