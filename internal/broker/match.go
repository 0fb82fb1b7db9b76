package broker

import (
	"slices"
	"strings"

	"github.com/drover-iot/drover/internal/mqtt"
)

// match finds who gets a message on topic, each once.
// spec: device-api.md#96-topics-subscriptions-retained-will
func (x *index) match(topic string, from *session) []receiver {
	return x.find(topic, matches{from: from})
}

// subscribed are the sessions that subscribe to topic, among them all members
// of groups: to ask takes nobody's turn.
func (x *index) subscribed(topic string) []receiver {
	return x.find(topic, matches{turnless: true})
}

func (x *index) find(topic string, m matches) []receiver {
	x.mu.RLock()
	defer x.mu.RUnlock()
	x.root.match(topic, mqtt.Reserved(topic), &m)
	if len(x.holes) > 0 {
		x.matchForms(topic, &m)
	}
	return m.list
}

// match visits the nodes that match; wild levels do not where it is reserved.
func (n *node) match(topic string, reserved bool, m *matches) {
	level, rest, more := strings.Cut(topic, "/")
	n.children.get(level).reached(rest, more, m)
	if !reserved {
		n.children.get("+").reached(rest, more, m)
		n.children.get("#").reached("", false, m)
	}
}

func (n *node) reached(rest string, more bool, m *matches) {
	switch {
	case n == nil:
	case more:
		n.match(rest, false, m)
	default:
		m.addNode(n)
	}
}

func (x *index) matchForms(topic string, m *matches) {
	for n := byte(1); int(n) <= x.forms.Len(); n++ {
		name, ok := x.forms.Match(n, topic)
		if !ok {
			continue
		}
		for _, h := range x.holes[name] {
			if qos, ok := h.granted(n); ok {
				m.add(subscriber{session: h.session, qos: qos})
			}
		}
	}
}

// matches collects receivers without doubles.
type matches struct {
	from     *session // the publisher
	turnless bool     // of a group all members match
	list     []receiver
	at       map[*session]int // where in list; made when a scan would be long
}

const longScan = 16

func (m *matches) addNode(n *node) {
	for _, sub := range n.subs {
		m.add(sub)
	}
	for _, g := range n.groups {
		m.addGroup(g)
	}
}

func (m *matches) addGroup(g *group) {
	if m.turnless {
		for _, sub := range g.members {
			m.add(sub)
		}
		return
	}
	if sub, ok := g.next(); ok {
		m.add(sub)
	}
}

// next is the member whose turn it is: one that is connected, if there is one.
func (g *group) next() (subscriber, bool) {
	start := int(g.turn.Add(1))
	fallback := -1
	for i := range g.members {
		at := (start + i) % len(g.members)
		member := g.members[at]
		if member.session.connected() {
			return member, true
		}
		if fallback < 0 && member.session.kept {
			fallback = at
		}
	}
	if fallback < 0 {
		return subscriber{}, false
	}
	return g.members[fallback], true
}

func (m *matches) add(sub subscriber) {
	if sub.noLocal && sub.session == m.from {
		return
	}
	if at := m.find(sub.session); at >= 0 {
		r := &m.list[at]
		r.qos = max(r.qos, sub.qos)
		r.asPublished = r.asPublished || sub.asPublished
		return
	}
	if m.at != nil {
		m.at[sub.session] = len(m.list)
	}
	m.list = append(m.list, receiver{session: sub.session, qos: sub.qos, asPublished: sub.asPublished})
}

func (m *matches) find(s *session) int {
	if len(m.list) < longScan {
		return slices.IndexFunc(m.list, func(r receiver) bool { return r.session == s })
	}
	if m.at == nil {
		m.at = make(map[*session]int, 2*longScan)
		for i, r := range m.list {
			m.at[r.session] = i
		}
	}
	if at, ok := m.at[s]; ok {
		return at
	}
	return -1
}
