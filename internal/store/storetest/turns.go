package storetest

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/mqtt"
	"github.com/drover-iot/drover/internal/store"
)

// Turns is about what a store tells of its transactions in figures.
func Turns(t *testing.T, fresh Fresh) {
	for _, c := range []struct {
		name     string
		do       func(h *house)
		commands []int // of each turn
	}{
		{"a closure has a turn", func(h *house) { h.write(func(store.Tx) error { return nil }) }, []int{1}},
		{"commands that wait together share one", func(h *house) { h.batch(decisions(nothing, nothing, nothing)...) }, []int{1, 3}},
		{"a command that fails was in it", func(h *house) { h.batch(decisions(nothing, refuse)...) }, []int{1, 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			told := newHouse(t, fresh).turnsOf(c.do)
			var commands []int
			for _, turn := range told {
				commands = append(commands, turn.Commands)
				if len(turn.Waited) != turn.Commands || turn.Took < turn.Saved || turn.Saved <= 0 || turn.Failed {
					t.Errorf("a turn was told as %+v", turn)
				}
			}
			if diff := cmp.Diff(c.commands, commands); diff != "" {
				t.Errorf("commands (-want +got):\n%s", diff)
			}
		})
	}
	tallies(t, fresh)
}

// tallies is about what is counted over the turns.
func tallies(t *testing.T, fresh Fresh) {
	for _, c := range []struct {
		name string
		do   func(h *house)
		want store.Turn
	}{
		{"a notice is owed once for each who listens", oweOne, store.Turn{Owed: 2}},
		{"what was acknowledged is paid", func(h *house) {
			oweOne(h)
			h.PaidTo("one", store.Owed{Thing: "t", Seq: h.OwedSeq()}, 0)
			h.PaidTo("one", store.Owed{Thing: "t", Seq: h.OwedSeq()}, 0)
		}, store.Turn{Owed: 2, Paid: 1}},
		{"what a failed closure owed is not", func(h *house) {
			_ = h.Write(context.Background(), func(tx store.Tx) error {
				tx.Owe(h.listened, "", job.Notice{Members: true})
				if _, err := tx.GoneGroups(1); err != nil { // saves what was put
					return err
				}
				return errRefused
			})
		}, store.Turn{}},
		{"a full queue drops the oldest", func(h *house) {
			for range 3 {
				h.must(h.Enqueue(context.Background(), mqtt.Message{Topic: "t", QoS: 1}, []string{"one"}))
			}
		}, store.Turn{Dropped: 1}},
		{"events are counted, and those over the bound", func(h *house) {
			for range 101 {
				h.write(func(tx store.Tx) error {
					for range store.MostEvents / 100 {
						tx.Announce(store.Event{At: start})
					}
					return nil
				})
			}
			if oldest := h.waiting(1)[0].Seq; oldest != store.MostEvents/100+1 {
				h.Errorf("the oldest that waits is %d", oldest)
			}
		}, store.Turn{Events: store.MostEvents * 101 / 100, Unannounced: store.MostEvents / 100}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got store.Turn
			for _, turn := range newHouse(t, fresh).turnsOf(c.do) {
				got.Owed += turn.Owed
				got.Paid += turn.Paid
				got.Dropped += turn.Dropped
				got.Events += turn.Events
				got.Unannounced += turn.Unannounced
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("counted (-want +got):\n%s", diff)
			}
		})
	}
}

func nothing(store.Work) error { return nil }

func refuse(store.Work) error { return errRefused }

func oweOne(h *house) {
	h.Helper()
	h.must(h.do(owe(h.listened, "", job.Notice{Members: true})))
}

// turnsOf is what is told of do, on a store whose queues hold two messages and
// where two listen to the thing t.
func (h *house) turnsOf(do func(*house)) []store.Turn {
	h.Helper()
	h.listened = h.thing("t")
	h.listen("one", "t")
	h.listen("all", "+")
	h.must(h.Store.Close())
	var turns []store.Turn
	h.turned, h.queueLimit = func(t store.Turn) {
		t.Waited = slices.Clone(t.Waited)
		turns = append(turns, t)
	}, 2
	h.reopen()
	do(h)
	h.must(h.Store.Close()) // the last is told when its waiters are awake
	told := turns
	h.reopen()
	return told
}
