package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
	"github.com/drover-iot/drover/internal/store/sqlite"
)

// damaged is a store in which something of one job is damaged.
type damaged struct {
	store.Store
	what string // "slice" or "row"
	job  int64
}

func (s damaged) Write(ctx context.Context, fn func(store.Tx) error) error {
	return s.Store.Write(ctx, func(tx store.Tx) error { return fn(damagedTx{tx, s}) })
}

type damagedTx struct {
	store.Tx
	damaged
}

var errDamaged = errors.New("a page is damaged")

func (tx damagedTx) Release(j job.Job, s store.Slice) (store.Released, error) {
	if tx.what == "slice" && j.ID == tx.job {
		return store.Released{}, errDamaged
	}
	return tx.Tx.Release(j, s)
}

func (tx damagedTx) JobByID(id int64) (job.Job, error) {
	if tx.what == "row" && id == tx.job {
		return job.Job{}, errDamaged
	}
	return tx.Tx.JobByID(id)
}

// openNode opens a store in a folder with an engine on it.
func openNode(t *testing.T, dir string, v *clock.Virtual, log io.Writer) (*sqlite.Store, *Engine) {
	t.Helper()
	s, err := openStore(t.Context(), dir, v)
	check(t, err)
	return s, New(Config{Store: s, Clock: v, Log: slog.New(slog.NewTextHandler(log, nil))})
}

// createFor creates a job for one thing.
func createFor(t *testing.T, e *Engine, name, thing string) (id int64) {
	t.Helper()
	j, err := e.CreateJob(t.Context(), CreateJob{Name: name, Document: []byte(`{}`), Targets: []job.Target{{Name: thing}}})
	check(t, err)
	return j.ID
}

func wantQueued(t *testing.T, e *Engine, name string, want int64) {
	t.Helper()
	j, err := e.Job(t.Context(), name)
	if check(t, err); j.Counts.Queued != want {
		t.Errorf("job %s has %d queued, want %d", name, j.Counts.Queued, want)
	}
}

func TestWhatCannotBeDoneStopsNothingElseThatIsDue(t *testing.T) {
	for _, c := range []struct{ damage, want string }{
		{"slice", "job bad: "},
		{"row", "the job with id 1: "},
	} {
		t.Run(c.damage, func(t *testing.T) {
			log := new(bytes.Buffer)
			s, e := openNode(t, t.TempDir(), newClock(), log)
			t.Cleanup(func() { check(t, s.Close()) })
			_, err := e.CreateThing(t.Context(), fleet.Thing{Name: "press"})
			check(t, err)
			bad := createFor(t, e, "bad", "press")
			createFor(t, e, "good", "press")
			e.store = damaged{s, c.damage, bad}

			_, _, err = e.settleDue(t.Context())
			if !errors.Is(err, errDamaged) || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("what is due ends with %v, want %v of %s", err, errDamaged, c.want)
			}
			wantQueued(t, e, "bad", 0)
			wantQueued(t, e, "good", 1)

			said := e.complain(err, nil)
			_, _, err = e.settleDue(t.Context())
			e.complain(err, said)
			if n := strings.Count(log.String(), c.want); n != 1 {
				t.Errorf("the log says it %d times, want once:\n%s", n, log)
			}
		})
	}
}

func TestADamagedPageStopsOnlyTheTimersThatAreInIt(t *testing.T) {
	const things = 300
	v, dir := newClock(), t.TempDir()
	s, e := openNode(t, dir, v, io.Discard)
	startAll(t, e, things)
	check(t, s.Close())
	lost := damagePage(t, dir)
	if lost < 2 || lost > 100 {
		t.Fatalf("%d executions are in the page", lost)
	}
	v.Set(v.Now().Add(2 * time.Minute))

	s, e = openNode(t, dir, v, io.Discard)
	t.Cleanup(func() { check(t, s.Close()) })
	createFor(t, e, "other", "spare")
	_, _, err := e.settleDue(t.Context())
	if err == nil || !strings.Contains(err.Error(), "timer of job timed on thing press-") {
		t.Errorf("what is due ends with %v, want an error that names job and thing", err)
	}
	wantQueued(t, e, "other", 1)
	j, err := e.Job(t.Context(), "timed")
	check(t, err)
	// A query for the row that parts the page from the next looks into it too.
	if want := int64(things - lost - 1); j.Counts.TimedOut != want {
		t.Errorf("%d have timed out, want %d", j.Counts.TimedOut, want)
	}
}

// startAll has things start a job whose timer is a minute.
func startAll(t *testing.T, e *Engine, things int) {
	t.Helper()
	_, err := e.CreateThing(t.Context(), fleet.Thing{Name: "spare"})
	check(t, err)
	_, err = e.CreateGroup(t.Context(), fleet.Group{Name: "line"}, nil)
	check(t, err)
	for i := range things {
		name := fmt.Sprintf("press-%d", i)
		_, err := e.CreateThing(t.Context(), fleet.Thing{Name: name})
		check(t, err)
		check(t, e.AddThing(t.Context(), name, "line"))
	}
	_, err = e.CreateJob(t.Context(), CreateJob{
		Name: "timed", Document: []byte(`{}`), Targets: []job.Target{{Group: true, Name: "line"}},
		Settings: job.Settings{Timeout: job.TimeoutConfig{InProgressMinutes: 1}},
	})
	check(t, err)
	_, err = e.advance(t.Context(), advance{asked: t.Context(), by: time.Minute}) // it is rolled out by then
	check(t, err)
	for i := range things {
		details := map[string]string{"mark": strings.Repeat(mark, 20)}
		_, _, err := e.StartNext(Start{Thing: fmt.Sprintf("press-%d", i), Details: details}).Wait(t.Context())
		check(t, err)
	}
}

// deaf is told of changes and does nothing.
type deaf struct{}

func (deaf) Changed([]ListChange) {}

func (deaf) Drain(context.Context) error { return nil }

func TestWhoeverMovesTheClockIsToldWhatKeepsItWhereItIs(t *testing.T) {
	v := newClock()
	s, e := openNode(t, t.TempDir(), v, io.Discard)
	_, err := e.CreateThing(t.Context(), fleet.Thing{Name: "press"})
	check(t, err)
	e.store = damaged{s, "slice", createFor(t, e, "bad", "press")}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- e.Run(ctx, deaf{}) }()
	t.Cleanup(func() {
		stop()
		check(t, <-ended)
		check(t, s.Close())
	})
	now, err := e.Advance(t.Context(), time.Hour)
	if !fault.Is(err, fault.Unavailable) || !strings.Contains(fault.As(err).Message, "job bad") {
		t.Errorf("advance ends with %v, want Unavailable that names job bad", err)
	}
	if !now.Equal(time.Unix(1_800_000_000, 0)) {
		t.Errorf("the clock went on to %v", now)
	}
}
