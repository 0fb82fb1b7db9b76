package mqttclient

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/mqtt"
)

// Publish sends m, and at QoS 1 waits until the server has acknowledged it. A
// message that was refused (MQTT 5) is an error.
func (c *Client) Publish(ctx context.Context, m mqtt.Message) error {
	if m.QoS == 0 {
		return c.Send(m)
	}
	answer, err := ask[*mqtt.Ack](ctx, c, func(id uint16) mqtt.Packet { return outgoing(m, id) })
	if err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	if answer.Reason.Failed() {
		return fmt.Errorf("publish to %q: refused, reason 0x%02X", m.Topic, byte(answer.Reason))
	}
	return nil
}

// Send sends m and does not wait for an acknowledgement.
func (c *Client) Send(m mqtt.Message) error { return c.write(c.unasked(m)) }

// Reply is Send for the handler alone: m leaves when it returns, in one write
// with the acknowledgement of the message that it was called with. A connection
// that is broken ends the client.
func (c *Client) Reply(m mqtt.Message) { c.replies = append(c.replies, c.unasked(m)) }

// unasked is m as a packet whose acknowledgement nobody waits for.
func (c *Client) unasked(m mqtt.Message) *mqtt.Publish {
	var id uint16
	if m.QoS > 0 {
		c.mu.Lock()
		id = c.nextID()
		c.mu.Unlock()
	}
	return outgoing(m, id)
}

func outgoing(m mqtt.Message, id uint16) *mqtt.Publish {
	p := &mqtt.Publish{Message: m, ID: id}
	if !m.Expires.IsZero() {
		left := uint32(max(m.Expires.Sub(clock.Wall()), time.Second) / time.Second)
		p.Expiry = &left
	}
	return p
}

// Subscribe asks for subscriptions and returns what was granted, filter by
// filter. One that was refused is an error.
func (c *Client) Subscribe(ctx context.Context, wishes ...mqtt.Wish) ([]mqtt.Reason, error) {
	answer, err := ask[*mqtt.Suback](ctx, c, func(id uint16) mqtt.Packet {
		return &mqtt.Subscribe{ID: id, Filters: wishes}
	})
	if err != nil {
		return nil, fmt.Errorf("subscribe: %w", err)
	}
	return answer.Reasons, anyFailed("subscribe", answer.Reasons)
}

// Unsubscribe takes subscriptions back.
func (c *Client) Unsubscribe(ctx context.Context, filters ...string) error {
	answer, err := ask[*mqtt.Unsuback](ctx, c, func(id uint16) mqtt.Packet {
		return &mqtt.Unsubscribe{ID: id, Filters: filters}
	})
	if err != nil {
		return fmt.Errorf("unsubscribe: %w", err)
	}
	return anyFailed("unsubscribe", answer.Reasons)
}

func anyFailed(what string, reasons []mqtt.Reason) error {
	if i := slices.IndexFunc(reasons, mqtt.Reason.Failed); i >= 0 {
		return fmt.Errorf("%s: filter %d was refused, reason 0x%02X", what, i+1, byte(reasons[i]))
	}
	return nil
}

// ask sends a packet under an identifier of its own and waits for the answer.
func ask[T mqtt.Packet](ctx context.Context, c *Client, packet func(id uint16) mqtt.Packet) (T, error) {
	var none T
	id, answer, err := c.expect()
	if err != nil {
		return none, err
	}
	defer c.forget(id)
	if err := c.write(packet(id)); err != nil {
		return none, err
	}
	select {
	case p := <-answer:
		if t, ok := p.(T); ok {
			return t, nil
		}
		return none, fmt.Errorf("the server answered with packet type %d", p.Type())
	case <-c.done:
		return none, c.Err()
	case <-ctx.Done():
		return none, ctx.Err()
	}
}

var errBusy = errors.New("65535 answers are outstanding")

func (c *Client) expect() (uint16, <-chan mqtt.Packet, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return 0, nil, c.err
	}
	if len(c.waiting) >= 1<<16-1 {
		return 0, nil, errBusy
	}
	if c.waiting == nil {
		c.waiting = map[uint16]chan mqtt.Packet{}
	}
	id, answer := c.nextID(), make(chan mqtt.Packet, 1)
	c.waiting[id] = answer
	return id, answer, nil
}

// nextID is an identifier that nobody waits on. It is called under mu.
func (c *Client) nextID() uint16 {
	for {
		c.last++
		if _, taken := c.waiting[c.last]; c.last != 0 && !taken {
			return c.last
		}
	}
}

func (c *Client) forget(id uint16) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.waiting, id)
	if len(c.waiting) == 0 {
		c.waiting = nil
	}
}

// answered hands an answer to whoever waits for it; an answer to Send has no
// taker.
func (c *Client) answered(id uint16, p mqtt.Packet) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if answer := c.waiting[id]; answer != nil {
		select {
		case answer <- p:
		default: // the server answered twice
		}
	}
}
