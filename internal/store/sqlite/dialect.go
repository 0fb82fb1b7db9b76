package sqlite

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/drover-iot/drover/internal/store/sqlstore"
)

// dialect is SQLite: there is no round trip to save, so it loops over prepared
// statements.
type dialect struct{}

// Begin implements sqlstore.Dialect.
func (d dialect) Begin(c *sqlstore.Conn, look []sqlstore.Lookup) error {
	if _, err := c.Exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	return d.ForKeys(c, look)
}

// ForKeys implements sqlstore.Dialect.
func (dialect) ForKeys(c *sqlstore.Conn, look []sqlstore.Lookup) error {
	for _, l := range look {
		for _, key := range l.Keys {
			if err := forKey(c, l, key); err != nil {
				return err
			}
		}
	}
	return nil
}

func forKey(c *sqlstore.Conn, l sqlstore.Lookup, key []any) error {
	rows, err := c.Query(l.Text, key...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := l.Row(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Save implements sqlstore.Dialect.
func (dialect) Save(c *sqlstore.Conn, changes []sqlstore.Change, commit bool) error {
	for _, change := range changes {
		stmt, err := c.Prepared(statement(change))
		if err != nil {
			return err
		}
		for _, row := range change.Rows {
			if _, err := stmt.Exec(row...); err != nil {
				return err
			}
		}
	}
	if !commit {
		return nil
	}
	_, err := c.Exec("COMMIT")
	return err
}

// Claim implements sqlstore.Dialect: there is nobody to share with.
func (dialect) Claim() string { return "" }

// Broken implements sqlstore.Dialect. A damaged page is not among it: who does
// not need it is served.
func (dialect) Broken(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY,
		sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_BUSY,
		sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_INTERRUPT:
		return true
	}
	return false
}

// full adds to an error that a full disk may be behind what is not said to be
// one: the index of the log is the first that finds no room.
func full(err error) error {
	var e *sqlite.Error
	if errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_IOERR {
		return fmt.Errorf("%w; is the disk full?", err)
	}
	return err
}

// statement is the change of one row.
func statement(c sqlstore.Change) string {
	switch c.Kind {
	case sqlstore.Insert:
		return "INSERT INTO " + c.Table + " (" + strings.Join(c.Set, ", ") + ") VALUES (" + marks(len(c.Set)) + ")"
	case sqlstore.Delete:
		return "DELETE FROM " + c.Table + where(c.Key, 0)
	default:
		return "UPDATE " + c.Table + " SET " + assignments(c) + where(c.Key, len(c.Set))
	}
}

func assignments(c sqlstore.Change) string {
	list := make([]string, len(c.Set))
	for i, column := range c.Set {
		list[i] = column + " = "
		if c.Kind == sqlstore.Add {
			list[i] += column + " + "
		}
		list[i] += "$" + strconv.Itoa(i+1)
	}
	return strings.Join(list, ", ")
}

func where(key []string, behind int) string {
	list := make([]string, len(key))
	for i, column := range key {
		list[i] = column + " = $" + strconv.Itoa(behind+i+1)
	}
	return " WHERE " + strings.Join(list, " AND ")
}

func marks(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = "$" + strconv.Itoa(i+1)
	}
	return strings.Join(list, ", ")
}
