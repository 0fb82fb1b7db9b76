package storetest

import (
	"context"
	"fmt"
	"testing"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// Lists holds a store to its lists: their order, their filters, and pages that
// neither repeat nor skip.
func Lists(t *testing.T, fresh Fresh) {
	for _, c := range []struct {
		name string
		test func(*house)
	}{
		{"things by type and attribute", filteredThings},
		{"groups by prefix and parent", filteredGroups},
		{"groups of a thing are those it itself is in", groupsOfThing},
		{"types all or by name", listedTypes},
		{"jobs the newest first, by status, selection, namespace and group", filteredJobs},
		{"executions of a job by registration, then number", executionsOfJob},
		{"executions of a thing the newest first", executionsOfThing},
		{"a filtered page looks at 10,000 rows at most", boundedLook},
		{"a cursor of elsewhere is refused", forgedCursors},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(newHouse(t, fresh)) })
	}
	pages(t, fresh)
}

// namesOf collects the names of all pages of two.
func namesOf[T any](h *house, name func(T) string, read func(store.Page) ([]T, store.Cursor, error)) (names []string) {
	h.Helper()
	for p := (store.Page{Limit: 2}); ; {
		list, next, err := read(p)
		h.must(err)
		for _, t := range list {
			names = append(names, name(t))
		}
		if next == "" {
			return names
		}
		if next == p.After || len(names) > 100 {
			h.Fatalf("the pages do not end: %v", names)
		}
		p.After = next
	}
}

func filteredThings(h *house) {
	for _, n := range []fleet.Thing{
		{Name: "b", Type: "pump", Attributes: map[string]string{"site": "north", "floor": "1"}},
		{Name: "a", Type: "pump", Attributes: map[string]string{"site": "northeast"}},
		{Name: "C", Attributes: map[string]string{"site": "south"}},
		{Name: "d", Type: "valve"},
		{Name: "e", Attributes: map[string]string{"other": "north"}},
	} {
		h.register(n)
	}
	gone := h.register(fleet.Thing{Name: "f", Type: "pump"})
	h.write(func(tx store.Tx) error { return tx.DeleteThing(gone.ID) })
	for _, c := range []struct {
		filter store.ThingFilter
		want   []string
	}{
		{store.ThingFilter{}, []string{"C", "a", "b", "d", "e"}},
		{store.ThingFilter{Type: "pump"}, []string{"a", "b"}},
		{store.ThingFilter{Type: "none"}, nil},
		{store.ThingFilter{AttributeName: "site"}, []string{"C", "a", "b"}},
		{store.ThingFilter{AttributeName: "site", AttributeValue: "north"}, []string{"b"}},
		{store.ThingFilter{AttributeName: "site", AttributeValue: "north", Prefix: true}, []string{"a", "b"}},
		{store.ThingFilter{AttributeValue: "north"}, []string{"b", "e"}},
		{store.ThingFilter{Type: "pump", AttributeName: "floor", AttributeValue: "1"}, []string{"b"}},
	} {
		h.same(namesOf(h, nameOfThing, func(p store.Page) ([]fleet.Thing, store.Cursor, error) {
			return h.Things(context.Background(), c.filter, p)
		}), c.want)
	}
}

func nameOfThing(t fleet.Thing) string { return t.Name }
func nameOfGroup(g fleet.Group) string { return g.Name }

func filteredGroups(h *house) {
	site := h.group("site")
	east := h.below(site, "site-east")
	h.below(east, "east-hall")
	h.below(site, "annex")
	h.group("sit")
	h.group("siteB")
	h.delete(h.group("site-gone"))
	for _, c := range []struct {
		filter store.GroupFilter
		want   []string
	}{
		{store.GroupFilter{}, []string{"annex", "east-hall", "sit", "site", "site-east", "siteB"}},
		{store.GroupFilter{NamePrefix: "site"}, []string{"site", "site-east", "siteB"}},
		{store.GroupFilter{NamePrefix: "x"}, nil},
		{store.GroupFilter{Parent: site.ID}, []string{"annex", "site-east"}},
		{store.GroupFilter{Parent: site.ID, Recursive: true}, []string{"annex", "east-hall", "site-east"}},
		{store.GroupFilter{Parent: site.ID, Recursive: true, NamePrefix: "e"}, []string{"east-hall"}},
		{store.GroupFilter{Parent: site.ID, NamePrefix: "s"}, []string{"site-east"}},
	} {
		h.same(namesOf(h, nameOfGroup, func(p store.Page) ([]fleet.Group, store.Cursor, error) {
			return h.Groups(context.Background(), c.filter, p)
		}), c.want)
	}
}

func groupsOfThing(h *house) {
	thing := h.thing("pump")
	root := h.group("root")
	child := h.below(root, "child")
	b, a := h.group("b"), h.group("a")
	left, gone := h.group("left"), h.group("gone")
	h.join(thing, map[int64]bool{root.ID: false, child.ID: true, a.ID: true, b.ID: true, left.ID: true, gone.ID: true})
	h.write(func(tx store.Tx) error { return tx.Leave(left.ID, thing.ID) })
	h.delete(gone)
	h.same(namesOf(h, nameOfGroup, func(p store.Page) ([]fleet.Group, store.Cursor, error) {
		return h.GroupsOfThing(context.Background(), thing.ID, p)
	}), []string{"a", "b", "child"})
}

func listedTypes(h *house) {
	h.write(func(tx store.Tx) error {
		for _, name := range []string{"b", "a", "c"} {
			h.must(tx.PutType(fleet.Type{Name: name}))
		}
		return nil
	})
	for _, c := range []struct {
		name string
		want []string
	}{{"", []string{"a", "b", "c"}}, {"b", []string{"b"}}, {"x", nil}} {
		h.same(namesOf(h, func(y fleet.Type) string { return y.Name }, func(p store.Page) ([]fleet.Type, store.Cursor, error) {
			return h.Types(context.Background(), c.name, p)
		}), c.want)
	}
}

func nameOfJob(j job.Job) string { return j.Name }

func filteredJobs(h *house) {
	g := h.group("g")
	aim := []job.Target{{Group: true, Name: "g", ID: g.ID}}
	h.insert(job.Job{Name: "old", Status: job.StatusCompleted, Selection: job.Snapshot, Targets: aim})
	h.clock.Set(at(1))
	h.insert(job.Job{Name: "b", Status: job.StatusInProgress, Selection: job.Snapshot})
	h.insert(job.Job{Name: "a", Status: job.StatusInProgress, Selection: job.Continuous, Targets: aim})
	h.insert(job.Job{Name: "c", Status: job.StatusCanceled, Selection: job.Continuous, Targets: aim, Namespace: "n"})
	h.clock.Set(at(2))
	h.insert(job.Job{Name: "new", Status: job.StatusInProgress, Selection: job.Snapshot, Namespace: "n"})
	for _, c := range []struct {
		filter store.JobFilter
		want   []string
	}{
		{store.JobFilter{}, []string{"new", "a", "b", "c", "old"}},
		{store.JobFilter{Status: job.StatusInProgress}, []string{"new", "a", "b"}},
		{store.JobFilter{Selection: job.Continuous}, []string{"a", "c"}},
		{store.JobFilter{Namespace: "n"}, []string{"new", "c"}},
		{store.JobFilter{Group: g.ID}, []string{"a", "c", "old"}},
		{store.JobFilter{Group: g.ID, Status: job.StatusCompleted}, []string{"old"}},
		{store.JobFilter{Group: g.ID, Namespace: "x"}, nil},
	} {
		h.same(namesOf(h, nameOfJob, func(p store.Page) ([]job.Job, store.Cursor, error) {
			return h.JobsBy(context.Background(), c.filter, p)
		}), c.want)
	}
	list, _, err := h.JobsBy(context.Background(), store.JobFilter{}, store.Page{Limit: 1})
	h.must(err)
	whole, err := h.Job(context.Background(), "new")
	h.must(err)
	h.same(list, []job.Job{whole})
}

// attempt names an execution.
func attempt(a store.Attempt) string {
	return fmt.Sprintf("%s %s %d", a.Job.Name, a.Thing.Name, a.Number)
}

func executionsOfJob(h *house) {
	j, other := h.job("fw"), h.job("other")
	z, a, gone := h.thing("z"), h.thing("a"), h.thing("gone")
	h.queue(j, gone, a, z)
	h.queue(other, z)
	h.write(func(tx store.Tx) error {
		first, err := tx.Latest(job.Key{Job: j.ID, Thing: z.ID})
		h.must(err)
		tx.PutExecution(first, reported(first, job.Failed, tx.Now()))
		tx.PutExecution(job.Execution{}, queued(j, z, 2, tx.Now()))
		return tx.DeleteThing(gone.ID)
	})
	for _, c := range []struct {
		state job.State
		want  []string
	}{
		{0, []string{"fw z 1", "fw z 2", "fw a 1", "fw gone 1"}},
		{job.Failed, []string{"fw z 1"}},
		{job.Queued, []string{"fw z 2", "fw a 1", "fw gone 1"}},
		{job.Rejected, nil},
	} {
		h.same(namesOf(h, attempt, func(p store.Page) ([]store.Attempt, store.Cursor, error) {
			return h.ExecutionsOfJob(context.Background(), j.ID, c.state, p)
		}), c.want)
	}
}

func executionsOfThing(h *house) {
	thing, other := h.thing("t"), h.thing("other")
	a, b := h.job("a"), h.insert(job.Job{Name: "b", Namespace: "n", Selection: job.Continuous, Status: job.StatusInProgress})
	h.queue(b, thing, other)
	h.clock.Set(at(5))
	h.queue(a, thing)
	h.clock.Set(at(9))
	h.write(func(tx store.Tx) error {
		first, err := tx.Latest(job.Key{Job: b.ID, Thing: thing.ID})
		h.must(err)
		tx.PutExecution(first, reported(first, job.Failed, tx.Now()))
		tx.PutExecution(job.Execution{}, queued(b, thing, 2, tx.Now()))
		return nil
	})
	for _, c := range []struct {
		by   store.ExecutionFilter
		want []string
	}{
		{store.ExecutionFilter{}, []string{"b t 2", "a t 1", "b t 1"}},
		{store.ExecutionFilter{Job: b.ID}, []string{"b t 2", "b t 1"}},
		{store.ExecutionFilter{State: job.Queued}, []string{"b t 2", "a t 1"}},
		{store.ExecutionFilter{Job: b.ID, State: job.Failed}, []string{"b t 1"}},
		{store.ExecutionFilter{Job: a.ID, State: job.Failed}, nil},
		{store.ExecutionFilter{Namespace: "n"}, []string{"b t 2", "b t 1"}},
		{store.ExecutionFilter{Namespace: "n", State: job.Queued}, []string{"b t 2"}},
		{store.ExecutionFilter{Namespace: "x"}, nil},
	} {
		h.same(namesOf(h, attempt, func(p store.Page) ([]store.Attempt, store.Cursor, error) {
			return h.ExecutionsOfThing(context.Background(), thing.ID, c.by, p)
		}), c.want)
	}
}

func boundedLook(h *house) {
	h.write(func(tx store.Tx) error {
		for i := range 10_001 {
			n := fleet.Thing{Name: fmt.Sprintf("t-%05d", i), Attributes: map[string]string{"at": fmt.Sprint(i)}}
			if _, err := tx.InsertThing(n); err != nil {
				return err
			}
		}
		return nil
	})
	f := store.ThingFilter{AttributeName: "at", AttributeValue: "10000"}
	list, next, err := h.Things(context.Background(), f, store.Page{Limit: 5})
	h.must(err)
	if len(list) != 0 || next == "" {
		h.Errorf("the first page has %d things and the cursor %q, want none and some", len(list), next)
	}
	list, next, err = h.Things(context.Background(), f, store.Page{Limit: 5, After: next})
	h.must(err)
	if len(list) != 1 || next != "" {
		h.Errorf("the second page has %d things and the cursor %q, want one and none", len(list), next)
	}
}

func forgedCursors(h *house) {
	ctx := context.Background()
	h.things("t", 2)
	_, elsewhere, err := h.Things(ctx, store.ThingFilter{}, store.Page{Limit: 1})
	h.must(err)
	if elsewhere == "" {
		h.Fatal("two things fit on a page of one")
	}
	for _, list := range []func(store.Page) error{
		func(p store.Page) error { _, _, err := h.Groups(ctx, store.GroupFilter{}, p); return err },
		func(p store.Page) error { _, _, err := h.GroupsOfThing(ctx, 1, p); return err },
		func(p store.Page) error { _, _, err := h.Members(ctx, 1, true, p); return err },
		func(p store.Page) error { _, _, err := h.Types(ctx, "", p); return err },
		func(p store.Page) error { _, _, err := h.TagsOf(ctx, store.Resource{}, p); return err },
		func(p store.Page) error { _, _, err := h.JobsBy(ctx, store.JobFilter{}, p); return err },
		func(p store.Page) error { _, _, err := h.ExecutionsOfJob(ctx, 1, 0, p); return err },
		func(p store.Page) error {
			_, _, err := h.ExecutionsOfThing(ctx, 1, store.ExecutionFilter{}, p)
			return err
		},
	} {
		for _, c := range []store.Cursor{elsewhere, elsewhere + "A", "x", "\x00", "e30", "bnVsbA"} {
			h.refused(list(store.Page{Limit: 1, After: c}), fault.InvalidRequest)
		}
	}
	_, _, err = h.Things(ctx, store.ThingFilter{}, store.Page{Limit: 1, After: elsewhere[1:]})
	h.refused(err, fault.InvalidRequest)
}
