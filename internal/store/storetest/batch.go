package storetest

import (
	"context"
	"errors"
	"slices"
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

func thenSeesRows(h *house) {
	j, t := h.job("a"), h.thing("t")
	err := h.do(func(w store.Work) error {
		w.Then(func(tx store.Tx) error {
			open, _, end, err := tx.OpenOf(j.ID, 0, 10, 10)
			if err != nil || len(open) != 1 || !end {
				h.Errorf("Then finds %v, end %v, error %v", open, end, err)
			}
			tx.PutExecution(open[0], reported(open[0], job.Canceled, tx.Now()))
			tx.Count(j.ID, job.Moved(job.Queued, job.Canceled))
			return err
		})
		return putter(j, t)(w)
	})
	h.must(err)
	h.wantState(j, t, job.Canceled)
	h.wantCounts(j, job.Counts{Canceled: 1, Notified: 1})
}

func thenAgain(h *house) {
	j := h.job("a")
	again := func(w store.Work) error {
		w.Then(func(tx store.Tx) error {
			tx.Count(j.ID, job.Counts{Queued: 1})
			tx.Then(func(tx store.Tx) error {
				tx.Count(j.ID, job.Counts{Queued: 10})
				return nil
			})
			return nil
		})
		return nil
	}
	h.must(h.do(again))
	h.write(func(tx store.Tx) error { return again(tx) })
	h.wantCounts(j, job.Counts{Queued: 22})
	err := h.Write(context.Background(), func(tx store.Tx) error {
		tx.Then(func(store.Tx) error { panic("by the test") })
		return again(tx)
	})
	if !fault.Is(err, fault.Internal) {
		h.Errorf("a panic of Then ends with %v", err)
	}
	h.wantCounts(j, job.Counts{Queued: 22})
}

func thenFails(h *house) {
	j, things := h.job("a"), h.things("t", 3)
	failing := func(w store.Work) error {
		w.Then(func(tx store.Tx) error {
			tx.Count(j.ID, job.Counts{Failed: 100})
			return errRefused
		})
		return putter(j, things[1])(w)
	}
	outcomes := h.batch(decisions(putter(j, things[0]), failing, putter(j, things[2]))...)
	h.must(outcomes[0])
	h.must(outcomes[2])
	if !errors.Is(outcomes[1], errRefused) {
		h.Errorf("the command ended with %v, want the error of its Then", outcomes[1])
	}
	h.wantState(j, things[1], 0)
	h.wantCounts(j, job.Counts{Queued: 2, Notified: 2})
}

func closureFails(h *house) {
	undone(h, func() error { return errRefused }, func(err error) bool { return errors.Is(err, errRefused) })
}

func closurePanics(h *house) {
	undone(h, func() error { panic("by the test") }, func(err error) bool { return fault.Is(err, fault.Internal) })
}

// undone runs a closure that fails among commands and closures.
func undone(h *house, fn func() error, expected func(error) bool) {
	j, things := h.job("a"), h.things("t", 3)
	results := make(chan error, 2)
	outcomes := h.batch(decisions(putter(j, things[0]), func(w store.Work) error {
		go func() { // from within the batch, so that both are taken together by the next
			results <- h.Write(context.Background(), func(tx store.Tx) error {
				if err := putter(j, things[1])(tx); err != nil {
					return err
				}
				if _, _, _, err := tx.OpenOf(j.ID, 0, 10, 10); err != nil { // saves it
					return err
				}
				return fn()
			})
		}()
		return nil
	}, putter(j, things[2]))...)
	for _, err := range outcomes {
		h.must(err)
	}
	if err := <-results; err == nil || !expected(err) {
		h.Errorf("the closure ended with %v", err)
	}
	h.wantState(j, things[1], 0)
	h.wantCounts(j, job.Counts{Queued: 2, Notified: 2})
}

func failedClosureForgets(h *house) {
	j := h.job("a")
	err := h.Write(context.Background(), func(tx store.Tx) error {
		j.Comment = "undone"
		tx.PutJob(j)
		tx.Count(j.ID, job.Counts{Failed: 1})
		if _, err := tx.CountDeleting(); err != nil { // saves it
			return err
		}
		if _, err := tx.InsertThing(fleet.Thing{Name: "undone", Version: 1, CreatedAt: tx.Now()}); err != nil {
			return err
		}
		if _, err := tx.Thing("undone"); err != nil {
			return err
		}
		return errRefused
	})
	if !errors.Is(err, errRefused) {
		h.Fatal(err)
	}
	h.must(h.do(func(w store.Work) error {
		got, err := w.Job("a")
		if got.Comment != "" || got.Counts != (job.Counts{}) {
			h.Errorf("the job is remembered as %+v", got)
		}
		if _, err := w.Thing("undone"); !fault.Is(err, fault.NotFound) {
			h.Errorf("the thing is remembered: %v", err)
		}
		return err
	}))
}

func manyRows(h *house) {
	j, things := h.job("a"), h.things("t", 8)
	var commands []store.Command
	for number := range int64(400) {
		commands = append(commands, command{decide: func(w store.Work) error {
			for _, t := range things {
				last, err := w.Latest(job.Key{Job: j.ID, Thing: t.ID})
				if err != nil {
					return err
				}
				if last.Number != number {
					h.Errorf("number %d follows %d", number+1, last.Number)
				}
				w.PutExecution(job.Execution{}, queued(j, t, number+1, w.Now()))
			}
			return nil
		}})
	}
	for _, err := range h.batch(commands...) {
		h.must(err)
	}
	if e := h.latest(j, things[7]); e.Number != 400 {
		h.Errorf("the last number is %d, want 400", e.Number)
	}
}

func cancelled(h *house) {
	held, free := make(chan struct{}), make(chan struct{})
	first := h.Submit(command{decide: func(store.Work) error {
		close(held)
		<-free
		return nil
	}})
	<-held
	ctx, cancel := context.WithCancel(context.Background())
	ran := false
	second := h.Submit(command{decide: func(store.Work) error { ran = true; return nil }})
	cancel()
	if err := second.Wait(ctx); !errors.Is(err, context.Canceled) {
		h.Errorf("the cancelled command ended with %v", err)
	}
	if err := h.Write(ctx, func(store.Tx) error { ran = true; return nil }); !errors.Is(err, context.Canceled) {
		h.Errorf("the cancelled closure ended with %v", err)
	}
	close(free)
	if err := first.Wait(ctx); err != nil {
		h.Errorf("the command that had begun ended with %v", err)
	}
	h.must(h.Barrier(context.Background()))
	if ran {
		h.Error("what was cancelled ran all the same")
	}
}

func closing(h *house) {
	j, things := h.job("a"), h.things("t", 100)
	var tickets []store.Ticket
	for _, t := range things {
		tickets = append(tickets, h.Submit(command{decide: putter(j, t)}))
	}
	h.must(h.Store.Close())
	for _, t := range tickets {
		h.must(t.Wait(context.Background()))
	}
	if err := h.do(putter(j, things[0])); !fault.Is(err, fault.Unavailable) {
		h.Errorf("a command after the end ends with %v, want Unavailable", err)
	}
	if err := h.Write(context.Background(), nil); !fault.Is(err, fault.Unavailable) {
		h.Errorf("a closure after the end ends with %v, want Unavailable", err)
	}
	h.reopen()
	h.wantCounts(j, job.Counts{Queued: 100, Notified: 100})
}

func barrier(h *house) {
	j, things := h.job("a"), h.things("t", 50)
	for _, t := range things {
		h.Submit(command{decide: putter(j, t)})
	}
	h.must(h.Barrier(context.Background()))
	h.wantCounts(j, job.Counts{Queued: 50, Notified: 50})
}

func watched(h *house) {
	var told []time.Time
	h.Watch(func(earliest time.Time) { told = append(told, earliest) })
	j, t := h.job("a"), h.thing("t")
	h.queue(j, t)
	if len(told) == 0 || slices.ContainsFunc(told, func(at time.Time) bool { return !at.IsZero() }) {
		h.Errorf("the watcher was told of %v, want commits that made nothing due", told)
	}
	told = nil
	h.write(func(tx store.Tx) error {
		j.Due = start.Add(time.Hour)
		tx.PutJob(j)
		return nil
	})
	h.must(h.do(func(w store.Work) error {
		e, err := w.Latest(job.Key{Job: j.ID, Thing: t.ID})
		after := reported(e, job.InProgress, w.Now())
		after.Timer, after.Step = start.Add(2*time.Minute), start.Add(time.Minute)
		w.PutExecution(e, after)
		return err
	}))
	if len(told) != 2 || !told[0].Equal(start.Add(time.Hour)) || !told[1].Equal(start.Add(time.Minute)) {
		h.Errorf("the watcher was told of %v, want an hour and a minute from the start", told)
	}
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
