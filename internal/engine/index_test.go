package engine

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/fleet/query"
	"github.com/drover-iot/drover/internal/fleet/shadow"
	"github.com/drover-iot/drover/internal/store"
)

// watched is a store that counts what is asked of the index.
type watched struct {
	store.Store
	asked int
}

func (w *watched) Write(ctx context.Context, fn func(store.Tx) error) error {
	return w.Store.Write(ctx, func(tx store.Tx) error { return fn(watchedTx{tx, w}) })
}

// watchedTx counts each use of the index.
type watchedTx struct {
	store.Tx
	w *watched
}

func (x watchedTx) Indexing() (store.Indexing, error) {
	x.w.asked++
	return x.Tx.Indexing()
}

func (x watchedTx) DynamicGroups() ([]fleet.Group, error) {
	x.w.asked++
	return x.Tx.DynamicGroups()
}

func (x watchedTx) DynamicGroup(id int64) (fleet.Group, error) {
	x.w.asked++
	return x.Tx.DynamicGroup(id)
}

func (x watchedTx) Entries(thing int64, prefix string) ([]query.Entry, error) {
	x.w.asked++
	return x.Tx.Entries(thing, prefix)
}

func (x watchedTx) Reindex(thing int64, gone, come []query.Entry) error {
	x.w.asked++
	return x.Tx.Reindex(thing, gone, come)
}

func (x watchedTx) Unindex(thing int64) error {
	x.w.asked++
	return x.Tx.Unindex(thing)
}

// newWatched is an engine on such a store.
func newWatched(t *testing.T) (*Engine, *watched) {
	t.Helper()
	s, v := newStore(t)
	w := &watched{Store: s}
	return New(Config{Store: w, Clock: v, Log: slog.New(slog.DiscardHandler)}), w
}

// liveALife does with a thing whatever an index would get to know of.
func liveALife(t *testing.T, e *Engine, name string) {
	t.Helper()
	ctx := t.Context()
	_, err := e.CreateThing(ctx, fleet.Thing{Name: name, Attributes: map[string]string{"site": "north"}})
	check(t, err)
	check(t, e.UpdateThing(ctx, name, fleet.ThingPatch{Attributes: &fleet.Attributes{Values: map[string]string{"site": "south"}}}))
	check(t, e.AddThing(ctx, name, "line"))
	check(t, e.RemoveThing(ctx, name, "line"))
	_, _, err = e.UpdateShadow(name, "", shadow.Update{State: map[string]any{"reported": map[string]any{"on": true}}}).Wait(ctx)
	check(t, err)
	check(t, e.Connected(ctx, name, fleet.Connection{Connected: true, At: e.Now()}))
	check(t, e.DeleteThing(ctx, name, nil))
}

func TestAnIndexThatIsOffIsReadOnceAndNeverAgain(t *testing.T) {
	e, w := newWatched(t)
	_, err := e.CreateGroup(t.Context(), fleet.Group{Name: "line"}, nil)
	check(t, err)
	liveALife(t, e, "press-01")
	first := w.asked
	liveALife(t, e, "press-02")
	if first != 2 || w.asked != first {
		t.Errorf("the index was asked %d times of one thing and %d of the next, want 2 and 0", first, w.asked-first)
	}
}

// TestAChangeThatConcernsNoGroupAsksNone: the work is that of the change, however
// many groups there are.
func TestAChangeThatConcernsNoGroupAsksNone(t *testing.T) {
	e, w := newWatched(t)
	check(t, e.UpdateIndexing(t.Context(), query.Indexing{Registry: true}))
	_, err := e.CreateThing(t.Context(), fleet.Thing{Name: "press-01"})
	check(t, err)
	for i := range 20 {
		_, err := e.CreateDynamicGroup(t.Context(), fleet.Group{Name: fmt.Sprint("g-", i), Query: fmt.Sprint("attributes.site:s", i)}, nil)
		check(t, err)
	}
	_, err = e.advance(t.Context(), advance{asked: t.Context(), by: time.Second})
	check(t, err)
	site := func(s string) int {
		before := w.asked
		check(t, e.UpdateThing(t.Context(), "press-01", fleet.ThingPatch{Attributes: &fleet.Attributes{Values: map[string]string{"site": s}}}))
		return w.asked - before
	}
	site("elsewhere")                 // what was just built is read once more
	if n := site("nowhere"); n != 1 { // the entries are changed
		t.Errorf("a change that concerns nobody asks the index %d times, want once", n)
	}
	if n := site("s7"); n != 2 { // and those of the thing are read
		t.Errorf("a change that concerns one group asks the index %d times, want twice", n)
	}
	in, _, err := e.GroupsOfThing(t.Context(), "press-01", store.Page{Limit: 9})
	check(t, err)
	if len(in) != 1 || in[0].Name != "g-7" {
		t.Errorf("the thing is in %v, want g-7", in)
	}
}

func TestThereAreOnlySoManyDynamicGroups(t *testing.T) {
	e, _ := newWatched(t)
	check(t, e.UpdateIndexing(t.Context(), query.Indexing{Registry: true}))
	make1 := func(i int) error {
		_, err := e.CreateDynamicGroup(t.Context(), fleet.Group{Name: fmt.Sprint("g-", i), Query: "thingName:a"}, nil)
		return err
	}
	for i := range fleet.MaxDynamicGroups {
		check(t, make1(i))
	}
	if err := make1(fleet.MaxDynamicGroups); !fault.Is(err, fault.LimitExceeded) {
		t.Errorf("one more answers %v", err)
	}
	check(t, e.DeleteDynamicGroup(t.Context(), "g-0", nil))
	check(t, make1(fleet.MaxDynamicGroups))
}
