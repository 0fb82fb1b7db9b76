package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"
)

// This file is the layer under the nouns. To add a noun:
//
//   - Write its statements into queries/NOUN.sql, each under a line
//     "-- name: verb_noun", with placeholders $1 to $N. Both engines get the
//     same text, so keep to what both understand: ON CONFLICT, RETURNING,
//     CAST(x AS bigint), window functions, row values; flags are integers.
//     On SQLite $N is found by its number, so one may stand several times.
//   - Methods of [store.Tx] are methods of *tx in NOUN.go. They read with
//     one(t, scanNoun, "name", args…) and all(…), and change with t.exec, or
//     t.insert where an id comes back. All of them first save what was put,
//     so set-based SQL sees it.
//   - Methods of [store.Reader] are methods of *Store. They read with
//     one(s.reads(ctx), …) and all(s.reads(ctx), …), each statement in a
//     snapshot of its own: an answer that must be of one moment is one
//     statement.
//   - What the store itself has to write, such as messages and sessions, goes
//     into the next batch with s.inBatch (durable on return) or s.later
//     (nobody waits).
//   - A row is read by a func(row) (T, error); [instant] and [structure] read
//     times and JSON, at, flag, names and written write them.

// Dialect is what the engines do differently; everything else is SQL that
// both understand. Its methods run on the writer's goroutine only.
type Dialect interface {
	// Begin opens the writer's transaction and fetches, in one round trip
	// where that counts.
	Begin(c *Conn, look []Lookup) error
	// ForKeys answers one-key queries for many keys.
	ForKeys(c *Conn, look []Lookup) error
	// Save makes changes, in order, and if commit is set ends the transaction
	// with them, in one round trip where that counts.
	Save(c *Conn, changes []Change, commit bool) error
	// Claim is added to a query for due rows, so that nodes share them out.
	Claim() string
	// Broken tells that an error comes from the disk or the connection, so
	// that trying the neighbours one by one is of no use.
	Broken(err error) bool
}

// Lookup is a query for one key, to be run for many.
type Lookup struct {
	Text string  // placeholders $1… are the columns of a key
	Keys [][]any // int64 or string, each key the same
	// Row takes a row of the answers. They come in any order.
	Row func(r Row) error
}

// Change changes rows of one table in one shape: exactly the columns of Set,
// so that no index is touched in vain.
type Change struct {
	Kind  Kind
	Table string
	Key   []string // columns that name a row; not for Insert
	Set   []string // columns that are written; not for Delete
	Rows  [][]any  // values of Set, then of Key
}

// Kind is what a [Change] does.
type Kind uint8

// The kinds of [Change].
const (
	Insert Kind = iota
	Update
	Add // adds the values to what is there
	Delete
)

// Row is a row of an answer; *sql.Rows is one.
type Row interface{ Scan(...any) error }

type row = Row

// querier runs named queries.
type querier interface {
	query(name string, args ...any) (*sql.Rows, error)
	// lasts waits until what was read does.
	lasts() error
}

// one reads the only row of a query; found is false if there is none.
func one[T any](q querier, scan func(row) (T, error), name string, args ...any) (t T, found bool, err error) {
	if t, found, err = oneRow(q, scan, name, args...); err != nil {
		return t, found, err
	}
	return t, found, q.lasts()
}

func oneRow[T any](q querier, scan func(row) (T, error), name string, args ...any) (t T, found bool, err error) {
	rows, err := q.query(name, args...)
	if err != nil {
		return t, false, err
	}
	defer rows.Close()
	if rows.Next() {
		if t, err = scan(rows); err != nil {
			return t, false, fmt.Errorf("%s: %w", name, err)
		}
		found = true
	}
	if err := rows.Err(); err != nil {
		return t, false, fmt.Errorf("%s: %w", name, err)
	}
	return t, found, nil
}

// all reads all rows of a query.
func all[T any](q querier, scan func(row) (T, error), name string, args ...any) ([]T, error) {
	list, err := allRows(q, scan, name, args...)
	if err != nil {
		return nil, err
	}
	return list, q.lasts()
}

func allRows[T any](q querier, scan func(row) (T, error), name string, args ...any) ([]T, error) {
	rows, err := q.query(name, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []T
	for rows.Next() {
		t, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		list = append(list, t)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return list, nil
}

// Conn is the writer's one connection, with its statements prepared for life.
// It knows no cancelling: a context that ends within a transaction would take
// the neighbours with it.
type Conn struct {
	*sql.Conn
	prepared map[string]*sql.Stmt // by text
}

// NewConn takes a connection of db for a writer.
func NewConn(ctx context.Context, db *sql.DB) (*Conn, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect writer: %w", err)
	}
	return &Conn{Conn: conn, prepared: map[string]*sql.Stmt{}}, nil
}

// Prepared is the statement of that text.
func (c *Conn) Prepared(text string) (*sql.Stmt, error) {
	if stmt := c.prepared[text]; stmt != nil {
		return stmt, nil
	}
	stmt, err := c.PrepareContext(context.Background(), text)
	if err != nil {
		return nil, err
	}
	c.prepared[text] = stmt
	return stmt, nil
}

// Exec runs a statement.
func (c *Conn) Exec(text string, args ...any) (sql.Result, error) {
	stmt, err := c.Prepared(text)
	if err != nil {
		return nil, err
	}
	return stmt.Exec(args...)
}

// Query runs a query; the caller closes the rows.
func (c *Conn) Query(text string, args ...any) (*sql.Rows, error) {
	stmt, err := c.Prepared(text)
	if err != nil {
		return nil, err
	}
	return stmt.Query(args...)
}

// Close drops the statements and gives the connection back.
func (c *Conn) Close() error {
	for _, stmt := range c.prepared {
		stmt.Close()
	}
	return c.Conn.Close()
}

// reads runs named queries on the read pool, for one request.
type reads struct {
	ctx    context.Context
	pool   *pool
	syncer *syncer
}

func (r reads) lasts() error { return r.syncer.await(r.ctx) }

// query looks at the context once and then runs to its end: a read lasts
// milliseconds, and watching for a cancel costs as much as a small one.
func (r reads) query(name string, args ...any) (*sql.Rows, error) {
	if err := r.ctx.Err(); err != nil {
		return nil, err
	}
	stmt, err := r.pool.prepared(name)
	if err != nil {
		return nil, err
	}
	rows, err := stmt.Query(args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return rows, nil
}

// pool is the read connections with their statements.
type pool struct {
	db      *sql.DB
	queries queries

	mu    sync.RWMutex // guards stmts
	stmts map[string]*sql.Stmt
}

func (p *pool) prepared(name string) (*sql.Stmt, error) {
	p.mu.RLock()
	stmt := p.stmts[name]
	p.mu.RUnlock()
	if stmt != nil {
		return stmt, nil
	}
	return p.prepare(name)
}

func (p *pool) prepare(name string) (*sql.Stmt, error) {
	text, err := p.queries.text(name)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if stmt := p.stmts[name]; stmt != nil {
		return stmt, nil
	}
	stmt, err := p.db.Prepare(text)
	if err != nil {
		return nil, fmt.Errorf("prepare %s: %w", name, err)
	}
	p.stmts[name] = stmt
	return stmt, nil
}

func (p *pool) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, stmt := range p.stmts {
		stmt.Close()
	}
	return p.db.Close()
}

//go:embed queries/*.sql
var queryFiles embed.FS

// queries are the texts of the named queries.
type queries map[string]string

func (q queries) text(name string) (string, error) {
	text, ok := q[name]
	if !ok {
		return "", fmt.Errorf("no query is named %q", name)
	}
	return text, nil
}

// Queries are the texts of all queries by name, for tests of how an engine runs
// them.
func Queries() (map[string]string, error) { return loadQueries("") }

// loadQueries reads all queries of the embedded files; those for due rows claim
// what they find.
func loadQueries(claim string) (queries, error) {
	q := queries{}
	names, err := fs.Glob(queryFiles, path.Join("queries", "*.sql"))
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := fs.ReadFile(queryFiles, name)
		if err != nil {
			return nil, err
		}
		if err := q.add(string(text)); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	for _, name := range []string{"due_jobs", "due_executions"} {
		q[name] += claim
	}
	return q, nil
}

// add takes the queries of one file apart: each begins with "-- name: NAME".
func (q queries) add(file string) error {
	for _, part := range strings.Split("\n"+file, "\n-- name: ")[1:] {
		name, text, _ := strings.Cut(part, "\n")
		name, text = strings.TrimSpace(name), strings.TrimSuffix(strings.TrimSpace(text), ";")
		if q[name] != "" {
			return fmt.Errorf("two queries are named %q", name)
		}
		q[name] = text
	}
	return nil
}
