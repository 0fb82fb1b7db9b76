package sqlite

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

func openIn(dir string) (*Store, error) {
	return Open(context.Background(), Config{Dir: dir, Volatile: true, Options: store.Options{Clock: clock.NewReal()}})
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
	s.checkpoints = newCheckpointer(s.checkpoints.db, s.checkpoints.gate, s.checkpoints.dirty, Config{})
	must(t, s.Close())
	s, err = openIn(dir)
	must(t, err)
	must(t, s.Close())
}

// database is the bytes of a good database with a job in it.
func database(t *testing.T) []byte {
	t.Helper()
	dir := t.TempDir()
	s, err := openIn(dir)
	must(t, err)
	must(t, s.Write(t.Context(), func(tx store.Tx) error {
		_, err := tx.InsertJob(job.Job{Name: "a"}, bytes.Repeat([]byte("x"), 100_000))
		return err
	}))
	must(t, s.Close())
	text, err := os.ReadFile(filepath.Join(dir, fileName))
	must(t, err)
	return text
}

// foreign is a good database of another program.
func foreign(t *testing.T) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "other.db")
	db, err := openRaw(path, true)
	must(t, err)
	_, err = db.Exec("CREATE TABLE jobs (id INTEGER)")
	must(t, err)
	must(t, db.Close())
	text, err := os.ReadFile(path)
	must(t, err)
	return text
}

func TestAFileThatIsNotOursIsRefusedAndLeftAsItIs(t *testing.T) {
	good := database(t)
	for _, c := range []struct {
		name, want string
		file       []byte
	}{
		{"a text", "not a database", []byte(strings.Repeat("This is a letter to my aunt.\n", 1000))},
		{"a short text", "not a database", []byte("hello")},
		{"a database of another program", "not a database of Drover", foreign(t)},
		{"the beginning of a database", "cut short", good[:len(good)/2]},
		{"less than a page of a database", "cut short", good[:1000]},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, fileName)
			must(t, os.WriteFile(path, c.file, 0o600))
			_, err := openIn(dir)
			wantError(t, err, c.want)
			wantError(t, err, dir)
			if text, err := os.ReadFile(path); err != nil || !bytes.Equal(text, c.file) {
				t.Errorf("the file changed, or cannot be read: %v", err)
			}
		})
	}
}

func TestAFolderThatCannotBeWrittenIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	_, err := openIn(file)
	wantError(t, err, "not a directory")

	dir := t.TempDir()
	must(t, os.Chmod(dir, 0o500))
	if os.Getuid() == 0 {
		t.Skip("the superuser may write everywhere")
	}
	_, err = openIn(dir)
	wantError(t, err, "permission denied")
}

func TestAnEmptyFileIsANewDatabase(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, fileName), nil, 0o600))
	s, err := openIn(dir)
	must(t, err)
	must(t, s.Close())
}
