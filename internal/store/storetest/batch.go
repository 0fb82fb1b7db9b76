package storetest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// Batch is about commands and closures that share a commit.
func Batch(t *testing.T, fresh Fresh) {
	cases := []struct {
		name string
		test func(*house)
	}{
		{"a command sees what those before it in the batch put", seesBefore},
		{"a batch has one time, and it never falls", oneTime},
		{"an error drops what the command put and nothing else", errorDrops},
		{"a panic is an internal error of its command alone, and tells where", panicDrops},
		{"a refused row fails its command alone", refusedRow},
		{"Then runs when the rows are saved and before the commit", thenSeesRows},
		{"what Then asks for in turn is done too", thenAgain},
		{"an error of Then fails its command alone", thenFails},
		{"a closure that fails is undone and its neighbours stay", closureFails},
		{"a closure that panics is undone and its neighbours stay", closurePanics},
		{"what a failed closure read is not remembered", failedClosureForgets},
		{"a batch beyond its bounds is done in parts, in order", manyRows},
		{"a cancelled command that has not begun never begins", cancelled},
		{"a closing store finishes what it has and takes no more", closing},
		{"a barrier waits for all that was submitted before", barrier},
		{"a ticket tells once when it waits no more", told},
		{"the watcher is told of the earliest that became due", watched},
		{"start-next and update load nothing on demand", hinted},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.test(newHouse(t, fresh)) })
	}
}

var errRefused = errors.New("refused by the test")

func seesBefore(h *house) {
	j, t := h.job("a"), h.thing("t")
	h.queue(j, t)
	var seen []int64
	step := func(w store.Work) error {
		e, err := w.Latest(job.Key{Job: j.ID, Thing: t.ID})
		if err != nil {
			return err
		}
		seen = append(seen, e.Version)
		w.PutExecution(e, reported(e, job.InProgress, w.Now()))
		return nil
	}
	for _, err := range h.batch(decisions(step, step, step)...) {
		h.must(err)
	}
	if len(seen) != 3 || seen[0] != 1 || seen[1] != 2 || seen[2] != 3 {
		h.Errorf("the commands saw versions %v, want 1 2 3", seen)
	}
	if e := h.latest(j, t); e.Version != 4 || e.State != job.InProgress {
		h.Errorf("saved is %+v, want version 4 IN_PROGRESS", e)
	}
}

func oneTime(h *house) {
	times := make([]time.Time, 3)
	note := func(i int) func(store.Work) error {
		return func(w store.Work) error {
			times[i] = w.Now()
			h.clock.Set(h.clock.Now().Add(time.Second))
			return nil
		}
	}
	for _, err := range h.batch(decisions(note(0), note(1))...) {
		h.must(err)
	}
	h.must(h.do(note(2)))
	if !times[0].Equal(start) || !times[1].Equal(start) {
		h.Errorf("one batch has the times %v and %v, want %v twice", times[0], times[1], start)
	}
	if want := start.Add(2 * time.Second); !times[2].Equal(want) {
		h.Errorf("the next batch has the time %v, want %v", times[2], want)
	}
}

// spoilt puts all that a command can put, then fails by fn.
func spoilt(j job.Job, t fleet.Thing, fn func() error) func(store.Work) error {
	return func(w store.Work) error {
		w.PutExecution(job.Execution{}, queued(j, t, 1, w.Now()))
		w.Count(j.ID, job.Counts{Queued: 1})
		j.Comment = "spoilt"
		w.PutJob(j)
		w.Owe(t, "", job.Notice{Members: true})
		w.Then(func(store.Tx) error { return errors.New("asked for by a command that failed") })
		return fn()
	}
}

// putter queues the job on the thing.
func putter(j job.Job, t fleet.Thing) func(store.Work) error {
	return func(w store.Work) error {
		w.PutExecution(job.Execution{}, queued(j, t, 1, w.Now()))
		w.Count(j.ID, job.Counts{Queued: 1, Notified: 1})
		return nil
	}
}

func errorDrops(h *house) {
	spoils(h, func() error { return errRefused }, func(err error) bool { return errors.Is(err, errRefused) })
}

func panicDrops(h *house) {
	spoils(h, func() error { panic("by the test") }, func(err error) bool {
		return fault.Is(err, fault.Internal) && strings.Contains(err.Error(), "storetest.panicDrops")
	})
}

// spoils runs a command that fails between two that do not.
func spoils(h *house, fn func() error, expected func(error) bool) {
	j, things := h.job("a"), h.things("t", 3)
	outcomes := h.batch(decisions(putter(j, things[0]), spoilt(j, things[1], fn), putter(j, things[2]))...)
	h.must(outcomes[0])
	h.must(outcomes[2])
	if err := outcomes[1]; err == nil || !expected(err) {
		h.Errorf("the command failed with %v", err)
	}
	h.wantState(j, things[0], job.Queued)
	h.wantState(j, things[1], 0)
	h.wantState(j, things[2], job.Queued)
	h.wantCounts(j, job.Counts{Queued: 2, Notified: 2})
	saved, err := h.Job(context.Background(), "a")
	if h.must(err); saved.Comment != "" {
		h.Errorf("the job's comment is %q", saved.Comment)
	}
}

func refusedRow(h *house) {
	j, things := h.job("a"), h.things("t", 3)
	h.queue(j, things[1])
	outcomes := h.batch(decisions(putter(j, things[0]), putter(j, things[1]), putter(j, things[2]))...)
	h.must(outcomes[0])
	h.must(outcomes[2])
	if outcomes[1] == nil {
		h.Error("an execution was inserted twice")
	}
	h.wantCounts(j, job.Counts{Queued: 3, Notified: 3})
}

// missing is a store that counts its loads on demand.
type missing interface{ Misses() (n int64, ok bool) }

func hinted(h *house) {
	jobs, t := []job.Job{h.job("a"), h.job("b")}, h.thing("t")
	h.queue(jobs[0], t)
	h.queue(jobs[1], t)
	h.must(h.Store.Close())
	h.reopen()
	before, ok := h.misses()
	if !ok {
		h.Skip("this store loads everything on demand")
	}
	outcomes := h.batch(startNext(t.Name), update(t.Name, "a"), update(t.Name, "b"), update("nobody", "nothing"))
	h.must(errors.Join(outcomes[:3]...))
	if !fault.Is(outcomes[3], fault.NotFound) {
		h.Errorf("a thing that does not exist is answered with %v", outcomes[3])
	}
	if after, _ := h.misses(); after != before {
		h.Errorf("%d loads were not hinted at", after-before)
	}
	h.wantState(jobs[0], t, job.Succeeded)
}

func (h *house) misses() (n int64, ok bool) {
	s, is := h.Store.(missing)
	if !is {
		return 0, false
	}
	return s.Misses()
}

// startNext starts the first execution of the list.
func startNext(thing string) store.Command {
	return command{
		hint: func(h *store.Hints) { h.Pending = append(h.Pending, thing) },
		decide: func(w store.Work) error {
			t, err := w.Thing(thing)
			if err != nil {
				return err
			}
			list, err := w.Pending(t.ID)
			if err != nil {
				return err
			}
			if _, err := w.JobByID(list[0].Job); err != nil {
				return err
			}
			w.PutExecution(list[0], reported(list[0], job.InProgress, w.Now()))
			return nil
		},
	}
}

// update ends an execution, for which it looks at the whole list.
func update(thing, name string) store.Command {
	return command{
		hint: func(h *store.Hints) {
			h.Things = append(h.Things, thing)
			h.Pending = append(h.Pending, thing)
			h.Latest = append(h.Latest, store.Pair{Thing: thing, Job: name})
		},
		decide: func(w store.Work) error {
			t, err := w.Thing(thing)
			if err != nil {
				return err
			}
			j, err := w.Job(name)
			if err != nil {
				return err
			}
			e, err := w.Latest(job.Key{Job: j.ID, Thing: t.ID})
			if err != nil {
				return err
			}
			if _, err := w.Pending(t.ID); err != nil {
				return err
			}
			e2 := reported(e, job.Succeeded, w.Now())
			e2.Details = map[string]string{"note": strings.Repeat("x", 100)}
			w.PutExecution(e, e2)
			w.Count(j.ID, job.Moved(e.State, job.Succeeded))
			return nil
		},
	}
}
