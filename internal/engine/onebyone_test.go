package engine

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
	"github.com/drover-iot/drover/internal/store/sqlite"
)

// damaged is a store that cannot release one job.
type damaged struct {
	store.Store
	job string
}

func (s damaged) Write(ctx context.Context, fn func(store.Tx) error) error {
	return s.Store.Write(ctx, func(tx store.Tx) error { return fn(damagedTx{tx, s.job}) })
}

type damagedTx struct {
	store.Tx
	job string
}

var errDamaged = errors.New("a page is damaged")

func (tx damagedTx) Release(j job.Job, s store.Slice) (store.Released, error) {
	if j.Name == tx.job {
		return store.Released{}, errDamaged
	}
	return tx.Tx.Release(j, s)
}

func TestWhatCannotBeDoneStopsNothingElseThatIsDue(t *testing.T) {
	v := clock.NewVirtual(time.Unix(1_800_000_000, 0))
	s, err := sqlite.Open(t.Context(), sqlite.Config{
		Dir: t.TempDir(), Volatile: true,
		Options: store.Options{Clock: v, Virtual: true, Log: slog.New(slog.DiscardHandler)},
	})
	check(t, err)
	t.Cleanup(func() { check(t, s.Close()) })
	e := New(Config{Store: damaged{s, "bad"}, Clock: v, Log: slog.New(slog.DiscardHandler)})
	_, err = e.CreateThing(t.Context(), fleet.Thing{Name: "press"})
	check(t, err)
	for _, name := range []string{"bad", "good"} {
		_, err := e.CreateJob(t.Context(), CreateJob{Name: name, Document: []byte(`{}`), Targets: []job.Target{{Name: "press"}}})
		check(t, err)
	}
	if _, _, err := e.settleDue(t.Context()); !errors.Is(err, errDamaged) || !strings.HasPrefix(err.Error(), "job bad: ") {
		t.Errorf("what is due ends with %v, want %v of job bad", err, errDamaged)
	}
	for name, want := range map[string]int64{"bad": 0, "good": 1} {
		j, err := e.Job(t.Context(), name)
		if check(t, err); j.Counts.Queued != want {
			t.Errorf("job %s has %d queued, want %d", name, j.Counts.Queued, want)
		}
	}
}
