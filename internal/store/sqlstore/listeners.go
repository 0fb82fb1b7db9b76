package sqlstore

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/drover-iot/drover/internal/mqtt"
)

const (
	// everyThing stands in listeners for all things.
	everyThing = ""
	// everyNamespace stands in listeners for all namespaces, of which the
	// empty one is none.
	everyNamespace = "+"
)

// everyNamespaceBut stands for all namespaces to whoever looks for the
// listeners of one; those of none are of no other.
func everyNamespaceBut(namespace string) string {
	if namespace == "" {
		return ""
	}
	return everyNamespace
}

// subject is whose notices are listened to.
type subject struct{ thing, namespace string }

func inOrder(a, b subject) int {
	return cmp.Or(cmp.Compare(a.thing, b.thing), cmp.Compare(a.namespace, b.namespace))
}

// listens is whose notices a client listens to, each with the bits of the
// topics, in the order of Options.Notices.
type listens map[subject]uint8

// listen keeps what a client listens to, and forgives what it was owed of
// all else.
func (t *tx) listen(client string, now, before listens) error {
	if maps.Equal(now, before) {
		return nil
	}
	if _, err := t.exec("delete_listeners", client); err != nil {
		return err
	}
	for _, s := range slices.SortedFunc(maps.Keys(now), inOrder) {
		if _, err := t.exec("insert_listener", s.thing, s.namespace, client, int64(now[s])); err != nil {
			return err
		}
		t.listened.Store(true)
	}
	_, err := t.exec("forgive", client)
	return err
}

// listensTo is what filters match of the notices at QoS 1. A shared
// subscription is not one of a session alone: its messages are not owed.
func (t *tx) listensTo(filters []mqtt.Filter) listens {
	to := listens{}
	for _, f := range filters {
		if f.QoS == 0 || strings.HasPrefix(f.Text, "$share/") {
			continue
		}
		for i, notice := range t.cfg.Notices {
			if thing, ok := listensFor(f.Text, notice); ok {
				to[subject{thing: thing}] |= 1 << i
			}
			if space := namespaceIn(f.Text, notice+t.cfg.Spaced); t.cfg.Spaced != "" && space != "" {
				t.listensIn(to, f.Text, i, space)
			}
		}
	}
	return to
}

// listensIn adds what a filter matches of notice i in a namespace.
func (t *tx) listensIn(to listens, filter string, i int, namespace string) {
	if thing, ok := listensFor(filter, t.cfg.Notices[i]+t.cfg.Spaced+namespace); ok {
		to[subject{thing, namespace}] |= 1 << i
	}
}

// namespaceIn is what a filter has in its last level behind that of notice, or
// everyNamespace if that level is a wildcard.
func namespaceIn(filter, notice string) string {
	depth := strings.Count(notice, "/")
	last, wild := level(filter, depth)
	if wild {
		return everyNamespace
	}
	namespace, ok := strings.CutPrefix(last, notice[strings.LastIndexByte(notice, '/')+1:])
	if !ok || namespace == everyNamespace {
		return ""
	}
	return namespace
}

// listensFor is the thing in whose name a filter matches a topic with a hole,
// or everyThing.
func listensFor(filter, notice string) (thing string, ok bool) {
	before, after, ok := strings.Cut(notice, mqtt.Hole)
	if !ok {
		return "", false
	}
	thing, wild := level(filter, strings.Count(before, "/"))
	if wild {
		thing = "x" // as good as each other
	}
	if thing == "" || !mqtt.Matches(filter, before+thing+after) {
		return "", false
	}
	if wild {
		return everyThing, true
	}
	return thing, true
}

// level is the n-th level of a filter, counted from 0; wild tells that it is a
// wildcard, or below one that takes all.
func level(filter string, n int) (text string, wild bool) {
	for ; ; n-- {
		text, rest, more := strings.Cut(filter, "/")
		if text == "#" {
			return "", true
		}
		if n == 0 {
			return text, text == "+"
		}
		if !more {
			return "", false
		}
		filter = rest
	}
}
