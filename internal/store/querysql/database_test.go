package querysql

import (
	"database/sql"
	"os"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/drover-iot/drover/internal/fleet/query"
)

// The tables, as a migration would make them.
const (
	schemaOfSQLite = `
CREATE TABLE things (id INTEGER PRIMARY KEY, gone INTEGER) STRICT;
CREATE TABLE index_entries (
    thing  INTEGER NOT NULL,
    field  TEXT NOT NULL,
    n      INTEGER NOT NULL,
    kind   INTEGER NOT NULL,
    key    TEXT NOT NULL,
    rest   TEXT NOT NULL,
    text   TEXT,
    number REAL,
    PRIMARY KEY (thing, field, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX index_entries_key ON index_entries (field, key, thing);
CREATE INDEX index_entries_number ON index_entries (field, number, thing) WHERE number IS NOT NULL;`
	schemaOfPostgreSQL = `
CREATE TEMPORARY TABLE things (id bigint PRIMARY KEY, gone bigint);
CREATE TEMPORARY TABLE index_entries (
    thing  bigint NOT NULL,
    field  text COLLATE "C" NOT NULL,
    n      bigint NOT NULL,
    kind   bigint NOT NULL,
    key    text COLLATE "C" NOT NULL,
    rest   text COLLATE "C" NOT NULL,
    text   text COLLATE "C",
    number double precision,
    PRIMARY KEY (thing, field, n)
);
CREATE INDEX index_entries_key ON index_entries (field, key, thing);
CREATE INDEX index_entries_number ON index_entries (field, number, thing) WHERE number IS NOT NULL;`
)

// engines runs a test on each database that there is.
func engines(t *testing.T, test func(t *testing.T, d database)) {
	t.Run("SQLite", func(t *testing.T) { test(t, open(t, "sqlite", ":memory:", schemaOfSQLite)) })
	t.Run("PostgreSQL", func(t *testing.T) {
		dsn := os.Getenv("DROVER_TEST_DATABASE")
		if dsn == "" {
			t.Skip("DROVER_TEST_DATABASE is not set")
		}
		test(t, open(t, "pgx", dsn, schemaOfPostgreSQL))
	})
}

// database is one connection, for the tables are seen by no other.
type database struct{ *sql.DB }

func open(t *testing.T, driver, dsn, schema string) database {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	must(t, err)
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	for statement := range strings.SplitSeq(strings.TrimSpace(schema), ";\n") {
		_, err := db.Exec(statement)
		must(t, err)
	}
	return database{db}
}

// tester is a test, or a try of a property.
type tester interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

func must(t tester, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// load makes these all the things that the database has, with ids from 1. The
// last one is gone, but for its entries.
func (d database) load(t tester, things [][]query.Entry) {
	t.Helper()
	tx, err := d.Begin()
	must(t, err)
	defer tx.Rollback()
	for _, table := range []string{"things", "index_entries"} {
		_, err = tx.Exec("DELETE FROM " + table)
		must(t, err)
	}
	columns := append(Columns(), Key()...)
	insert, err := tx.Prepare("INSERT INTO index_entries (" + strings.Join(columns, ", ") + ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
	must(t, err)
	defer insert.Close()
	for i, entries := range things {
		_, err = tx.Exec("INSERT INTO things (id, gone) VALUES ($1, NULL)", i+1)
		must(t, err)
		for _, e := range entries {
			_, err = insert.Exec(Row(int64(i+1), e)...)
			must(t, err)
		}
	}
	_, err = tx.Exec("INSERT INTO things (id, gone) VALUES ($1, 1)", len(things)+1)
	must(t, err)
	must(t, tx.Commit())
}

// rows reads all rows of a statement by scan.
func rows[T any](t tester, d database, s Statement, scan func(*sql.Rows) (T, error)) []T {
	t.Helper()
	found, err := d.Query(s.Text, s.Args...)
	if err != nil {
		t.Fatalf("%v\n%s\n%v", err, s.Text, s.Args)
	}
	defer found.Close()
	var list []T
	for found.Next() {
		v, err := scan(found)
		must(t, err)
		list = append(list, v)
	}
	must(t, found.Err())
	return list
}

func number(r *sql.Rows) (n int64, err error) { return n, r.Scan(&n) }

func (d database) numbers(t tester, s Statement) []int64 {
	t.Helper()
	return rows(t, d, s, number)
}
