package storetest

import (
	"context"
	"slices"

	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/mqtt"
	"github.com/drover-iot/drover/internal/store"
)

// The bits of the notices of newBroker.
const (
	toNotify = 1 << iota
	toNext
	toBoth = toNotify | toNext
)

// owes owes a notice of each thing, of which members came or went.
func (h *house) owes(things ...string) {
	h.Helper()
	h.must(h.do(func(w store.Work) error {
		for _, name := range things {
			w.Owe(fleet.Thing{Name: name}, "", job.Notice{Members: true})
		}
		return nil
	}))
}

// wantOwedThings checks of which things a session is owed, the oldest first.
func (h *house) wantOwedThings(client string, want ...string) {
	h.Helper()
	h.must(h.Barrier(context.Background()))
	rows, err := h.OwedTo(context.Background(), client)
	h.must(err)
	var got []string
	for _, o := range rows {
		got = append(got, o.Thing)
	}
	h.same(got, want)
}

func listeners(h *house) {
	for _, c := range []struct {
		name    string
		filters []mqtt.Filter
		t, u    uint8 // what is listened to of the things T and U
	}{
		{"nothing", nil, 0, 0},
		{"one topic", []mqtt.Filter{{Text: "$aws/things/T/jobs/notify", QoS: 1}}, toNotify, 0},
		{"the other topic", []mqtt.Filter{{Text: "$aws/things/T/jobs/notify-next", QoS: 1}}, toNext, 0},
		{"not at QoS 0", []mqtt.Filter{{Text: "$aws/things/T/jobs/notify"}}, 0, 0},
		{"both topics by +", []mqtt.Filter{{Text: "$aws/things/T/jobs/+", QoS: 1}}, toBoth, 0},
		{"both topics by #", []mqtt.Filter{{Text: "$aws/things/T/#", QoS: 1}}, toBoth, 0},
		{"+ does not take two levels", []mqtt.Filter{{Text: "$aws/things/T/+", QoS: 1}}, 0, 0},
		{"# is not its parent", []mqtt.Filter{{Text: "$aws/things/T/jobs/notify/#", QoS: 1}}, 0, 0},
		{"all things", []mqtt.Filter{{Text: "$aws/things/+/jobs/notify", QoS: 1}}, toNotify, toNotify},
		{"all things by # there", []mqtt.Filter{{Text: "$aws/things/#", QoS: 1}}, toBoth, toBoth},
		{"all things by # before", []mqtt.Filter{{Text: "$aws/#", QoS: 1}}, toBoth, toBoth},
		{"a wildcard before", []mqtt.Filter{{Text: "$aws/+/U/jobs/notify", QoS: 1}}, 0, toNotify},
		{"no reserved topic by # alone", []mqtt.Filter{{Text: "#", QoS: 1}}, 0, 0},
		{"no reserved topic by + first", []mqtt.Filter{{Text: "+/things/T/jobs/notify", QoS: 1}}, 0, 0},
		{"a shared one is nobody's alone", []mqtt.Filter{{Text: "$share/g/$aws/things/T/jobs/notify", QoS: 1}}, 0, 0},
		{"one of all, the other of one", []mqtt.Filter{
			{Text: "$aws/things/+/jobs/notify", QoS: 1}, {Text: "$aws/things/U/jobs/notify-next", QoS: 1},
		}, toNotify, toBoth},
		{"another topic", []mqtt.Filter{{Text: "$aws/things/T/shadow/update", QoS: 1}}, 0, 0},
		{"no thing's name", []mqtt.Filter{{Text: "$aws/things//jobs/notify", QoS: 1}}, 0, 0},
	} {
		h.must(h.SaveSession(context.Background(), mqtt.Session{Client: c.name, Filters: c.filters}))
		h.owes("T", "U")
		rows, err := h.OwedTo(context.Background(), c.name)
		h.must(err)
		got := map[string]uint8{}
		for _, o := range rows {
			got[o.Thing] = o.Listens
		}
		if got["T"] != c.t || got["U"] != c.u || len(rows) != len(got) {
			h.Errorf("%s: listens to %v, want %d of T and %d of U", c.name, got, c.t, c.u)
		}
	}
}

func paid(h *house) {
	h.session("c", "$aws/things/T/jobs/notify", "$aws/things/U/jobs/+")
	h.owes("T", "U")
	owed, err := h.OwedTo(context.Background(), "c")
	h.must(err)
	seq := owed[0].Seq
	pay := func(thing string, seq int64, unless uint8) { h.PaidTo("c", store.Owed{Thing: thing, Seq: seq}, unless) }
	pay("T", seq-1, 0)
	pay("U", seq+100, toNext)
	pay("V", seq+100, 0)
	h.wantOwedThings("c", "T", "U")
	pay("T", seq, toNext) // it does not listen to that
	h.wantOwedThings("c", "U")
	h.owes("U", "T") // what comes later is owed anew
	pay("U", owed[1].Seq, 0)
	h.wantOwedThings("c", "U", "T")
	pay("U", h.OwedSeq(), 0)
	h.wantOwedThings("c", "T")
	h.must(h.DropSession(context.Background(), "c"))
}

func forgiven(h *house) {
	h.session("c", "$aws/things/T/jobs/notify", "$aws/things/U/jobs/notify")
	h.owes("T", "U")
	h.session("c", "$aws/things/U/jobs/notify", "a")
	h.wantOwedThings("c", "U")
	h.session("c", "$aws/things/+/jobs/notify")
	h.owes("V")
	h.wantOwedThings("c", "U", "V")
	h.session("c")
	h.wantOwedThings("c")
}

func owedSequence(h *house) {
	h.session("c", "$aws/things/+/jobs/notify")
	before := h.OwedSeq()
	h.owes("T", "U")
	rows, err := h.OwedTo(context.Background(), "c")
	h.must(err)
	if !slices.IsSortedFunc(rows, func(a, b store.Owed) int { return int(a.Seq - b.Seq) }) || rows[0].Seq <= before || h.OwedSeq() != rows[1].Seq {
		h.Errorf("the sequence goes from %d to %d over %+v", before, h.OwedSeq(), rows)
	}
	h.again()
	if h.OwedSeq() < rows[1].Seq {
		h.Errorf("the sequence fell to %d behind %d", h.OwedSeq(), rows[1].Seq)
	}
	h.owes("T")
	h.wantOwedThings("c", "U", "T")
}
