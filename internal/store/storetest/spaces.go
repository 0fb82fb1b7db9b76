package storetest

import (
	"context"

	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/mqtt"
	"github.com/drover-iot/drover/internal/store"
)

// owesIn owes a notice of each of these namespaces of thing T.
func (h *house) owesIn(namespaces ...string) {
	h.Helper()
	h.must(h.do(func(w store.Work) error {
		for _, namespace := range namespaces {
			w.Owe(fleet.Thing{Name: "T"}, namespace, job.Notice{Members: true})
		}
		return nil
	}))
}

// listensIn is which topics a session that is owed by owesIn listens to.
func (h *house) listensIn(client string) map[string]uint8 {
	h.Helper()
	h.must(h.Barrier(context.Background()))
	rows, err := h.OwedTo(context.Background(), client)
	h.must(err)
	got := map[string]uint8{}
	for _, o := range rows {
		got[o.Namespace] = o.Listens
	}
	return got
}

func spacedListeners(h *house) {
	for _, c := range []struct {
		name, filter  string
		plain, gg, ab uint8 // what is listened to of no namespace, of gg and of a-b
	}{
		{"a namespace", "$aws/things/T/jobs/notify-namespace-gg", 0, toNotify, 0},
		{"another", "$aws/things/T/jobs/notify-next-namespace-a-b", 0, 0, toNext},
		{"all of one level", "$aws/things/T/jobs/+", toBoth, toBoth, toBoth},
		{"all below a thing", "$aws/things/T/#", toBoth, toBoth, toBoth},
		{"all below all things", "$aws/#", toBoth, toBoth, toBoth},
		{"a namespace of all things", "$aws/things/+/jobs/notify-namespace-gg", 0, toNotify, 0},
		{"all of all things", "$aws/things/+/jobs/+", toBoth, toBoth, toBoth},
		{"no namespace", "$aws/things/T/jobs/notify", toNotify, 0, 0},
		{"an empty namespace", "$aws/things/T/jobs/notify-namespace-", 0, 0, 0},
		{"another thing", "$aws/things/U/jobs/notify-namespace-gg", 0, 0, 0},
		{"below a namespace", "$aws/things/T/jobs/notify-namespace-gg/#", 0, 0, 0},
		{"a prefix of it", "$aws/things/T/jobs/notify-namespace-g", 0, 0, 0},
	} {
		h.session(c.name, c.filter)
		h.owesIn("", "gg", "a-b")
		got := h.listensIn(c.name)
		want := map[string]uint8{"": c.plain, "gg": c.gg, "a-b": c.ab}
		for namespace, topics := range want {
			if got[namespace] != topics {
				h.Errorf("%s: listens to %v, want %v", c.name, got, want)
				break
			}
		}
		h.must(h.DropSession(context.Background(), c.name))
	}
}

func paidApart(h *house) {
	h.session("c", "$aws/things/T/jobs/+")
	h.owesIn("", "gg", "x")
	pay := func(namespace string, unless uint8) {
		h.PaidTo("c", store.Owed{Thing: "T", Namespace: namespace, Seq: h.OwedSeq()}, unless)
	}
	pay("gg", toNext) // it is to get another
	h.same(len(h.listensIn("c")), 3)
	pay("gg", 0)
	h.same(h.listensIn("c"), map[string]uint8{"": toBoth, "x": toBoth})
	pay("", 0)
	h.same(h.listensIn("c"), map[string]uint8{"x": toBoth})
}

func forgivenApart(h *house) {
	h.session("c", "$aws/things/T/jobs/#")
	h.owesIn("", "gg", "x")
	h.session("c", "$aws/things/T/jobs/notify-namespace-gg", "$aws/things/T/jobs/notify")
	h.same(h.listensIn("c"), map[string]uint8{"": toNotify, "gg": toNotify})
	h.session("c", "$aws/things/+/jobs/+")
	h.same(h.listensIn("c"), map[string]uint8{"": toBoth, "gg": toBoth})
	h.session("c")
	h.same(len(h.listensIn("c")), 0)
	h.must(h.SaveSession(context.Background(), mqtt.Session{Client: "c"}))
}
