package engine

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
	"github.com/drover-iot/drover/internal/store/sqlite"
)

// benched is an engine on a durable store with n things in one group.
func benched(b *testing.B, n int) *Engine {
	b.Helper()
	s, err := sqlite.Open(b.Context(), sqlite.Config{Dir: b.TempDir(), Options: store.Options{
		Clock: clock.NewReal(), Log: slog.New(slog.DiscardHandler),
	}})
	if err != nil {
		b.Fatal(err)
	}
	e := New(Config{Store: s, Clock: clock.NewReal(), Log: slog.New(slog.DiscardHandler)})
	b.Cleanup(func() { _ = s.Close() })
	group, err := e.CreateGroup(b.Context(), fleet.Group{Name: "all"}, nil)
	if err != nil {
		b.Fatal(err)
	}
	for from := 0; from < n; from += 1000 {
		err := s.Write(b.Context(), func(tx store.Tx) error {
			for i := from; i < min(from+1000, n); i++ {
				id, err := tx.InsertThing(fleet.Thing{Name: thingName(i), UID: fmt.Sprint(i), Version: 1, CreatedAt: tx.Now()})
				if err != nil {
					return err
				}
				if err := tx.Join(group.ID, id, true); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	return e
}

func thingName(i int) string { return fmt.Sprintf("thing-%08x", uint32(i)*2654435761) }

// releaseAll creates a job for the group and releases it to all, whatever the
// rate.
func releaseAll(b *testing.B, e *Engine, name string) {
	b.Helper()
	j, err := e.CreateJob(b.Context(), CreateJob{
		Name: name, Targets: []job.Target{{Group: true, Name: "all"}},
		Settings: job.Settings{Rollout: job.RolloutConfig{MaximumPerMinute: 60_000_000}}, Document: []byte(`{"op":"flash"}`),
	})
	if err != nil {
		b.Fatal(err)
	}
	for !j.RolledOut() {
		if err := e.write(b.Context(), (*operation).doDue); err != nil {
			b.Fatal(err)
		}
		if j, err = e.Job(b.Context(), name); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReports is start, progress and final by 256 devices at once, each
// answered after its commit: the hot path without the network.
func BenchmarkReports(b *testing.B) {
	const things = 10_000
	e := benched(b, things)
	var next atomic.Int64
	rounds := 0
	b.ResetTimer()
	for done := 0; done < b.N; done += 3 * things {
		b.StopTimer()
		rounds++
		name := fmt.Sprintf("round-%d", rounds)
		releaseAll(b, e, name)
		next.Store(0)
		b.StartTimer()
		var wg sync.WaitGroup
		for range 256 {
			wg.Go(func() {
				for i := int(next.Add(1)) - 1; i < things && done+3*i < b.N; i = int(next.Add(1)) - 1 {
					cycle(b, e, thingName(i), name)
				}
			})
		}
		wg.Wait()
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "reports/s")
}

func cycle(b *testing.B, e *Engine, thing, name string) {
	ctx := context.Background()
	if _, _, err := e.StartNext(Start{Thing: thing}).Wait(ctx); err != nil {
		b.Error(err)
	}
	for _, s := range []job.State{job.InProgress, job.Succeeded} {
		r := job.Report{State: s, Details: map[string]string{"progress": "50"}}
		if _, _, err := e.Update(Update{Thing: thing, Job: name, Report: r}).Wait(ctx); err != nil {
			b.Error(err)
		}
	}
}

// BenchmarkRelease is the release of a job to 100,000 things.
func BenchmarkRelease(b *testing.B) {
	e := benched(b, 100_000)
	b.ResetTimer()
	for i := range b.N {
		releaseAll(b, e, fmt.Sprintf("round-%d", i))
	}
	b.ReportMetric(float64(b.N)*100_000/b.Elapsed().Seconds(), "things/s")
}

// BenchmarkNext is $next/get, a read.
func BenchmarkNext(b *testing.B) {
	e := benched(b, 10_000)
	releaseAll(b, e, "fw")
	var i atomic.Int64
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := e.Next(b.Context(), thingName(int(i.Add(1))%10_000), ""); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "reads/s")
}

// BenchmarkUpdateJob is UpdateJob on a job of 10,000 things.
func BenchmarkUpdateJob(b *testing.B) {
	e := benched(b, 10_000)
	releaseAll(b, e, "fw")
	for i := range b.N {
		p := job.Patch{Rollout: &job.RolloutConfig{MaximumPerMinute: 1 + i%1000}}
		if _, err := e.UpdateJob(b.Context(), Asked{Job: "fw"}, p); err != nil {
			b.Fatal(err)
		}
	}
}
