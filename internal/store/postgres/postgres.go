// Package postgres is the store in a PostgreSQL database. It does all of
// package store but a virtual clock, and is held to it by the common suite; no
// server is assembled on it yet.
//
// Begin with [Open]. The writer of package sqlstore is its only goroutine; a
// batch takes two round trips, one to load and one to save and commit.
package postgres

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/drover-iot/drover/internal/store"
	"github.com/drover-iot/drover/internal/store/sqlstore"
)

// Config says where the database is.
type Config struct {
	store.Options
	DSN string // a URL or keywords, as libpq takes them
}

// readers is how many connections read.
const readers = 8

// Open opens the store and brings its schema up to date. A virtual clock is
// refused (errors.ErrUnsupported): it would be one node's own.
func Open(ctx context.Context, cfg Config) (*sqlstore.Store, error) {
	if cfg.Virtual {
		return nil, fmt.Errorf("open the PostgreSQL store: a virtual clock needs the embedded store: %w", errors.ErrUnsupported)
	}
	pg, err := pgx.ParseConfig(cfg.DSN)
	if err != nil {
		return nil, fmt.Errorf("open the PostgreSQL store: %w", err)
	}
	write := stdlib.OpenDB(*pg)
	if err := migrate(ctx, write); err != nil {
		return nil, errors.Join(fmt.Errorf("open the PostgreSQL store: %w", err), write.Close())
	}
	read := stdlib.OpenDB(*pg)
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	return sqlstore.New(sqlstore.Config{Options: cfg.Options, Dialect: dialect{}, Write: write, Read: read, Prefetch: true})
}

//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the schema up to date. Nodes that start together take turns.
func migrate(ctx context.Context, db *sql.DB) error {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectPostgres, db, dir, goose.WithSessionLocker(locker))
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}
