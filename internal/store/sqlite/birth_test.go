package sqlite

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// unfinished is a database in which a transaction in rollback mode was killed
// when part of it had reached the file: its journal rolls it back. What was
// committed before is given.
func unfinished(t *testing.T, committed ...string) (file, journal []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), fileName)
	db, err := openRaw(path, false)
	must(t, err)
	db.SetMaxOpenConns(1)
	for _, text := range slices.Concat(
		[]string{"PRAGMA journal_mode = delete", "PRAGMA cache_size = 1"}, committed,
		[]string{"BEGIN", "CREATE TABLE half (x)", "INSERT INTO half VALUES (randomblob(100000))"},
	) {
		_, err := db.Exec(text)
		must(t, err)
	}
	file, err = os.ReadFile(path)
	must(t, err)
	journal, err = os.ReadFile(path + "-journal")
	must(t, err)
	_, err = db.Exec("ROLLBACK")
	must(t, err)
	must(t, db.Close())
	return file, journal
}

func TestABirthThatLeftAJournalIsRolledBack(t *testing.T) {
	dir := t.TempDir()
	file, journal := unfinished(t)
	must(t, os.WriteFile(filepath.Join(dir, fileName), file, 0o600))
	must(t, os.WriteFile(filepath.Join(dir, fileName+"-journal"), journal, 0o600))
	s, err := openIn(dir)
	must(t, err)
	must(t, s.Close())
}

func TestAnotherProgramsUnfinishedDatabaseIsLeftAsItIs(t *testing.T) {
	dir := t.TempDir()
	file, journal := unfinished(t, "CREATE TABLE letters (x)")
	must(t, os.WriteFile(filepath.Join(dir, fileName), file, 0o600))
	must(t, os.WriteFile(filepath.Join(dir, fileName+"-journal"), journal, 0o600))
	before := content(t, dir)
	_, err := openIn(dir)
	wantError(t, err, "not a database of Drover")
	after := content(t, dir)
	for name, text := range before {
		if after[name] != text {
			t.Errorf("%s changed", name)
		}
	}
}
