package storetest

import (
	"context"
	"testing"

	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// Durable is about what is there after a restart.
func Durable(t *testing.T, fresh Fresh) {
	t.Run("what was acknowledged is there after a restart", func(t *testing.T) {
		h := newHouse(t, fresh)
		j, things := h.job("a"), h.things("t", 20)
		h.queue(j, things...)
		for i, thing := range things {
			h.must(h.do(func(w store.Work) error {
				e, err := w.Latest(job.Key{Job: j.ID, Thing: thing.ID})
				after := reported(e, job.InProgress, w.Now())
				after.Timer = at(i)
				w.PutExecution(e, after)
				w.Count(j.ID, job.Moved(e.State, after.State))
				return err
			}))
		}
		h.must(h.Store.Close())
		h.reopen()
		for _, thing := range things {
			h.wantState(j, thing, job.InProgress)
		}
		h.wantCounts(j, job.Counts{InProgress: 20, Notified: 20})
		h.wantNext(at(0))
	})
	t.Run("a number is never used again", func(t *testing.T) {
		h := newHouse(t, fresh)
		thing := h.thing("t")
		h.write(func(tx store.Tx) error { return tx.DeleteThing(thing.ID) })
		h.must(h.Store.Close())
		h.reopen()
		if again := h.thing("t"); again.ID == thing.ID {
			t.Errorf("%d was used again", thing.ID)
		}
	})
	t.Run("a read sees what was answered before it", func(t *testing.T) {
		h := newHouse(t, fresh)
		j := h.job("a")
		for n := range int64(100) {
			h.must(h.do(func(w store.Work) error { w.Count(j.ID, job.Counts{Queued: 1}); return nil }))
			got, err := h.JobOf(context.Background(), j.ID)
			if h.must(err); got.Counts.Queued != n+1 {
				t.Fatalf("after %d counts it reads %d", n+1, got.Counts.Queued)
			}
		}
	})
}
