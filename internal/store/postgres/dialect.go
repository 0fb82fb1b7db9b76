package postgres

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/drover-iot/drover/internal/store/sqlstore"
)

// dialect is PostgreSQL: what belongs together goes in one round trip.
type dialect struct{}

// Begin implements sqlstore.Dialect.
func (dialect) Begin(c *sqlstore.Conn, look []sqlstore.Lookup) error {
	batch := &pgx.Batch{}
	batch.Queue("begin")
	return send(c, queueLookups(batch, look))
}

// ForKeys implements sqlstore.Dialect.
func (dialect) ForKeys(c *sqlstore.Conn, look []sqlstore.Lookup) error {
	return send(c, queueLookups(&pgx.Batch{}, look))
}

func queueLookups(batch *pgx.Batch, look []sqlstore.Lookup) *pgx.Batch {
	for _, l := range look {
		text, args := lateral(l)
		batch.Queue(text, args...).Query(func(rows pgx.Rows) error {
			defer rows.Close()
			for rows.Next() {
				if err := l.Row(rows); err != nil {
					return err
				}
			}
			return rows.Err()
		})
	}
	return batch
}

// Save implements sqlstore.Dialect.
func (dialect) Save(c *sqlstore.Conn, changes []sqlstore.Change, commit bool) error {
	batch := &pgx.Batch{}
	for _, change := range changes {
		text, args := statement(change)
		batch.Queue(text, args...)
	}
	if commit {
		batch.Queue("commit").Exec(func(tag pgconn.CommandTag) error {
			if tag.String() != "COMMIT" {
				return fmt.Errorf("the commit ended as %s", tag)
			}
			return nil
		})
	}
	return send(c, batch)
}

// send makes one round trip.
func send(c *sqlstore.Conn, batch *pgx.Batch) error {
	if batch.Len() == 0 {
		return nil
	}
	return c.Raw(func(conn any) error {
		return conn.(*stdlib.Conn).Conn().SendBatch(context.Background(), batch).Close()
	})
}

// Claim implements sqlstore.Dialect.
func (dialect) Claim() string { return " FOR UPDATE SKIP LOCKED" }

// Broken implements sqlstore.Dialect.
func (dialect) Broken(err error) bool {
	if answer, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch answer.Code[:2] {
		case "08", "53", "57", "58", "XX": // connection, resources, intervention, system, internal
			return true
		}
		return false
	}
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, io.EOF)
}
