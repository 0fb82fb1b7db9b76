package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// Loader writes the rows of many calls by a few statements, into the folder of
// a store that is not open: for measurements, which need a fleet of a million
// in seconds. The rows are those that the calls would have made. A folder in
// which a load has failed is to be thrown away.
type Loader struct {
	Dir string
	Now time.Time // of all that is loaded
}

// LoadedThing is the name of the i-th thing, from 0, that a Loader makes: a
// hash, so that things in order of registration are in no order of names.
func LoadedThing(i int) string { return fmt.Sprintf("thing-%08x", uint32(i)*2654435761) }

// Things registers n things, as CreateThing does, then has each join a group,
// as AddThingToThingGroup does. The group, by its id, has no parent, and the
// folder no things before.
func (l Loader) Things(ctx context.Context, n int, group int64) error {
	return l.load(ctx, func(tx *sql.Tx) error {
		// The names come in no order: the index is faster made of them all.
		err := without(ctx, tx, "things_name", func() error {
			_, err := tx.ExecContext(ctx, `
				WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $1)
				INSERT INTO things (name, uid, type, version, created_at)
				SELECT printf('thing-%08x', (i * 2654435761) & 0xffffffff), printf('%08x-0000-4000-8000-000000000000', i), '', 1, $2
				FROM n`, n, l.Now.UnixMilli())
			return err
		})
		if err != nil {
			return fmt.Errorf("load things: %w", err)
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO members (grp, thing, joined, direct)
			SELECT $1, id, id + coalesce((SELECT value FROM meta WHERE name = 'members'), 0), 1 FROM things ORDER BY id`, group)
		if err != nil {
			return fmt.Errorf("load memberships: %w", err)
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO meta (name, value) VALUES ('members', $1)
			ON CONFLICT (name) DO UPDATE SET value = meta.value + $1`, n)
		return err
	})
}

// without does something while an index is away.
func without(ctx context.Context, tx *sql.Tx, index string, do func() error) error {
	var text string
	if err := tx.QueryRowContext(ctx, "SELECT sql FROM sqlite_schema WHERE name = $1", index).Scan(&text); err != nil {
		return fmt.Errorf("find index %s: %w", index, err)
	}
	if _, err := tx.ExecContext(ctx, "DROP INDEX "+index); err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, text)
	return err
}

// Executions brings a job to the end of its rollout: as if its rate had let
// everything out at Now. The job is SNAPSHOT, its rollout has not begun, and
// its only target is a group whose things have no executions.
func (l Loader) Executions(ctx context.Context, jobName string) error {
	var target, id int64
	err := l.store(ctx, func(tx store.Tx) error {
		j, err := tx.Job(jobName)
		if err != nil {
			return err
		}
		id, target = j.ID, j.Targets[0].ID
		return nil
	})
	if err != nil {
		return err
	}
	var n int64
	err = l.load(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `
			INSERT INTO executions (job, thing, number, state, open, version, forced, queued_at, updated_at)
			SELECT $1, thing, 1, $2, 1, 1, 0, $3, $3 FROM members WHERE grp = $4 AND gone IS NULL ORDER BY thing`,
			id, job.Queued, l.Now.UnixMilli(), target)
		if err != nil {
			return fmt.Errorf("load executions: %w", err)
		}
		n, err = result.RowsAffected()
		return err
	})
	if err != nil {
		return err
	}
	return l.store(ctx, func(tx store.Tx) error { return rolledOut(tx, id, int(n)) })
}

// rolledOut has a job know that its n things have it.
func rolledOut(tx store.Tx, id int64, n int) error {
	tx.Count(id, job.Counts{Queued: int64(n), Notified: int64(n)})
	j, err := tx.JobByID(id)
	if err != nil {
		return err
	}
	progress, _ := j.Allow(tx.Now())
	j.Rollout = progress.Took(n).Past(0, true)
	tx.PutJob(j.WithDue(tx.Now()))
	return nil
}

// store does something with the store of the folder.
func (l Loader) store(ctx context.Context, do func(store.Tx) error) error {
	s, err := Open(ctx, Config{Dir: l.Dir, Volatile: true, Options: store.Options{Clock: clock.NewVirtual(l.Now)}})
	if err != nil {
		return err
	}
	return errors.Join(s.Write(ctx, do), s.Close())
}

// load does something with the database in one transaction.
func (l Loader) load(ctx context.Context, do func(*sql.Tx) error) error {
	path := filepath.Join(l.Dir, fileName)
	if _, err := os.Stat(path); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", dsn(path, true)+"&_pragma=cache_size(-200000)") // in KiB
	if err != nil {
		return err
	}
	defer db.Close()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	return err
}
