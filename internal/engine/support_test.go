package engine

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/store"
	"github.com/drover-iot/drover/internal/store/sqlite"
)

// newClock is a virtual clock where all tests begin.
func newClock() *clock.Virtual { return clock.NewVirtual(time.Unix(1_800_000_000, 0)) }

// openStore opens the real store in a folder.
func openStore(ctx context.Context, dir string, v *clock.Virtual) (*sqlite.Store, error) {
	return sqlite.Open(ctx, sqlite.Config{
		Dir: dir, Volatile: true,
		Options: store.Options{Clock: v, Virtual: true, Log: slog.New(slog.DiscardHandler)},
	})
}

// newStore is an empty store of a test's own.
func newStore(t *testing.T) (*sqlite.Store, *clock.Virtual) {
	t.Helper()
	v := newClock()
	s, err := openStore(t.Context(), t.TempDir(), v)
	check(t, err)
	t.Cleanup(func() { check(t, s.Close()) })
	return s, v
}

// stage is a node that a random history plays on.
type stage struct {
	t      *testing.T
	rt     *rapid.T
	dir    string
	clock  *clock.Virtual
	store  *sqlite.Store
	engine *Engine
}

func newStage(t *testing.T, rt *rapid.T) stage {
	s := stage{t: t, rt: rt, dir: t.TempDir(), clock: newClock()}
	s.open()
	return s
}

func (s *stage) open() {
	opened, err := openStore(s.ctx(), s.dir, s.clock)
	s.must(err)
	s.store = opened
	s.engine = New(Config{Store: opened, Clock: s.clock, Log: slog.New(slog.DiscardHandler)})
}

func (s *stage) close() { s.must(s.store.Close()) }

func (s *stage) ctx() context.Context { return s.t.Context() }

func (s *stage) must(err error) {
	s.t.Helper()
	if err != nil {
		s.rt.Fatalf("%v", err)
	}
}

// may takes an error that a client can cause, and fails on any other.
func (s *stage) may(err error) {
	s.t.Helper()
	if err == nil {
		return
	}
	if k := fault.KindOf(err); k == fault.Internal || k == fault.Unavailable {
		s.rt.Fatalf("%v", err)
	}
}
