package mqttclient

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"math"
	"net"
	"net/url"
	"time"

	"github.com/coder/websocket"

	"github.com/drover-iot/drover/internal/mqtt"
)

// Dial connects and waits for the server's CONNACK. The connection outlives
// ctx. A server that says no gives a *Refused.
func Dial(ctx context.Context, cfg Config) (*Client, error) {
	cfg.Version = cmp.Or(cfg.Version, mqtt.V311)
	cfg.KeepAlive = cmp.Or(cfg.KeepAlive, time.Minute)
	cfg.Timeout = cmp.Or(cfg.Timeout, 10*time.Second)
	cfg.SessionExpiry = cmp.Or(cfg.SessionExpiry, time.Hour)
	nc, err := open(ctx, cfg.URL)
	if err != nil {
		return nil, fmt.Errorf("mqtt dial: %w", err)
	}
	c := &Client{cfg: cfg, nc: nc, r: bufio.NewReaderSize(nc, readBuffer), done: make(chan struct{})}
	stop := context.AfterFunc(ctx, func() { nc.Close() })
	err = c.shakeHands()
	if !stop() && err != nil {
		err = ctx.Err()
	}
	if err != nil {
		nc.Close()
		return nil, fmt.Errorf("mqtt connect: %w", err)
	}
	c.ping = time.AfterFunc(math.MaxInt64, c.keepAlive) // it must be set before it can fire
	c.ping.Reset(c.cfg.KeepAlive)
	go c.run()
	return c, nil
}

func open(ctx context.Context, address string) (net.Conn, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	switch u.Scheme {
	case "tcp", "mqtt":
		var d net.Dialer
		return d.DialContext(ctx, "tcp", u.Host)
	case "ws", "wss":
		ws, _, err := websocket.Dial(ctx, address, &websocket.DialOptions{Subprotocols: []string{"mqtt"}})
		if err != nil {
			return nil, err
		}
		return websocket.NetConn(context.WithoutCancel(ctx), ws, websocket.MessageBinary), nil
	default:
		return nil, fmt.Errorf("url %q: scheme is not tcp, mqtt, ws or wss", address)
	}
}

func (c *Client) shakeHands() error {
	if err := c.write(c.cfg.connect()); err != nil {
		return err
	}
	p, err := c.read()
	if err != nil {
		return err
	}
	answer, ok := p.(*mqtt.Connack)
	if !ok {
		return fmt.Errorf("the server answered with packet type %d", p.Type())
	}
	if answer.Reason != mqtt.Success {
		return &Refused{Reason: answer.Reason}
	}
	c.resumed = answer.SessionPresent
	if o := answer.Offers; o != nil && o.KeepAlive > 0 {
		c.cfg.KeepAlive = min(c.cfg.KeepAlive, time.Duration(o.KeepAlive)*time.Second)
	}
	return nil
}

// connect is the CONNECT of cfg. A session of 3.1.1 that is not clean lasts as
// long as the server likes.
func (cfg Config) connect() *mqtt.Connect {
	p := &mqtt.Connect{
		Version: cfg.Version, Client: cfg.Client, Clean: !cfg.Resume,
		KeepAlive: uint16(min(max(cfg.KeepAlive/time.Second, 1), 1<<16-1)), Will: cfg.Will,
	}
	if cfg.Version == mqtt.V5 && cfg.Resume {
		p.SessionExpiry = uint32(cfg.SessionExpiry / time.Second)
	}
	return p
}
