package broker

import (
	"context"
	"fmt"
	"slices"

	"github.com/drover-iot/drover/internal/mqtt"
)

// receiver is a session that gets a message, once however many of its
// subscriptions match.
type receiver struct {
	session     *session
	qos         byte // the highest granted
	asPublished bool // it wants to see the RETAIN flag
}

// publish retains m if it says so, stores it for persistent sessions, and
// sends it to whoever is connected, in this order. It tells how many sessions
// matched. On an error nobody got it.
func (b *Broker) publish(ctx context.Context, m mqtt.Message, from *session) (matched int, err error) {
	if m.Retain {
		if err := b.cfg.Sessions.Retain(ctx, m); err != nil {
			return 0, fmt.Errorf("retain: %w", err)
		}
	}
	receivers := b.index.match(m.Topic, from)
	stored, direct := b.partition(receivers, m)
	if err := b.enqueue(ctx, m, stored); err != nil {
		return 0, fmt.Errorf("enqueue: %w", err)
	}
	b.hand(m, stored, direct)
	return len(receivers), nil
}

// hand sends a message that is stored to whoever is connected.
func (b *Broker) hand(m mqtt.Message, stored, direct []receiver) {
	for _, r := range stored {
		b.kick(r.session, true)
	}
	shared := frames{}
	for _, r := range direct {
		m := r.of(m)
		if raw := shared.of(r.session.version, m); raw != nil {
			r.session.deliverFrame(raw)
		} else {
			r.session.deliver(b, m, false)
		}
	}
}

// partition parts those who get m from the store from those who get it only if
// they are connected.
func (b *Broker) partition(receivers []receiver, m mqtt.Message) (stored, direct []receiver) {
	if m.QoS == 0 || b.unqueued(m.Topic) {
		return nil, receivers
	}
	for _, r := range receivers {
		if r.session.kept && r.qos > 0 {
			stored = append(stored, r)
		} else {
			direct = append(direct, r)
		}
	}
	return stored, direct
}

// of is m as r gets it.
func (r receiver) of(m mqtt.Message) mqtt.Message {
	m.QoS = min(m.QoS, r.qos)
	m.Retain = m.Retain && r.asPublished
	return m
}

// enqueue stores m for persistent sessions: once for those that see the RETAIN
// flag, and once for those that do not.
func (b *Broker) enqueue(ctx context.Context, m mqtt.Message, to []receiver) error {
	if len(to) == 0 {
		return nil
	}
	clients := map[bool][]string{}
	for _, r := range to {
		flag := m.Retain && r.asPublished
		clients[flag] = append(clients[flag], r.session.client)
	}
	for flag, names := range clients {
		m.QoS, m.Retain = 1, flag
		if err := b.cfg.Sessions.Enqueue(ctx, m, names); err != nil {
			return err
		}
	}
	return nil
}

func (b *Broker) unqueued(topic string) bool {
	for _, f := range b.cfg.Unqueued {
		if mqtt.Matches(f, topic) {
			return true
		}
	}
	return false
}

// Deliver sends m to the connected sessions that subscribe to its topic, at
// most at QoS 1, and stores nothing; it never waits. It tells how many got it.
// When a persistent session acknowledges it, Debts are told.
// spec: device-api.md#71-payloads
func (b *Broker) Deliver(m mqtt.Message) int {
	n := 0
	m.Retain = false
	for _, r := range b.index.match(m.Topic, nil) {
		if b.deliverTo(r, r.of(m)) {
			n++
		}
	}
	return n
}

func (b *Broker) deliverTo(r receiver, m mqtt.Message) bool {
	if r.session.kept {
		return b.deliverOwed(r.session, m)
	}
	return r.session.deliver(b, m, false)
}

// Listening tells whether a connected session subscribes to topic.
func (b *Broker) Listening(topic string) bool {
	return slices.ContainsFunc(b.index.subscribed(topic), func(r receiver) bool { return r.session.connected() })
}

// Subscribed tells whether a session subscribes to topic, connected or not.
func (b *Broker) Subscribed(topic string) bool { return len(b.index.subscribed(topic)) > 0 }
