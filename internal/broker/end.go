package broker

import (
	"time"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/mqtt"
)

// end ends the connection, once: the first reason stands. An MQTT 5 client is
// told reason, if there is one. Anyone may call it; it does not wait.
// spec: device-api.md#97-violations
func (c *conn) end(why Why, reason mqtt.Reason) {
	if !c.ended.CompareAndSwap(uint32(notEnded), uint32(why)) {
		return
	}
	defer c.ending.Done()
	c.line.close()
	if reason != 0 && c.greeted() && c.who.Version == mqtt.V5 {
		c.send(&mqtt.Disconnect{Reason: reason})
	}
	switch why.Cause() {
	case ConnectionLost, ClientInitiated, SlowReader, Throttled:
		c.t.Close()
	default:
		c.t.Finish()
		c.t.Wake()
	}
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

// overdue looks whether the peer has been silent for too long.
// spec: device-api.md#94-keep-alive
func (c *conn) overdue() {
	if !c.open.Load() {
		c.end(connectTimeout, 0)
		c.t.Close()
		return
	}
	if c.leaving.Load() {
		c.leave()
		return
	}
	since := clock.Wall().Sub(time.Unix(0, c.lastSeen.Load()))
	switch {
	case !c.line.isEmpty(), c.t.Queued() > ease: // it may be us who do not read
		c.watch.Reset(c.grace)
	case since < c.grace:
		c.watch.Reset(c.grace - since)
	default:
		c.end(silent, mqtt.KeepAliveTimeout)
	}
}

// lastCall is how long a connection may go on with what the peer has sent
// before we stop.
const lastCall = time.Second

// drain lets the reader take what has come in until now; then the connection
// ends.
func (c *conn) drain() {
	c.leaving.Store(true)
	c.t.LastCall(clock.Wall().Add(lastCall))
	c.watch.Reset(lastCall) // the reader may be waiting for the peer to read
}

// leave ends the connection when the steps it has taken are done.
func (c *conn) leave() {
	c.line.close()
	<-c.line.drained()
	c.end(shutdown, mqtt.ShuttingDown)
}
