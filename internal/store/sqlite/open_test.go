package sqlite

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/store"
)

func openIn(dir string) (*Store, error) { return openLogging(dir, io.Discard) }

func openLogging(dir string, log io.Writer) (*Store, error) {
	return Open(context.Background(), Config{Dir: dir, Volatile: true, Options: store.Options{Clock: clock.NewReal(), Log: slog.New(slog.NewTextHandler(log, nil))}})
}

// content is all files of a folder by name.
func content(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	entries, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		must(t, err)
		files[e.Name()] = string(text)
	}
	return files
}

func wantError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("the error is %v, want one that says %q", err, want)
	}
}

func TestASecondProcessIsKeptOutAndChangesNothing(t *testing.T) {
	dir := t.TempDir()
	s, err := openIn(dir)
	must(t, err)
	must(t, s.checkpoints.close()) // nothing moves while we look
	before := content(t, dir)
	_, err = openIn(dir)
	wantError(t, err, "another process has this folder open")
	after := content(t, dir)
	for name, text := range before {
		if after[name] != text || len(after) != len(before) {
			t.Errorf("%s changed, or another file came", name)
		}
	}
	s.checkpoints = newCheckpointer(s.checkpoints.db, s.checkpoints.gate, s.checkpoints.dirty, s.log, Config{})
	must(t, s.Close())
	s, err = openIn(dir)
	must(t, err)
	must(t, s.Close())
}

func TestAFolderThatCannotBeWrittenIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	_, err := openIn(file)
	wantError(t, err, "not a directory")
	wantError(t, err, file)

	dir := t.TempDir()
	must(t, os.Chmod(dir, 0o500))
	if os.Getuid() == 0 {
		t.Skip("the superuser may write everywhere")
	}
	_, err = openIn(dir)
	wantError(t, err, "permission denied")
}

func TestAFolderIsMadeButNotThoseAboveIt(t *testing.T) {
	above := filepath.Join(t.TempDir(), "not", "mounted")
	_, err := openIn(above)
	wantError(t, err, above)
	wantError(t, err, "no such file or directory")
	if _, err := os.Stat(filepath.Dir(above)); err == nil {
		t.Error("it was made")
	}
	s, err := openIn(filepath.Join(t.TempDir(), "new"))
	must(t, err)
	must(t, s.Close())
}

func TestAnEmptyFileIsANewDatabase(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, fileName), nil, 0o600))
	s, err := openIn(dir)
	must(t, err)
	must(t, s.Close())
}
