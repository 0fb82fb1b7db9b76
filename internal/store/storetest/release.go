package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// Release is about rollouts: who gets an execution.
func Release(t *testing.T, fresh Fresh) {
	cases := []struct {
		name string
		test func(*house)
	}{
		{"slices go through a group in order of registration", releaseSlices},
		{"a snapshot sees the members as they were", releaseSnapshot},
		{"a continuous job sees the members as they are", releaseContinuous},
		{"a thing that has or had an execution is passed by", releasePasses},
		{"a deleted thing is passed by", releaseGone},
		{"a thing that came and went often is one step", releaseOften},
		{"a thing target is that thing", releaseThing},
		{"an execution is as job.Fresh says", releaseFresh},
		{"an execution is queued behind the thing's last", releaseQueuedLast},
		{"a thing of two targets is released once", releaseOnce},
		{"what is left is counted", releaseLeft},
		{"things that wait to join are left, as long as they may", releaseJoining},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.test(newHouse(t, fresh)) })
	}
}

// sequence is the number of the last change of membership.
func (h *house) sequence() (n int64) {
	h.Helper()
	h.write(func(tx store.Tx) (err error) {
		n, err = tx.MemberSequence()
		return err
	})
	return n
}

// snapshot inserts a job that sees the groups as they are now.
func (h *house) snapshot(name string) job.Job {
	h.Helper()
	return h.insert(job.Job{Name: name, Selection: job.Snapshot, Status: job.StatusInProgress, Members: h.sequence()})
}

// release runs one slice.
func (h *house) release(j job.Job, s store.Slice) (r store.Released) {
	h.Helper()
	h.write(func(tx store.Tx) (err error) {
		r, err = tx.Release(j, s)
		return err
	})
	return r
}

// all is a slice that ends at the end.
func all(g fleet.Group) store.Slice { return store.Slice{Target: target(g), Look: 1000, Most: 1000} }

func target(g fleet.Group) job.Target { return job.Target{Group: true, Name: g.Name, ID: g.ID} }

// wantReleased compares with things by ID and Name.
func (h *house) wantReleased(got store.Released, end bool, after int64, want ...fleet.Thing) {
	h.Helper()
	var names, wanted []string
	for _, t := range got.Things {
		names = append(names, t.Name)
	}
	for _, t := range want {
		wanted = append(wanted, t.Name)
	}
	if diff := cmp.Diff(wanted, names); diff != "" || got.End != end || got.After != after {
		h.Errorf("released up to %d, end %v, want %d, %v; things (-want +got):\n%s", got.After, got.End, after, end, diff)
	}
}

func releaseSlices(h *house) {
	t := h.things("t", 5)
	g := h.group("g", t[3], t[0], t[4], t[1], t[2])
	j := h.snapshot("a")
	r := h.release(j, store.Slice{Target: target(g), Look: 1000, Most: 2})
	h.wantReleased(r, false, t[1].ID, t[0], t[1])
	r = h.release(j, store.Slice{Target: target(g), After: r.After, Look: 1, Most: 1000})
	h.wantReleased(r, false, t[2].ID, t[2])
	r = h.release(j, store.Slice{Target: target(g), After: r.After, Look: 1000, Most: 0})
	h.wantReleased(r, false, t[2].ID)
	r = h.release(j, store.Slice{Target: target(g), After: r.After, Look: 2, Most: 2})
	h.wantReleased(r, true, t[4].ID, t[3], t[4])
	h.wantCounts(j, job.Counts{Queued: 5, Notified: 5})
	want := queued(j, t[2], 1, start)
	if diff := cmp.Diff(want, h.latest(j, t[2])); diff != "" {
		h.Errorf("the execution (-want +got):\n%s", diff)
	}
}

func releaseSnapshot(h *house) {
	t := h.things("t", 4)
	g := h.group("g", t[0], t[1])
	j := h.snapshot("a")
	h.write(func(tx store.Tx) error { return tx.Leave(g.ID, t[1].ID) })
	h.write(func(tx store.Tx) error { return tx.Join(g.ID, t[2].ID, true) })
	h.wantReleased(h.release(j, all(g)), true, t[2].ID, t[0], t[1])
	h.write(func(tx store.Tx) error { return tx.Join(g.ID, t[1].ID, true) })
	h.wantReleased(h.release(h.snapshot("b"), all(g)), true, t[2].ID, t[0], t[1], t[2])
}

func releaseContinuous(h *house) {
	t := h.things("t", 3)
	g := h.group("g", t[0], t[1])
	j := h.insert(job.Job{Name: "a", Selection: job.Continuous, Status: job.StatusInProgress, Members: h.sequence()})
	h.write(func(tx store.Tx) error { return tx.Leave(g.ID, t[0].ID) })
	h.write(func(tx store.Tx) error { return tx.Join(g.ID, t[2].ID, true) })
	h.wantReleased(h.release(j, all(g)), true, t[2].ID, t[1], t[2])
}

func releasePasses(h *house) {
	t := h.things("t", 4)
	g := h.group("g", t...)
	j := h.snapshot("a")
	h.queue(j, t[0], t[1])
	h.must(h.do(func(w store.Work) error {
		e := queued(j, t[0], 1, start)
		w.PutExecution(e, reported(e, job.Failed, w.Now()))
		return nil
	}))
	h.write(func(tx store.Tx) error { return tx.Spend(job.Key{Job: j.ID, Thing: t[2].ID}) })
	h.wantReleased(h.release(j, all(g)), true, t[3].ID, t[3])
}

func releaseGone(h *house) {
	t := h.things("t", 2)
	g := h.group("g", t...)
	j := h.snapshot("a")
	h.write(func(tx store.Tx) error { return tx.DeleteThing(t[0].ID) })
	r := h.release(j, all(g))
	h.wantReleased(r, true, t[1].ID, t[1])
}

func releaseOften(h *house) {
	t := h.things("t", 3)
	g := h.group("g", t...)
	for range 3 {
		h.write(func(tx store.Tx) error { return tx.Leave(g.ID, t[1].ID) })
		h.write(func(tx store.Tx) error { return tx.Join(g.ID, t[1].ID, true) })
	}
	j := h.snapshot("a")
	after := int64(0)
	for i := range t {
		r := h.release(j, store.Slice{Target: target(g), After: after, Look: 1, Most: 10})
		h.wantReleased(r, i == 2, t[i].ID, t[i])
		after = r.After
	}
}

func releaseThing(h *house) {
	t := h.thing("t")
	j := h.snapshot("a")
	slice := store.Slice{Target: job.Target{Name: t.Name, ID: t.ID}, Look: 10, Most: 0}
	h.wantReleased(h.release(j, slice), false, 0)
	slice.Most = 10
	h.wantReleased(h.release(j, slice), true, t.ID, t)
	h.wantReleased(h.release(j, slice), true, t.ID)
	h.wantCounts(j, job.Counts{Queued: 1, Notified: 1})
}

// releaseFresh: the stores make executions by SQL, the rule is package job's.
func releaseFresh(h *house) {
	t := h.things("t", 4)
	g := h.group("g", t...)
	first, second := h.snapshot("a"), h.snapshot("b")
	last := []time.Time{{}, at(-1), at(0), at(60)}
	h.must(h.do(func(w store.Work) error {
		for i := range t[1:] {
			w.PutExecution(job.Execution{}, queued(first, t[i+1], 1, last[i+1]))
		}
		return nil
	}))
	h.wantReleased(h.release(second, all(g)), true, t[3].ID, t...)
	for i, thing := range t {
		ref := job.Ref{Key: job.Key{Job: second.ID, Thing: thing.ID}, Number: 1}
		want := job.Fresh(ref, job.Behind(last[i], start), start)
		if diff := cmp.Diff(want, h.latest(second, thing)); diff != "" {
			h.Errorf("behind one of %v (-want +got):\n%s", last[i], diff)
		}
	}
}

func releaseQueuedLast(h *house) {
	t := h.thing("t")
	first, second := h.snapshot("a"), h.snapshot("b")
	h.must(h.do(func(w store.Work) error { w.PutExecution(job.Execution{}, queued(first, t, 1, at(60))); return nil }))
	h.release(second, store.Slice{Target: job.Target{Name: t.Name, ID: t.ID}, Look: 1, Most: 1})
	if e := h.latest(second, t); !e.QueuedAt.After(at(60)) {
		h.Errorf("it is queued at %v, not behind the thing's last at %v", e.QueuedAt, at(60))
	}
}

func releaseOnce(h *house) {
	t := h.things("t", 2)
	first, second := h.group("g1", t...), h.group("g2", t...)
	j := h.snapshot("a")
	h.wantReleased(h.release(j, all(first)), true, t[1].ID, t...)
	h.wantReleased(h.release(j, all(second)), true, t[1].ID)
}

// releaseLeft: what is left is what releases will take, each thing once.
func releaseLeft(h *house) {
	t := h.things("t", 6)
	first, second := h.group("g1", t[0], t[1]), h.group("g2", t[1], t[2])
	targets := []job.Target{target(first), target(second), {Name: t[2].Name, ID: t[2].ID}, {Name: t[3].Name, ID: t[3].ID}}
	want := func(what string, j job.Job, n int64) {
		h.Helper()
		if got, err := h.Left(context.Background(), j); err != nil || got.Things() != n {
			h.Errorf("%s: %d are left, want %d: %v", what, got, n, err)
		}
	}
	seen := h.insert(job.Job{
		Name: "a", Selection: job.Snapshot, Status: job.StatusInProgress, Targets: targets, Members: h.sequence(),
		Rollout: job.Rollout{Start: h.clock.Now()},
	})
	h.join(t[4], map[int64]bool{first.ID: true})
	follows := seen
	follows.Name, follows.Selection = "b", job.Continuous
	follows = h.insert(follows)
	waits := seen
	waits.Name, waits.Rollout.Start = "c", time.Time{}
	waits = h.insert(waits)
	want("a snapshot", seen, 4)
	want("a job that follows its groups", follows, 5)
	want("a job that has not begun", waits, 5)
	h.release(seen, all(first))
	seen.Rollout.Target = 1
	want("behind the first target", seen, 2)
	h.write(func(tx store.Tx) error { return tx.DeleteThing(t[3].ID) })
	want("without a deleted thing", seen, 1)
	seen.Rollout.Target = len(targets)
	want("behind the last target", seen, 0)
	seen.Rollout.Target, seen.Status = 0, job.StatusCanceled
	want("of a job that has ended", seen, 0)
}

// releaseJoining: of the things that wait, those are left that have not gone and
// have not got the job in another way; none counts twice.
func releaseJoining(h *house) {
	t := h.things("t", 9)
	g := h.group("g", t...)
	j := h.insert(job.Job{
		Name: "a", Selection: job.Continuous, Status: job.StatusInProgress,
		Targets: []job.Target{target(g), {Name: t[1].Name, ID: t[1].ID}},
		Rollout: job.Rollout{Start: h.clock.Now(), Joins: true},
	})
	key := func(thing fleet.Thing) job.Key { return job.Key{Job: j.ID, Thing: thing.ID} }
	put := func(thing fleet.Thing, number int64, s job.State) {
		h.must(h.do(func(w store.Work) error {
			e := queued(j, thing, number, at(0))
			e.State = s
			w.PutExecution(job.Execution{}, e)
			return nil
		}))
	}
	for i, number := range map[int]int64{0: 0, 1: 0, 2: 0, 3: 1, 4: 0, 5: 1, 6: 0, 7: 1} {
		h.write(func(tx store.Tx) error { return tx.Wait(key(t[i]), number) })
	}
	h.write(func(tx store.Tx) error {
		return errors.Join(tx.Leave(g.ID, t[1].ID), tx.Leave(g.ID, t[2].ID), tx.DeleteThing(t[4].ID))
	})
	put(t[3], 1, job.Removed)
	put(t[5], 1, job.Succeeded)
	put(t[5], 2, job.Queued)
	put(t[6], 1, job.Queued)
	put(t[7], 1, job.InProgress)
	want := func(what string, j job.Job, want job.Left) {
		h.Helper()
		got, err := h.Left(context.Background(), j)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			h.Errorf("%s (-want +got):\n%s%v", what, diff, err)
		}
	}
	joins := []job.State{0, 0, job.Removed} // of 0, 1, which is a target itself, and 3
	want("a rollout that is under way", j, job.Left{Targets: 1, Joins: joins})
	rolledOut := j
	rolledOut.Rollout.Target = 2
	want("behind the last target", rolledOut, job.Left{Joins: joins})
	calm := rolledOut
	calm.Rollout.Joins = false
	want("with nobody who waits", calm, job.Left{})
	ended := j
	ended.Rollout.End = at(0)
	want("behind endTime", ended, job.Left{})
}
