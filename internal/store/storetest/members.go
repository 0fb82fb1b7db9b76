package storetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// memberships is about who is in a group, and who a snapshot sees there.
func memberships(t *testing.T, fresh Fresh) {
	for _, c := range []struct {
		name string
		test func(*house)
	}{
		{"all changes of a transaction bear one number, higher than any before", oneNumber},
		{"who leaves and comes back in one transaction never left", backAtOnce},
		{"who comes and leaves in one transaction never came", awayAtOnce},
		{"a membership is swept when no rolling snapshot sees it", sweptMembers},
		{"a job that has not begun sees the members of when it begins", notBegun},
		{"members come by registration, with descendants or without", listedMembers},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(newHouse(t, fresh)) })
	}
	t.Run("random changes are seen by all views and old snapshots as a copy would show them", func(t *testing.T) {
		h := newHouse(t, fresh)
		round := 0
		rapid.Check(t, func(rt *rapid.T) {
			round++
			m := newRoll(h, round)
			rt.Repeat(map[string]func(*rapid.T){"change": m.change, "shoot": m.shoot, "drop": m.drop, "sweep": m.sweep, "": m.check})
			m.dropAll()
		})
	})
}

func oneNumber(h *house) {
	a, b := h.thing("a"), h.thing("b")
	g := h.group("g")
	before := h.sequence()
	h.write(func(tx store.Tx) error {
		h.must(tx.Join(g.ID, a.ID, true))
		first, err := tx.MemberSequence()
		h.must(err)
		h.must(tx.Join(g.ID, b.ID, true))
		second, err := tx.MemberSequence()
		h.same(second, first)
		return err
	})
	between := h.sequence()
	h.write(func(tx store.Tx) error { return tx.Leave(g.ID, a.ID) })
	if after := h.sequence(); between <= before || after <= between {
		h.Errorf("the numbers are %d, %d and %d", before, between, after)
	}
}

// seen is the names of those that a rollout of the job would reach.
func (h *house) seen(j job.Job, g fleet.Group) (names []string) {
	h.Helper()
	err := h.Write(context.Background(), func(tx store.Tx) error {
		r, err := tx.Release(j, store.Slice{Target: job.Target{Group: true, ID: g.ID}, Look: 100, Most: 100})
		h.must(err)
		names = []string{}
		for _, t := range r.Things {
			names = append(names, t.Name)
		}
		return errRefused // nothing of it stays
	})
	if !errors.Is(err, errRefused) {
		h.Fatal(err)
	}
	return names
}

func backAtOnce(h *house) {
	thing := h.thing("a")
	g := h.group("g", thing)
	old := h.shot("old", g)
	h.write(func(tx store.Tx) error {
		h.must(tx.Leave(g.ID, thing.ID))
		return tx.Join(g.ID, thing.ID, false)
	})
	fresh := h.shot("fresh", g)
	h.same(h.seen(old, g), []string{"a"})
	h.same(h.seen(fresh, g), []string{"a"})
	h.write(func(tx store.Tx) error {
		held, err := tx.GroupsOf(thing.ID)
		h.must(err)
		h.same(held, map[int64]bool{g.ID: false})
		h.must(tx.DropJob(old.ID))
		h.must(tx.DropJob(fresh.ID))
		n, err := tx.SweepMembers(100)
		h.same(n, 0)
		return err
	})
}

func awayAtOnce(h *house) {
	thing := h.thing("a")
	g := h.group("g")
	h.write(func(tx store.Tx) error {
		for range 3 {
			h.must(tx.Join(g.ID, thing.ID, true))
			h.must(tx.Leave(g.ID, thing.ID))
		}
		return nil
	})
	h.same(h.seen(h.shot("j", g), g), []string{})
	h.same(h.swept(), 0)
}

// shot inserts a rolling job that sees the group as it is now.
func (h *house) shot(name string, g fleet.Group) job.Job {
	h.Helper()
	return h.insert(job.Job{
		Name: name, Selection: job.Snapshot, Status: job.StatusInProgress, Members: h.sequence(),
		Targets: []job.Target{{Group: true, Name: g.Name, ID: g.ID}}, Rollout: job.Rollout{Start: h.clock.Now()},
	})
}

// swept sweeps memberships and answers how many went.
func (h *house) swept() (n int) {
	h.Helper()
	h.write(func(tx store.Tx) (err error) {
		n, err = tx.SweepMembers(100)
		return err
	})
	return n
}

func sweptMembers(h *house) {
	a, b := h.thing("a"), h.thing("b")
	g := h.group("g", a, b)
	early := h.shot("early", g)
	h.write(func(tx store.Tx) error { return tx.Leave(g.ID, a.ID) })
	late := h.shot("late", g)
	h.write(func(tx store.Tx) error { return tx.Leave(g.ID, b.ID) })
	h.same(h.swept(), 0)
	h.same(h.seen(early, g), []string{"a", "b"})
	h.write(func(tx store.Tx) error { return tx.DropJob(early.ID) })
	h.same(h.swept(), 1)
	h.same(h.seen(late, g), []string{"b"})
	h.write(func(tx store.Tx) error { // it has rolled out
		late.Rollout.Target = len(late.Targets)
		tx.PutJob(late)
		n, err := tx.SweepMembers(100)
		h.same(n, 1)
		return err
	})
}

// notBegun: a job that waits for its start holds no membership, and then sees
// those of that moment.
func notBegun(h *house) {
	a, b := h.thing("a"), h.thing("b")
	g := h.group("g", a, b)
	j := h.insert(job.Job{
		Name: "waits", Selection: job.Snapshot, Status: job.StatusScheduled, Members: h.sequence(),
		Targets: []job.Target{{Group: true, Name: g.Name, ID: g.ID}},
	})
	h.write(func(tx store.Tx) error { return tx.Leave(g.ID, a.ID) })
	h.same(h.swept(), 1)
	j.Status, j.Members, j.Rollout.Start = job.StatusInProgress, h.sequence(), h.clock.Now()
	h.write(func(tx store.Tx) error {
		tx.PutJob(j)
		return tx.Leave(g.ID, b.ID)
	})
	h.same(h.swept(), 0)
	h.same(h.seen(j, g), []string{"b"})
}

func listedMembers(h *house) {
	z, a := h.thing("z"), h.thing("a")
	root := h.group("root", z)
	child := h.below(root, "child")
	h.join(a, map[int64]bool{root.ID: false, child.ID: true})
	for _, c := range []struct {
		group     fleet.Group
		recursive bool
		want      []fleet.Thing
	}{
		{root, false, []fleet.Thing{z}},
		{root, true, []fleet.Thing{z, a}},
		{child, false, []fleet.Thing{a}},
		{child, true, []fleet.Thing{a}},
	} {
		got, next, err := h.Members(context.Background(), c.group.ID, c.recursive, store.Page{Limit: 9})
		h.must(err)
		h.same(got, c.want)
		h.same(next, store.Cursor(""))
	}
}

// membership names a thing in a group, by their places in a roll.
type membership struct{ group, thing int }

// roll is a model of memberships: the present ones, and a copy for each
// snapshot.
type roll struct {
	h      *house
	round  int
	groups []fleet.Group
	things []fleet.Thing
	now    map[membership]bool // direct
	shots  []snapshot
	number int64
}

// snapshot is a job with the memberships as they were.
type snapshot struct {
	job job.Job
	was map[membership]bool
}

func newRoll(h *house, round int) *roll {
	m := &roll{h: h, round: round, now: map[membership]bool{}}
	for i := range 2 {
		m.groups = append(m.groups, h.group(fmt.Sprintf("g-%d-%d", round, i)))
	}
	m.things = h.things(fmt.Sprintf("m-%d", round), 3)
	return m
}

// change joins and leaves in one transaction; one in five is undone.
func (m *roll) change(t *rapid.T) {
	var steps []func(store.Tx, map[membership]bool) error
	for range rapid.IntRange(1, 5).Draw(t, "steps") {
		at := membership{rapid.IntRange(0, 1).Draw(t, "group"), rapid.IntRange(0, 2).Draw(t, "thing")}
		group, thing := m.groups[at.group].ID, m.things[at.thing].ID
		if rapid.Bool().Draw(t, "leave") {
			steps = append(steps, func(tx store.Tx, now map[membership]bool) error {
				delete(now, at)
				return tx.Leave(group, thing)
			})
			continue
		}
		direct := rapid.Bool().Draw(t, "direct")
		steps = append(steps, func(tx store.Tx, now map[membership]bool) error {
			now[at] = direct
			return tx.Join(group, thing, direct)
		})
	}
	fail := rapid.IntRange(0, 4).Draw(t, "fail") == 0
	now := maps.Clone(m.now)
	err := m.h.Write(context.Background(), func(tx store.Tx) error {
		for _, step := range steps {
			m.h.must(step(tx, now))
		}
		if fail {
			return errRefused
		}
		return nil
	})
	if fail != errors.Is(err, errRefused) {
		t.Fatalf("the transaction ended with %v", err)
	}
	if !fail {
		m.now = now
	}
}

func (m *roll) shoot(t *rapid.T) {
	if len(m.shots) == 3 {
		t.Skip("enough snapshots")
	}
	name := fmt.Sprintf("shot-%d-%d", m.round, len(m.shots))
	m.shots = append(m.shots, snapshot{m.h.shot(name, m.groups[0]), maps.Clone(m.now)})
}

func (m *roll) drop(t *rapid.T) {
	if len(m.shots) == 0 {
		t.Skip("no snapshot")
	}
	i := rapid.IntRange(0, len(m.shots)-1).Draw(t, "shot")
	m.dropOne(m.shots[i])
	m.shots[i].was = nil
}

func (m *roll) dropOne(s snapshot) {
	m.h.write(func(tx store.Tx) error { return tx.DropJob(s.job.ID) })
}

func (m *roll) dropAll() {
	for _, s := range m.shots {
		m.dropOne(s)
	}
}

func (m *roll) sweep(*rapid.T) { m.h.swept() }

// check compares every view with the model.
func (m *roll) check(t *rapid.T) {
	number := m.h.sequence()
	if number < m.number {
		t.Fatalf("the number fell from %d to %d", m.number, number)
	}
	m.number = number
	for i, g := range m.groups {
		m.h.same(m.listed(g, false), m.names(i, m.now, func(direct bool) bool { return direct }))
		m.h.same(m.listed(g, true), m.names(i, m.now, func(bool) bool { return true }))
		for _, s := range m.shots {
			if s.was != nil {
				m.h.same(m.h.seen(s.job, g), m.names(i, s.was, func(bool) bool { return true }))
			}
		}
	}
	m.checkGroupsOf()
}

func (m *roll) listed(g fleet.Group, recursive bool) []string {
	list, _, err := m.h.Members(context.Background(), g.ID, recursive, store.Page{Limit: 9})
	m.h.must(err)
	names := []string{}
	for _, t := range list {
		names = append(names, t.Name)
	}
	return names
}

// names is who is in a group, by registration.
func (m *roll) names(group int, in map[membership]bool, fits func(direct bool) bool) []string {
	names := []string{}
	for i, t := range m.things {
		if direct, held := in[membership{group, i}]; held && fits(direct) {
			names = append(names, t.Name)
		}
	}
	return slices.Clip(names)
}

func (m *roll) checkGroupsOf() {
	m.h.write(func(tx store.Tx) error {
		for i, t := range m.things {
			want := map[int64]bool{}
			for k, g := range m.groups {
				if direct, held := m.now[membership{k, i}]; held {
					want[g.ID] = direct
				}
			}
			got, err := tx.GroupsOf(t.ID)
			m.h.must(err)
			m.h.same(got, want)
		}
		return nil
	})
}
