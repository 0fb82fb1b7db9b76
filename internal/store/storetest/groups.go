package storetest

import (
	"context"
	"strconv"
	"testing"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/store"
)

// groups is about thing groups, without who is in them.
func groups(t *testing.T, fresh Fresh) {
	for _, c := range []struct {
		name string
		test func(*house)
	}{
		{"a group is found with its parent's name", foundGroup},
		{"an update replaces a group's description and attributes", updatedGroup},
		{"a deleted group is gone until it is forgotten", goneGroup},
		{"a gone parent stays while a gone child leads to it", goneParent},
		{"the deepest gone group comes first", deepestGone},
		{"ancestors are given with the root first", ancestors},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(newHouse(t, fresh)) })
	}
}

// below makes a group under another.
func (h *house) below(parent fleet.Group, name string) fleet.Group {
	h.Helper()
	g := fleet.Group{Name: name, UID: "uid-" + name, Parent: parent.ID, ParentName: parent.Name, Depth: parent.Depth + 1, Version: 1, CreatedAt: h.clock.Now()}
	h.write(func(tx store.Tx) (err error) {
		g.ID, err = tx.InsertGroup(g)
		return err
	})
	return g
}

func foundGroup(h *house) {
	root := h.group("root")
	child := h.below(root, "child")
	for _, g := range []fleet.Group{root, child} {
		read, err := h.Group(context.Background(), g.Name)
		h.must(err)
		h.same(read, g)
	}
	h.write(func(tx store.Tx) error {
		byName, err := tx.Group("child")
		h.must(err)
		h.same(byName, child)
		byID, err := tx.GroupByID(child.ID)
		h.must(err)
		h.same(byID, child)
		n, err := tx.CountChildren(root.ID)
		h.same(n, 1)
		return err
	})
}

func updatedGroup(h *house) {
	g := h.below(h.group("root"), "child")
	g.Description, g.Attributes, g.Version = "pumps", map[string]string{"a": "1"}, 2
	h.write(func(tx store.Tx) error { return tx.UpdateGroup(g) })
	read, err := h.Group(context.Background(), "child")
	h.must(err)
	h.same(read, g)
}

// delete deletes groups, in order.
func (h *house) delete(groups ...fleet.Group) {
	h.Helper()
	h.write(func(tx store.Tx) error {
		for _, g := range groups {
			if err := tx.DeleteGroup(g.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// gone is the names of the next n gone groups with members.
func (h *house) gone(n int) (names []string) {
	h.Helper()
	h.write(func(tx store.Tx) error {
		list, err := tx.GoneGroups(n)
		names = nil
		for _, g := range list {
			names = append(names, g.Name)
		}
		return err
	})
	return names
}

func goneGroup(h *house) {
	thing := h.thing("pump")
	g := h.group("site", thing)
	h.write(func(tx store.Tx) error { return tx.PutTag(groupTags(g), fleet.Tag{Key: "k"}) })
	h.delete(g)
	_, err := h.Group(context.Background(), "site")
	h.refused(err, fault.NotFound)
	h.same(h.gone(9), []string{"site"})
	h.write(func(tx store.Tx) error {
		list, err := tx.Tags(groupTags(g))
		h.same(list, []fleet.Tag(nil))
		return err
	})
	h.group("site") // the name is free
	h.write(func(tx store.Tx) error {
		h.must(tx.Leave(g.ID, thing.ID))
		h.must(tx.ForgetGroup(g.ID))
		_, err := tx.GroupByID(g.ID)
		h.refused(err, fault.NotFound)
		return nil
	})
	h.same(h.gone(9), []string(nil))
}

func goneParent(h *house) {
	thing := h.thing("pump")
	root := h.group("root")
	child := h.below(root, "child")
	h.join(thing, map[int64]bool{root.ID: false, child.ID: true})
	h.delete(child, root)
	h.write(func(tx store.Tx) error { return tx.ForgetGroup(root.ID) })
	h.write(func(tx store.Tx) error { // the way up from the child is still there
		g, err := tx.GroupByID(child.ID)
		h.must(err)
		_, err = tx.GroupByID(g.Parent)
		h.must(err)
		h.must(tx.Leave(child.ID, thing.ID))
		h.must(tx.Leave(root.ID, thing.ID))
		h.must(tx.ForgetGroup(child.ID))
		_, err = tx.GroupByID(root.ID)
		h.refused(err, fault.NotFound)
		return nil
	})
}

// join makes a thing a member of groups; the value says whether of that very
// one.
func (h *house) join(thing fleet.Thing, groups map[int64]bool) {
	h.Helper()
	h.write(func(tx store.Tx) error {
		for id, direct := range groups {
			if err := tx.Join(id, thing.ID, direct); err != nil {
				return err
			}
		}
		return nil
	})
}

func deepestGone(h *house) {
	root := h.group("root")
	child := h.below(root, "child")
	h.join(h.thing("a"), map[int64]bool{root.ID: true})
	h.join(h.thing("b"), map[int64]bool{root.ID: false, child.ID: true})
	h.group("living", h.thing("c"))
	h.delete(child, root, h.group("empty"))
	h.same(h.gone(9), []string{"child", "root"})
	h.same(h.gone(1), []string{"child"})
}

func ancestors(h *house) {
	root := h.group("root")
	middle := h.below(root, "middle")
	leaf := h.below(middle, "leaf")
	for _, c := range []struct {
		of   fleet.Group
		want []fleet.Group
	}{{root, nil}, {middle, []fleet.Group{root}}, {leaf, []fleet.Group{root, middle}}} {
		got, err := h.Ancestors(context.Background(), c.of.ID)
		h.must(err)
		h.same(got, c.want)
	}
}

func groupTags(g fleet.Group) store.Resource {
	return store.Resource{Kind: store.KindGroup, ID: strconv.FormatInt(g.ID, 10)}
}
