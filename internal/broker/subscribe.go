package broker

import (
	"slices"
	"strings"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/mqtt"
)

// subscribe takes a SUBSCRIBE that refuseWishes has not; what ends the
// connection is found at once.
func (c *conn) subscribe(p *mqtt.Subscribe) error {
	if p.Identified {
		return &mqtt.Violation{Reason: mqtt.SubscriptionIDs, Text: "subscription identifier"}
	}
	for _, w := range p.Filters {
		if w.NoLocal && strings.HasPrefix(w.Filter, "$share/") {
			return &mqtt.Violation{Reason: mqtt.ProtocolError, Text: "no local on a shared subscription"}
		}
		if c.who.Version != mqtt.V5 && !c.b.limits.Topic.Allow(w.Filter) {
			return &mqtt.Violation{Reason: mqtt.BadFilter, Text: "filter over the limits"}
		}
	}
	return c.enter(&subscribing{p, c.size})
}

// refuseWishes answers a SUBSCRIBE with more filters than one may have, of which
// none was decoded: who asks for thousands again and again costs next to nothing.
func (c *conn) refuseWishes(id uint16, n int) error {
	c.b.stats.sizeRefused.Add(1)
	return c.enter(&refusing{mqtt.Suback{ID: id, Reasons: c.allFailed(n, mqtt.QuotaExceeded)}})
}

// refusing says no to all that a SUBSCRIBE asks for.
type refusing struct{ mqtt.Suback }

func (r *refusing) do(c *conn) { c.send(&r.Suback) }

func (*refusing) by() hand { return byAnswerer }

func (r *refusing) size() int { return len(r.Reasons) }

func (*refusing) acks() bool { return false }

type subscribing struct {
	*mqtt.Subscribe
	bytes int
}

func (*subscribing) by() hand { return byWorker }

func (s *subscribing) size() int { return s.bytes }

func (*subscribing) acks() bool { return false }

// do grants what can be granted, keeps it, answers, and sends what is retained.
// spec: device-api.md#96-topics-subscriptions-retained-will
func (s *subscribing) do(c *conn) {
	if c.why() != notEnded {
		return
	}
	g := c.grant(s.Filters)
	if err := c.keep(g.all); err != nil {
		c.b.log.Error("save subscriptions", "client", c.who.Client, "err", err)
		c.send(&mqtt.Suback{ID: s.ID, Reasons: c.allFailed(len(s.Filters), mqtt.Unspecified)})
		return
	}
	for _, f := range g.granted {
		c.b.index.add(c.session, f)
	}
	retained := c.b.retained(c.session, g.retained)
	c.send(&mqtt.Suback{ID: s.ID, Reasons: g.reasons})
	for _, m := range retained {
		c.b.sendRetained(c.session, m)
	}
	if c.visit != nil && len(g.granted) > 0 {
		c.visit.Subscribed(c.b.ctx, texts(g.granted))
	}
}

// texts are filters as the client gave them.
func texts(filters []mqtt.Filter) []string {
	list := make([]string, len(filters))
	for i, f := range filters {
		list[i] = f.Text
	}
	return list
}

// keep makes filters the stored ones of a persistent session.
func (c *conn) keep(filters []mqtt.Filter) error {
	if !c.session.kept {
		return nil
	}
	return c.b.cfg.Sessions.SaveSession(c.b.ctx, mqtt.Session{
		Client: c.session.client, Version: c.session.version, Expiry: c.session.expiry, Filters: filters,
	})
}

// grants is what a SUBSCRIBE comes to.
type grants struct {
	all      []mqtt.Filter // of the session then
	granted  []mqtt.Filter
	plain    int64         // of them, those that are new and of no form
	levels   int64         // of these, at most
	retained []mqtt.Filter // of them, those whose retained message is to be sent
	reasons  []mqtt.Reason
}

func (c *conn) grant(wishes []mqtt.Wish) grants {
	g := grants{all: c.session.stored(c.b.forms).Filters}
	for _, w := range wishes {
		g.reasons = append(g.reasons, c.grantOne(&g, w))
	}
	return g
}

func (c *conn) allFailed(n int, reason mqtt.Reason) []mqtt.Reason {
	return slices.Repeat([]mqtt.Reason{c.failure(reason)}, n)
}

// failure is reason as the version can say it.
func (c *conn) failure(reason mqtt.Reason) mqtt.Reason {
	if c.who.Version != mqtt.V5 {
		return mqtt.Unspecified
	}
	return reason
}

func (c *conn) grantOne(g *grants, w mqtt.Wish) mqtt.Reason {
	if !c.b.subscribable(w.Filter) {
		c.b.stats.filterRefused.Add(1)
		return c.failure(mqtt.BadFilter)
	}
	f := mqtt.Filter{Text: w.Filter, QoS: min(w.QoS, 1), NoLocal: w.NoLocal, AsPublished: w.AsPublished}
	f.Form, f.Name = c.b.forms.OfFilter(w.Filter)
	at := slices.IndexFunc(g.all, func(have mqtt.Filter) bool { return have.Text == f.Text })
	switch {
	case at >= 0:
		g.all[at] = f
	case len(g.all) >= c.b.limits.Filters:
		c.b.stats.overdraw.Add(1)
		return c.failure(mqtt.QuotaExceeded)
	case f.Form == 0 && c.b.full(g, f.Text):
		c.b.stats.allFilters.Add(1)
		return c.failure(mqtt.QuotaExceeded)
	default:
		g.all = append(g.all, f)
		if f.Form == 0 {
			g.plain++
			g.levels += levelsOf(f.Text)
		}
	}
	g.granted = append(g.granted, f)
	if wantsRetained(w, at < 0) {
		g.retained = append(g.retained, f)
	}
	return mqtt.Reason(f.QoS)
}

// full tells whether the node has no room for one more filter of no form.
func (b *Broker) full(g *grants, text string) bool {
	return b.index.plain.Load()+g.plain >= int64(b.limits.AllFilters) ||
		b.index.levels.Load()+g.levels+levelsOf(text) > int64(b.limits.AllLevels)
}

// levelsOf is how many levels a filter adds, if no other begins like it.
func levelsOf(text string) int64 { return int64(strings.Count(text, "/")) + 1 }

// subscribable tells whether a client may have filter at all.
func (b *Broker) subscribable(text string) bool {
	_, filter, ok := mqtt.SplitShare(text)
	return ok && mqtt.ValidFilter(filter) && b.limits.Topic.Allow(text) &&
		(!mqtt.Reserved(filter) || strings.HasPrefix(filter, "$aws/"))
}

// wantsRetained tells whether a granted wish may have a retained message sent:
// only an exact topic does, and there are none below $.
func wantsRetained(w mqtt.Wish, isNew bool) bool {
	const ifNew, never = 1, 2
	if w.RetainHandling == never || w.RetainHandling == ifNew && !isNew {
		return false
	}
	return !mqtt.Wild(w.Filter) && !mqtt.Reserved(w.Filter)
}

// retained reads the retained messages of filters that are topics. That comes
// after they are subscribed, so that no message is missed, and before SUBACK,
// so that none which is published after that comes twice.
func (b *Broker) retained(s *session, filters []mqtt.Filter) []mqtt.Message {
	var found []mqtt.Message
	for _, f := range filters {
		m, err := b.cfg.Sessions.Retained(b.ctx, f.Text)
		if err != nil && !fault.Is(err, fault.NotFound) {
			b.log.Error("read retained message", "client", s.client, "err", err)
		}
		if err != nil || len(m.Payload) == 0 || m.Expired(clock.Wall()) {
			continue
		}
		m.Retain, m.QoS = true, min(m.QoS, f.QoS)
		found = append(found, m)
	}
	return found
}

func (b *Broker) sendRetained(s *session, m mqtt.Message) {
	if !s.kept || m.QoS == 0 {
		s.deliver(b, m, false)
		return
	}
	if err := b.cfg.Sessions.Enqueue(b.ctx, m, []string{s.client}); err != nil {
		b.log.Error("enqueue retained message", "client", s.client, "err", err)
		return
	}
	b.kick(s, true)
}

type unsubscribing struct {
	*mqtt.Unsubscribe
	bytes int
}

func (*unsubscribing) by() hand { return byWorker }

func (u *unsubscribing) size() int { return u.bytes }

func (*unsubscribing) acks() bool { return false }

// do takes subscriptions back. It is always acknowledged, unless the store
// fails: then MQTT 5 is told, and 3.1.1, which has no word for it, cut off.
func (u *unsubscribing) do(c *conn) {
	if c.why() != notEnded {
		return
	}
	all := c.session.stored(c.b.forms).Filters
	var reasons []mqtt.Reason
	var gone []string // however many it names, there are no more than it had
	for _, text := range u.Filters {
		left := slices.DeleteFunc(all, func(f mqtt.Filter) bool { return f.Text == text })
		reason := mqtt.NoSubscription
		if len(left) < len(all) {
			reason = mqtt.Success
			gone = append(gone, text)
		}
		all = left
		reasons = append(reasons, reason)
	}
	if err := c.keep(all); err != nil {
		c.b.log.Error("save subscriptions", "client", c.who.Client, "err", err)
		u.failed(c)
		return
	}
	for _, text := range gone {
		c.b.index.remove(c.session, text)
	}
	c.send(&mqtt.Unsuback{ID: u.ID, Reasons: reasons})
	if c.visit != nil && len(gone) > 0 {
		c.visit.Unsubscribed(c.b.ctx, gone)
	}
}

func (u *unsubscribing) failed(c *conn) {
	if c.who.Version != mqtt.V5 {
		c.end(storeFailed, 0)
		return
	}
	reasons := slices.Repeat([]mqtt.Reason{mqtt.Unspecified}, len(u.Filters))
	c.send(&mqtt.Unsuback{ID: u.ID, Reasons: reasons})
}
