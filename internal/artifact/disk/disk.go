// Package disk keeps artifacts in a folder: buckets, objects in them, and
// uploads that come in parts. What was acknowledged is durable, and an object is
// replaced whole or not at all: its bytes go to a file of their own, are synced,
// and that file takes the place of the old one.
//
// Begin with [Open]. Names in the folder are made of the keys so that no key
// leads out of its bucket, on any system; see name.go. Everything may be used by
// many at once: Store.mu orders what changes folders, and is never held while
// bytes come in. There are no goroutines.
//
// It is bounded by the disk alone, but for the number of buckets and of uploads
// that have begun.
package disk

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/drover-iot/drover/internal/artifact"
	"github.com/drover-iot/drover/internal/clock"
)

// Config is what a Store is made of.
type Config struct {
	// Dir is the folder; it is made if it is missing, in one that is not.
	Dir   string
	Clock clock.Clock // of what is shown as the time of an object
	// Volatile gives up durability for speed: for tests.
	Volatile bool
}

// Store is an open folder of artifacts.
type Store struct {
	root     *os.Root
	clock    clock.Clock
	volatile bool

	mu sync.RWMutex // held to change folders, shared to look through them
}

// The folders within.
const (
	bucketDir = "buckets"
	uploadDir = "uploads" // those that have begun, by id
	comingDir = "coming"  // what has not come whole; nothing in it is worth anything after a start
)

// Open opens a folder, and clears what broken uploads have left.
func Open(c Config) (*Store, error) {
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("open the artifact store: %w", err)
	}
	root, err := os.OpenRoot(c.Dir)
	if err != nil {
		return nil, fmt.Errorf("open the artifact store: %w", err)
	}
	s := &Store{root: root, clock: c.Clock, volatile: c.Volatile}
	if err := s.prepare(); err != nil {
		_ = root.Close() // the error before is told
		return nil, fmt.Errorf("open the artifact store in %s: %w", c.Dir, err)
	}
	return s, nil
}

func (s *Store) prepare() error {
	if err := s.root.RemoveAll(comingDir); err != nil {
		return err
	}
	for _, dir := range []string{bucketDir, uploadDir, comingDir} {
		if err := s.makeDir(dir); err != nil {
			return err
		}
	}
	return s.clearUploads()
}

// Close lets go of the folder.
func (s *Store) Close() error { return s.root.Close() }

// makeDir makes a folder, durably, if it is not there.
func (s *Store) makeDir(name string) error {
	err := s.root.Mkdir(name, 0o700)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.syncDir(path.Dir(name))
}

// makeDirs makes a folder and those that it is in.
func (s *Store) makeDirs(name string) error {
	if _, err := s.root.Stat(name); err == nil {
		return nil
	}
	if dir := path.Dir(name); dir != "." {
		if err := s.makeDirs(dir); err != nil {
			return err
		}
	}
	return s.makeDir(name)
}

// sync makes durable what was written to f.
func (s *Store) sync(f *os.File) error {
	if s.volatile {
		return nil
	}
	return f.Sync()
}

// syncDir makes durable which files are in a folder.
func (s *Store) syncDir(name string) error {
	if s.volatile || !dirsSync {
		return nil
	}
	dir, err := s.root.Open(name)
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}

// readJSON reads a small file of ours.
func (s *Store) readJSON(name string, into any) error {
	f, err := s.root.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return json.NewDecoder(io.LimitReader(f, mostTail)).Decode(into)
}

// writeJSON writes a small file of ours, whole or not at all.
func (s *Store) writeJSON(name string, v any) error {
	f, done, err := s.coming()
	if err != nil {
		return err
	}
	defer done()
	if err := json.NewEncoder(f).Encode(v); err != nil {
		return err
	}
	if err := s.sync(f); err != nil {
		return err
	}
	return s.place(f, name)
}

// place moves a file that has come whole to where it belongs.
func (s *Store) place(f *os.File, name string) error {
	from := path.Join(comingDir, filepath.Base(f.Name()))
	if err := f.Close(); err != nil {
		return err
	}
	if err := s.root.Rename(from, name); err != nil {
		return err
	}
	return s.syncDir(path.Dir(name))
}

// coming is a new file for what comes; done removes it, unless it was placed.
func (s *Store) coming() (f *os.File, done func(), err error) {
	name := path.Join(comingDir, newID())
	f, err = s.root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, nil, full(err)
	}
	return f, func() {
		f.Close()
		_ = s.root.Remove(name) // it is gone if it was placed
	}, nil
}

// full names a disk that has no room.
func full(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG) {
		return errors.Join(artifact.Refuse(artifact.Unavailable, "There is no room left for artifacts."), err)
	}
	return err
}

// since is what a bucket and an upload remember of their beginning.
type since struct {
	At time.Time `json:"at"`
}
