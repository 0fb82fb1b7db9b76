package broker

import (
	"context"
	"strings"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/mqtt"
)

// publish takes a client's PUBLISH.
func (c *conn) publish(p *mqtt.Publish) error {
	if err := c.resolveAlias(p); err != nil {
		return err
	}
	if err := c.checkPublish(p); err != nil {
		return err
	}
	if !c.mayPublish() {
		c.discard(p)
		return nil
	}
	verdict := c.b.Verdict(p.Topic)
	switch {
	case !c.b.limits.Topic.Allow(p.Topic):
		return c.refusePublish(p, "topic over the limits")
	case verdict == Violation:
		return c.refusePublish(p, "reserved topic")
	case !c.admit(c.size):
		return nil
	}
	defer c.line.through()
	p.Expires = c.b.expires(p.Expiry)
	switch verdict {
	case Request:
		c.put(c.begin(p))
	case Swallow:
		c.acknowledge(p, mqtt.Success)
	default:
		c.publishLater(p)
	}
	return nil
}

// publishLater routes at once what needs not wait for anything, and puts the
// rest into the line.
func (c *conn) publishLater(p *mqtt.Publish) {
	s := &publishing{p, c.size}
	if p.QoS == 0 && !p.Retain && c.line.isEmpty() {
		s.do(c)
		return
	}
	c.put(s)
}

// resolveAlias puts the topic in that an alias stands for.
// spec: device-api.md#97-violations
func (c *conn) resolveAlias(p *mqtt.Publish) error {
	if p.Alias == 0 {
		return nil
	}
	if int(p.Alias) > c.b.limits.Aliases {
		return &mqtt.Violation{Reason: mqtt.BadAlias, Text: "topic alias over the maximum"}
	}
	if c.aliases == nil {
		c.aliases = make([]string, c.b.limits.Aliases)
	}
	known := &c.aliases[p.Alias-1]
	if p.Topic != "" {
		*known = strings.Clone(p.Topic)
		return nil
	}
	if *known == "" {
		return &mqtt.Violation{Reason: mqtt.ProtocolError, Text: "unknown topic alias"}
	}
	p.Topic = *known
	return nil
}

// checkPublish finds what ends the connection.
// spec: device-api.md#97-violations
func (c *conn) checkPublish(p *mqtt.Publish) error {
	switch {
	case p.QoS > 1:
		return &mqtt.Violation{Reason: mqtt.QoSNotSupported, Text: "QoS 2"}
	case len(p.Payload) > c.b.limits.Payload:
		return &mqtt.Violation{Reason: mqtt.PacketTooLarge, Text: "payload over the limit"}
	case !mqtt.ValidTopic(p.Topic):
		return &mqtt.Violation{Reason: mqtt.BadTopic, Text: "topic is empty or has wildcards"}
	case p.Retain && mqtt.Reserved(p.Topic):
		return &mqtt.Violation{Reason: mqtt.RetainNotSupported, Text: "RETAIN on a reserved topic"}
	case p.Props != nil && mqtt.Wild(p.Props.ResponseTopic):
		return &mqtt.Violation{Reason: mqtt.ProtocolError, Text: "response topic with wildcards"}
	case p.QoS == 1 && c.who.Version == mqtt.V5 && c.line.acksOwed() >= c.b.limits.InFlight:
		return &mqtt.Violation{Reason: mqtt.ReceiveMaxExceeded, Text: "over the receive maximum"}
	default:
		return nil
	}
}

// refusePublish refuses a topic: where the version can, with a PUBACK.
// spec: device-api.md#97-violations
func (c *conn) refusePublish(p *mqtt.Publish, text string) error {
	if c.who.Version != mqtt.V5 || p.QoS == 0 {
		return &mqtt.Violation{Reason: mqtt.BadTopic, Text: text}
	}
	c.b.stats.topicRefused.Add(1)
	if c.admit(0) {
		defer c.line.through()
		c.acknowledge(p, mqtt.BadTopic)
	}
	return nil
}

// acknowledge answers p when its turn comes.
func (c *conn) acknowledge(p *mqtt.Publish, reason mqtt.Reason) {
	if p.QoS == 1 {
		c.put(&acknowledging{id: p.ID, reason: reason})
	}
}

type acknowledging struct {
	id     uint16
	reason mqtt.Reason
}

func (a *acknowledging) do(c *conn) {
	c.sendPuback(a.id, a.reason)
}

func (*acknowledging) by() hand { return byAnswerer }

func (*acknowledging) size() int { return 0 }

func (*acknowledging) acks() bool { return true }

// begin hands a request over and makes a step of what is left to do.
func (c *conn) begin(p *mqtt.Publish) step {
	a := &answering{id: p.ID, qos: p.QoS, bytes: c.size}
	if p.Props != nil && p.Props.Correlation != nil {
		a.props = &mqtt.Properties{Correlation: p.Props.Correlation}
	}
	a.begun = c.b.cfg.Requests.Begin(c.who, p.Message)
	switch {
	case a.begun == nil:
		a.hand = byAnswerer
	case !a.begun.Then(func() { c.known(a) }):
		a.hand = byWorker
	}
	return a
}

// known goes on with the line now that the outcome of a is known.
func (c *conn) known(a *answering) {
	by := byAnswerer
	if a.begun.Waits() {
		by = byWorker
	}
	c.call(c.line.known(a, by))
}

// answering finishes a request.
type answering struct {
	begun Begun            // nil: the reply is empty
	props *mqtt.Properties // of the answer
	bytes int
	id    uint16
	qos   byte
	hand  hand // guarded by line.mu
}

func (a *answering) do(c *conn) {
	var reply Reply
	if a.begun != nil {
		reply = a.begun.Finish(c.b.ctx)
	}
	if reply.Err != nil {
		c.b.log.Error("answer a request", "client", c.who.Client, "err", reply.Err)
		c.notStored(a.qos, a.id)
	} else {
		a.answer(c, reply.Messages)
	}
	if reply.After != nil {
		reply.After()
	}
}

// answer acknowledges the request and sends the messages of its reply.
func (a *answering) answer(c *conn, messages []mqtt.Message) {
	var ack *mqtt.Ack
	if a.qos == 1 {
		ack = &mqtt.Ack{Kind: mqtt.TypePuback, ID: a.id}
		c.line.acked()
	}
	for i := range messages {
		if messages[i].Props == nil {
			messages[i].Props = a.props
		}
	}
	c.session.answer(c, ack, messages, a.qos)
}

func (a *answering) by() hand { return a.hand }

func (a *answering) size() int { return a.bytes }

func (a *answering) acks() bool { return a.qos == 1 }

// publishing routes an ordinary message.
type publishing struct {
	*mqtt.Publish
	bytes int
}

func (p *publishing) do(c *conn) {
	matched, err := c.b.publish(c.b.ctx, p.Message, c.session)
	switch {
	case err != nil:
		c.b.log.Error("publish", "client", c.who.Client, "err", err)
		c.notStored(p.QoS, p.ID)
	case p.QoS == 0:
	case matched == 0:
		c.sendPuback(p.ID, mqtt.NoMatching)
	default:
		c.sendPuback(p.ID, mqtt.Success)
	}
}

func (c *conn) sendPuback(id uint16, reason mqtt.Reason) {
	c.line.acked()
	c.send(&mqtt.Ack{Kind: mqtt.TypePuback, ID: id, Reason: reason})
}

// notStored tells the publisher that its message is not kept, so that it sends
// it again: 3.1.1 has no word for that but the end of the connection.
func (c *conn) notStored(qos byte, id uint16) {
	switch {
	case qos == 0:
	case c.who.Version == mqtt.V5:
		c.sendPuback(id, mqtt.Unspecified)
	default:
		c.end(storeFailed, 0)
	}
}

func (*publishing) by() hand { return byWorker }

func (p *publishing) size() int { return p.bytes }

func (p *publishing) acks() bool { return p.QoS == 1 }

// Publish stores m for the persistent sessions that are to get it at QoS 1,
// then routes it. It is for messages of the server and of doors other than
// MQTT, which check with [Broker.Verdict] what their clients may publish to. A
// request is executed, and its answer has no receiver. The error is of kind
// fault.InvalidRequest for a message that cannot be, else the store's.
func (b *Broker) Publish(ctx context.Context, m mqtt.Message) error {
	if err := b.checkMessage(m); err != nil {
		return err
	}
	switch b.Verdict(m.Topic) {
	case Request:
		return b.execute(ctx, m)
	case Swallow:
		return nil
	default:
		_, err := b.publish(ctx, m, nil)
		return err
	}
}

func (b *Broker) checkMessage(m mqtt.Message) error {
	switch {
	case !mqtt.ValidTopic(m.Topic), !b.limits.Topic.Allow(m.Topic):
		return fault.New(fault.InvalidRequest, "topic is not valid")
	case len(m.Payload) > b.limits.Payload:
		return fault.New(fault.InvalidRequest, "payload is over %d bytes", b.limits.Payload)
	case m.QoS > 1:
		return fault.New(fault.InvalidRequest, "qos is not 0 or 1")
	case m.Retain && mqtt.Reserved(m.Topic):
		return fault.New(fault.InvalidRequest, "a topic that begins with $ cannot be retained")
	default:
		return nil
	}
}

func (b *Broker) execute(ctx context.Context, m mqtt.Message) error {
	begun := b.cfg.Requests.Begin(Requester{}, m)
	if begun == nil {
		return nil
	}
	reply := begun.Finish(ctx)
	if reply.After != nil {
		reply.After()
	}
	return reply.Err
}
