package crash

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	_ "modernc.org/sqlite" // the driver that auditFile looks by

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/drovertest/promise"
	"github.com/drover-iot/drover/internal/engine"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
	"github.com/drover-iot/drover/internal/store/sqlite"
)

// auditLeft holds what the dead process left on the disk to the promises, in a
// copy: before anything of it is done that was due, or under way in slices.
func (tr *trial) auditLeft() (err error) {
	dir, err := os.MkdirTemp(tr.t.TempDir(), "left")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := copyLeft(dir, tr.dir); err != nil {
		return err
	}
	ctx, now := context.Background(), clock.NewVirtual(time.Unix(0, 0))
	s, err := sqlite.Open(ctx, sqlite.Config{Dir: dir, Volatile: true, Options: store.Options{Clock: now, Virtual: true}})
	if err != nil {
		return err
	}
	e := engine.New(engine.Config{Store: s, Clock: now})
	if err := errors.Join(tr.held(ctx, s, e), s.Close()); err != nil {
		return err
	}
	return tr.auditFile(dir, always)
}

// copyLeft copies a database and its log; who had it open is not of interest.
func copyLeft(to, from string) error {
	for _, name := range []string{"drover.db", "drover.db-wal"} {
		text, err := os.ReadFile(filepath.Join(from, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(to, name), text, 0o600)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (tr *trial) held(ctx context.Context, s store.Store, e *engine.Engine) error {
	now, err := promise.Look(ctx, s)
	if err != nil {
		return err
	}
	for _, j := range now.Jobs {
		if j.Sweep.Active {
			tr.t.saw("kill in the middle of a sweep")
		}
		if j.Status == job.StatusInProgress && j.Rollout.After > 0 && !j.RolledOut() {
			tr.t.saw("kill in the middle of a rollout")
		}
	}
	broken, err := promise.Check{
		Store: s, Now: now, Before: tr.left, Things: tr.things(), Cap: tr.highestRate, Open: tr.mostInFlight,
		Pending: func(ctx context.Context, thing, namespace string) ([]job.Ref, error) {
			_, items, err := e.Pending(ctx, thing, namespace)
			var told []job.Ref
			for _, item := range items {
				told = append(told, item.Execution.Ref)
			}
			return told, err
		},
	}.Broken(ctx)
	for _, what := range broken {
		tr.t.Errorf("on the disk: %s", what)
	}
	tr.left = now
	return err
}

// highestRate is the highest rate that anybody ever asked for a job.
func (tr *trial) highestRate(j job.Job) int {
	if order := tr.order(j); order != nil {
		return order.highest
	}
	return 0
}

// mostInFlight is how many things at most may have a job to do.
func (tr *trial) mostInFlight(j job.Job) int64 {
	if order := tr.order(j); order != nil && !order.unsure {
		return int64(order.inFlight)
	}
	return math.MaxInt64 // a cap was asked for, and nobody knows how many had it then
}

func (tr *trial) order(j job.Job) *order {
	for _, o := range tr.operators {
		if i := slices.IndexFunc(o.jobs, func(order *order) bool { return order.id == j.Name }); i >= 0 {
			return o.jobs[i]
		}
	}
	return nil
}

// What a database holds at any time, and when nobody is owed anything any more:
// queries that find nothing, or that all is ok.
var (
	always = map[string]string{
		"integrity":                       `SELECT group_concat(integrity_check) FROM pragma_integrity_check`,
		"messages that nobody waits for":  `SELECT count(*) FROM messages WHERE id NOT IN (SELECT message FROM queue)`,
		"messages that are waited for":    `SELECT count(*) FROM queue WHERE message NOT IN (SELECT id FROM messages)`,
		"sessions with a wrong length":    `SELECT count(*) FROM sessions s WHERE queued <> (SELECT count(*) FROM queue q WHERE q.client = s.client)`,
		"sessions over their limit":       fmt.Sprintf(`SELECT count(*) FROM sessions WHERE queued > %d`, queueLimit),
		"queues of nobody":                `SELECT count(*) FROM queue WHERE client NOT IN (SELECT client FROM sessions)`,
		"debts to nobody":                 `SELECT count(*) FROM owed WHERE client NOT IN (SELECT client FROM listeners)`,
		"executions of no job":            `SELECT count(*) FROM executions WHERE job NOT IN (SELECT id FROM jobs)`,
		"executions on no thing":          `SELECT count(*) FROM executions WHERE thing NOT IN (SELECT id FROM things)`,
		"work for things that are gone":   `SELECT count(*) FROM executions e JOIN things t ON t.id = e.thing WHERE e.open IS NOT NULL AND t.gone IS NOT NULL`,
		"counters or documents of no job": `SELECT (SELECT count(*) FROM counters WHERE job NOT IN (SELECT id FROM jobs)) + (SELECT count(*) FROM documents WHERE job NOT IN (SELECT id FROM jobs))`,
	}
	atRest = merged(always, map[string]string{
		"messages that wait":     `SELECT count(*) FROM queue`,
		"notices that are owed":  `SELECT count(*) FROM owed`,
		"sweeps that go on":      `SELECT count(*) FROM jobs WHERE sweep LIKE '%"active":true%'`,
		"jobs being deleted":     `SELECT count(*) FROM jobs WHERE status = 5`,
		"members of gone groups": `SELECT count(*) FROM members WHERE gone IS NULL AND grp NOT IN (SELECT id FROM thing_groups WHERE gone IS NULL)`,
	})
)

func merged(a, b map[string]string) map[string]string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// auditFile looks into the database of a folder that nobody has open.
func (tr *trial) auditFile(dir string, queries map[string]string) error {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "drover.db")+"?mode=ro")
	if err != nil {
		return err
	}
	defer db.Close()
	for what, query := range queries {
		var found string
		if err := db.QueryRow(query).Scan(&found); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		if found != "0" && found != "ok" {
			tr.t.Errorf("on the disk: %s: %s", what, found)
		}
	}
	return nil
}
