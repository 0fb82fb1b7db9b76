package sqlite

import (
	"bytes"
	"context"
	"io"
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

// Behind a commit that succeeds again a probe is written. When that is refused,
// what was committed before it is no more synced than it was.
func TestAProbeThatIsRefusedMakesNothingLast(t *testing.T) {
	s := openSyncing(t, t.TempDir(), io.Discard)
	must(t, s.checkpoints.close()) // the log grows
	defer limitFiles(t, math.MaxUint64)
	must(t, insertSmallJob(s, "a"))
	before := logSize(t, s)
	must(t, insertSmallJob(s, "b"))
	after := logSize(t, s)

	limitFiles(t, 1)
	wantUnavailable(t, insertSmallJob(s, "c"))
	limitFiles(t, uint64(2*after-before)) // room for one more, and none for a probe
	syncs, goOn := holdSyncs(s, syncData)
	written := make(chan error, 1)
	go func() { written <- insertSmallJob(s, "c") }()
	<-syncs
	read := waits(t.Context(), t, "what is not synced", func(ctx context.Context) error { _, err := s.Job(ctx, "c"); return err })
	close(goOn)
	must(t, <-written)
	must(t, <-read)
	syncsBy(s, syncData)
	wantUnavailable(t, s.Ready(t.Context())) // the probe was refused
	limitFiles(t, math.MaxUint64)
	must(t, s.Ready(t.Context()))
	must(t, s.Close())
}
