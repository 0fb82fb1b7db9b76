package broker

import (
	"time"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/mqtt"
)

// overdue looks whether the peer has been silent for too long.
// spec: device-api.md#94-keep-alive
func (c *conn) overdue() {
	if !c.open.Load() {
		c.end(connectTimeout, 0)
		c.t.Close()
		return
	}
	if c.called() {
		c.leave()
		return
	}
	since := clock.Wall().Sub(time.Unix(0, c.lastSeen.Load()))
	switch {
	case !c.line.isEmpty(), c.t.Queued() > ease: // it may be us who do not read
		c.look(c.grace)
	case since < c.grace:
		c.look(c.grace - since)
	default:
		c.end(silent, mqtt.KeepAliveTimeout)
	}
}

// look has overdue look again after a while, but within a last call.
func (c *conn) look(after time.Duration) {
	c.watch.Reset(after)
	if c.called() {
		c.watch.Reset(lastCall)
	}
}
