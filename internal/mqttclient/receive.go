package mqttclient

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/mqtt"
)

// run reads until the end.
func (c *Client) run() {
	defer close(c.done)
	err := c.receive()
	c.nc.Close()
	c.ping.Stop()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err = err
	}
	if c.closing {
		c.err = ErrClosed
	}
}

func (c *Client) receive() error {
	for {
		p, err := c.read()
		if err != nil {
			return err
		}
		if err := c.take(p); err != nil {
			return err
		}
	}
}

func (c *Client) read() (mqtt.Packet, error) {
	h, err := mqtt.ReadHeader(c.r, largestPacket)
	if err != nil {
		return nil, err
	}
	body := make([]byte, h.Remaining)
	if _, err := io.ReadFull(c.r, body); err != nil {
		return nil, err
	}
	return mqtt.Decode(h, c.cfg.Version, body)
}

func (c *Client) take(p mqtt.Packet) error {
	switch p := p.(type) {
	case *mqtt.Publish:
		return c.message(p)
	case *mqtt.Ack:
		c.answered(p.ID, p)
	case *mqtt.Suback:
		c.answered(p.ID, p)
	case *mqtt.Unsuback:
		c.answered(p.ID, p)
	case *mqtt.Ping:
		c.setPinged(false)
	case *mqtt.Disconnect:
		return fmt.Errorf("mqtt: the server disconnected, reason 0x%02X", byte(p.Reason))
	default:
		return fmt.Errorf("mqtt: packet type %d from a server", p.Type())
	}
	return nil
}

func (c *Client) message(p *mqtt.Publish) error {
	if p.Expiry != nil {
		p.Expires = clock.Wall().Add(time.Duration(*p.Expiry) * time.Second)
	}
	c.replies = c.replies[:0]
	if p.QoS > 0 {
		c.replies = append(c.replies, &mqtt.Ack{Kind: mqtt.TypePuback, ID: p.ID})
	}
	if c.cfg.Handle != nil {
		c.cfg.Handle(c, p.Message)
	}
	if len(c.replies) == 0 {
		return nil
	}
	return c.write(c.replies...)
}

func (c *Client) setPinged(to bool) (was bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	was, c.pinged = c.pinged, to
	return was
}

var errNoPong = errors.New("mqtt: the server did not answer a ping")

// keepAlive sends a ping, and gives up if the last one was not answered.
func (c *Client) keepAlive() {
	if c.setPinged(true) {
		c.mu.Lock()
		c.err = errNoPong
		c.mu.Unlock()
		c.nc.Close()
		return
	}
	if c.write(&mqtt.Ping{}) == nil {
		c.ping.Reset(c.cfg.KeepAlive)
	}
}
