package storetest

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

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

func told(h *house) {
	j, t := h.job("a"), h.thing("t")
	over, cancel := context.WithCancel(context.Background())
	cancel()
	tell := func(s store.Ticket) <-chan error {
		told := make(chan error, 2)
		s.Then(func() { told <- s.Wait(over) }) // it need not wait
		return told
	}
	good := tell(h.Submit(command{decide: putter(j, t)}))
	bad := tell(h.Submit(command{decide: func(store.Work) error { return errRefused }}))
	h.must(<-good)
	h.wantCounts(j, job.Counts{Queued: 1, Notified: 1})
	if err := <-bad; !errors.Is(err, errRefused) {
		h.Errorf("the refused command tells %v", err)
	}
	settled := h.Submit(command{decide: func(store.Work) error { return nil }})
	h.must(h.Barrier(context.Background()))
	h.must(<-tell(settled))
	if len(good)+len(bad) > 0 {
		h.Error("a ticket told twice")
	}
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
