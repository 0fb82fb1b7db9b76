package storetest

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// Registry holds a store to things, groups, memberships, types and
// tags.
func Registry(t *testing.T, fresh Fresh) {
	for _, c := range []struct {
		name string
		test func(*house)
	}{
		{"a thing is found as it was registered", foundThing},
		{"a name is taken once", takenNames},
		{"an update replaces a thing's type and attributes", updatedThing},
		{"a deleted thing's name is free, and its number is not used again", deletedThing},
		{"a deleted thing stays while executions name it", buriedThing},
		{"what a failed closure registered is not there", undoneThing},
		{"a closure that failed does not stand in the way of the next", undoneCount},
		{"a type is put, found and deleted with its tags", types},
		{"a type is in use while a living thing has it", typeInUse},
		{"a tag's value is replaced, and tags come by key", tags},
		{"what is not there is named", absent},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(newHouse(t, fresh)) })
	}
	groups(t, fresh)
	memberships(t, fresh)
}

var (
	plainThing = fleet.Thing{Name: "pump", UID: "u-1", Version: 1, CreatedAt: at(1)}
	fullThing  = fleet.Thing{
		Name: "pump:7_-", UID: "u-2", Type: "pump", Version: 3, CreatedAt: at(2),
		Attributes: map[string]string{"site": "Ö<&>\"", "empty": ""},
	}
)

// register registers a thing as it is and answers it with its number.
func (h *house) register(n fleet.Thing) fleet.Thing {
	h.Helper()
	h.write(func(tx store.Tx) (err error) {
		n.ID, err = tx.InsertThing(n)
		return err
	})
	return n
}

// named is what is remembered of a thing.
func named(n fleet.Thing) fleet.Thing { return fleet.Thing{ID: n.ID, Name: n.Name} }

func foundThing(h *house) {
	for _, n := range []fleet.Thing{h.register(plainThing), h.register(fullThing)} {
		read, err := h.Thing(context.Background(), n.Name)
		h.must(err)
		h.same(read, n)
		h.write(func(tx store.Tx) error {
			full, err := tx.FullThing(n.Name)
			h.must(err)
			h.same(full, n)
			byName, err := tx.Thing(n.Name)
			h.must(err)
			h.same(byName, named(n))
			byID, err := tx.ThingByID(n.ID)
			h.same(byID, named(n))
			return err
		})
	}
}

// same checks got by every member.
func (h *house) same(got, want any) {
	h.Helper()
	if d := cmp.Diff(want, got); d != "" {
		h.Errorf("not as wanted (-want +got):\n%s", d)
	}
}

// refused checks that err is of a kind.
func (h *house) refused(err error, kind fault.Kind) {
	h.Helper()
	if !fault.Is(err, kind) {
		h.Errorf("answered %v, want kind %d", err, kind)
	}
}

func takenNames(h *house) {
	h.register(plainThing)
	h.group("site")
	ctx := context.Background()
	h.refused(h.Write(ctx, func(tx store.Tx) error {
		_, err := tx.InsertThing(plainThing)
		return err
	}), fault.AlreadyExists)
	h.refused(h.Write(ctx, func(tx store.Tx) error {
		_, err := tx.InsertGroup(fleet.Group{Name: "site"})
		return err
	}), fault.AlreadyExists)
}

func updatedThing(h *house) {
	n := h.register(fullThing)
	n.Type, n.Attributes, n.Version = "", map[string]string{"a": "1"}, 4
	h.write(func(tx store.Tx) error {
		_, err := tx.FullThing(n.Name)
		h.must(err)
		h.must(tx.UpdateThing(n))
		got, err := tx.FullThing(n.Name)
		h.same(got, n)
		return err
	})
	read, err := h.Thing(context.Background(), n.Name)
	h.must(err)
	h.same(read, n)
}

func deletedThing(h *house) {
	first := h.register(plainThing)
	h.write(func(tx store.Tx) error { return tx.DeleteThing(first.ID) })
	_, err := h.Thing(context.Background(), first.Name)
	h.refused(err, fault.NotFound)
	h.write(func(tx store.Tx) error {
		_, err := tx.ThingByID(first.ID)
		h.refused(err, fault.NotFound)
		return nil
	})
	if second := h.register(plainThing); second.ID <= first.ID {
		h.Errorf("the number %d follows %d", second.ID, first.ID)
	}
}

func buriedThing(h *house) {
	n := h.register(plainThing)
	j := h.job("fw")
	h.write(func(tx store.Tx) error {
		tx.PutExecution(job.Execution{}, queued(j, n, 1, tx.Now()))
		return tx.DeleteThing(n.ID) // the execution is put and not saved yet
	})
	h.write(func(tx store.Tx) error {
		_, err := tx.Thing(n.Name)
		h.refused(err, fault.NotFound)
		got, err := tx.ThingByID(n.ID)
		h.same(got, named(n))
		return err
	})
	again := h.register(plainThing)
	read, err := h.Thing(context.Background(), n.Name)
	h.must(err)
	h.same(read, again)
}

func undoneThing(h *house) {
	err := h.Write(context.Background(), func(tx store.Tx) error {
		if _, err := tx.InsertThing(plainThing); err != nil {
			return err
		}
		_, err := tx.Thing(plainThing.Name)
		h.must(err)
		return fault.New(fault.InvalidRequest, "no")
	})
	h.refused(err, fault.InvalidRequest)
	h.write(func(tx store.Tx) error {
		_, err := tx.Thing(plainThing.Name)
		h.refused(err, fault.NotFound)
		return nil
	})
}

func undoneCount(h *house) {
	j := h.job("fw")
	err := h.Write(context.Background(), func(tx store.Tx) error {
		tx.Count(j.ID, job.Counts{Queued: 5})
		return fault.New(fault.InvalidRequest, "no")
	})
	h.refused(err, fault.InvalidRequest)
	h.write(func(tx store.Tx) error { tx.Count(j.ID, job.Counts{Queued: 1}); return nil })
	h.wantCounts(j, job.Counts{Queued: 1})
}

func types(h *house) {
	y := fleet.Type{Name: "pump", UID: "u", Description: "d", Searchable: []string{"a", "b"}, CreatedAt: at(1)}
	r := store.Resource{Kind: store.KindType, ID: y.Name}
	h.write(func(tx store.Tx) error {
		h.must(tx.PutType(y))
		return tx.PutTag(r, fleet.Tag{Key: "k", Value: "v"})
	})
	read, err := h.Type(context.Background(), y.Name)
	h.must(err)
	h.same(read, y)
	y.DeprecatedAt, y.Searchable = at(5), nil
	h.write(func(tx store.Tx) error {
		h.must(tx.PutType(y))
		got, err := tx.Type(y.Name)
		h.same(got, y)
		return err
	})
	h.write(func(tx store.Tx) error {
		h.must(tx.DeleteType(y.Name))
		_, err := tx.Type(y.Name)
		h.refused(err, fault.NotFound)
		list, err := tx.Tags(r)
		h.same(list, []fleet.Tag(nil))
		return err
	})
}

func typeInUse(h *house) {
	n := h.register(fullThing)
	wants := func(want bool) {
		h.Helper()
		h.write(func(tx store.Tx) error {
			used, err := tx.TypeInUse("pump")
			h.same(used, want)
			return err
		})
	}
	wants(true)
	h.queue(h.job("fw"), n)
	h.write(func(tx store.Tx) error { return tx.DeleteThing(n.ID) })
	wants(false)
}

func tags(h *house) {
	r := store.Resource{Kind: store.KindJob, ID: "1"}
	h.write(func(tx store.Tx) error {
		h.must(tx.PutTag(r, fleet.Tag{Key: "b", Value: "1"}))
		h.must(tx.PutTag(r, fleet.Tag{Key: "a", Value: ""}))
		h.must(tx.PutTag(r, fleet.Tag{Key: "b", Value: "2"}))
		h.must(tx.PutTag(r, fleet.Tag{Key: "c", Value: "3"}))
		h.must(tx.PutTag(store.Resource{Kind: store.KindGroup, ID: "1"}, fleet.Tag{Key: "other"}))
		h.must(tx.DeleteTag(r, "c"))
		h.must(tx.DeleteTag(r, "none"))
		list, err := tx.Tags(r)
		h.same(list, []fleet.Tag{{Key: "a"}, {Key: "b", Value: "2"}})
		return err
	})
}

func absent(h *house) {
	ctx := context.Background()
	for what, look := range map[string]func(store.Tx) error{
		"a thing":           func(tx store.Tx) error { _, err := h.Thing(ctx, "x"); return err },
		"a group":           func(tx store.Tx) error { _, err := h.Group(ctx, "x"); return err },
		"a type":            func(tx store.Tx) error { _, err := h.Type(ctx, "x"); return err },
		"a group by number": func(tx store.Tx) error { _, err := tx.GroupByID(77); return err },
		"an updated thing":  func(tx store.Tx) error { return tx.UpdateThing(fleet.Thing{ID: 77}) },
		"a deleted thing":   func(tx store.Tx) error { return tx.DeleteThing(77) },
		"an updated group":  func(tx store.Tx) error { return tx.UpdateGroup(fleet.Group{ID: 77}) },
		"a deleted group":   func(tx store.Tx) error { return tx.DeleteGroup(77) },
		"a deleted type":    func(tx store.Tx) error { return tx.DeleteType("x") },
	} {
		if err := h.Write(ctx, look); !fault.Is(err, fault.NotFound) {
			h.Errorf("%s answers %v", what, err)
		}
	}
}
