package engine

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
	"github.com/drover-iot/drover/internal/store/sqlite"
)

func TestEndedMembershipsAreForgottenWhenNoRolloutNeedsThem(t *testing.T) {
	s, v := newStore(t)
	e := New(Config{Store: s, Clock: v, Log: slog.New(slog.DiscardHandler)})
	_, err := e.CreateGroup(t.Context(), fleet.Group{Name: "line"}, nil)
	check(t, err)
	for _, name := range []string{"a", "b"} {
		_, err := e.CreateThing(t.Context(), fleet.Thing{Name: name})
		check(t, err)
		check(t, e.AddThing(t.Context(), name, "line"))
	}
	_, err = e.CreateJob(t.Context(), CreateJob{
		Name: "fw", Document: []byte(`{}`),
		Targets:  []job.Target{{Group: true, Name: "line"}},
		Settings: job.Settings{Rollout: job.RolloutConfig{MaximumPerMinute: 1}},
	})
	check(t, err)
	check(t, e.RemoveThing(t.Context(), "b", "line"))

	_, err = e.advance(t.Context(), advance{asked: t.Context(), by: time.Second})
	check(t, err)
	wantEnded(t, s, 1) // the snapshot has b still to reach

	_, err = e.advance(t.Context(), advance{asked: t.Context(), by: time.Minute})
	check(t, err)
	wantEnded(t, s, 0)
	j, err := e.Job(t.Context(), "fw")
	check(t, err)
	if j.Counts.Queued != 2 {
		t.Errorf("%d queued, want both that were there at the creation", j.Counts.Queued)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantEnded counts the ended memberships: it sweeps them, as if no rollout were
// under way, in a transaction that is undone.
func wantEnded(t *testing.T, s *sqlite.Store, want int) {
	t.Helper()
	var ended int
	err := s.Write(t.Context(), func(tx store.Tx) error {
		jobs, err := tx.DueJobs(tx.Now().Add(time.Hour), 10)
		if err != nil {
			return err
		}
		for _, id := range jobs {
			j, err := tx.JobByID(id)
			if err != nil {
				return err
			}
			j.Status = job.StatusCompleted
			tx.PutJob(j)
		}
		if ended, err = tx.SweepMembers(100); err != nil {
			return err
		}
		return errUndo
	})
	if !errors.Is(err, errUndo) || ended != want {
		t.Errorf("%d ended memberships (%v), want %d", ended, err, want)
	}
}

var errUndo = errors.New("undo")
