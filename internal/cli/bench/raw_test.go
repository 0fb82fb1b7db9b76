package bench

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/engine"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
	"github.com/drover-iot/drover/internal/store/sqlite"
)

// executionsAfter are the executions of a fleet, and the counters of their job,
// after something was done with them at a fixed time.
func executionsAfter(t *testing.T, st *stand, f fleet, do func(context.Context, *sqlite.Store, *engine.Engine) error) ([]job.Execution, job.Counts) {
	t.Helper()
	ctx := t.Context()
	dir, err := st.folder(ctx, f)
	check(t, err)
	now := clock.NewVirtual(time.Date(2100, 1, 31, 12, 0, 0, 0, time.UTC))
	s, err := sqlite.Open(ctx, sqlite.Config{Dir: dir, Volatile: true, Options: store.Options{Clock: now}})
	check(t, err)
	check(t, do(ctx, s, engine.New(engine.Config{Store: s, Clock: now})))
	j, err := s.Job(ctx, loadedJob)
	check(t, err)
	list, _, err := s.ExecutionsOfJob(ctx, j.ID, 0, store.Page{Limit: 100})
	check(t, err)
	check(t, s.Close())
	var executions []job.Execution
	for _, a := range list {
		executions = append(executions, a.Execution)
	}
	return executions, j.Counts
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// reported makes the reports of an execution's life by the operations, the
// first n of them.
func reported(ctx context.Context, e *engine.Engine, on string, n int) error {
	for _, report := range []func() error{
		func() error {
			_, _, err := e.StartNext(engine.Start{Thing: on}).Wait(ctx)
			return err
		},
		func() error {
			return update(ctx, e, on, job.Report{State: job.InProgress, Details: map[string]string{"progress": "50"}})
		},
		func() error { return update(ctx, e, on, job.Report{State: job.Succeeded}) },
	}[:n] {
		if err := report(); err != nil {
			return err
		}
	}
	return nil
}

func update(ctx context.Context, e *engine.Engine, on string, r job.Report) error {
	_, _, err := e.Update(engine.Update{Thing: on, Job: loadedJob, Report: r}).Wait(ctx)
	return err
}

func TestARawReportChangesWhatAReportChanges(t *testing.T) {
	st := newTestStand(t)
	f := fleet{things: 4, queued: true}
	_, untouched := executionsAfter(t, st, f, func(context.Context, *sqlite.Store, *engine.Engine) error { return nil })
	want, wantCounts := executionsAfter(t, st, f, func(ctx context.Context, _ *sqlite.Store, e *engine.Engine) error {
		for i := range f.things {
			if err := reported(ctx, e, thing(i), i); err != nil {
				return err
			}
		}
		return nil
	})
	got, gotCounts := executionsAfter(t, st, f, func(ctx context.Context, s *sqlite.Store, _ *engine.Engine) error {
		var list []statement
		for i := range f.things {
			for step := range i {
				list = append(list, statement{on: execution{thing: thing(i), job: loadedJob}, step: step})
			}
		}
		return s.Submit(statements(list)).Wait(ctx)
	})
	if wantCounts == untouched {
		t.Error("the operations have changed nothing")
	}
	if diff := cmp.Diff(want, got) + cmp.Diff(wantCounts, gotCounts); diff != "" {
		t.Errorf("by operations, and raw:\n%s", diff)
	}
}

func TestARawBatchHoldsAReportOfEachLane(t *testing.T) {
	for _, c := range []struct {
		name  string
		batch int
		want  [][]int // the steps in each batch
	}{
		{"more than there are lanes", 9, [][]int{{0, 0, 0}, {1, 1, 1}, {2, 2, 2}, nil}},
		{"fewer", 2, [][]int{{0, 0}, {0, 1}, {1, 1}, {2, 2}, {2}, nil}},
		{"one", 1, [][]int{{0}, {0}, {0}, {1}, {1}, {1}, {2}, {2}, {2}, nil}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &raw{lanes: make([]lane, 5), work: &once{things: 3}}
			for i, want := range c.want {
				var got []int
				for _, s := range r.next(c.batch) {
					got = append(got, s.step)
				}
				if !slices.Equal(got, want) {
					t.Errorf("batch %d has steps %v, want %v", i, got, want)
				}
			}
		})
	}
}
