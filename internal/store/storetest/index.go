package storetest

import (
	"context"
	"fmt"
	"testing"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/fleet/query"
	"github.com/drover-iot/drover/internal/store"
)

// Index holds a store to the fleet index and to dynamic groups.
func Index(t *testing.T, fresh Fresh) {
	for _, c := range []struct {
		name string
		test func(*house)
	}{
		{"what the index holds is kept", keptIndexing},
		{"entries of a thing are changed by what goes and comes", changedEntries},
		{"entries of a part of a thing are found by their prefix", partOfEntries},
		{"all entries of a thing go, and all of the index by and by", emptiedIndex},
		{"a change that fails leaves the index as it was", undoneEntries},
		{"a search finds what a query means, page by page", searchedThings},
		{"a search that drives through all things goes on where it stopped", searchedSlices},
		{"a cursor of another list is refused", foreignCursor},
		{"aggregations go over the things that a query means", aggregatedThings},
		{"things come by registration", thingsBehind},
		{"a dynamic group is kept with its query and how far it has come", keptDynamic},
		{"a dynamic group that is deleted is none any more, though it is remembered what it was", goneDynamic},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(newHouse(t, fresh)) })
	}
}

// indexed registers a thing and puts it into the index.
func (h *house) indexed(name string, attributes map[string]string) fleet.Thing {
	h.Helper()
	n := h.thing(name)
	h.reindex(n, nil, attributes)
	return n
}

func entriesOf(n fleet.Thing, attributes map[string]string) []query.Entry {
	return query.Thing{Name: n.Name, UID: n.UID, Version: n.Version, Attributes: attributes}.Entries()
}

// reindex changes the attributes that the index has of a thing; nil before is a
// thing that is not in it.
func (h *house) reindex(n fleet.Thing, before, after map[string]string) {
	h.Helper()
	var old []query.Entry
	if before != nil {
		old = entriesOf(n, before)
	}
	gone, come := query.Diff(old, entriesOf(n, after))
	h.write(func(tx store.Tx) error { return tx.Reindex(n.ID, gone, come) })
}

// entries are those of a thing, as a transaction sees them.
func (h *house) entries(n fleet.Thing, prefix string) (list []query.Entry) {
	h.Helper()
	h.write(func(tx store.Tx) (err error) {
		list, err = tx.Entries(n.ID, prefix)
		return err
	})
	return list
}

func keptIndexing(h *house) {
	none, err := h.IndexingOf(context.Background())
	h.must(err)
	h.same(none, store.Indexing{})
	for _, want := range []store.Indexing{
		{
			Indexing: query.Indexing{
				Registry: true, Classic: true, Named: true, Shadows: []string{"a", "b"},
				Custom: []query.TypedField{{Name: "attributes.a", Type: query.NumberField}},
			},
			Build: fleet.Build{Status: fleet.Building, Walked: 7},
		},
		{Build: fleet.Build{Status: fleet.Emptying}},
	} {
		h.write(func(tx store.Tx) error { return tx.PutIndexing(want) })
		h.write(func(tx store.Tx) error {
			got, err := tx.Indexing()
			h.same(got, want)
			return err
		})
		got, err := h.IndexingOf(context.Background())
		h.must(err)
		h.same(got, want)
	}
}

func changedEntries(h *house) {
	first := map[string]string{"site": "North", "volt": "24", "old": "x"}
	n := h.indexed("pump", first)
	h.same(h.entries(n, ""), entriesOf(n, first))
	second := map[string]string{"site": "south", "volt": "24.0", "new": ""}
	h.reindex(n, first, second)
	h.same(h.entries(n, ""), entriesOf(n, second))
	h.reindex(n, second, second)
	h.same(h.entries(n, ""), entriesOf(n, second))
}

func partOfEntries(h *house) {
	n := h.indexed("pump", map[string]string{"a": "1"})
	groups := query.GroupEntries([]string{"line", "Hall"})
	h.write(func(tx store.Tx) error { return tx.Reindex(n.ID, nil, groups) })
	h.same(h.entries(n, query.ThingGroupNames), groups)
	h.same(h.entries(n, "shadow."), []query.Entry(nil))
}

func emptiedIndex(h *house) {
	a, b := h.indexed("a", map[string]string{"x": "1"}), h.indexed("b", nil)
	h.write(func(tx store.Tx) error { return tx.Unindex(a.ID) })
	h.same(h.entries(a, ""), []query.Entry(nil))
	h.same(len(h.entries(b, "")), 3)
	for _, want := range []int{2, 1, 0} {
		h.write(func(tx store.Tx) error {
			n, err := tx.EmptyIndex(2)
			h.same(n, want)
			return err
		})
	}
	h.same(h.entries(b, ""), []query.Entry(nil))
}

func undoneEntries(h *house) {
	n := h.indexed("pump", map[string]string{"a": "1"})
	before := h.entries(n, "")
	err := h.Write(context.Background(), func(tx store.Tx) error {
		h.must(tx.Unindex(n.ID))
		h.must(tx.Reindex(n.ID, nil, query.GroupEntries([]string{"line"})))
		return errRefused
	})
	h.refused(err, fault.KindOf(errRefused))
	h.same(h.entries(n, ""), before)
}

func (h *house) parsed(text string) query.Query {
	h.Helper()
	q, err := query.Parse(text, query.Limits{})
	h.must(err)
	return q
}

// searched is the names that a search finds, in pages of limit.
func (h *house) searched(text string, limit int) (names []string) {
	h.Helper()
	p := store.Page{Limit: limit}
	for {
		found, next, err := h.Search(context.Background(), h.parsed(text), p)
		h.must(err)
		if len(found) > limit {
			h.Errorf("a page has %d things, want at most %d", len(found), limit)
		}
		for _, f := range found {
			names = append(names, query.DocumentOf(f.Entries).Thing.Name)
		}
		if next == "" {
			return names
		}
		if next == p.After {
			h.Fatal("the cursor does not move")
		}
		p.After = next
	}
}

func searchedThings(h *house) {
	var all []string
	for i := range 7 {
		name := fmt.Sprint("t-", i)
		h.indexed(name, map[string]string{"even": fmt.Sprint(i%2 == 0), "i": fmt.Sprint(i)})
		all = append(all, name)
	}
	gone := h.indexed("gone", map[string]string{"even": "true"})
	h.write(func(tx store.Tx) error {
		h.must(tx.Unindex(gone.ID))
		return tx.DeleteThing(gone.ID)
	})
	for _, c := range []struct {
		query string
		want  []string
	}{
		{"*", all},
		{"attributes.even:true", []string{"t-0", "t-2", "t-4", "t-6"}},
		{"NOT attributes.even:true", []string{"t-1", "t-3", "t-5"}},
		{"attributes.i > 4 OR thingName:t-0", []string{"t-0", "t-5", "t-6"}},
		{"attributes.even:TRUE attributes.i:[1 TO 5}", []string{"t-2", "t-4"}},
		{"thingName:nobody", nil},
	} {
		for _, limit := range []int{1, 2, 3, 100} {
			h.same(h.searched(c.query, limit), c.want)
		}
	}
}

func searchedSlices(h *house) {
	var want []int64
	for i := range 9 {
		n := h.indexed(fmt.Sprint("t-", i), nil)
		if i%3 == 0 {
			want = append(want, n.ID)
		}
	}
	q := h.parsed("NOT (thingName:*1 OR thingName:*2 OR thingName:*4 OR thingName:*5 OR thingName:*7 OR thingName:*8)")
	for _, c := range []struct{ look, most int }{{1, 5}, {2, 5}, {4, 1}, {9, 5}, {100, 5}} {
		var got []int64
		h.write(func(tx store.Tx) error {
			for m := (store.Meant{}); !m.End; {
				next, err := tx.Meant(q, m.After, c.look, c.most)
				h.must(err)
				if next.After <= m.After && !next.End {
					h.Fatalf("the search stays at %d", m.After)
				}
				got, m = append(got, next.Things...), next
			}
			return nil
		})
		h.same(got, want)
	}
}

func foreignCursor(h *house) {
	h.things("t", 3)
	_, cursor, err := h.Things(context.Background(), store.ThingFilter{}, store.Page{Limit: 1})
	h.must(err)
	_, _, err = h.Search(context.Background(), h.parsed("*"), store.Page{Limit: 1, After: cursor})
	h.refused(err, fault.InvalidRequest)
}

func aggregatedThings(h *house) {
	for i, volt := range []string{"24", "230", "24.0", "none"} {
		h.indexed(fmt.Sprint("t-", i), map[string]string{"volt": volt})
	}
	ctx, q := context.Background(), h.parsed("NOT thingName:t-1")
	untyped, err := query.Aggregation("attributes.volt", nil)
	h.must(err)
	ranked, err := untyped.Ranked()
	h.must(err)

	sums, err := h.Sums(ctx, q, untyped)
	h.must(err)
	h.same(sums, query.Sums{Things: 3, N: 2, Sum: 48, SumSquares: 1152, Minimum: 24, Maximum: 24})
	n, err := h.CountMeant(ctx, q)
	h.must(err)
	h.same(n, int64(3))
	n, err = h.Cardinality(ctx, q, untyped)
	h.must(err)
	h.same(n, int64(3))
	numbers, err := h.Percentiles(ctx, h.parsed("*"), ranked, []float64{0, 50, 60, 100})
	h.must(err)
	h.same(numbers, []float64{24, 24, 24, 230})
	numbers, err = h.Percentiles(ctx, h.parsed("thingName:t-3"), ranked, []float64{50})
	h.must(err)
	h.same(numbers, []float64(nil))
	buckets, err := h.Buckets(ctx, h.parsed("*"), untyped, 2)
	h.must(err)
	h.same(buckets, []query.Bucket{{Key: "230", Count: 1}, {Key: "24", Count: 1}})
}

func thingsBehind(h *house) {
	list := h.things("t", 4)
	h.write(func(tx store.Tx) error { return tx.DeleteThing(list[1].ID) })
	h.write(func(tx store.Tx) error {
		got, err := tx.ThingsBehind(list[0].ID, 1)
		h.must(err)
		h.same(got, []fleet.Thing{list[2]})
		got, err = tx.ThingsBehind(list[0].ID, 9)
		h.same(got, []fleet.Thing{list[2], list[3]})
		return err
	})
}

// dynamic makes a dynamic group.
func (h *house) dynamic(name, text string) fleet.Group {
	h.Helper()
	g := fleet.Group{
		Name: name, UID: "uid-" + name, Depth: 1, Version: 1, CreatedAt: h.clock.Now(),
		Query: text, Build: fleet.Build{Status: fleet.Building},
	}
	h.write(func(tx store.Tx) (err error) {
		g.ID, err = tx.InsertGroup(g)
		return err
	})
	return g
}

func keptDynamic(h *house) {
	h.group("static")
	a, b := h.dynamic("a", "attributes.a:1"), h.dynamic("b", "*")
	a.Query, a.Version = "attributes.a:2", 2
	a.Build = fleet.Build{Status: fleet.Rebuilding, Walked: 5}
	h.write(func(tx store.Tx) error { return tx.UpdateGroup(a) })
	h.write(func(tx store.Tx) error {
		list, err := tx.DynamicGroups()
		h.must(err)
		h.same(list, []fleet.Group{a, b})
		got, err := tx.DynamicGroup(a.ID)
		h.same(got, a)
		return err
	})
	got, err := h.Group(context.Background(), "a")
	h.must(err)
	h.same(got, a)
	h.wantUnderWay(2)
	a.Build = fleet.Build{Status: fleet.Active}
	h.write(func(tx store.Tx) error { return tx.UpdateGroup(a) })
	h.wantUnderWay(1)
	h.delete(b)
	h.wantUnderWay(0)
}

// wantUnderWay checks how many dynamic groups look for their members.
func (h *house) wantUnderWay(want int64) {
	h.Helper()
	n, err := h.GroupsUnderWay(context.Background())
	h.must(err)
	h.same(n, want)
}

func goneDynamic(h *house) {
	static, thing := h.group("static"), h.thing("pump")
	g := h.dynamic("a", "*")
	h.join(thing, map[int64]bool{g.ID: true})
	h.delete(g)
	h.write(func(tx store.Tx) error {
		for _, id := range []int64{g.ID, static.ID} {
			_, err := tx.DynamicGroup(id)
			h.refused(err, fault.NotFound)
		}
		list, err := tx.DynamicGroups()
		h.must(err)
		h.same(list, []fleet.Group(nil))
		got, err := tx.GroupByID(g.ID)
		h.same(got, g)
		return err
	})
}
