package sqlite

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
	"github.com/drover-iot/drover/internal/store/storetest"
)

// killedFolder tells a child process of the kill test where to work.
const killedFolder = "DROVER_TEST_KILLED_FOLDER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(killedFolder); dir != "" {
		fmt.Fprintln(os.Stderr, killed(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// killed works in a folder until it is killed.
func killed(dir string) error {
	s, err := Open(context.Background(), Config{Dir: dir, Options: store.Options{Clock: clock.NewReal()}})
	if err != nil {
		return err
	}
	return storetest.Acknowledge(s, os.Stdout)
}

func TestStore(t *testing.T) { storetest.Run(t, fresh(Config{Volatile: true})) }

func TestStoreThatPrefetches(t *testing.T) {
	storetest.Batch(t, fresh(Config{Volatile: true, Prefetch: true}))
	storetest.Work(t, fresh(Config{Volatile: true, Prefetch: true}))
}

func TestAKillLosesNothingThatWasAcknowledged(t *testing.T) {
	for _, acks := range []int{1, 50, 3000} {
		t.Run(fmt.Sprint("after ", acks), func(t *testing.T) {
			dir := t.TempDir()
			child := exec.Command(os.Args[0])
			child.Env = append(os.Environ(), killedFolder+"="+dir)
			child.Stderr = os.Stderr
			storetest.Kill(t, child, opener(t, Config{Dir: dir}), acks)
		})
	}
}

// fresh makes databases in folders of their own.
func fresh(cfg Config) storetest.Fresh {
	return func(t testing.TB) storetest.Open {
		cfg := cfg
		cfg.Dir = t.TempDir()
		return opener(t, cfg)
	}
}

func opener(t testing.TB, cfg Config) storetest.Open {
	return func(o store.Options) (store.Store, error) {
		cfg.Options = o
		return Open(t.Context(), cfg)
	}
}

// counting is a command that adds one to the queued of a job.
type counting int64

func (counting) Hint(*store.Hints) {}

func (id counting) Decide(w store.Work) error {
	w.Count(int64(id), job.Counts{Queued: 1})
	return nil
}
