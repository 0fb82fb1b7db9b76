package sqlstore

import (
	"maps"
	"slices"
	"strings"

	"github.com/drover-iot/drover/internal/mqtt"
)

// everyThing stands in listeners for all things.
const everyThing = ""

// listens is the things whose notices a client listens to, each with the bits
// of the topics, in the order of Options.Notices.
type listens map[string]uint8

// listen keeps what a client listens to, and forgives what it was owed of
// other things.
func (t *tx) listen(client string, now, before listens) error {
	if maps.Equal(now, before) {
		return nil
	}
	if _, err := t.exec("delete_listeners", client); err != nil {
		return err
	}
	for _, thing := range slices.Sorted(maps.Keys(now)) {
		if _, err := t.exec("insert_listener", thing, client, int64(now[thing])); err != nil {
			return err
		}
		t.listened.Store(true)
	}
	_, err := t.exec("forgive", client)
	return err
}

// listensTo is what filters match of the notices at QoS 1. A shared
// subscription is not one of a session alone: its messages are not owed.
func listensTo(filters []mqtt.Filter, notices []string) listens {
	to := listens{}
	for _, f := range filters {
		if f.QoS == 0 || strings.HasPrefix(f.Text, "$share/") {
			continue
		}
		for i, notice := range notices {
			if thing, ok := listensFor(f.Text, notice); ok {
				to[thing] |= 1 << i
			}
		}
	}
	return to
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
