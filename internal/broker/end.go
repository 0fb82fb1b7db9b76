package broker

import (
	"errors"
	"log/slog"
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

// failed ends the connection over an error of the socket or a violation.
func (c *conn) failed(err error) {
	var v *mqtt.Violation
	switch {
	case errors.Is(err, errGoodbye):
		c.end(closeFrame, 0) // the will is sent all the same
	case errors.Is(err, errLastCall):
		c.leave()
	case !errors.As(err, &v):
		c.lost()
	case !c.open.Load():
		c.fault = err
		c.end(connectInvalid, 0)
	default:
		c.fault = err
		c.end(whyOf(v.Reason), v.Reason)
	}
}

// lost ends the connection because its socket has ended.
func (c *conn) lost() {
	if c.open.Load() {
		c.end(peerGone, 0)
	} else {
		c.end(connectLost, 0)
	}
}

// logEnd logs that the connection has ended, with more emphasis if that was for
// what the peer did: only operators can tell it to whoever made the device.
func (c *conn) logEnd() {
	level := slog.LevelDebug
	if c.why().peersFault() {
		level = slog.LevelInfo
	}
	attrs := []slog.Attr{
		slog.String("client", c.who.Client), slog.String("remote", c.t.Remote()),
		slog.String("cause", c.why().Cause().String()), slog.String("reason", c.why().String()),
	}
	if c.fault != nil {
		attrs = append(attrs, slog.Any("err", c.fault))
	}
	c.b.log.LogAttrs(c.b.ctx, level, "connection ended", attrs...)
}

// lastCall is how long a connection may go on with what the peer has sent
// before it has to leave.
const lastCall = time.Second

// drain lets the reader take what comes in until the socket is silent for
// lull, at most what has come in by then; then the connection ends.
func (c *conn) drain(why Why, lull time.Duration) {
	if !c.leaving.CompareAndSwap(uint32(notEnded), uint32(why)) {
		return
	}
	now := clock.Wall()
	c.t.LastCall(now.Add(lull), now.Add(lastCall))
	c.watch.Reset(lastCall) // the reader may be waiting for the peer to read
}

// yield ends the connection for another of the same client. What the peer sent
// before is taken: its last words, and DISCONNECT maybe. There is nothing to
// take of who was not let in, and who does not read is not read.
// spec: device-api.md#92-connect
func (c *conn) yield() {
	if !c.greeted() || c.t.Queued() > ease {
		c.end(takenOver, mqtt.SessionTakenOver)
		return
	}
	c.drain(takenOver, 0)
}

// leave ends the connection when the steps it has taken are done.
func (c *conn) leave() {
	c.line.close()
	<-c.line.drained()
	if why := Why(c.leaving.Load()); why == takenOver {
		c.end(why, mqtt.SessionTakenOver)
	} else {
		c.end(why, mqtt.ShuttingDown)
	}
}

// called tells whether there was a last call.
func (c *conn) called() bool { return Why(c.leaving.Load()) != notEnded }
