package sqlite

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/store/sqlstore"
)

// mayScan are the queries that look at a whole table, and why they may.
var mayScan = map[string]string{
	"any_listener":    "stops at the first row",
	"count_templates": "runs where AWS's quotas are on, when a template is created",
	"count_active":    "runs where AWS's quotas are on, when a job is created",
	"last_owed":       "runs once, at the start",
	"events":          "reads as many as it is asked for",
	"forget_tokens":   "looks at as many tokens as are kept, in their index",
	// These read a partial index that holds the wanted rows only.
	"count_unfinished":     "jobs that roll out",
	"unfinished_jobs":      "jobs that roll out",
	"count_deleting":       "jobs being deleted",
	"gone_groups":          "groups being deleted",
	"next_due":             "groups being deleted",
	"connected_things":     "things that are connected",
	"dynamic_groups":       "dynamic groups, once at the start",
	"count_walking_groups": "dynamic groups, when somebody asks for figures",
	// These read what they have just found themselves.
	"groups_below": "the groups below one",
	"ancestors":    "the groups above one",
	"looked_at":    "as many members as it is asked for",
	"empty_index":  "as many entries as it is asked for",
}

func TestNoQueryScansATable(t *testing.T) {
	db, queries := planned(t)
	for name, text := range queries {
		t.Run(name, func(t *testing.T) {
			for _, step := range plan(t, db, text) {
				if mayScan[name] == "" && (strings.HasPrefix(step, "SCAN ") && !strings.Contains(step, "CONSTANT ROW")) {
					t.Errorf("%s\n%s", step, text)
				}
			}
		})
	}
}

// planned is an empty database, and the text of each query by its name.
func planned(t *testing.T) (*sql.DB, map[string]string) {
	t.Helper()
	dir := t.TempDir()
	s, err := openIn(dir)
	must(t, err)
	must(t, s.Close())
	db, err := openRaw(filepath.Join(dir, fileName), true)
	must(t, err)
	t.Cleanup(func() { _ = db.Close() })
	queries, err := sqlstore.Queries()
	must(t, err)
	return db, queries
}

// plan is the steps that SQLite would take.
func plan(t *testing.T, db *sql.DB, text string) (steps []string) {
	t.Helper()
	args := make([]any, 20)
	for i := range args {
		args[i] = int64(1)
	}
	rows, err := db.Query("EXPLAIN QUERY PLAN "+text, args...)
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var step string
		must(t, rows.Scan(&id, &parent, &unused, &step))
		steps = append(steps, step)
	}
	must(t, rows.Err())
	return steps
}
