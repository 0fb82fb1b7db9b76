package broker

import (
	"sync"
	"time"

	"github.com/drover-iot/drover/internal/mqtt"
	"github.com/drover-iot/drover/internal/quota"
)

// This file holds clients to the rates of the limits, where there are any.

// pace is a bucket that many take from.
type pace struct {
	mu     sync.Mutex // guards bucket
	bucket quota.Bucket
}

// take takes one at now.
func (p *pace) take(perSecond int, now time.Time) (ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bucket, ok = p.bucket.Take(perSecond, now)
	return ok
}

// mayPublish takes one of what the connection may publish in a second.
func (c *conn) mayPublish() (ok bool) {
	if c.b.limits.Publishes == 0 {
		return true
	}
	c.published, ok = c.published.Take(c.b.limits.Publishes, c.b.cfg.Now())
	return ok
}

// discard drops what a connection publishes beyond its rate. MQTT 5 has a word
// for it; else the client gets no acknowledgement, and may send it again.
// spec: device-api.md#97-violations
func (c *conn) discard(p *mqtt.Publish) {
	c.b.stats.paceRefused.Add(1)
	if c.who.Version == mqtt.V5 && p.QoS == 1 && c.admit(0) {
		defer c.line.through()
		c.acknowledge(p, mqtt.QuotaExceeded)
	}
}

// mayConnect takes one of the CONNECTs of all clients in a second.
func (b *Broker) mayConnect() bool {
	return b.limits.Connects == 0 || b.connects.take(b.limits.Connects, b.cfg.Now())
}

// tooFast is the reason for a CONNECT that is one too many; 3.1.1 has a word
// only for a server that is not available.
func tooFast(version byte) mqtt.Reason {
	if version == mqtt.V5 {
		return mqtt.QuotaExceeded
	}
	return mqtt.ServerBusy
}
