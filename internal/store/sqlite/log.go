package sqlite

import (
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
)

// logFile is the write-ahead log as a file to sync. The engine writes it, and with
// synchronous=NORMAL leaves out to sync it at each commit.
type logFile struct {
	path string
	file *os.File             // nil until there is something to sync
	data func(*os.File) error // syncs a file
	// broken says that what was written may not be on the disk: then it must not
	// be copied into the database either.
	broken atomic.Bool
}

func newLogFile(dir string) *logFile {
	return &logFile{path: filepath.Join(dir, fileName+logSuffix), data: syncData}
}

// sync brings onto the disk what was written. It is not for two at once.
func (l *logFile) sync() error {
	err := l.open()
	if err == nil {
		err = l.data(l.file)
	}
	if err != nil {
		l.broken.Store(true)
		return fmt.Errorf("sync the log: %w", err)
	}
	return nil
}

// open opens the log, anew if the one that is open is not in the folder any
// more. To open a file of the log's, unlike one of the database, takes no locks
// from the engine when it is closed.
func (l *logFile) open() error {
	now, err := os.Stat(l.path)
	if err != nil {
		return err
	}
	if l.file != nil {
		was, err := l.file.Stat()
		if err == nil && os.SameFile(was, now) {
			return nil
		}
		_ = l.file.Close() // it is nobody's
	}
	l.file, err = os.OpenFile(l.path, os.O_RDWR, 0)
	return err
}

func (l *logFile) close() error {
	if l.file == nil {
		return nil
	}
	return l.file.Close()
}
