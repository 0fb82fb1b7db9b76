package sqlite

import (
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

func TestAJobIsThereAfterTheWrite(t *testing.T) {
	s, err := Open(t.Context(), Config{Dir: t.TempDir(), Volatile: true, Options: store.Options{Clock: clock.Real{}}})
	if err != nil {
		t.Fatal(err)
	}
	var id int64
	err = s.Write(t.Context(), func(tx store.Tx) error {
		id, err = tx.InsertJob(job.Job{Name: "a", Selection: job.Snapshot, Status: job.StatusInProgress, Due: time.UnixMilli(5000).UTC()}, []byte("{}"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Write(t.Context(), func(tx store.Tx) error {
		j, err := tx.JobByID(id)
		if err == nil && j.Name != "a" {
			t.Errorf("job is %+v", j)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if at, ok, err := s.NextDue(t.Context()); err != nil || !ok || at.UnixMilli() != 5000 {
		t.Fatal(at, ok, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
