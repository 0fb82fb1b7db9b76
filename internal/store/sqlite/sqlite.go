// Package sqlite is the embedded store: one SQLite database in a folder of its
// own, in WAL mode, written by one process.
//
// Begin with [Open]. Beside the writer and the syncer of package sqlstore it has
// one goroutine, the checkpointer: it keeps the log short while the writer is busy,
// and holds the writer for a moment where that does not suffice. A lock file
// keeps a second process out. [Loader] fills a folder that is not open, by its
// own statements: it is for measurements, and nothing that serves uses it.
package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/drover-iot/drover/internal/store"
	"github.com/drover-iot/drover/internal/store/sqlstore"
)

// Config says where the database is.
type Config struct {
	store.Options
	// Dir is the data folder; it is made if it is missing, in a folder that is
	// not.
	Dir string
	// Volatile gives up durability for speed: for tests, in a temporary
	// folder.
	Volatile bool
	// Prefetch loads what commands hint at in advance, as a database behind a
	// network has to. It is slower here, and for tests of the hints.
	Prefetch bool
	// Checkpointed is told of each pass over the log, on the checkpointer's
	// goroutine; it must not block. Nil: nobody asks.
	Checkpointed func(Checkpoint)

	longSync time.Duration // 0: longSync; for tests that have to see each sync
}

// Checkpoint is one pass that copied the log into the database.
type Checkpoint struct {
	Took time.Duration
	Log  int64 // bytes that the log held before
	Held bool  // the writer was held meanwhile
}

// Store is an open SQLite store.
type Store struct {
	*sqlstore.Store
	checkpoints *checkpointer
	log         *logFile
	lock        *os.File
}

const (
	fileName = "drover.db"
	lockName = "drover.lock"
	// applicationID marks a database as Drover's: "DROV".
	applicationID = 0x44524f56
	readers       = 4
	// longSync is from when on a sync takes long, against a transaction.
	longSync = 4 * time.Millisecond
)

// Open opens the store in a folder and brings its schema up to date. It fails,
// and changes nothing, if another process has the folder, if the folder cannot
// be written, or if what lies there is not a database of Drover's.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	s, err := open(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open the store in %s: %w", cfg.Dir, full(err))
	}
	return s, nil
}

func open(ctx context.Context, cfg Config) (*Store, error) {
	lock, err := take(cfg.Dir)
	if err != nil {
		return nil, err
	}
	s, err := openLocked(ctx, cfg)
	if err == nil {
		err = mark(lock)
	}
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	s.lock = lock
	return s, nil
}

// take makes the folder if it is missing, but not those above it: a folder that
// is not mounted should not be made elsewhere. A folder without a lock file is
// nobody's, and gets one only if what lies there can be a database.
func take(dir string) (*os.File, error) {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	if err := checkRegular(dir); err != nil {
		return nil, err
	}
	lock := filepath.Join(dir, lockName)
	if _, err := os.Stat(lock); errors.Is(err, fs.ErrNotExist) {
		if err := check(filepath.Join(dir, fileName)); err != nil {
			return nil, err
		}
	}
	return lockFolder(lock)
}

// errTaken is why lockFolder fails where a node is at work already.
var errTaken = errors.New("another process has this folder open; a second node needs a folder of its own (--data)")

// mark notes in the lock file that the folder has a database: if it goes, no
// other is begun in its place.
func mark(lock *os.File) error {
	info, err := lock.Stat()
	if err != nil || info.Size() > 0 {
		return err
	}
	if _, err := lock.WriteString("drover.db is in this folder, and this file locks it.\n"); err != nil {
		return fmt.Errorf("mark the folder: %w", err)
	}
	return lock.Sync()
}

func openLocked(ctx context.Context, cfg Config) (*Store, error) {
	path := filepath.Join(cfg.Dir, fileName)
	if err := check(path); err != nil {
		return nil, err
	}
	write, err := openRaw(path, cfg.Volatile)
	if err != nil {
		return nil, err
	}
	if err := migrate(ctx, write); err != nil {
		return nil, errors.Join(err, write.Close())
	}
	read, err := sql.Open("sqlite", dsn(path, cfg.Volatile)+"&mode=ro")
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	return start(cfg, write, read)
}

// start hands both pools to the store.
func start(cfg Config, write, read *sql.DB) (*Store, error) {
	gate, dirty, log := &sync.Mutex{}, &atomic.Bool{}, newLogFile(cfg.Dir)
	inner := sqlstore.Config{
		Options: cfg.Options, Dialect: dialect{}, Write: write, Read: read, Alone: true, Prefetch: cfg.Prefetch,
		Gate: gate, Committed: func() { dirty.Store(true) },
	}
	if !cfg.Volatile {
		inner.Sync, inner.SyncCommits, inner.LongSync = log.sync, syncCommits, cmp.Or(cfg.longSync, longSync)
	}
	s := &Store{log: log}
	var err error
	if s.Store, err = sqlstore.New(inner); err != nil {
		return nil, err
	}
	if !cfg.Volatile {
		if err := s.makeLast(write); err != nil {
			return nil, errors.Join(err, s.log.close(), s.Store.Close())
		}
	}
	s.checkpoints = newCheckpointer(write, gate, dirty, log, cfg)
	return s, nil
}

// syncCommits has the engine sync the commits of a connection, or not.
func syncCommits(c *sqlstore.Conn, themselves bool) error {
	text := "PRAGMA synchronous(normal)"
	if themselves {
		text = "PRAGMA synchronous(full)"
	}
	_, err := c.ExecContext(context.Background(), text)
	return err
}

// makeLast brings onto the disk what the log has, before anybody is told of it: a
// process that ended before its sync, or whose sync failed, has left what only
// the system has in memory. In the latter case to sync again is not enough, so it
// is copied into the database where that is possible.
func (s *Store) makeLast(write *sql.DB) error {
	_ = emptyLog(write) // on a full disk there is no room for it
	return s.log.sync()
}

// Size is how many bytes the database and its log take on the disk; of a file
// that is not there 0. A log keeps the size that it once had until Close.
func (s *Store) Size() (database, log int64) {
	path := filepath.Join(filepath.Dir(s.lock.Name()), fileName)
	return size(path), size(path + logSuffix)
}

// Close finishes what was submitted, empties the log and lets go of the
// folder.
func (s *Store) Close() error {
	return errors.Join(s.Drain(), s.checkpoints.close(), s.log.close(), s.Store.Close(), s.lock.Close())
}

//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the schema up to date.
func migrate(ctx context.Context, db *sql.DB) error {
	if err := db.PingContext(ctx); err != nil {
		return err
	}
	p, err := migrationsOf(db)
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// migrationsOf is what brings a database from one version to another.
func migrationsOf(db *sql.DB) (*goose.Provider, error) {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectSQLite3, db, dir)
}

// openRaw opens a database for writing.
func openRaw(path string, volatile bool) (*sql.DB, error) {
	return sql.Open("sqlite", dsn(path, volatile))
}

// dsn is how every connection is opened. Checkpoints are the checkpointer's, and
// to sync a commit is the store's.
func dsn(path string, volatile bool) string {
	sync := "normal"
	if volatile {
		sync = "off"
	}
	return "file:" + url.PathEscape(path) + "?_pragma=journal_mode(wal)&_pragma=synchronous(" + sync + ")" +
		"&_pragma=busy_timeout(5000)&_pragma=foreign_keys(on)&_pragma=wal_autocheckpoint(0)&_txlock=immediate"
}
