package storetest

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/go-cmp/cmp"

	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// note adds n changes to the history of a job: versions from..from+n-1.
func (h *house) note(j job.Job, from, n int) {
	h.Helper()
	h.write(func(tx store.Tx) error {
		for v := from; v < from+n; v++ {
			c := job.Change{
				Version: int64(v), At: at(v), By: fmt.Sprintf("operator %d", v), Operation: job.Updated,
				Before: job.Facts{Comment: "was", Settings: job.Settings{Description: "<&>"}},
				After: job.Facts{
					Status: job.StatusCanceled, Forced: true, Reason: "R", Targets: []job.Target{{Group: true, Name: "g", ID: 7}},
					Settings: job.Settings{Abort: []job.Criterion{{Failure: job.FailureAll, Percent: 1, Min: 2}}},
				},
			}
			if err := tx.NoteChange(j.ID, c); err != nil {
				return err
			}
		}
		return nil
	})
}

// versions pages through the history of a job.
func (h *house) versions(j job.Job, limit int) (list []int64) {
	h.Helper()
	for p := (store.Page{Limit: limit}); ; {
		page, next, err := h.History(context.Background(), j.ID, p)
		h.must(err)
		for _, c := range page {
			list = append(list, c.Version)
		}
		if p.After = next; next == "" {
			return list
		}
	}
}

func jobHistory(h *house) {
	j, other := h.job("a"), h.job("b")
	h.note(j, 1, 5)
	h.note(other, 9, 1)
	for _, limit := range []int{1, 2, 100} {
		if diff := cmp.Diff([]int64{5, 4, 3, 2, 1}, h.versions(j, limit)); diff != "" {
			h.Errorf("in pages of %d (-want +got):\n%s", limit, diff)
		}
	}
	h.must(h.Store.Close())
	h.reopen()
	page, _, err := h.History(context.Background(), other.ID, store.Page{Limit: 1})
	h.must(err)
	want := job.Change{
		Version: 9, At: at(9), By: "operator 9", Operation: job.Updated,
		Before: job.Facts{Comment: "was", Settings: job.Settings{Description: "<&>"}},
		After: job.Facts{
			Status: job.StatusCanceled, Forced: true, Reason: "R", Targets: []job.Target{{Group: true, Name: "g", ID: 7}},
			Settings: job.Settings{Abort: []job.Criterion{{Failure: job.FailureAll, Percent: 1, Min: 2}}},
		},
	}
	if diff := cmp.Diff([]job.Change{want}, page); diff != "" {
		h.Errorf("a change (-want +got):\n%s", diff)
	}
}

// jobHistoryBound: a history has a bound, goes with its job, and is undone with
// the change that it tells of.
func jobHistoryBound(h *house) {
	j, other := h.job("a"), h.job("b")
	h.note(other, 1, 1)
	h.note(j, 1, job.MaxHistory+3)
	got := h.versions(j, 250)
	if len(got) != job.MaxHistory || got[0] != job.MaxHistory+3 || got[len(got)-1] != 4 {
		h.Errorf("%d changes are kept, %v", len(got), got[:min(3, len(got))])
	}
	failed := fmt.Errorf("no")
	err := h.Write(context.Background(), func(tx store.Tx) error {
		if err := tx.NoteChange(other.ID, job.Change{Version: 2, At: at(1)}); err != nil {
			return err
		}
		return failed
	})
	if err == nil {
		h.Error("the write succeeded")
	}
	h.write(func(tx store.Tx) error { return tx.DropJob(j.ID) })
	if got := h.versions(j, 10); got != nil {
		h.Errorf("a dropped job has the history %v", got)
	}
	if diff := cmp.Diff([]int64{1}, h.versions(other, 10)); diff != "" {
		h.Errorf("another job (-want +got):\n%s", diff)
	}
}

func jobJoins(h *house) {
	j, other := h.job("a"), h.job("b")
	key := func(thing int64) job.Key { return job.Key{Job: j.ID, Thing: thing} }
	waiting := func(n int) (list []job.Ref) {
		h.Helper()
		h.write(func(tx store.Tx) (err error) {
			list, err = tx.Waiting(j.ID, n)
			return err
		})
		return list
	}
	h.write(func(tx store.Tx) error {
		return errors.Join(
			tx.Wait(key(7), 0), tx.Wait(key(3), 1), tx.Wait(key(5), 2), tx.Wait(job.Key{Job: other.ID, Thing: 1}, 0), tx.Wait(key(3), 4),
		)
	})
	if diff := cmp.Diff([]job.Ref{{Key: key(3), Number: 4}, {Key: key(5), Number: 2}}, waiting(2)); diff != "" {
		h.Errorf("the first two (-want +got):\n%s", diff)
	}
	h.write(func(tx store.Tx) error { return errors.Join(tx.EndWait(key(3)), tx.EndWait(key(99))) })
	if diff := cmp.Diff([]job.Ref{{Key: key(5), Number: 2}, {Key: key(7)}}, waiting(9)); diff != "" {
		h.Errorf("the rest (-want +got):\n%s", diff)
	}
	h.write(func(tx store.Tx) error { return tx.DropJob(j.ID) })
	if got := waiting(9); got != nil {
		h.Errorf("for a dropped job wait %v", got)
	}
}
