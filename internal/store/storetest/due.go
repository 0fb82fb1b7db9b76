package storetest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// Due is about what time makes ripe.
func Due(t *testing.T, fresh Fresh) {
	t.Run("nothing is due at first", func(t *testing.T) {
		h := newHouse(t, fresh)
		h.job("a")
		h.wantNext(time.Time{})
	})
	t.Run("jobs come when they are due, the longest due first", dueJobs(fresh))
	t.Run("executions come by their deadline", dueExecutions(fresh))
}

// Clock is about the clock that a store says its times are of. A store may
// refuse a virtual one.
func Clock(t *testing.T, fresh Fresh) {
	t.Run("real", func(t *testing.T) { realClock(newHouse(t, fresh)) })
	t.Run("virtual", func(t *testing.T) { virtualClock(t, fresh) })
}

func virtualClock(t *testing.T, fresh Fresh) {
	h := &house{TB: t, clock: clock.NewVirtual(start), open: fresh(t), virtual: true}
	s, err := h.open(store.Options{Clock: h.clock, Virtual: true})
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip("the store keeps no virtual clock:", err)
	}
	h.must(err)
	h.Store = s
	t.Cleanup(func() { h.must(h.Store.Close()) })
	storedClock(h)
}

// realClock: the first commit says so, once and for all.
func realClock(h *house) {
	h.wantClock(store.NoClock, time.Time{})
	h.write(func(store.Tx) error { return nil })
	h.wantClock(store.RealClock, time.Time{})
	h.again()
	h.job("b")
	h.wantClock(store.RealClock, time.Time{})
}

func (h *house) wantClock(kind store.ClockKind, now time.Time) {
	h.Helper()
	if gotKind, got, err := h.Clock(context.Background()); err != nil || gotKind != kind || !got.Equal(now) {
		h.Errorf("the clock is of kind %d at %v (error %v), want %d at %v", gotKind, got, err, kind, now)
	}
}

func (h *house) wantNext(want time.Time) {
	h.Helper()
	got, ok, err := h.NextDue(context.Background())
	if err != nil || ok == want.IsZero() || !got.Equal(want) {
		h.Errorf("next is due %v (%v, error %v), want %v", got, ok, err, want)
	}
}

func dueJobs(fresh Fresh) func(*testing.T) {
	return func(t *testing.T) {
		h := newHouse(t, fresh)
		for _, due := range []int{30, 10, 20} {
			h.insert(job.Job{Name: at(due).String(), Selection: job.Snapshot, Status: job.StatusInProgress, Due: at(due)})
		}
		h.wantNext(at(10))
		h.write(func(tx store.Tx) error {
			ids, err := tx.DueJobs(at(20), 10)
			if err != nil || len(ids) != 2 {
				t.Fatalf("due are %v, error %v", ids, err)
			}
			first, err := tx.JobByID(ids[0])
			h.must(err)
			second, err := tx.JobByID(ids[1])
			h.must(err)
			if !first.Due.Equal(at(10)) || !second.Due.Equal(at(20)) {
				t.Errorf("due are %v, then %v", first, second)
			}
			if one, err := tx.DueJobs(at(20), 1); err != nil || len(one) != 1 {
				t.Errorf("of which the first is %v, error %v", one, err)
			}
			first.Due = time.Time{}
			tx.PutJob(first)
			if rest, err := tx.DueJobs(at(20), 10); err != nil || len(rest) != 1 {
				t.Errorf("left are %v, error %v", rest, err)
			}
			return nil
		})
		h.wantNext(at(20))
	}
}

func dueExecutions(fresh Fresh) func(*testing.T) {
	return func(t *testing.T) {
		h := newHouse(t, fresh)
		j := h.job("a")
		for i, thing := range h.things("t", 3) {
			e := queued(j, thing, 1, at(0))
			h.must(h.do(func(w store.Work) error {
				e.State, e.Timer, e.Step = job.InProgress, at(100-i), at(200)
				w.PutExecution(job.Execution{}, e)
				return nil
			}))
		}
		h.wantNext(at(98))
		h.write(func(tx store.Tx) error {
			list, err := tx.DueExecutions(at(99), 10)
			if err != nil || len(list) != 2 || !list[0].Timer.Equal(at(98)) || !list[1].Timer.Equal(at(99)) {
				t.Fatalf("due are %v, error %v", list, err)
			}
			timers, err := tx.DueTimers(at(99), 10)
			if want := []job.Ref{list[0].Ref, list[1].Ref}; err != nil || !slices.Equal(timers, want) {
				t.Errorf("of which the timers are %v, error %v, want %v", timers, err, want)
			}
			return nil
		})
	}
}

// storedClock: a virtual clock is stored with the commit.
func storedClock(h *house) {
	h.clock.Set(at(5))
	h.job("a")
	h.clock.Set(at(9))
	h.wantClock(store.VirtualClock, at(5)) // the time of the last commit
	h.again()
	h.wantClock(store.VirtualClock, at(5))
}
