package storetest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/mqtt"
	"github.com/drover-iot/drover/internal/store"
)

// Events holds a store to what has happened and is not published yet.
func Events(t *testing.T, fresh Fresh) {
	for _, c := range []struct {
		name string
		test func(*house)
	}{
		{"an event comes out as it went in", fullEvents},
		{"events keep their order over commands and closures", orderedEvents},
		{"what a failed command announced is not announced", droppedEvents},
		{"what is announced is forgotten with the messages that announce it", announcedEvents},
		{"events wait over a restart", waitingEvents},
		{"an event of a shadow that is far behind is dropped", staleShadows},
		{"large events are read a few at a time", largeEvents},
		{"nothing is announced until it is set", setEvents},
		{"what a failed closure set is not set", unsetEvents},
		{"what has ended is found by thing", endedExecutions},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(newBroker(t, fresh, 0)) })
	}
}

// event is one of a thing.
func event(thing string) store.Event {
	return store.Event{Kind: store.EventThing, At: start, Happened: store.WasCreated, Thing: &fleet.Thing{Name: thing, Version: 1}}
}

// announce stores an event for each thing, in a command.
func (h *house) announce(things ...string) {
	h.Helper()
	h.must(h.do(func(w store.Work) error {
		for _, thing := range things {
			w.Announce(event(thing))
		}
		return nil
	}))
}

// waiting is the events that wait.
func (h *house) waiting(n int) []store.Event {
	h.Helper()
	list, _, err := h.Events(context.Background(), n)
	h.must(err)
	return list
}

// wantWaiting checks which things events wait for.
func (h *house) wantWaiting(want ...string) {
	h.Helper()
	var got []string
	for _, e := range h.waiting(100) {
		got = append(got, e.Thing.Name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		h.Errorf("what waits (-want +got):\n%s", diff)
	}
	n, err := h.EventsWaiting(context.Background())
	h.must(err)
	h.same(n, int64(len(want)))
}

func fullEvents(h *house) {
	thing := fleet.Thing{
		ID: 7, Name: "press-01", UID: "uid", Type: "press", Attributes: map[string]string{"site": "north"}, Version: 3, CreatedAt: start,
	}
	want := []store.Event{
		{Kind: store.EventJob, At: start, Happened: store.WasCompleted, Job: &store.JobEvent{
			Name: "ota", Selection: job.Snapshot, Targets: []job.Target{{Group: true, Name: "line-a", ID: 3}},
			Description: "d", Comment: "c", CreatedAt: start, UpdatedAt: start, CompletedAt: start, Counts: job.Counts{Succeeded: 5, Failed: 1},
		}},
		{Kind: store.EventExecution, At: start, Happened: store.HasEnded, Execution: &store.ExecutionEvent{
			Job: "ota", Thing: "press-01", State: job.Failed, Details: map[string]string{"why": "<&>"},
		}},
		{Kind: store.EventAssociation, At: start, Happened: store.WasAdded, Thing: &thing, Type: &fleet.Type{Name: "press", Searchable: []string{"a"}}},
		{
			Kind: store.EventHierarchy, At: start, Happened: store.WasRemoved,
			Group: &fleet.Group{ID: 3, Name: "line-a", ParentName: "north", Depth: 2}, Above: []store.GroupName{{Name: "north", UID: "u"}},
		},
	}
	h.write(func(tx store.Tx) error {
		for _, e := range want {
			tx.Announce(e)
		}
		return nil
	})
	got := h.waiting(9)
	for i := range got {
		got[i].Seq = 0
	}
	if diff := cmp.Diff(want, got); diff != "" {
		h.Errorf("events (-want +got):\n%s", diff)
	}
}

func orderedEvents(h *house) {
	h.batch(decisions(
		func(w store.Work) error { w.Announce(event("1")); return nil },
		func(w store.Work) error {
			w.Announce(event("2"))
			w.Then(func(tx store.Tx) error { tx.Announce(event("4")); return nil })
			return nil
		},
		func(w store.Work) error { w.Announce(event("3")); return nil },
	)...)
	h.write(func(tx store.Tx) error { tx.Announce(event("5")); return nil })
	h.wantWaiting("1", "2", "3", "4", "5")
	if list := h.waiting(2); len(list) != 2 || list[0].Seq >= list[1].Seq {
		h.Errorf("the first two are %+v", list)
	}
}

// largeEvents are as large as the largest of shadows, and come with a small one.
func largeEvents(h *house) {
	large := store.Event{Kind: store.EventShadow, At: start, Happened: store.HasDocuments, Thing: &fleet.Thing{Name: strings.Repeat("x", 120<<10)}}
	const most = 60
	h.write(func(tx store.Tx) error {
		for range most {
			tx.Announce(large)
		}
		tx.Announce(event("small"))
		return nil
	})
	got, last := 0, ""
	for more := true; more; {
		list, and, err := h.Events(context.Background(), 500)
		h.must(err)
		if len(list) > 4<<20/(120<<10)+1 {
			h.Fatalf("%d are read at once", len(list))
		}
		got, more, last = got+len(list), and, list[len(list)-1].Thing.Name
		h.must(h.EnqueueAll(context.Background(), nil, list[len(list)-1].Seq))
	}
	if got != most+1 || last != "small" {
		h.Errorf("%d were read, the last of %.9s", got, last)
	}
}

func staleShadows(h *house) {
	shadow := func(name string) store.Event {
		return store.Event{Kind: store.EventShadow, At: start, Happened: store.HasDelta, Thing: &fleet.Thing{Name: name}}
	}
	h.announce("first")
	h.write(func(tx store.Tx) error {
		tx.Announce(shadow("stale"))
		tx.Announce(shadow("near"))
		for range store.MostShadowEvents - 2 {
			tx.Announce(event("press"))
		}
		return nil
	})
	h.write(func(tx store.Tx) error { tx.Announce(shadow("new")); return nil })
	var got []string
	for _, e := range h.waiting(3) {
		got = append(got, e.Thing.Name)
	}
	h.same(got, []string{"first", "near", "press"})
}

func droppedEvents(h *house) {
	h.batch(decisions(
		func(w store.Work) error { w.Announce(event("1")); return nil },
		func(w store.Work) error { w.Announce(event("2")); return errRefused },
	)...)
	_ = h.Write(context.Background(), func(tx store.Tx) error {
		tx.Announce(event("3"))
		if _, err := tx.GoneGroups(1); err != nil { // saves what was put
			return err
		}
		tx.Announce(event("4"))
		return errRefused
	})
	h.wantWaiting("1")
}

func announcedEvents(h *house) {
	h.session("c")
	h.announce("1", "2", "3")
	list := h.waiting(9)
	var posts []mqtt.Post
	for i := range 2 {
		m := mqtt.Message{Topic: "t", Payload: fmt.Append(nil, i), QoS: 1}
		posts = append(posts, mqtt.Post{Message: m, Clients: []string{"c", "nobody"}})
	}
	h.must(h.EnqueueAll(context.Background(), posts, list[1].Seq))
	h.wantWaiting("3")
	h.wantStored("c", "0", "1")
	h.must(h.EnqueueAll(context.Background(), nil, list[2].Seq))
	h.wantWaiting()
}

func waitingEvents(h *house) {
	h.announce("1", "2")
	h.again()
	h.announce("3")
	h.wantWaiting("1", "2", "3")
}

func setEvents(h *house) {
	h.wantAnnounces(store.EventJob, false)
	want := store.EventSettings{Kinds: store.EventKinds(0).With(store.EventJob, true), CreatedAt: start, ChangedAt: start}
	h.write(func(tx store.Tx) error {
		if err := tx.PutEventSettings(want); err != nil {
			return err
		}
		if !tx.Announces(store.EventJob) {
			h.Errorf("what is set does not count within its transaction")
		}
		return nil
	})
	h.wantAnnounces(store.EventJob, true)
	h.wantAnnounces(store.EventExecution, false)
	h.again()
	h.wantAnnounces(store.EventJob, true)
	got, err := h.EventSettings(context.Background())
	h.must(err)
	if diff := cmp.Diff(want, got); diff != "" {
		h.Errorf("settings (-want +got):\n%s", diff)
	}
}

func unsetEvents(h *house) {
	_ = h.Write(context.Background(), func(tx store.Tx) error {
		if err := tx.PutEventSettings(store.EventSettings{Kinds: ^store.EventKinds(0), CreatedAt: start, ChangedAt: start}); err != nil {
			return err
		}
		return errRefused
	})
	h.wantAnnounces(store.EventJob, false)
}

func (h *house) wantAnnounces(k store.EventKind, want bool) {
	h.Helper()
	h.must(h.do(func(w store.Work) error {
		if got := w.Announces(k); got != want {
			h.Errorf("events of %s are announced: %v", k, got)
		}
		return nil
	}))
}

func endedExecutions(h *house) {
	things, j := h.things("t", 3), h.job("ota")
	h.queue(j, things...)
	h.write(func(tx store.Tx) error {
		for _, t := range things[:2] {
			before, err := tx.Latest(job.Key{Job: j.ID, Thing: t.ID})
			if err != nil {
				return err
			}
			after := reported(before, job.Failed, tx.Now())
			after.Details = map[string]string{"of": t.Name}
			tx.PutExecution(before, after)
		}
		ended, err := tx.EndedOf(j.ID, things[0].ID, things[2].ID)
		if len(ended) != 1 || ended[0].Thing != things[1].ID || ended[0].Details["of"] != "t-2" {
			h.Errorf("ended behind the first are %+v", ended)
		}
		return err
	})
}
