package sqlite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
	"github.com/drover-iot/drover/internal/store/sqlstore"
)

// openSyncing opens a store that syncs what it commits, on the slowest disk too.
func openSyncing(t *testing.T, dir string, log io.Writer) *Store {
	t.Helper()
	s, err := Open(t.Context(), Config{Dir: dir, longSync: time.Hour, Options: store.Options{Clock: clock.NewReal(), Log: slog.New(slog.NewTextHandler(log, nil))}})
	must(t, err)
	return s
}

// syncsBy has the log of s synced by f, from the next commit on.
func syncsBy(s *Store, f func(*os.File) error) { s.log.data = f }

// holdSyncs has each sync of s say on began that it has, and go on with do when
// goOn is closed.
func holdSyncs(s *Store, do func(*os.File) error) (began <-chan struct{}, goOn chan<- struct{}) {
	syncs, release := make(chan struct{}, 2), make(chan struct{})
	syncsBy(s, func(f *os.File) error {
		syncs <- struct{}{}
		<-release
		return do(f)
	})
	return syncs, release
}

func insertSmallJob(s *Store, name string) error {
	return s.Write(context.Background(), func(tx store.Tx) error {
		_, err := tx.InsertJob(job.Job{Name: name}, []byte("{}"))
		return err
	})
}

// A power cut leaves at least what the log held when the last sync began that
// came to its end. Each such log must have all that was acknowledged by then.
func TestWhatIsAcknowledgedSurvivesAPowerCut(t *testing.T) {
	dir := t.TempDir()
	s := openSyncing(t, dir, io.Discard)
	must(t, s.checkpoints.close()) // the database stays as it is
	before := content(t, dir)

	var mu sync.Mutex
	var logs [][]byte // what survives a cut behind each sync
	syncsBy(s, func(f *os.File) error {
		log, err := os.ReadFile(f.Name())
		if err := errors.Join(err, syncData(f)); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		logs = append(logs, log)
		return nil
	})
	const clients, jobs = 8, 6
	acknowledged := map[string]int{} // and how many syncs had ended by then
	var all sync.WaitGroup
	for c := range clients {
		all.Go(func() {
			for n := range jobs {
				name := fmt.Sprintf("job-%d-%d", c, n)
				err := insertSmallJob(s, name)
				mu.Lock()
				acknowledged[name] = len(logs)
				mu.Unlock()
				if err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
	all.Wait()
	must(t, s.Close())

	for i, log := range logs {
		cut, err := openIn(folder(before).with(fileName+logSuffix, string(log)).put(t))
		must(t, err)
		for name, syncs := range acknowledged {
			if syncs > i+1 {
				continue
			}
			if _, err := cut.Job(t.Context(), name); err != nil {
				t.Errorf("cut behind sync %d, %s was acknowledged behind sync %d: %v", i+1, name, syncs, err)
			}
		}
		must(t, cut.Close())
	}
}

// waiter is a context that tells when somebody waits for its end.
type waiter struct {
	context.Context
	waits chan struct{}
	once  *sync.Once
}

func (w waiter) Done() <-chan struct{} {
	w.once.Do(func() { close(w.waits) })
	return w.Context.Done()
}

// waits runs a read that has to wait for something, and returns when it does.
func waits(ctx context.Context, t *testing.T, name string, read func(context.Context) error) (answer <-chan error) {
	t.Helper()
	w := waiter{ctx, make(chan struct{}), new(sync.Once)}
	answered := make(chan error, 1)
	go func() { answered <- read(w) }()
	select {
	case <-w.waits:
	case err := <-answered:
		t.Fatalf("%s: the answer does not wait until it lasts: %v", name, err)
	}
	return answered
}

func TestWhatIsReadLasts(t *testing.T) {
	s := openSyncing(t, t.TempDir(), io.Discard)
	syncs, goOn := holdSyncs(s, syncData)
	written := make(chan error, 1)
	go func() { written <- insertSmallJob(s, "a") }()
	<-syncs
	for _, r := range []struct {
		name string
		read func(context.Context) error
	}{
		{"one row", func(ctx context.Context) error { _, err := s.Job(ctx, "a"); return err }},
		{"rows", func(ctx context.Context) error {
			_, _, err := s.PendingOf(ctx, "none")
			return err
		}},
		{"events", func(ctx context.Context) error { _, _, err := s.Events(ctx, 1); return err }},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		read := waits(ctx, t, r.name, r.read)
		cancel()
		if err := <-read; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: while what it saw may be lost, the answer is %v", r.name, err)
		}
	}
	read := waits(t.Context(), t, "what is synced then", func(ctx context.Context) error { _, err := s.Job(ctx, "a"); return err })
	close(goOn)
	must(t, <-written)
	must(t, <-read)
	syncsBy(s, syncData)
	must(t, s.Close())
}

func TestAfterASyncThatFailedNothingIsTold(t *testing.T) {
	dir := t.TempDir()
	said := new(bytes.Buffer)
	s := openSyncing(t, dir, said)
	must(t, insertSmallJob(s, "before"))
	broken := errors.New("the disk is gone")
	syncs, goOn := holdSyncs(s, func(*os.File) error { return broken })
	answers := make(chan error, 2)
	go func() { answers <- insertSmallJob(s, "lost") }()
	<-syncs
	go func() { answers <- insertSmallJob(s, "lost") }() // it exists already, if that is so
	close(goOn)
	for range cap(answers) {
		if err := <-answers; !fault.Is(err, fault.Unavailable) || !errors.Is(err, broken) {
			t.Errorf("what was not synced is answered with %v", err)
		}
	}
	syncsBy(s, syncData) // what the system says now is no comfort
	left := content(t, dir)
	for range 2 {
		if err := insertSmallJob(s, "later"); !fault.Is(err, fault.Unavailable) {
			t.Errorf("a change behind it is answered with %v", err)
		}
		if _, err := s.Job(t.Context(), "lost"); !fault.Is(err, fault.Unavailable) {
			t.Errorf("a read behind it is answered with %v", err)
		}
		if err := s.Ready(t.Context()); !fault.Is(err, fault.Unavailable) {
			t.Errorf("whether it is ready is answered with %v", err)
		}
	}
	if n := strings.Count(said.String(), "may not last"); n != 1 {
		t.Errorf("the log says it %d times:\n%s", n, said)
	}
	if _, err := s.checkpoints.pass(false); err != nil {
		t.Error(err)
	}
	must(t, s.Close())
	for _, name := range []string{fileName, fileName + logSuffix} {
		if content(t, dir)[name] != left[name] {
			t.Errorf("%s was changed behind a sync that failed", name)
		}
	}

	s = openSyncing(t, dir, io.Discard)
	if size := logSize(t, s); size > 0 {
		t.Errorf("%d bytes of the log are left where the system alone may have them", size)
	}
	if _, err := s.Job(t.Context(), "before"); err != nil {
		t.Errorf("what was acknowledged before: %v", err)
	}
	must(t, insertSmallJob(s, "anew"))
	must(t, s.Close())
}

func TestALogThatIsAnotherFileIsSynced(t *testing.T) {
	dir := t.TempDir()
	l := newLogFile(dir)
	var synced []string
	l.data = func(f *os.File) error {
		text, err := os.ReadFile(filepath.Join("/proc/self/fd", fmt.Sprint(f.Fd())))
		if err != nil {
			t.Skip("the system does not show open files")
		}
		synced = append(synced, string(text))
		return nil
	}
	if err := l.sync(); !errors.Is(err, os.ErrNotExist) || !l.broken.Load() {
		t.Errorf("a log that is not there is synced with %v, broken: %v", err, l.broken.Load())
	}
	for _, text := range []string{"first", "second"} {
		must(t, os.WriteFile(l.path+".new", []byte(text), 0o600))
		must(t, os.Rename(l.path+".new", l.path))
		must(t, l.sync())
		must(t, l.sync())
	}
	if got := strings.Join(synced, " "); got != "first first second second" {
		t.Errorf("synced %s", got)
	}
	must(t, l.close())
}

// slowSync is longer than a disk takes.
const slowSync = 300 * time.Millisecond

// A disk whose syncs take long is left to the engine, until they take short again.
func TestASlowDiskIsLeftToTheEngine(t *testing.T) {
	s, err := Open(t.Context(), Config{Dir: t.TempDir(), longSync: slowSync, Options: store.Options{Clock: clock.NewReal()}})
	must(t, err)
	syncs, slow := 0, true
	syncsBy(s, func(f *os.File) error {
		if syncs++; slow {
			<-time.After(slowSync) // as such a disk does
		}
		return syncData(f)
	})
	must(t, insertSmallJob(s, "synced here"))
	must(t, insertSmallJob(s, "synced by the engine"))
	if syncs != 1 {
		t.Errorf("behind a sync that took long the store synced %d commits itself", syncs-1)
	}
	slow = false
	for n := 0; syncs == 1; n++ { // the engine's syncs are as fast as the disk
		must(t, insertSmallJob(s, fmt.Sprint("job ", n)))
	}
	must(t, s.Close())
}

func TestTheEngineSyncsWhenItIsTold(t *testing.T) {
	db, err := openRaw(filepath.Join(t.TempDir(), fileName), false)
	must(t, err)
	defer db.Close()
	c, err := sqlstore.NewConn(t.Context(), db)
	must(t, err)
	for _, themselves := range []bool{false, true, false} {
		must(t, syncCommits(c, themselves))
		var level int // 1 is normal, 2 is full
		must(t, c.QueryRowContext(t.Context(), "PRAGMA synchronous").Scan(&level))
		if (level == 2) != themselves {
			t.Errorf("told %v, the level is %d", themselves, level)
		}
	}
	must(t, c.Close())
}
