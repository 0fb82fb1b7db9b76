package broker

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/drover-iot/drover/internal/mqtt"
)

// index finds the sessions that subscribe to a topic: those by a form in a map
// of names, all others in a trie of levels.
type index struct {
	forms mqtt.Forms

	plain  atomic.Int64 // subscriptions of no form
	levels atomic.Int64 // nodes below root

	mu    sync.RWMutex // guards what follows
	root  node
	holes map[string][]holder // by the name in the form's hole
}

// holder is a session with subscriptions of forms with one name.
type holder struct {
	session *session
	instances
}

type node struct {
	children children
	subs     []subscriber
	groups   map[string]*group // shared subscriptions, by name
}

type subscriber struct {
	session              *session
	qos                  byte
	noLocal, asPublished bool
}

// group takes turns: each message goes to one member.
type group struct {
	members []subscriber
	turn    atomic.Uint32
}

func newIndex(forms mqtt.Forms) *index {
	return &index{forms: forms, holes: map[string][]holder{}}
}

// add subscribes s, or changes how it is subscribed.
func (x *index) add(s *session, f mqtt.Filter) {
	x.mu.Lock()
	defer x.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if n, name := x.forms.OfFilter(f.Text); n > 0 {
		x.addForm(s, n, strings.Clone(name), f.QoS)
		return
	}
	f.Form, f.Name = 0, ""
	before := len(s.plain)
	s.plain = append(without(s.plain, f.Text), f)
	x.plain.Add(int64(len(s.plain) - before))
	group, filter, _ := mqtt.SplitShare(f.Text)
	at := x.root.descend(filter, &x.levels)
	sub := subscriber{session: s, qos: f.QoS, noLocal: f.NoLocal, asPublished: f.AsPublished}
	if group == "" {
		at.subs = append(leave(at.subs, s), sub)
		return
	}
	at.join(group, sub)
}

func without(filters []mqtt.Filter, text string) []mqtt.Filter {
	return slices.DeleteFunc(filters, func(f mqtt.Filter) bool { return f.Text == text })
}

func leave(subs []subscriber, s *session) []subscriber {
	return slices.DeleteFunc(subs, func(sub subscriber) bool { return sub.session == s })
}

func (n *node) join(name string, sub subscriber) {
	if n.groups == nil {
		n.groups = map[string]*group{}
	}
	g := n.groups[name]
	if g == nil {
		g = &group{}
		n.groups[name] = g
	}
	g.members = append(leave(g.members, sub.session), sub)
}

// addForm keeps a bit in the session and one with the name.
func (x *index) addForm(s *session, n byte, name string, qos byte) {
	at := slices.IndexFunc(s.forms, func(i instances) bool { return i.name == name })
	if at < 0 {
		at = len(s.forms)
		s.forms = append(s.forms, instances{name: name})
		x.holes[name] = append(x.holes[name], holder{session: s})
	}
	i := &s.forms[at]
	i.set(n, qos)
	x.mirror(s, *i)
}

// mirror copies a session's bits to where they are looked up by name.
func (x *index) mirror(s *session, i instances) {
	holders := x.holes[i.name]
	at := slices.IndexFunc(holders, func(h holder) bool { return h.session == s })
	if i.bits != 0 {
		holders[at].instances = i
		return
	}
	holders = slices.Delete(holders, at, at+1)
	if x.holes[i.name] = holders; len(holders) == 0 {
		delete(x.holes, i.name)
	}
}

func (i *instances) set(n, qos byte) {
	bit := uint32(1) << (n - 1)
	i.bits |= bit
	i.confirmed &^= bit
	if qos > 0 {
		i.confirmed |= bit
	}
}

// remove takes the subscription of s to text back, if there is one.
func (x *index) remove(s *session, text string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if n, name := x.forms.OfFilter(text); n > 0 {
		x.removeForm(s, n, name)
		return
	}
	before := len(s.plain)
	s.plain = without(s.plain, text)
	x.plain.Add(int64(len(s.plain) - before))
	x.prune(s, text)
}

func (x *index) removeForm(s *session, n byte, name string) {
	at := slices.IndexFunc(s.forms, func(i instances) bool { return i.name == name })
	if at < 0 {
		return
	}
	i := &s.forms[at]
	i.bits &^= uint32(1) << (n - 1)
	x.mirror(s, *i)
	if i.bits == 0 {
		s.forms = slices.Delete(s.forms, at, at+1)
	}
}

// drop takes all subscriptions of s back.
func (x *index) drop(s *session) {
	x.mu.Lock()
	defer x.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, i := range s.forms {
		i.bits = 0
		x.mirror(s, i)
	}
	for _, f := range s.plain {
		x.prune(s, f.Text)
	}
	x.plain.Add(-int64(len(s.plain)))
	s.forms, s.plain = nil, nil
}

// prune takes s out of the trie at text, with the branches that are bare then.
func (x *index) prune(s *session, text string) {
	group, filter, _ := mqtt.SplitShare(text)
	x.root.prune(filter, &x.levels, func(n *node) {
		if group == "" {
			n.subs = leave(n.subs, s)
			return
		}
		n.part(group, s)
	})
}

func (n *node) part(name string, s *session) {
	g := n.groups[name]
	if g == nil {
		return
	}
	if g.members = leave(g.members, s); len(g.members) == 0 {
		delete(n.groups, name)
	}
}

// descend is the node of filter, made and counted if it is new.
func (n *node) descend(filter string, levels *atomic.Int64) *node {
	for {
		level, rest, more := strings.Cut(filter, "/")
		child := n.children.get(level)
		if child == nil {
			child = &node{}
			n.children.put(strings.Clone(level), child)
			levels.Add(1)
		}
		if !more {
			return child
		}
		n, filter = child, rest
	}
}

// prune lets change work on the node of filter, and tells whether n is bare.
func (n *node) prune(filter string, levels *atomic.Int64, change func(*node)) (bare bool) {
	level, rest, more := strings.Cut(filter, "/")
	child := n.children.get(level)
	if child == nil {
		return false
	}
	if more {
		bare = child.prune(rest, levels, change)
	} else {
		change(child)
		bare = child.bare()
	}
	if bare {
		n.children.remove(level)
		levels.Add(-1)
	}
	return n.bare()
}

func (n *node) bare() bool { return n.children.empty() && len(n.subs) == 0 && len(n.groups) == 0 }
