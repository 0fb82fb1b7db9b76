package sqlite

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// writeLog writes until so many bytes more were logged.
func writeLog(t *testing.T, s *Store, j job.Job, bytes int) {
	t.Helper()
	for range bytes / (64 << 10) {
		must(t, s.Write(context.Background(), func(tx store.Tx) error {
			j.Comment = strings.Repeat(rand.Text(), 2400) // what does not change is not logged
			tx.PutJob(j)
			return nil
		}))
	}
}

func TestALogThatIsTooLongBeginsAnewBesideABusyWriter(t *testing.T) {
	s, err := Open(t.Context(), Config{Dir: t.TempDir(), Volatile: true, Options: store.Options{Clock: clock.NewReal()}})
	must(t, err)
	defer func() { must(t, s.Close()) }()
	must(t, s.checkpoints.close())
	var j job.Job
	must(t, s.Write(t.Context(), func(tx store.Tx) (err error) {
		j = job.Job{Name: "a", CreatedAt: tx.Now(), UpdatedAt: tx.Now()}
		j.ID, err = tx.InsertJob(j, nil)
		return err
	}))
	const limit = 4 << 20
	var held int
	var longest int64
	c := newCheckpointer(s.checkpoints.db, s.checkpoints.gate, s.checkpoints.dirty, s.log, Config{Checkpointed: func(p Checkpoint) {
		longest = max(longest, p.Log)
		if p.Held {
			held++
		}
	}})
	must(t, c.close()) // its steps are ours
	c.limit, s.checkpoints = limit, c

	busy := make(chan struct{})
	rounds := make(chan struct{}) // else the writer would be far ahead of the steps on a slow disk
	go func() {
		defer close(busy)
		for range rounds {
			writeLog(t, s, j, limit/2)
		}
	}()
	for range 20 {
		rounds <- struct{}{}
		writeLog(t, s, j, limit)
		must(t, c.step())
	}
	close(rounds)
	<-busy
	if held == 0 || longest < limit {
		t.Errorf("the writer was held %d times, at %d bytes of log at most; want that told, with a limit of %d", held, longest, limit)
	}
	if database, log := s.Size(); database == 0 || log != logSize(t, s) {
		t.Errorf("the size is told as %d and %d bytes, the log has %d", database, log, logSize(t, s))
	}
	if size := logSize(t, s); size > 6*limit {
		t.Errorf("after %d bytes the log has %d, want it near %d", 30*limit, size, limit)
	}
}

func TestALogIsEmptyAfterTheEnd(t *testing.T) {
	dir := t.TempDir()
	s, err := openIn(dir)
	must(t, err)
	must(t, s.Close())
	if info, err := os.Stat(filepath.Join(dir, fileName+"-wal")); err == nil && info.Size() > 0 {
		t.Errorf("the log has %d bytes", info.Size())
	}
}
