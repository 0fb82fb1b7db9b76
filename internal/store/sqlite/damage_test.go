package sqlite

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/mqtt"
	"github.com/drover-iot/drover/internal/store"
)

// folder is the files of a data folder, by name.
type folder map[string]string

// with is the folder with one file changed; "" takes it away.
func (f folder) with(name, text string) folder {
	changed := maps.Clone(f)
	if changed[name] = text; text == "" {
		delete(changed, name)
	}
	return changed
}

// put makes the folder.
func (f folder) put(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range f {
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	return dir
}

// insertJob stores a job with a document of some pages.
func insertJob(s *Store, name string) error {
	return s.Write(context.Background(), func(tx store.Tx) error {
		_, err := tx.InsertJob(job.Job{Name: name}, bytes.Repeat([]byte("x"), 100_000))
		return err
	})
}

// leave makes the folders that a process with two jobs leaves: one that was
// stopped, and one that was killed, in whose log the second job is.
func leave(t *testing.T) (stopped, killed folder) {
	t.Helper()
	dir := t.TempDir()
	s, err := openIn(dir)
	must(t, err)
	must(t, insertJob(s, "first"))
	must(t, s.Close())
	s, err = openIn(dir)
	must(t, err)
	must(t, s.checkpoints.close()) // what comes now stays in the log
	must(t, insertJob(s, "second"))
	killed = content(t, dir)
	must(t, s.Store.Close())
	must(t, s.lock.Close())
	return content(t, dir), killed
}

// other is a good database of another program.
func other(t *testing.T, journal string) folder {
	t.Helper()
	dir := t.TempDir()
	db, err := openRaw(filepath.Join(dir, fileName), true)
	must(t, err)
	for _, text := range []string{"PRAGMA journal_mode = " + journal, "CREATE TABLE jobs (id INTEGER)"} {
		_, err = db.Exec(text)
		must(t, err)
	}
	must(t, db.Close())
	return content(t, dir)
}

// later is the folder as a later Drover would leave it.
func (f folder) later(t *testing.T, killed bool) folder {
	t.Helper()
	dir := f.put(t)
	db, err := openRaw(filepath.Join(dir, fileName), true)
	must(t, err)
	defer db.Close()
	_, err = db.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (1000, 1)")
	must(t, err)
	if !killed {
		must(t, db.Close())
	}
	return content(t, dir)
}

// without is the folder without a table or an index.
func (f folder) without(t *testing.T, what string) folder {
	t.Helper()
	dir := f.put(t)
	db, err := openRaw(filepath.Join(dir, fileName), true)
	must(t, err)
	_, err = db.Exec("DROP " + what)
	must(t, err)
	must(t, db.Close())
	return content(t, dir)
}

// zeroed is text with zeros from one place to another.
func zeroed(text string, from, to int) string {
	return text[:from] + strings.Repeat("\x00", to-from) + text[to:]
}

func TestWhatCannotBeServedIsRefusedAndLeftAsItIs(t *testing.T) {
	stopped, killed := leave(t)
	good, logged := stopped[fileName], killed[fileName]
	letter := strings.Repeat("This is a letter to my aunt.\n", 1000)
	for _, c := range []struct {
		name, want string
		folder     folder
	}{
		{"a text", "not a database", folder{fileName: letter}},
		{"a short text", "not a database", folder{fileName: "hello"}},
		{"a database of another program", "not a database of Drover", other(t, "delete")},
		{"one with a log", "not a database of Drover", other(t, "wal")},
		{"a later version", "of a newer Drover: its schema is version 1000", stopped.later(t, false)},
		{"a later version in the log", "of a newer Drover: its schema is version 1000", stopped.later(t, true)},

		{"no table of what is owed", "has lost table owed", stopped.without(t, "TABLE owed")},
		{"no index of what is due", "has lost index jobs_due", stopped.without(t, "INDEX jobs_due")},

		{"no database where one was", "drover.db is missing, although the folder had one", stopped.with(fileName, "")},
		{"an empty one where one was", "drover.db is empty, although the folder had one", folder{fileName: "", lockName: stopped[lockName]}},
		{"a log without its database", "drover.db is missing, but its log is there", killed.with(fileName, "")},
		{"half a header", "not a database", stopped.with(fileName, good[:50])},
		{"a header", "cut short", stopped.with(fileName, good[:headerSize])},
		{"half a page", "cut short", stopped.with(fileName, good[:2048])},
		{"half of it", "cut short", stopped.with(fileName, good[:len(good)/2])},
		{"half of it, with a log", "cut short", killed.with(fileName, logged[:len(logged)/2])},

		{"a header of zeros", "not a database", stopped.with(fileName, zeroed(good, 0, headerSize))},
		{"a header of which only the name is left", "cannot be read", stopped.with(fileName, zeroed(good, len(magic), headerSize))},
		{"a schema of zeros", "cannot be read", stopped.with(fileName, zeroed(good, headerSize, 4096))},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := c.folder.put(t)
			_, err := openIn(dir)
			wantError(t, err, c.want)
			wantError(t, err, dir)
			// A reader of a log brings its index up to date: that is no content.
			after := folder(content(t, dir))
			if index := fileName + "-shm"; !maps.Equal(after.with(index, ""), c.folder.with(index, "")) {
				t.Errorf("the folder has changed: %s became %s", c.folder, after)
			}
		})
	}
}

// String tells what is there, not what is in it.
func (f folder) String() string {
	list := map[string]string{}
	for name, text := range f {
		list[name] = fmt.Sprintf("%d bytes", len(text))
	}
	return fmt.Sprint(list)
}

func TestWhatAKillLeavesIsRecovered(t *testing.T) {
	_, killed := leave(t)
	for _, c := range []struct {
		name   string
		folder folder
	}{
		{"a log", killed},
		{"a log without its index", killed.with(fileName+"-shm", "")},
		{"a log with an index of garbage", killed.with(fileName+"-shm", strings.Repeat("garbage.", 4096))},
		{"a log with half a transaction behind it", killed.with(fileName+"-wal", killed[fileName+"-wal"]+strings.Repeat("garbage.", 600))},
		{"a first page that is only in the log", killed.with(fileName, zeroed(killed[fileName], headerSize, 4096))},
		{"a checkpoint that has written half of the log", checkpointed(t, killed)},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := openIn(c.folder.put(t))
			must(t, err)
			for _, name := range []string{"first", "second"} {
				_, err := s.Job(t.Context(), name)
				must(t, err)
			}
			must(t, s.Close())
		})
	}
}

// checkpointed is a folder whose database has the header of all that is in the
// log, and lacks the pages.
func checkpointed(t *testing.T, killed folder) folder {
	t.Helper()
	dir := killed.put(t)
	s, err := openIn(dir)
	must(t, err)
	must(t, s.Close())
	full := content(t, dir)[fileName]
	if len(full) == len(killed[fileName]) {
		t.Fatal("the log has no page that the database lacks")
	}
	return killed.with(fileName, full[:headerSize]+killed[fileName][headerSize:])
}

// damaged is a folder whose database has zeros in the first page of a table.
func damaged(t *testing.T, table string) (dir string) {
	t.Helper()
	stopped, _ := leave(t)
	path := filepath.Join(stopped.put(t), fileName)
	db, err := openRaw(path, true)
	must(t, err)
	var root, size int
	must(t, db.QueryRow("SELECT rootpage, (SELECT * FROM pragma_page_size) FROM sqlite_master WHERE name = ?", table).Scan(&root, &size))
	must(t, db.Close())
	return stopped.with(fileName, zeroed(stopped[fileName], (root-1)*size, root*size)).put(t)
}

func TestDamageIsMetByWhoeverNeedsWhatIsDamaged(t *testing.T) {
	s, err := openIn(damaged(t, "documents"))
	must(t, err)
	defer func() { must(t, s.Close()) }()
	_, err = s.Document(t.Context(), 1)
	wantError(t, err, "malformed")
	wantError(t, insertJob(s, "third"), "malformed")
	_, err = s.Job(t.Context(), "first")
	must(t, err)
	must(t, s.Submit(counting(1)).Wait(t.Context()))
	must(t, s.Ready(t.Context()))
}

func TestDamageIsLoggedOnceAndFailsNobodyElse(t *testing.T) {
	log := new(bytes.Buffer)
	s, err := openLogging(damaged(t, "executions"), log)
	must(t, err)
	defer func() { must(t, s.Close()) }()
	for range 3 {
		bad := s.Submit(queueing{})
		must(t, s.Enqueue(t.Context(), mqtt.Message{Topic: "a"}, []string{"nobody"}))
		if err := bad.Wait(t.Context()); !fault.Is(err, fault.Unavailable) {
			t.Errorf("an execution that cannot be stored: %v, want Unavailable", err)
		}
		must(t, s.Ready(t.Context()))
	}
	if n := strings.Count(log.String(), "malformed"); n != 1 {
		t.Errorf("the log says %d times what is damaged:\n%s", n, log)
	}
}

// queueing is a command that queues an execution.
type queueing struct{}

func (queueing) Hint(*store.Hints) {}

func (queueing) Decide(w store.Work) error {
	x := job.Execution{Ref: job.Ref{Key: job.Key{Job: 1, Thing: 1}, Number: 1}, State: job.Queued, Version: 1}
	w.PutExecution(job.Execution{}, x)
	return nil
}
