package sqlite

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// BenchmarkRaw is what the store alone can do: random things of a fleet, one
// job, every commit durable.
func BenchmarkRaw(b *testing.B) {
	for _, n := range []int{10_000, 1_000_000} {
		fleet := fmt.Sprintf("things=%d/", n)
		b.Run(fleet+"progress", func(b *testing.B) { benchmarkReports(b, n, progress) })
		b.Run(fleet+"life", func(b *testing.B) { benchmarkReports(b, n, life) })
		b.Run(fleet+"pending", func(b *testing.B) { benchmarkPending(b, n) })
		b.Run(fleet+"release", func(b *testing.B) { benchmarkRelease(b, n) })
	}
}

// report is a device's report: what the engine's commands come down to.
type report struct {
	thing string
	next  func(job.Execution, store.Work) job.Execution
}

func (r *report) Hint(h *store.Hints) {
	h.Latest = append(h.Latest, store.Pair{Thing: r.thing, Job: "job"})
}

func (r *report) Decide(w store.Work) error {
	t, err := w.Thing(r.thing)
	if err != nil {
		return err
	}
	j, err := w.Job("job")
	if err != nil {
		return err
	}
	before, err := w.Latest(job.Key{Job: j.ID, Thing: t.ID})
	if err != nil {
		return err
	}
	after := r.next(before, w)
	if after.State.Terminal() != before.State.Terminal() {
		if _, err := w.Pending(t.ID); err != nil {
			return err
		}
	}
	w.PutExecution(before, after)
	if after.State != before.State {
		w.Count(j.ID, job.Moved(before.State, after.State))
	}
	return nil
}

// progress is a report that changes the details.
func progress(e job.Execution, w store.Work) job.Execution {
	e.Version++
	e.UpdatedAt = w.Now()
	e.Details = map[string]string{"progress": strconv.FormatInt(e.Version%100, 10) + " %"}
	return e
}

// life goes through the states of an execution and begins again: a start, a
// progress, an end, each a third.
func life(e job.Execution, w store.Work) job.Execution {
	e = progress(e, w)
	switch {
	case e.State == job.Queued:
		e.State, e.StartedAt = job.InProgress, w.Now()
	case e.State.Terminal():
		e.State, e.Number, e.StartedAt = job.Queued, e.Number+1, e.StartedAt.Truncate(0)
	case e.Version%3 == 0:
		e.State = job.Succeeded
	}
	return e
}

func benchmarkReports(b *testing.B, things int, next func(job.Execution, store.Work) job.Execution) {
	s := fleetStore(b, things)
	const outstanding = 256
	tickets := make([]store.Ticket, outstanding)
	i := 0
	for b.Loop() {
		if t := tickets[i%outstanding]; t != nil {
			must(b, t.Wait(context.Background()))
		}
		tickets[i%outstanding] = s.Submit(&report{thing: LoadedThing(rand.IntN(things)), next: next})
		i++
	}
	must(b, s.Barrier(context.Background()))
	b.ReportMetric(float64(i)/b.Elapsed().Seconds(), "reports/s")
	b.ReportMetric(float64(logSize(b, s))/(1<<20), "MB-log")
}

func benchmarkPending(b *testing.B, things int) {
	s := fleetStore(b, things)
	for b.Loop() {
		_, list, err := s.PendingOf(b.Context(), LoadedThing(rand.IntN(things)))
		if must(b, err); len(list) != 1 {
			b.Fatal("no execution is pending")
		}
	}
}

func benchmarkRelease(b *testing.B, things int) {
	s := fleetStore(b, things)
	rows, after, id := 0, int64(0), int64(0)
	for b.Loop() {
		must(b, s.Write(context.Background(), func(tx store.Tx) (err error) {
			if after == 0 {
				name := "release-" + strconv.Itoa(rows)
				id, err = tx.InsertJob(job.Job{Name: name, Selection: job.Snapshot, Status: job.StatusInProgress, Members: int64(things)}, nil)
				if err != nil {
					return err
				}
			}
			j, err := tx.JobByID(id)
			if err != nil {
				return err
			}
			r, err := tx.Release(j, store.Slice{Target: job.Target{Group: true, ID: 1}, After: after, Look: 1000, Most: 1000})
			if after = r.After; r.End {
				after = 0
			}
			rows += len(r.Things)
			return err
		}))
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "releases/s")
}

// fleetStore is a durable store with things, a group of them all, and one job
// queued on each.
func fleetStore(b *testing.B, things int) *Store {
	b.Helper()
	dir := b.TempDir()
	cfg := Config{Dir: dir, Options: store.Options{Clock: clock.NewReal()}}
	s, err := Open(b.Context(), cfg)
	must(b, err)
	must(b, s.Write(b.Context(), func(tx store.Tx) error {
		group, err := tx.InsertGroup(fleet.Group{Name: "g", Depth: 1})
		if err != nil {
			return err
		}
		_, err = tx.InsertJob(job.Job{
			Name: "job", Selection: job.Snapshot, Status: job.StatusInProgress, Targets: []job.Target{{Group: true, ID: group}},
		}, []byte("{}"))
		return err
	}))
	must(b, s.Close())
	l := Loader{Dir: dir, Now: clock.Wall()}
	must(b, l.Things(b.Context(), things, 1))
	must(b, l.Executions(b.Context(), "job"))
	s, err = Open(b.Context(), cfg)
	must(b, err)
	b.Cleanup(func() { must(b, s.Close()) })
	return s
}

// logSize is how long the log is, in bytes.
func logSize(t testing.TB, s *Store) int64 {
	t.Helper()
	info, err := os.Stat(filepath.Join(filepath.Dir(s.lock.Name()), fileName+"-wal"))
	must(t, err)
	return info.Size()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
