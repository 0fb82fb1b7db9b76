package engine

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/fleet/query"
	"github.com/drover-iot/drover/internal/fleet/query/querytest"
	"github.com/drover-iot/drover/internal/store"
	"github.com/drover-iot/drover/internal/store/sqlite"
)

// TestDynamicGroupsAreWhatTheirQueriesMean plays random histories of a registry
// on a real store, walks over it under way or not, and holds the members of
// each dynamic group, and the index itself, to the plain evaluator.
func TestDynamicGroupsAreWhatTheirQueriesMean(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		h := newFollowing(t, rt)
		defer h.close()
		rt.Repeat(map[string]func(*rapid.T){
			"a thing is registered":          h.createThing,
			"a thing changes":                h.updateThing,
			"a thing changes again":          h.updateThing,
			"a thing is deleted":             h.deleteThing,
			"a thing changes groups":         h.regroup,
			"a thing is in many groups":      h.crowd,
			"a static group is deleted":      h.deleteStatic,
			"a dynamic group is made":        h.createDynamic,
			"a dynamic group is changed":     h.updateDynamic,
			"a dynamic group is deleted":     h.deleteDynamic,
			"the index holds something else": h.reconfigure,
			"some is built":                  h.buildSome,
			"the node starts again":          h.restart,
			"all is built":                   h.settle,
		})
		h.settle(rt)
	})
}

// following is a node with an index.
type following struct {
	t      *testing.T
	rt     *rapid.T
	dir    string
	clock  *clock.Virtual
	store  *sqlite.Store
	engine *Engine
}

var (
	followedNames  = []string{"a", "A1", "press-07", "t-4", "t-5", "t-6"}
	staticNamesFor = []string{"a", "A", "ab", "press-07"}
	dynamicNames   = []string{"dyn-1", "dyn-2", "dyn-3", "dyn-4"}
)

func newFollowing(t *testing.T, rt *rapid.T) *following {
	h := &following{t: t, rt: rt, dir: t.TempDir(), clock: clock.NewVirtual(time.Unix(1_800_000_000, 0))}
	h.open()
	_, err := h.engine.CreateType(t.Context(), fleet.Type{Name: "a"}, nil)
	h.must(err)
	h.createStatics()
	if rapid.Bool().Draw(rt, "things are there before the index") {
		h.createThing(rt)
		h.createThing(rt)
	}
	h.must(h.engine.UpdateIndexing(t.Context(), query.Indexing{Registry: true}))
	return h
}

func (h *following) open() {
	s, err := sqlite.Open(h.t.Context(), sqlite.Config{
		Dir: h.dir, Volatile: true,
		Options: store.Options{Clock: h.clock, Virtual: true, Log: slog.New(slog.DiscardHandler)},
	})
	h.must(err)
	h.store = s
	h.engine = New(Config{Store: s, Clock: h.clock, Log: slog.New(slog.DiscardHandler)})
}

func (h *following) close() { h.must(h.store.Close()) }

func (h *following) restart(*rapid.T) { h.close(); h.open() }

func (h *following) must(err error) {
	h.t.Helper()
	if err != nil {
		h.rt.Fatalf("%v", err)
	}
}

func (h *following) may(err error) {
	h.t.Helper()
	if err != nil && (fault.Is(err, fault.Internal) || fault.Is(err, fault.Unavailable)) {
		h.rt.Fatalf("%v", err)
	}
}

func (h *following) attributes(rt *rapid.T) map[string]string {
	d := querytest.Document(rt, "")
	return d.Thing.Attributes
}

func (h *following) createThing(rt *rapid.T) {
	_, err := h.engine.CreateThing(h.t.Context(), fleet.Thing{
		Name: pick(rt, "thing", followedNames), Attributes: h.attributes(rt), Type: pick(rt, "type", []string{"", "a"}),
	})
	h.may(err)
}

func (h *following) updateThing(rt *rapid.T) {
	h.may(h.engine.UpdateThing(h.t.Context(), pick(rt, "thing", followedNames), fleet.ThingPatch{
		Type: pick(rt, "type", []string{"", "a"}), Attributes: &fleet.Attributes{Values: h.attributes(rt), Merge: rapid.Bool().Draw(rt, "merge")},
	}))
}

func (h *following) deleteThing(rt *rapid.T) {
	h.may(h.engine.DeleteThing(h.t.Context(), pick(rt, "thing", followedNames), nil))
}

func (h *following) createStatics() {
	names := slices.Clone(staticNamesFor)
	for i := range fleet.MaxGroups {
		names = append(names, fmt.Sprint("many-", i))
	}
	for _, name := range names {
		_, err := h.engine.CreateGroup(h.t.Context(), fleet.Group{Name: name}, nil)
		h.may(err)
	}
}

func (h *following) regroup(rt *rapid.T) {
	h.may(h.engine.ChangeGroups(h.t.Context(), pick(rt, "thing", followedNames), Regroup{
		Add:      []string{pick(rt, "into", staticNamesFor)},
		Remove:   []string{pick(rt, "out of", staticNamesFor)},
		Override: rapid.Bool().Draw(rt, "override"),
	}))
}

// crowd puts a thing into so many groups, or takes it out of them, that there is
// hardly room.
func (h *following) crowd(rt *rapid.T) {
	r := Regroup{Override: true}
	for i := range rapid.IntRange(5, fleet.MaxGroups).Draw(rt, "many") {
		r.Add = append(r.Add, fmt.Sprint("many-", i))
	}
	if rapid.Bool().Draw(rt, "out") {
		r.Add, r.Remove = nil, r.Add
	}
	h.may(h.engine.ChangeGroups(h.t.Context(), pick(rt, "thing", followedNames), r))
}

func (h *following) deleteStatic(rt *rapid.T) {
	h.may(h.engine.DeleteGroup(h.t.Context(), pick(rt, "group", staticNamesFor), nil))
	h.createStatics()
}

func (h *following) createDynamic(rt *rapid.T) {
	_, err := h.engine.CreateDynamicGroup(h.t.Context(), fleet.Group{Name: pick(rt, "group", dynamicNames), Query: querytest.Query(rt)}, nil)
	h.may(err)
}

func (h *following) updateDynamic(rt *rapid.T) {
	_, err := h.engine.UpdateDynamicGroup(h.t.Context(), pick(rt, "group", dynamicNames), fleet.GroupPatch{Query: querytest.Query(rt)})
	h.may(err)
}

func (h *following) deleteDynamic(rt *rapid.T) {
	h.may(h.engine.DeleteDynamicGroup(h.t.Context(), pick(rt, "group", dynamicNames), nil))
}

func (h *following) reconfigure(rt *rapid.T) {
	h.may(h.engine.UpdateIndexing(h.t.Context(), query.Indexing{
		Registry: rapid.IntRange(0, 3).Draw(rt, "on") > 0, Classic: rapid.Bool().Draw(rt, "shadows"),
	}))
}

// buildSome does the next few slices of what is to be built.
func (h *following) buildSome(rt *rapid.T) {
	for range rapid.IntRange(1, 3).Draw(rt, "slices") {
		h.must(h.engine.write(h.t.Context(), (*operation).build))
	}
}

// settle builds all that is to be built, and checks it.
func (h *following) settle(rt *rapid.T) {
	h.engine.building.Store(true)
	_, err := h.engine.advance(h.t.Context(), time.Second)
	h.must(err)
	h.must(h.store.Write(h.t.Context(), func(tx store.Tx) error { h.check(rt, tx); return nil }))
}

func (h *following) check(rt *rapid.T, tx store.Tx) {
	i, err := tx.Indexing()
	h.must(err)
	if i.Registry != (i.Build.Status == fleet.Active) {
		rt.Fatalf("the index is on: %v, and %v", i.Registry, i.Build)
	}
	groups, err := tx.DynamicGroups()
	h.must(err)
	things, err := tx.ThingsBehind(0, 100)
	h.must(err)
	for _, g := range groups {
		if g.Build.Status != fleet.Active {
			rt.Fatalf("%s is %v", g.Name, g.Build)
		}
	}
	for _, thing := range things {
		h.checkThing(rt, tx, i, groups, thing)
	}
}

func (h *following) checkThing(rt *rapid.T, tx store.Tx, i store.Indexing, groups []fleet.Group, thing fleet.Thing) {
	held, err := tx.GroupsOf(thing.ID)
	h.must(err)
	var static []string
	for id := range held {
		if g, err := tx.GroupByID(id); err == nil && !g.IsDynamic() {
			static = append(static, g.Name)
		}
	}
	want := i.Of(query.Document{Thing: registered(thing), Groups: static})
	got, err := tx.Entries(thing.ID, "")
	h.must(err)
	if !slices.Equal(got, want) {
		rt.Fatalf("the index has of %s\n%v\nwant\n%v", thing.Name, got, want)
	}
	var meant, in []int64
	for _, g := range groups {
		q, err := query.Parse(g.Query, query.Limits{})
		h.must(err)
		if q.Match(want) {
			meant = append(meant, g.ID)
		}
	}
	for id := range held {
		if slices.ContainsFunc(groups, func(g fleet.Group) bool { return g.ID == id }) {
			in = append(in, id)
		}
	}
	slices.Sort(in)
	if fits := fleet.Fitting(len(static), meant); !slices.Equal(in, fits) {
		rt.Fatalf("%s is in the dynamic groups %v of %v, its entries\n%v\nmean %v", thing.Name, in, slices.Sorted(maps.Keys(held)), want, fits)
	}
}
