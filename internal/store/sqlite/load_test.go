package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/engine"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

const loaded = 3000 // several slices of a rollout

var loadedAt = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

// operate does something by the operations of an engine on a folder.
func operate(t *testing.T, dir string, do func(context.Context, *engine.Engine)) {
	t.Helper()
	now := clock.NewVirtual(loadedAt)
	s, err := Open(t.Context(), Config{Dir: dir, Volatile: true, Options: store.Options{Clock: now}})
	must(t, err)
	do(t.Context(), engine.New(engine.Config{Store: s, Clock: now}))
	must(t, s.Close())
}

func createGroup(ctx context.Context, t *testing.T, e *engine.Engine) {
	t.Helper()
	_, err := e.CreateGroup(ctx, fleet.Group{Name: "all"}, nil)
	must(t, err)
}

func createJob(ctx context.Context, t *testing.T, e *engine.Engine) {
	t.Helper()
	_, err := e.CreateJob(ctx, engine.CreateJob{
		Name: "job", Targets: []job.Target{{Group: true, Name: "all"}}, Document: []byte("{}"),
		Settings: job.Settings{Rollout: job.RolloutConfig{MaximumPerMinute: 60_000_000}},
	})
	must(t, err)
}

// rollOut does what is due at the instant where the clock stands.
func rollOut(ctx context.Context, t *testing.T, e *engine.Engine) {
	t.Helper()
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan error)
	go func() { ended <- e.Run(ctx, nobody{}) }()
	_, err := e.Advance(ctx, time.Nanosecond)
	stop()
	must(t, errors.Join(err, <-ended))
}

// nobody is told of changes.
type nobody struct{}

func (nobody) Changed([]engine.ListChange) {}

func (nobody) Drain(context.Context) error { return nil }

func TestALoadedFolderIsThatOfTheOperations(t *testing.T) {
	called := t.TempDir()
	operate(t, called, func(ctx context.Context, e *engine.Engine) {
		createGroup(ctx, t, e)
		for i := range loaded {
			_, err := e.CreateThing(ctx, fleet.Thing{Name: LoadedThing(i)})
			must(t, err)
		}
		for i := range loaded {
			must(t, e.AddThing(ctx, LoadedThing(i), "all"))
		}
		createJob(ctx, t, e)
		rollOut(ctx, t, e)
	})

	l := Loader{Dir: t.TempDir(), Now: loadedAt}
	operate(t, l.Dir, func(ctx context.Context, e *engine.Engine) { createGroup(ctx, t, e) })
	must(t, l.Things(t.Context(), loaded, 1))
	operate(t, l.Dir, func(ctx context.Context, e *engine.Engine) { createJob(ctx, t, e) })
	must(t, l.Executions(t.Context(), "job"))

	if diff := cmp.Diff(dump(t, called), dump(t, l.Dir)); diff != "" {
		t.Errorf("called, and loaded:\n%s", diff)
	}
}

// dump is all rows of all tables, UUIDs left out, and the schema.
func dump(t *testing.T, dir string) map[string][]string {
	t.Helper()
	db, err := openRaw(filepath.Join(dir, fileName), true)
	must(t, err)
	defer db.Close()
	tables := map[string][]string{"schema": texts(t, db, "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name")}
	for _, name := range texts(t, db, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'goose%'") {
		name = name[1 : len(name)-1]
		tables[name] = texts(t, db, "SELECT * FROM "+name)
	}
	return tables
}

var uuidPattern = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`)

// texts are the rows of a query, each as text.
func texts(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.Query(query)
	must(t, err)
	defer rows.Close()
	columns, err := rows.Columns()
	must(t, err)
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	var list []string
	for rows.Next() {
		must(t, rows.Scan(into...))
		list = append(list, uuidPattern.ReplaceAllString(fmt.Sprint(values), "UUID"))
	}
	must(t, rows.Err())
	return list
}
