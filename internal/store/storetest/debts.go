package storetest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/mqtt"
	"github.com/drover-iot/drover/internal/store"
)

// Debts is about what commands owe to the persistent sessions that listen.
func Debts(t *testing.T, fresh Fresh) {
	cases := []struct {
		name string
		test func(*house)
	}{
		{"only who listens is owed", debtListeners},
		{"a debt of a command that fails is none", debtFails},
		{"a release owes what it added", debtRelease},
		{"each namespace is owed apart", debtNamespaces},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.test(newHouse(t, fresh)) })
	}
	t.Run("notices are folded within a batch and over batches", func(t *testing.T) { debtsFold(t, newHouse(t, fresh)) })
	t.Run("what is owed is as job.Notice.Owe says", func(t *testing.T) { debtsOwe(t, newHouse(t, fresh)) })
}

// listen makes a persistent session that listens to the notices of a thing; +
// is every thing.
func (h *house) listen(client, thing string) {
	h.Helper()
	f := mqtt.Filter{Text: "$aws/things/" + thing + "/jobs/notify", QoS: 1}
	h.must(h.SaveSession(context.Background(), mqtt.Session{Client: client, Version: mqtt.V5, Filters: []mqtt.Filter{f}}))
}

// owed is what a client is owed, by thing and namespace.
func (h *house) owed(client string) map[string]job.Notice {
	h.Helper()
	list, err := h.OwedTo(context.Background(), client)
	h.must(err)
	owed := map[string]job.Notice{}
	for _, o := range list {
		owed[o.Thing+o.Namespace] = o.Notice
	}
	return owed
}

func (h *house) wantOwed(client string, want map[string]job.Notice) {
	h.Helper()
	if diff := cmp.Diff(want, h.owed(client)); diff != "" {
		h.Errorf("%s is owed (-want +got):\n%s", client, diff)
	}
}

// owe is a command that owes one notice of the thing.
func owe(thing fleet.Thing, namespace string, n job.Notice) func(store.Work) error {
	return func(w store.Work) error {
		w.Owe(thing, namespace, n)
		return nil
	}
}

func debtListeners(h *house) {
	things := h.things("t", 2)
	h.must(h.do(owe(things[0], "", job.Notice{Members: true}))) // before anybody listens
	h.listen("one", things[0].Name)
	h.listen("all", "+")
	h.listen("other", "nothing")
	n := job.Notice{Before: job.Head{Job: 7, Number: 8}, Members: true}
	h.must(h.do(owe(things[0], "", n)))
	h.must(h.do(owe(things[1], "", n)))
	h.wantOwed("one", map[string]job.Notice{"t-1": n})
	h.wantOwed("all", map[string]job.Notice{"t-1": n, "t-2": n})
	h.wantOwed("other", map[string]job.Notice{})
	h.must(h.Store.Close())
	h.reopen()
	h.wantOwed("one", map[string]job.Notice{"t-1": n})
}

func debtFails(h *house) {
	thing := h.thing("t")
	h.listen("one", thing.Name)
	failing := func(w store.Work) error {
		w.Owe(thing, "", job.Notice{Members: true})
		return errRefused
	}
	n := job.Notice{Before: job.Head{Job: 1, Number: 1}}
	h.batch(decisions(failing, owe(thing, "", n), failing)...)
	if err := h.Write(context.Background(), func(tx store.Tx) error { return failing(tx) }); err == nil {
		h.Error("the closure did not fail")
	}
	h.wantOwed("one", map[string]job.Notice{"t": n})
}

func debtRelease(h *house) {
	things := h.things("t", 3)
	g := h.group("g", things...)
	h.listen("one", things[1].Name)
	j := h.snapshot("a")
	h.release(j, all(g))
	h.wantOwed("one", map[string]job.Notice{"t-2": {Added: job.Head{Job: j.ID, Number: 1}, Members: true}})
}

func debtNamespaces(h *house) {
	thing := h.thing("t")
	h.session("one", "$aws/things/t/jobs/notify-namespace-a", "$aws/things/t/jobs/notify-namespace-b")
	h.session("all", "$aws/things/t/jobs/+")
	a, b := job.Notice{Before: job.Head{Job: 1, Number: 1}}, job.Notice{Before: job.Head{Job: 2, Number: 1}}
	none := job.Notice{Before: job.Head{Job: 3, Number: 1}}
	for _, err := range h.batch(decisions(owe(thing, "a", a), owe(thing, "", none), owe(thing, "b", b))...) {
		h.must(err)
	}
	h.wantOwed("one", map[string]job.Notice{"ta": a, "tb": b})
	h.wantOwed("all", map[string]job.Notice{"t": none, "ta": a, "tb": b})
	h.must(h.Store.Close())
	h.reopen()
	h.wantOwed("all", map[string]job.Notice{"t": none, "ta": a, "tb": b})
}

// debtsFold changes a thing's list and then asks what is to be told: the head, if
// it differs from what it was at first, or if it was another between batches,
// when somebody may have been told.
func debtsFold(t *testing.T, h *house) {
	h.listen("one", "+")
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		thing := h.thing(fmt.Sprintf("t-%d", round))
		l := &pendingList{}
		for range rapid.IntRange(0, 2).Draw(rt, "at first") {
			l.add()
		}
		first, another := l.head(), false
		for range rapid.IntRange(1, 3).Draw(rt, "batches") {
			another = another || l.head() != first
			var commands []store.Command
			for range rapid.IntRange(1, 3).Draw(rt, "changes") {
				commands = append(commands, command{decide: owe(thing, "", l.change(rt))})
			}
			h.batch(commands...)
		}
		got := h.owed("one")[thing.Name]
		if want := another || first != l.head(); got.NextChanged(l.head()) != want || got.Members != l.moved {
			rt.Fatalf("owed is %+v; the head was %v, another in between (%v) and is %v; members changed: %v", got, first, another, l.head(), l.moved)
		}
	})
}

// debtsOwe compares the row with the rule in Go, for any notices: within a
// commit they are one after the other, between commits the client may have been
// told.
func debtsOwe(t *testing.T, h *house) {
	h.listen("one", "+")
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		thing := h.thing(fmt.Sprintf("t-%d", round))
		var want job.Notice
		for i, notices := range rapid.SliceOfN(rapid.SliceOfN(anyNotice(), 1, 3), 2, 5).Draw(rt, "commits") {
			one := notices[0]
			for _, n := range notices[1:] {
				one = one.Then(n)
			}
			if i == 0 {
				want = one
			} else {
				want = want.Owe(one)
			}
			h.batch(oweAll(thing, notices)...)
			if got := h.owed("one")[thing.Name]; got != want {
				rt.Fatalf("after commit %d owed is %+v, want %+v", i+1, got, want)
			}
		}
	})
}

func oweAll(thing fleet.Thing, notices []job.Notice) []store.Command {
	commands := make([]store.Command, len(notices))
	for i, n := range notices {
		commands[i] = command{decide: owe(thing, "", n)}
	}
	return commands
}

// anyNotice is a notice over so few heads that they often meet.
func anyNotice() *rapid.Generator[job.Notice] {
	return rapid.Custom(func(t *rapid.T) job.Notice {
		head := rapid.SampledFrom([]job.Head{{Job: 1, Number: 1}, {Job: 1, Number: 2}, {Job: 2, Number: 1}}).Draw(t, "head")
		switch rapid.SampledFrom([]string{"release", "empty", "head"}).Draw(t, "notice of") {
		case "release":
			return job.Notice{Added: head, Members: true}
		case "empty":
			return job.Notice{Members: rapid.Bool().Draw(t, "members")}
		default:
			return job.Notice{Before: head, Members: rapid.Bool().Draw(t, "members")}
		}
	})
}

// pendingList is a thing's list, to which things are added at the end.
type pendingList struct {
	list  []job.Head
	next  int64
	moved bool // something came or went
}

func (l *pendingList) head() job.Head {
	if len(l.list) == 0 {
		return job.Head{}
	}
	return l.list[0]
}

func (l *pendingList) add() job.Head {
	l.next++
	l.list = append(l.list, job.Head{Job: l.next, Number: 1})
	return l.list[len(l.list)-1]
}

// change does something to the list and answers the notice of it.
func (l *pendingList) change(t *rapid.T) job.Notice {
	before := l.head()
	switch what := rapid.SampledFrom([]string{"release", "add", "remove", "reorder"}).Draw(t, "change"); {
	case what == "release":
		l.moved = true
		return job.Notice{Added: l.add(), Members: true}
	case what == "add" || len(l.list) == 0:
		l.add()
	case what == "remove":
		i := rapid.IntRange(0, len(l.list)-1).Draw(t, "place")
		l.list = slices.Delete(l.list, i, i+1)
	default: // a start puts its execution first
		i := rapid.IntRange(0, len(l.list)-1).Draw(t, "place")
		started := l.list[i]
		l.list = slices.Insert(slices.Delete(l.list, i, i+1), 0, started)
		return job.Notice{Before: before}
	}
	l.moved = true
	return job.Notice{Before: before, Members: true}
}
