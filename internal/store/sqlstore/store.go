// Package sqlstore is the store of package store in SQL, once for all engines:
// packages sqlite and postgres open a database, give a [Dialect] and get a
// [Store].
//
// Begin with [New]. One goroutine, the writer, owns the only connection that
// writes and all that is remembered between batches; where commits have to be
// synced, another does that, the syncer; reads run on the caller's goroutine over
// a pool. Commands are loaded, decided and saved in batches:
// writer.go takes them, work.go is what they see, put.go what they put, save.go
// turns that into rows. A control operation is a closure over tx, which is the
// same work with SQL beside it. Statements lie in queries, one file a noun;
// db.go says how to add one.
//
// Decide, closures and the watcher run on the writer's goroutine: one that
// waits for a write of its own waits for ever.
//
// What must stay out: rules of the domain. A method here finds and keeps.
package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/drover-iot/drover/internal/store"
)

// Config is an open database.
type Config struct {
	store.Options
	Dialect Dialect
	Write   *sql.DB // the writer takes one connection of it
	Read    *sql.DB // the store closes both
	// Alone promises that nobody else writes, so that the writer may remember
	// things and jobs from batch to batch.
	Alone bool
	// Prefetch loads in one go what commands hint at. Without it all is
	// loaded on demand, which is cheaper where there is no round trip.
	Prefetch bool
	// Gate is held while the database is written to; others may hold it to
	// keep the writer out. Nil is none.
	Gate sync.Locker
	// Committed is called after each commit, if it is set.
	Committed func()
	// Sync makes last what was committed, where a commit does not do that by
	// itself; nil where it does. It runs beside the writer, on a goroutine of its
	// own. Its first error is the last: nothing is stored from then on.
	Sync func() error
	// SyncCommits says to the writer's connection whether its commits are to last
	// by themselves, and not to be left to Sync: while that takes LongSync or
	// longer. Both are there where Sync is.
	SyncCommits func(c *Conn, themselves bool) error
	LongSync    time.Duration
}

// Store is an open store.
type Store struct {
	cfg     Config
	queries queries
	pool    *pool
	writer  *writer
	syncer  *syncer
	known   *known
	forms   [shapes]Change // of executions
	stripe  int64          // of the counters: one a node
	// listened is set from the first listener on: without one nothing is owed.
	listened  atomic.Bool
	announced atomic.Uint32 // a store.EventKinds, as committed
	stuck     atomic.Bool   // nothing can be stored: the last commit failed
	failures  atomic.Int64  // of commits, since nothing could be stored
	probing   atomic.Bool   // a probe is on its way
	misses    atomic.Int64  // loads on demand
	// questions has a place for each question to the fleet index that may be
	// under way: they may be long, and must not take all connections.
	questions chan struct{}
	seq       int64        // of what is owed; the writer's
	owed      atomic.Int64 // the same, as committed
	sent      sent
	recent    recent
}

// New starts the writer of an open database whose schema is up to date. It
// owns the database from now on, also when it fails.
func New(cfg Config) (*Store, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &Store{cfg: cfg, known: newKnown(), forms: forms(), questions: make(chan struct{}, mostQuestions)}
	s.syncer = newSyncer(cfg.Sync, cfg.LongSync, s.unsynced)
	if err := s.open(); err != nil {
		return nil, errors.Join(err, cfg.Write.Close(), cfg.Read.Close())
	}
	go s.writer.run()
	if cfg.Sync != nil {
		go s.syncer.run()
	}
	return s, nil
}

func (s *Store) open() error {
	var err error
	if s.queries, err = loadQueries(s.cfg.Dialect.Claim()); err != nil {
		return err
	}
	s.pool = &pool{db: s.cfg.Read, queries: s.queries, stmts: map[string]*sql.Stmt{}}
	conn, err := NewConn(context.Background(), s.cfg.Write)
	if err != nil {
		return err
	}
	kind, last, err := s.Clock(context.Background())
	if err != nil {
		return errors.Join(err, conn.Close())
	}
	if s.seq, err = s.lastOwed(); err != nil {
		return errors.Join(err, conn.Close())
	}
	s.owed.Store(s.seq)
	listened, err := s.hasListeners()
	if err != nil {
		return errors.Join(err, conn.Close())
	}
	s.listened.Store(listened || !s.cfg.Alone)
	settings, err := s.EventSettings(context.Background())
	if err != nil {
		return errors.Join(err, conn.Close())
	}
	s.announced.Store(uint32(settings.Kinds))
	s.writer = newWriter(s, conn, last)
	s.writer.real = kind == store.RealClock
	return nil
}

// Drain finishes what was submitted. What comes later is Unavailable; reads go
// on.
func (s *Store) Drain() error { return s.writer.close() }

// Close drains, and closes the database.
func (s *Store) Close() error {
	drained := s.Drain()
	if s.syncer.failure() != nil {
		// The engine copies what it has into the database when the last connection
		// that can write goes, unless others are there.
		return errors.Join(drained, s.cfg.Write.Close(), s.pool.close())
	}
	return errors.Join(drained, s.pool.close(), s.cfg.Write.Close())
}

// Misses is how many loads were made on demand; ok is false if all are.
func (s *Store) Misses() (n int64, ok bool) { return s.misses.Load(), s.cfg.Prefetch }

// Waiting is how many commands and closures wait for the writer.
func (s *Store) Waiting() int { return len(s.writer.queue) }

func (s *Store) missed() { s.misses.Add(1) }

// reads is the read pool for one request.
func (s *Store) reads(ctx context.Context) reads { return reads{ctx, s.pool, s.syncer} }

// What is noted of the clock: the virtual time, or that times are real.
const (
	metaClock = "clock"
	metaReal  = "real"
)

// Clock implements store.Reader.
func (s *Store) Clock(ctx context.Context) (store.ClockKind, time.Time, error) {
	at, virtual, err := one(s.reads(ctx), scanInstant, "meta", metaClock)
	if err != nil {
		return store.NoClock, at, fmt.Errorf("read the stored clock: %w", err)
	}
	if virtual {
		return store.VirtualClock, at, nil
	}
	_, noted, err := one(s.reads(ctx), scanNumber, "meta", metaReal)
	if err != nil {
		return store.NoClock, at, fmt.Errorf("read which clock is stored: %w", err)
	}
	if noted {
		return store.RealClock, at, nil
	}
	return store.NoClock, at, nil
}

func (s *Store) hasListeners() (bool, error) {
	_, ok, err := one(s.reads(context.Background()), scanNumber, "any_listener")
	return ok, err
}

func (s *Store) lastOwed() (int64, error) {
	seq, _, err := one(s.reads(context.Background()), scanNumber, "last_owed")
	return seq, err
}

func scanInstant(r row) (t time.Time, err error) {
	err = r.Scan(instant{&t})
	return t, err
}

func scanNumber(r row) (n int64, err error) {
	err = r.Scan(&n)
	return n, err
}
