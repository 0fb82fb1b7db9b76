//go:build unix

package sqlite

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestWhatIsNoFileIsRefused(t *testing.T) {
	for _, name := range []string{fileName, fileName + "-wal", fileName + "-shm", fileName + "-journal", lockName} {
		for _, c := range []struct {
			what string
			make func(path string) error
		}{
			{"a pipe", func(path string) error { return syscall.Mkfifo(path, 0o600) }},
			{"a folder", func(path string) error { return os.Mkdir(path, 0o700) }},
			{"a link to a device", func(path string) error { return os.Symlink("/dev/zero", path) }},
		} {
			t.Run(c.what+" as "+name, func(t *testing.T) {
				dir := t.TempDir()
				must(t, c.make(filepath.Join(dir, name)))
				_, err := openIn(dir)
				wantError(t, err, name+" is not a regular file")
				left, err := os.ReadDir(dir)
				must(t, err)
				if len(left) != 1 {
					t.Errorf("the folder has become %v", left)
				}
			})
		}
	}
}
