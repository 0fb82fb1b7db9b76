package sqlite

import (
	"bytes"
	"context"
	"log/slog"
	"math"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// limitFiles lets no file of this process grow beyond size, as a full disk
// would.
func limitFiles(t *testing.T, size uint64) {
	t.Helper()
	must(t, syscall.Setrlimit(1 /* RLIMIT_FSIZE */, &syscall.Rlimit{Cur: size, Max: math.MaxUint64}))
}

func TestAFullDiskAcknowledgesNothingAndHeals(t *testing.T) {
	var failed atomic.Int64
	log := new(bytes.Buffer)
	s, err := Open(t.Context(), Config{Dir: t.TempDir(), Options: store.Options{
		Clock: clock.NewReal(), Log: slog.New(slog.NewTextHandler(log, nil)),
		Turned: func(turn store.Turn) {
			if turn.Failed {
				failed.Add(1)
			}
		},
	}})
	must(t, err)
	defer func() { must(t, s.Close()) }()
	var id int64
	must(t, s.Write(t.Context(), func(tx store.Tx) (err error) {
		id, err = tx.InsertJob(job.Job{Name: "a"}, []byte("{}"))
		return err
	}))
	defer limitFiles(t, math.MaxUint64)

	count := counting(id)
	must(t, s.Submit(count).Wait(t.Context()))
	limitFiles(t, 1)
	closure := func(tx store.Tx) error { return count.Decide(tx) }
	for range 3 {
		wantUnavailable(t, s.Submit(count).Wait(t.Context()))
		wantUnavailable(t, s.Write(t.Context(), closure))
		wantUnavailable(t, s.Ready(t.Context()))
		must(t, s.Barrier(t.Context())) // nothing is nothing, and no sign of health
	}
	if n := failed.Load(); n != 9 {
		t.Errorf("%d failed turns were told, want 9", n)
	}
	if j, err := s.JobOf(t.Context(), id); err != nil || j.Counts.Queued != 1 {
		t.Errorf("meanwhile %d were counted, error %v", j.Counts.Queued, err)
	}

	limitFiles(t, math.MaxUint64)
	must(t, s.Ready(t.Context()))
	for _, said := range []string{"nothing can be stored", "changes are stored again"} {
		if n := strings.Count(log.String(), said); n != 1 {
			t.Errorf("the log says %d times that %s:\n%s", n, said, log)
		}
	}
	must(t, s.Submit(count).Wait(t.Context()))
	must(t, s.Write(t.Context(), closure))
	j, err := s.JobOf(context.Background(), id)
	if must(t, err); j.Counts.Queued != 3 {
		t.Errorf("%d were counted, want the 3 that were acknowledged", j.Counts.Queued)
	}
}

func wantUnavailable(t *testing.T, err error) {
	t.Helper()
	if !fault.Is(err, fault.Unavailable) {
		t.Errorf("on a full disk the outcome is %v, want Unavailable", err)
	}
}
