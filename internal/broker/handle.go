package broker

import (
	"fmt"
	"time"

	"github.com/drover-iot/drover/internal/mqtt"
)

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
