package broker

import (
	"bytes"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/mqtt"
)

// connect answers CONNECT and binds the connection to its session.
// spec: device-api.md#92-connect
func (c *conn) connect(p *mqtt.Connect) error {
	c.who.Version = p.Version
	if !c.b.mayConnect() {
		c.refuse(connectTooFast, tooFast(p.Version))
		return nil
	}
	if reason := c.b.refusal(p); reason != mqtt.Success {
		c.who.Client = p.Client[:min(len(p.Client), c.b.limits.ClientID)] // for the log
		c.fault = &mqtt.Violation{Reason: reason, Text: "CONNECT refused"}
		c.refuse(connectRefused, reason)
		return nil
	}
	offers := c.b.offers(p)
	c.who.Client, c.who.Remote = p.Client, c.t.Remote()
	c.most = int(p.MaximumPacket)
	s, resumed, err := c.b.claim(c, p)
	switch {
	case errors.Is(err, errTooMany):
		c.refuse(connectCrowded, mqtt.QuotaExceeded)
		return nil
	case errors.Is(err, errStopping):
		c.refuse(connectUnavailable, mqtt.ServerBusy)
		return nil
	case err != nil:
		c.b.log.Error("begin session", "client", c.who.Client, "err", err)
		c.refuse(connectUnavailable, mqtt.ServerUnavailable)
		return nil
	}
	c.keepWill(p.Will)
	c.welcome(s, &mqtt.Connack{SessionPresent: resumed, Offers: offers}, c.b.window(p))
	return nil
}

// keepWill keeps the will, with nothing else of the packet that brought it.
func (c *conn) keepWill(w *mqtt.Will) {
	if w == nil {
		return
	}
	w.Topic, w.Payload = strings.Clone(w.Topic), bytes.Clone(w.Payload)
	c.will = w
	c.share.add(w.Message.Weight())
}

// welcome sends CONNACK; from then on the session sends through c. Presence is
// told before anything else of the client is read.
func (c *conn) welcome(s *session, connack *mqtt.Connack, window int) {
	c.lastSeen.Store(clock.Wall().UnixNano())
	c.look(c.grace)
	s.attach(c, connack, window)
	c.b.kick(s, true)
	if c.b.cfg.Presence != nil && c.open.Load() {
		a := &arriving{told: make(chan struct{})}
		c.put(a)
		<-a.told
	}
}

// arriving is the step that tells Presence: the store needs a stack that the
// reader would keep for as long as the connection rests.
type arriving struct{ told chan struct{} }

func (a *arriving) do(c *conn) {
	defer close(a.told)
	c.visit = c.b.cfg.Presence.Connected(c.b.ctx, c.who)
}

func (*arriving) by() hand { return byWorker }

func (*arriving) size() int { return 0 }

func (*arriving) acks() bool { return false }

// refusal is why p is not accepted; Success if it is.
func (b *Broker) refusal(p *mqtt.Connect) mqtt.Reason {
	switch {
	case p.AuthMethod != "":
		return mqtt.BadAuthMethod
	case p.MaximumPacket != 0 && int64(p.MaximumPacket) < int64(b.limits.MinClientPacket):
		return mqtt.PacketTooLarge
	case len(p.Client) > b.limits.ClientID, p.Client == "" && p.Version == mqtt.V311 && !p.Clean:
		return mqtt.BadClientID
	case p.Will != nil:
		return b.willRefusal(p.Will)
	default:
		return mqtt.Success
	}
}

func (b *Broker) willRefusal(w *mqtt.Will) mqtt.Reason {
	switch {
	case !mqtt.ValidTopic(w.Topic), mqtt.Reserved(w.Topic), !b.limits.Topic.Allow(w.Topic):
		return mqtt.BadTopic
	case w.QoS > 1:
		return mqtt.QoSNotSupported
	case len(w.Payload) > b.limits.Payload:
		return mqtt.PacketTooLarge
	default:
		return mqtt.Success
	}
}

// refuse answers CONNECT with reason and ends; 3.1.1 has no word for some.
func (c *conn) refuse(why Why, reason mqtt.Reason) {
	connack := &mqtt.Connack{Reason: reason}
	if c.who.Version != mqtt.V5 {
		connack.Reason = mqtt.Reason(reason.ReturnCode())
	}
	if connack.Reason != mqtt.Success {
		c.send(connack)
	}
	c.end(why, 0)
}

// offers fills in what p leaves to the server: the client id, the keep alive.
// spec: device-api.md#93-mqtt-5-connack-properties
func (b *Broker) offers(p *mqtt.Connect) *mqtt.Offers {
	o := &mqtt.Offers{
		ReceiveMaximum: uint16(b.limits.InFlight), MaximumPacket: uint32(b.limits.Packet),
		TopicAliasMaximum: uint16(b.limits.Aliases),
	}
	if p.Client == "" {
		p.Client = "$GEN/" + uuid.NewString()
		o.AssignedClient = p.Client
	}
	used, _ := b.limits.keepAlive(p.Version, time.Duration(p.KeepAlive)*time.Second)
	o.KeepAlive = uint16(used / time.Second)
	if expiry := uint32(b.limits.sessionExpiry(p) / time.Second); p.Version == mqtt.V5 && expiry != p.SessionExpiry {
		o.SessionExpiry = &expiry
	}
	if p.Version != mqtt.V5 {
		return nil
	}
	return o
}

// window is how many messages may be unacknowledged at the client.
func (b *Broker) window(p *mqtt.Connect) int {
	if p.ReceiveMaximum == 0 {
		return b.limits.InFlight
	}
	return min(b.limits.InFlight, int(p.ReceiveMaximum))
}

// claim makes c the owner of its client's session, after whoever owns it has
// left. resumed tells whether it is the old session.
// spec: device-api.md#95-sessions
func (b *Broker) claim(c *conn, p *mqtt.Connect) (s *session, resumed bool, err error) {
	expiry := b.limits.sessionExpiry(p)
	_, c.grace = b.limits.keepAlive(p.Version, time.Duration(p.KeepAlive)*time.Second)
	for {
		old, busy, err := b.tryClaim(c, p)
		switch {
		case err != nil:
			return nil, false, err
		case busy != nil:
			busy.leave()
			<-busy.gone
		case old != nil && c.session == old:
			return old, true, b.resume(old, expiry)
		default:
			return c.session, false, b.begin(c.session, old, expiry)
		}
	}
}

// tenant is who owns a session at the moment: a connection, or its expiry.
type tenant struct {
	conn *conn // nil: expiry
	gone chan struct{}
}

func (t *tenant) leave() {
	if t.conn != nil {
		t.conn.yield()
	}
}

// tryClaim sets c.session, or tells who has to leave first. old is the session
// there was.
func (b *Broker) tryClaim(c *conn, p *mqtt.Connect) (old *session, busy *tenant, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stopping {
		return nil, nil, errStopping
	}
	old = b.sessions[p.Client]
	if old != nil && old.owner != nil {
		return nil, old.owner, nil
	}
	if old == nil && len(b.sessions) >= b.limits.Sessions {
		return nil, nil, errTooMany
	}
	c.session = old
	if old == nil || p.Clean || old.version != p.Version {
		c.session = newSession(p.Client, p.Version, 0)
		b.sessions[p.Client] = c.session
	}
	b.met(c)
	c.session.owner = &tenant{conn: c, gone: c.gone}
	c.session.epoch++
	if old != nil {
		old.stopTimers()
	}
	return old, nil, nil
}

// resume goes on with s. Its will, if it was waiting, is not sent.
func (b *Broker) resume(s *session, expiry time.Duration) error {
	b.takeWill(s)
	changed := s.expiry != expiry
	s.expiry = expiry
	if !changed || expiry == 0 {
		return nil
	}
	return b.save(s)
}

// begin ends the session there was, and keeps the new one if it is to outlive
// its connection.
func (b *Broker) begin(s, old *session, expiry time.Duration) error {
	s.expiry = expiry
	if old != nil {
		b.publishWill(old)
		b.index.drop(old)
		if old.kept {
			if err := b.cfg.Sessions.DropSession(b.ctx, old.client); err != nil {
				s.expiry = 0
				return err
			}
		}
	}
	if expiry == 0 {
		return nil
	}
	s.kept = true
	if err := b.save(s); err != nil {
		s.expiry = 0 // what is not stored does not stay
		return err
	}
	return nil
}

func (b *Broker) save(s *session) error {
	return b.cfg.Sessions.SaveSession(b.ctx, s.stored(b.forms))
}

// greet sends CONNACK, unless the connection has ended before.
func (c *conn) greet(connack *mqtt.Connack) bool {
	c.greeting.Lock()
	defer c.greeting.Unlock()
	if c.why() != notEnded {
		return false
	}
	c.send(connack)
	c.open.Store(true)
	return true
}

// greeted tells whether CONNACK was sent, or never will be.
func (c *conn) greeted() bool {
	c.greeting.Lock()
	defer c.greeting.Unlock()
	return c.open.Load()
}

var (
	errStopping = errors.New("broker is stopping")
	errTooMany  = errors.New("too many sessions")
)
