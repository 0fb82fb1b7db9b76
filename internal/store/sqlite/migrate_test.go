package sqlite

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/drover-iot/drover/internal/store"
)

// wasBefore makes a database as it was before a migration, and what it held.
func wasBefore(t *testing.T, dir string, version int64, held ...string) {
	t.Helper()
	db, err := openRaw(filepath.Join(dir, fileName), true)
	must(t, err)
	defer db.Close()
	p, err := migrationsOf(db)
	must(t, err)
	_, err = p.UpTo(t.Context(), version-1)
	must(t, err)
	for _, text := range held {
		_, err := db.Exec(text)
		must(t, err)
	}
}

func TestSessionsOfBeforeNamespacesListenAsTheirFiltersSay(t *testing.T) {
	dir := t.TempDir()
	held := []string{`INSERT INTO listeners VALUES ('T', 'notify', 1), ('T', 'plus', 3)`}
	for client, filter := range map[string]string{
		"notify":      "$aws/things/T/jobs/notify",
		"both":        "$aws/things/T/jobs/notify-next",
		"plus":        "$aws/things/T/jobs/+",
		"hash":        "$aws/things/T/jobs/#",
		"all below":   "$aws/things/T/#",
		"wild level":  "$aws/+/T/+/+",
		"all things":  "$aws/things/+/jobs/+",
		"everything":  "$aws/#",
		"wild things": "$aws/things/#",
		"deeper":      "$aws/things/T/jobs/+/get/#",
		"elsewhere":   "$aws/things/T/shadow/#",
		"shared":      "$share/g/$aws/things/T/jobs/#",
	} {
		held = append(held,
			`INSERT INTO sessions (client, version, expiry, queued) VALUES ('`+client+`', 5, 1, 0)`,
			`INSERT INTO subscriptions (client, filter, qos, form, name, no_local, as_published) VALUES ('`+client+`', '`+filter+`', 1, 0, '', 0, 0)`)
	}
	wasBefore(t, dir, 4, held...)
	s, err := openIn(dir)
	must(t, err)
	must(t, s.Close())
	db, err := openRaw(filepath.Join(dir, fileName), true)
	must(t, err)
	defer db.Close()
	rows, err := db.Query(`SELECT client || ': ' || thing || ' ' || namespace || ' ' || topics FROM listeners ORDER BY client, namespace`)
	must(t, err)
	defer rows.Close()
	var got []string
	for rows.Next() {
		var line string
		must(t, rows.Scan(&line))
		got = append(got, line)
	}
	must(t, rows.Err())
	want := []string{
		"all below: T + 3", "all things:  + 3", "everything:  + 3", "hash: T + 3", "notify: T  1", "plus: T  3", "plus: T + 3",
		"wild level: T + 3", "wild things:  + 3",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("listeners (-want +got):\n%s", diff)
	}
}

func TestFoldersOfBeforeAreOfTheClockThatTheyRanOn(t *testing.T) {
	const thing = `INSERT INTO things (name, uid, type, version, created_at) VALUES ('T', 'u', '', 1, 1)`
	for _, c := range []struct {
		name string
		held []string
		want store.ClockKind
	}{
		{"with things", []string{thing}, store.RealClock},
		{"with a time", []string{thing, `INSERT INTO meta VALUES ('clock', 1770000000000)`}, store.VirtualClock},
		{"with nothing", nil, store.NoClock},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			wasBefore(t, dir, 13, c.held...)
			s, err := openIn(dir)
			must(t, err)
			defer s.Close()
			if kind, _, err := s.Clock(t.Context()); err != nil || kind != c.want {
				t.Errorf("it is of kind %d (error %v), want %d", kind, err, c.want)
			}
		})
	}
}
