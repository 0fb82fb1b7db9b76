package engine

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/fleet/query"
	"github.com/drover-iot/drover/internal/fleet/query/querytest"
	"github.com/drover-iot/drover/internal/fleet/shadow"
	"github.com/drover-iot/drover/internal/store"
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
			"a shadow changes":               h.updateShadow,
			"a shadow changes again":         h.updateShadow,
			"a shadow is deleted":            h.deleteShadow,
			"a thing connects or leaves":     h.connect,
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
	stage
}

var (
	followedNames  = []string{"a", "A1", "press-07", "t-4"}
	staticNamesFor = []string{"a", "A", "ab", "press-07"}
	shadowNames    = []string{"", "s"}
	dynamicNames   = []string{"dyn-1", "dyn-2", "dyn-3", "dyn-4"}
)

func newFollowing(t *testing.T, rt *rapid.T) *following {
	h := &following{stage: newStage(t, rt)}
	_, err := h.engine.CreateType(t.Context(), fleet.Type{Name: "a"}, nil)
	h.must(err)
	h.createStatics()
	h.createThing(rt)
	h.createThing(rt)
	h.must(h.engine.UpdateIndexing(t.Context(), query.Indexing{
		Registry: true, Classic: true, Named: true, Shadows: []string{"s"}, Connectivity: true,
	}))
	h.createDynamic(rt)
	h.createDynamic(rt)
	if rapid.IntRange(0, 3).Draw(rt, "built") > 0 {
		h.settle(rt)
	}
	return h
}

// query draws one of any form, or one that what happens here is likely to
// concern.
func (h *following) query(rt *rapid.T) string {
	if rapid.IntRange(0, 2).Draw(rt, "any form") == 0 {
		return querytest.Query(rt)
	}
	return pick(rt, "query", []string{
		"*", "NOT attributes.a:*", "attributes.a:* OR attributes.b:10", "attributes.b > 5", "thingTypeName:a", "registry.version >= 3",
		"thingGroupNames:a", "NOT thingGroupNames:A", "thingGroupNames:many-3 OR thingGroupNames:ab", "thingName:a*",
		"shadow.reported.a:*", "shadow.hasDelta:true", "NOT shadow.name.s.desired.b:*", "connectivity.connected:true", "true", "-a",
	})
}

func (h *following) restart(*rapid.T) { h.close(); h.open() }

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

func (h *following) updateShadow(rt *rapid.T) {
	state := map[string]any{}
	for _, s := range querytest.Document(rt, "").Shadows {
		state["reported"], state["desired"] = s.Reported, s.Desired
	}
	text, err := json.Marshal(map[string]any{"state": state})
	h.must(err)
	u, err := shadow.Parse(text)
	h.must(err)
	_, _, err = h.engine.UpdateShadow(pick(rt, "thing", followedNames), pick(rt, "shadow", shadowNames), u).Wait(h.t.Context())
	h.may(err)
}

func (h *following) deleteShadow(rt *rapid.T) {
	_, _, err := h.engine.DeleteShadow(pick(rt, "thing", followedNames), pick(rt, "shadow", shadowNames)).Wait(h.t.Context())
	h.may(err)
}

func (h *following) connect(rt *rapid.T) {
	h.may(h.engine.Connected(h.t.Context(), pick(rt, "thing", followedNames), fleet.Connection{
		Connected: rapid.Bool().Draw(rt, "connected"), At: h.clock.Now(), Reason: pick(rt, "reason", []string{"", "a", "CONNECTION_LOST"}),
	}))
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
	_, err := h.engine.CreateDynamicGroup(h.t.Context(), fleet.Group{Name: pick(rt, "group", dynamicNames), Query: h.query(rt)}, nil)
	h.may(err)
}

func (h *following) updateDynamic(rt *rapid.T) {
	_, err := h.engine.UpdateDynamicGroup(h.t.Context(), pick(rt, "group", dynamicNames), fleet.GroupPatch{Query: h.query(rt)})
	h.may(err)
}

func (h *following) deleteDynamic(rt *rapid.T) {
	h.may(h.engine.DeleteDynamicGroup(h.t.Context(), pick(rt, "group", dynamicNames), nil))
}

func (h *following) reconfigure(rt *rapid.T) {
	if rapid.IntRange(0, 3).Draw(rt, "not now") > 0 {
		h.settle(rt) // the walk under way seldom begins anew
		return
	}
	h.may(h.engine.UpdateIndexing(h.t.Context(), query.Indexing{
		Registry: rapid.IntRange(0, 5).Draw(rt, "on") > 0, Classic: rapid.Bool().Draw(rt, "shadows"),
		Named: rapid.Bool().Draw(rt, "named shadows"), Shadows: []string{"s"}, Connectivity: rapid.Bool().Draw(rt, "connectivity"),
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
	_, err := h.engine.advance(h.t.Context(), advance{asked: h.t.Context(), by: time.Second})
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

// document is what there is of a thing, read from where it is kept.
func (h *following) document(tx store.Tx, thing fleet.Thing, groups []string) query.Document {
	d := query.Document{Thing: registered(thing), Groups: groups, Shadows: map[string]query.Shadow{}}
	for _, name := range shadowNames {
		s, err := tx.Shadow(thing.ID, name)
		h.must(err)
		if !s.None() {
			d.Shadows[name] = query.Shadow{Reported: s.Reported.State, Desired: s.Desired.State, Delta: s.Delta().State}
		}
	}
	c, err := tx.Connection(thing.ID)
	h.must(err)
	if !c.At.IsZero() {
		d.Connection = &query.Connection{Connected: c.Connected, At: c.At.UnixMilli(), Reason: c.Reason}
	}
	return d
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
	want := i.Of(h.document(tx, thing, static))
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
