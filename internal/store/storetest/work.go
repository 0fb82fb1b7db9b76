package storetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// Work compares what commands see, within a batch and after it, with a model
// that is a map.
func Work(t *testing.T, fresh Fresh) {
	t.Run("random batches see what a map would show", func(t *testing.T) {
		h := newHouse(t, fresh)
		round := 0
		rapid.Check(t, func(rt *rapid.T) {
			round++
			m := &model{h: h, saved: map[job.Ref]job.Execution{}}
			m.things = h.things(fmt.Sprintf("t-%d", round), 2)
			m.group = h.group(fmt.Sprintf("g-%d", round), m.things...)
			m.jobs = []job.Job{h.snapshot(fmt.Sprintf("a-%d", round)), h.snapshot(fmt.Sprintf("b-%d", round))}
			for range rapid.IntRange(1, 6).Draw(rt, "batches") {
				m.batch(rt)
				m.check(rt)
				m.whole(rt)
				m.check(rt)
				m.checkRows(rt)
			}
		})
	})
}

// model is what the store should hold.
type model struct {
	h      *house
	jobs   []job.Job
	things []fleet.Thing
	group  fleet.Group // of all things
	saved  map[job.Ref]job.Execution
}

// batch runs some commands as one batch; one in five fails after its puts.
func (m *model) batch(t *rapid.T) {
	n := rapid.IntRange(1, 8).Draw(t, "commands")
	var steps []store.Command
	failing := make([]bool, n)
	for i := range n {
		j, thing := rapid.SampledFrom(m.jobs).Draw(t, "job"), rapid.SampledFrom(m.things).Draw(t, "thing")
		s := step{
			key:  job.Key{Job: j.ID, Thing: thing.ID},
			do:   rapid.SampledFrom([]string{"add", "start", "progress", "end", "hold", "give up", "delete", "replace"}).Draw(t, "do"),
			look: rapid.Bool().Draw(t, "look"), // else the model alone knows what is there
		}
		failing[i] = rapid.IntRange(0, 4).Draw(t, "fail") == 0
		hint := rapid.Bool().Draw(t, "hint")
		steps = append(steps, command{decide: m.step(t, s, failing[i]), hint: func(h *store.Hints) {
			if hint {
				h.Pending = append(h.Pending, thing.Name)
				h.Latest = append(h.Latest, store.Pair{Thing: thing.Name, Job: j.Name})
			}
		}})
	}
	m.h.clock.Set(m.h.clock.Now().Add(time.Duration(rapid.IntRange(0, 2).Draw(t, "seconds")) * time.Second))
	for i, err := range m.h.batch(steps...) {
		if failing[i] != errors.Is(err, errRefused) {
			t.Fatalf("command %d ended with %v", i, err)
		}
	}
}

// step is one command of the model.
type step struct {
	key  job.Key
	do   string
	look bool
}

// step is the command of s: it changes the model along with the work.
func (m *model) step(t *rapid.T, s step, fail bool) func(store.Work) error {
	return func(w store.Work) error {
		was := maps.Clone(m.saved)
		before := m.latest(s.key)
		if s.look {
			m.compare(t, w)
		}
		m.apply(w, s, before)
		m.compare(t, w)
		if fail {
			m.saved = was
			return errRefused
		}
		return nil
	}
}

// apply does what s asks for, where that is possible.
func (m *model) apply(w store.Work, s step, before job.Execution) {
	after := before
	switch {
	case s.do == "add":
		before, after = job.Execution{}, queued(job.Job{ID: s.key.Job}, fleet.Thing{ID: s.key.Thing}, before.Number+1, w.Now())
	case before.None():
		return
	case s.do == "delete":
		after = job.Execution{}
	case s.do == "start":
		after = reported(before, job.InProgress, w.Now())
		after.Timer = w.Now().Add(time.Minute)
	case s.do == "progress":
		after = reported(before, before.State, w.Now())
		after.Details = map[string]string{"at": w.Now().String()}
	case s.do == "end":
		after = reported(before, job.Failed, w.Now())
		after.Timer = time.Time{}
	case s.do == "hold":
		after = reported(before, job.Failed, w.Now())
		after.Timer, after.Retries.Waits = time.Time{}, true
	case s.do == "give up":
		after.Retries.Waits = false
	default:
		after.QueuedAt, after.Retries = w.Now(), job.Retries{Failed: 1}
	}
	w.PutExecution(before, after)
	if after.None() {
		delete(m.saved, before.Ref)
		return
	}
	m.saved[after.Ref] = after
}

// whole runs a transaction that changes executions without looking at them one
// by one, or that looks and is undone.
func (m *model) whole(t *rapid.T) {
	j := rapid.SampledFrom(m.jobs).Draw(t, "job")
	switch rapid.SampledFrom([]string{"release", "delete the ended", "fail", "nothing"}).Draw(t, "whole") {
	case "release":
		m.release(j)
	case "delete the ended":
		m.h.write(func(tx store.Tx) error { return tx.DeleteEnded(j.ID, 0, m.things[len(m.things)-1].ID) })
		maps.DeleteFunc(m.saved, func(r job.Ref, e job.Execution) bool { return r.Job == j.ID && !toDo(e) })
	case "fail":
		if err := m.h.Write(context.Background(), m.spoil(t, j)); !errors.Is(err, errRefused) {
			t.Fatalf("the closure ended with %v", err)
		}
	}
}

func (m *model) release(j job.Job) {
	for _, thing := range m.h.release(j, all(m.group)).Things {
		var last time.Time
		if list := m.of(thing.ID); len(list) > 0 {
			last = list[len(list)-1].QueuedAt
		}
		ref := job.Ref{Key: job.Key{Job: j.ID, Thing: thing.ID}, Number: 1}
		m.saved[ref] = job.Fresh(ref, job.Behind(last, m.h.clock.Now()), m.h.clock.Now())
	}
}

// spoil puts something that reaches the database and is undone.
func (m *model) spoil(t *rapid.T, j job.Job) func(store.Tx) error {
	thing := rapid.SampledFrom(m.things).Draw(t, "thing")
	return func(tx store.Tx) error {
		was := maps.Clone(m.saved)
		k := job.Key{Job: j.ID, Thing: thing.ID}
		m.apply(tx, step{key: k, do: rapid.SampledFrom([]string{"add", "end", "delete"}).Draw(t, "do")}, m.latest(k))
		_, err := tx.CountDeleting() // what was put must be saved for it
		m.compare(t, tx)
		m.saved = was
		return cmp.Or(err, errRefused)
	}
}

func (m *model) latest(k job.Key) (last job.Execution) {
	for _, e := range m.saved {
		if e.Key == k && e.Number > last.Number {
			last = e
		}
	}
	return last
}

func (m *model) of(thing int64) []job.Execution {
	var list []job.Execution
	for _, e := range m.saved {
		if e.Thing == thing {
			list = append(list, e)
		}
	}
	slices.SortFunc(list, func(a, b job.Execution) int {
		return cmp.Or(a.QueuedAt.Compare(b.QueuedAt), cmp.Compare(a.Job, b.Job), cmp.Compare(a.Number, b.Number))
	})
	return list
}

// check looks with a transaction of its own, in which nothing is put.
func (m *model) check(t *rapid.T) {
	m.h.write(func(tx store.Tx) error {
		m.compare(t, tx)
		return nil
	})
}

// checkRows looks past whatever the writer remembers.
func (m *model) checkRows(t *rapid.T) {
	for _, thing := range m.things {
		open := slices.DeleteFunc(m.of(thing.ID), func(e job.Execution) bool { return !toDo(e) })
		_, got, err := m.h.PendingOf(context.Background(), thing.Name)
		if err != nil || len(got) != len(open) {
			t.Fatalf("pending in the database are %d executions, want %d (error %v)", len(got), len(open), err)
		}
		for i := range got {
			want(t, "pending in the database", got[i].Execution, nil, open[i])
		}
	}
}

// compare looks at everything.
func (m *model) compare(t *rapid.T, w store.Work) {
	for _, thing := range m.things {
		m.compareThing(t, w, thing)
		for _, j := range m.jobs {
			k := job.Key{Job: j.ID, Thing: thing.ID}
			got, err := w.Latest(k)
			want(t, "the latest", got, err, m.latest(k))
		}
	}
	for ref, e := range m.saved {
		got, err := w.Execution(ref)
		want(t, "the execution", got, err, e)
	}
}

func (m *model) compareThing(t *rapid.T, w store.Work, thing fleet.Thing) {
	all := m.of(thing.ID)
	open := slices.DeleteFunc(slices.Clone(all), func(e job.Execution) bool { return !toDo(e) })
	got, err := w.Pending(thing.ID)
	if err != nil || len(got) != len(open) {
		t.Fatalf("pending are %d executions, want %d (error %v)", len(got), len(open), err)
	}
	for i := range got {
		want(t, "pending", got[i], nil, open[i])
	}
	var last time.Time
	if len(all) > 0 {
		last = all[len(all)-1].QueuedAt
	}
	if got, err := w.LastQueued(thing.ID); err != nil || !got.Equal(last) {
		t.Fatalf("the last was queued at %v, want %v (error %v)", got, last, err)
	}
}

// toDo tells whether an execution is among those that are open.
func toDo(e job.Execution) bool { return !e.State.Terminal() || e.Retries.Waits }

func want(t *rapid.T, what string, got job.Execution, err error, want job.Execution) {
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("%s is %+v, want %+v (error %v)", what, got, want, err)
	}
}
