package sqlite

import (
	"strings"
	"testing"
)

// TestHotQueriesGoByTheirIndex: a list is read in the order of an index, so
// that a page costs as much as it shows.
func TestHotQueriesGoByTheirIndex(t *testing.T) {
	db, queries := planned(t)
	for _, c := range []struct{ query, by string }{
		{"things", "INDEX things_name (name>?)"},
		{"things_of_type", "INDEX things_type (type=? AND name>?)"},
		{"groups", "INDEX thing_groups_name (name>? AND name<?)"},
		{"groups_of_parent", "INDEX thing_groups_parent (parent=? AND name>? AND name<?)"},
		{"membership", "PRIMARY KEY (grp=? AND thing=?)"},
		{"groups_of", "INDEX members_thing (thing=?)"},
		{"members", "INDEX members_direct (grp=? AND direct=? AND gone=? AND thing>?)"},
		{"members_below", "INDEX members_live (grp=? AND gone=? AND thing>?)"},
		{"looked_at", "PRIMARY KEY (grp=? AND thing>?)"},
		{"member_behind", "PRIMARY KEY (grp=? AND thing>?)"},
		{"release", "PRIMARY KEY (grp=? AND thing>? AND thing<?)"},
		{"fit_behind", "PRIMARY KEY (grp=? AND thing>? AND thing<?)"},
		{"sweep_members", "INDEX members_gone (gone>? AND gone<?)"},
		{"job_keys_at", "INDEX jobs_created (created_at=? AND name>?)"},
		{"job_keys_before", "INDEX jobs_created (created_at<?)"},
		{"execution_keys_of_job", "PRIMARY KEY (job=? AND (thing,number)>(?,?))"},
		{"execution_keys_of_thing", "INDEX executions_thing (thing=? AND (queued_at,job,number)<(?,?,?))"},
		{"templates", "INDEX sqlite_autoindex_job_templates_1 (name>?)"},
		{"stored", "PRIMARY KEY (client=? AND seq>?)"},
		{"oldest_of", "PRIMARY KEY (client=? AND seq>?)"},
		{"drop_message", "INDEX queue_message (message=?)"},
		{"owed_to", "INDEX owed_seq (client=?)"},
		{"owe", "PRIMARY KEY (thing=? AND namespace=?)"},
		{"execution_keys_with_namespace", "INDEX executions_thing (thing=? AND (queued_at,job,number)<(?,?,?))"},
	} {
		t.Run(c.query, func(t *testing.T) {
			steps := strings.Join(plan(t, db, queries[c.query]), "\n")
			if !strings.Contains(steps, c.by) {
				t.Errorf("does not go by %s:\n%s", c.by, steps)
			}
			if strings.Contains(steps, "TEMP B-TREE FOR ORDER BY") {
				t.Errorf("is sorted:\n%s", steps)
			}
		})
	}
}
