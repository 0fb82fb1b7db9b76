// Package mqttclient is a small MQTT client, 3.1.1 and 5 over TCP and
// WebSocket, for the demo, the benchmarks and tests: thousands fit into one
// process. Devices of others use clients of their own.
//
// Begin with [Dial]. A client is one connection: it does not reconnect, and
// when it has ended ([Client.Done]) the caller decides what comes next. It
// speaks QoS 0 and 1.
//
// A client has one goroutine, which reads, and calls the handler; and a timer
// for keep alive. Its mutexes guard writing, and what waits for an answer. All
// methods may be called by several goroutines at once.
package mqttclient

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/mqtt"
)

// Config says how to connect, and as whom.
type Config struct {
	// URL is tcp://HOST:PORT or mqtt://HOST:PORT, which are the same, or
	// ws://HOST:PORT/mqtt (wss with TLS).
	URL string
	// Version is mqtt.V311 or mqtt.V5; 0: 3.1.1.
	Version byte
	// Client is the client id; empty: the server assigns one, if Resume is false.
	Client string
	// Resume goes on with the session the server has, if any, and keeps it
	// after the connection. False: a clean session.
	Resume bool
	// SessionExpiry is how long MQTT 5 keeps a session that may be resumed; 0:
	// an hour.
	SessionExpiry time.Duration
	// KeepAlive is the longest silence before a ping; 0: a minute.
	KeepAlive time.Duration
	// Timeout bounds one write, which has half of it at least, and the answer to
	// a ping; 0: 10 s.
	Timeout time.Duration
	// Will is published by the server when the connection breaks; nil: none.
	Will *mqtt.Will
	// Handle gets each message, one after the other, on the client's own
	// goroutine: it must not wait for an answer to this client, so it answers
	// with Reply or Send and not with Publish. A QoS 1 message is acknowledged when it
	// returns. nil: messages are acknowledged and dropped.
	Handle func(c *Client, m mqtt.Message)
}

// Client is a connection to a broker.
type Client struct {
	cfg     Config
	nc      net.Conn
	r       *bufio.Reader
	resumed bool
	done    chan struct{}
	ping    *time.Timer
	replies []mqtt.Packet // to the message that the handler is at; its goroutine's

	wmu      sync.Mutex // guards writing, and what follows
	buf      bytes.Buffer
	deadline time.Time // that the connection has for its writes

	mu      sync.Mutex // guards what follows
	err     error      // why it ended
	closing bool       // by Close
	last    uint16     // the identifier given last
	waiting map[uint16]chan mqtt.Packet
	pinged  bool // a ping is unanswered
}

// Refused is a CONNACK that says no.
type Refused struct {
	Reason mqtt.Reason // a return code in 3.1.1
}

func (r *Refused) Error() string {
	return fmt.Sprintf("mqtt: connection refused, reason 0x%02X", byte(r.Reason))
}

// ErrClosed is why a client ended that was closed by its owner.
var ErrClosed = errors.New("mqtt client is closed")

const (
	readBuffer    = 512 // enough for most answers, little for a client at rest
	keptBuffer    = 4096
	largestPacket = 1 << 20
)

// Resumed tells whether the server went on with a session it had.
func (c *Client) Resumed() bool { return c.resumed }

// Done is closed when the connection has ended and the handler has returned.
func (c *Client) Done() <-chan struct{} { return c.done }

// Err is why the connection ended; nil while it lasts.
func (c *Client) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Close disconnects, so that the will is not sent, and waits until the client
// has ended. Not to be called by the handler.
func (c *Client) Close() error {
	c.mu.Lock()
	c.closing = true
	c.mu.Unlock()
	err := c.write(&mqtt.Disconnect{})
	c.awaitEnd()
	c.nc.Close()
	<-c.done
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// farewell is how long a server may take to end the connection.
const farewell = time.Second

// awaitEnd lets the server end the connection: closing it before everything is
// read could make the server lose the DISCONNECT.
func (c *Client) awaitEnd() {
	if half, ok := c.nc.(interface{ CloseWrite() error }); !ok || half.CloseWrite() != nil {
		return
	}
	t := time.NewTimer(farewell)
	defer t.Stop()
	select {
	case <-c.done:
	case <-t.C:
	}
}

// Kill ends the connection without a word, as a device does that loses power.
// It does not wait.
func (c *Client) Kill() { c.nc.Close() }

// write sends packets, in one write.
func (c *Client) write(packets ...mqtt.Packet) error {
	c.wmu.Lock()
	defer c.wmu.Unlock()
	c.buf.Reset()
	for _, p := range packets {
		if err := mqtt.Encode(&c.buf, c.cfg.Version, p); err != nil {
			return err
		}
	}
	// To set one is not free: it is moved when half of it is gone.
	if now := clock.Wall(); c.deadline.Sub(now) < c.cfg.Timeout/2 {
		c.deadline = now.Add(c.cfg.Timeout)
		c.nc.SetWriteDeadline(c.deadline)
	}
	if _, err := c.nc.Write(c.buf.Bytes()); err != nil {
		c.nc.Close() // half a packet may be out
		return err
	}
	if c.buf.Cap() > keptBuffer {
		c.buf = bytes.Buffer{}
	}
	return nil
}
