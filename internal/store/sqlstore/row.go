package sqlstore

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
)

// instant reads a column of milliseconds into t; NULL is the zero time.
type instant struct{ t *time.Time }

// Scan implements sql.Scanner.
func (i instant) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*i.t = time.Time{}
	case int64:
		*i.t = time.UnixMilli(v).UTC()
	default:
		return fmt.Errorf("an instant is stored as %T", src)
	}
	return nil
}

// at is the column value of t: NULL for the zero time.
func at(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

// truth reads a column of 0 or 1 into b.
type truth struct{ b *bool }

// Scan implements sql.Scanner.
func (t truth) Scan(src any) error {
	n, ok := src.(int64)
	if !ok {
		return fmt.Errorf("a flag is stored as %T", src)
	}
	*t.b = n != 0
	return nil
}

// flag is the column value of b.
func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// structure reads a column of JSON into v; NULL leaves it as it is.
type structure struct{ v any }

// Scan implements sql.Scanner.
func (s structure) Scan(src any) error {
	switch text := src.(type) {
	case nil:
		return nil
	case string:
		return json.Unmarshal([]byte(text), s.v)
	case []byte:
		return json.Unmarshal(text, s.v)
	default:
		return fmt.Errorf("a structure is stored as %T", src)
	}
}

// written is v as JSON. Nothing that is stored can fail to marshal.
func written(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// names is the column value of a map of strings: NULL if it is empty.
func names(m map[string]string) any {
	if len(m) == 0 {
		return nil
	}
	return written(m)
}

// scanThing reads id, name, uid, type, attributes, version, created_at.
func scanThing(r row) (fleet.Thing, error) {
	var t fleet.Thing
	err := r.Scan(thingColumns(&t)...)
	return t, err
}

// scanNamed reads id and name of a thing.
func scanNamed(r row) (t fleet.Thing, err error) {
	err = r.Scan(&t.ID, &t.Name)
	return t, err
}

func thingColumns(t *fleet.Thing) []any {
	return []any{&t.ID, &t.Name, &t.UID, &t.Type, structure{&t.Attributes}, &t.Version, instant{&t.CreatedAt}}
}

// scanExecution reads job, thing, number, state, version, forced, queued_at,
// started_at, updated_at, details, timer, step, retries.
func scanExecution(r row) (job.Execution, error) {
	var e job.Execution
	err := r.Scan(executionColumns(&e)...)
	return e, err
}

func executionColumns(e *job.Execution) []any {
	return []any{
		&e.Job, &e.Thing, &e.Number, &e.State, &e.Version,
		truth{&e.Forced},
		instant{&e.QueuedAt},
		instant{&e.StartedAt},
		instant{&e.UpdatedAt},
		structure{&e.Details},
		instant{&e.Timer},
		instant{&e.Step},
		structure{&e.Retries},
	}
}

// scanJob reads the columns of jobColumns, then the counters.
func scanJob(r row) (job.Job, error) {
	var j job.Job
	err := r.Scan(append(jobColumns(&j), countColumns(&j.Counts)...)...)
	return j, err
}

// jobColumns are id, name, namespace, selection, status, settings, targets,
// members, created_at, updated_at, completed_at, forced, comment, reason,
// rollout, sweep, due, version.
func jobColumns(j *job.Job) []any {
	return []any{
		&j.ID, &j.Name, &j.Namespace, &j.Selection, &j.Status,
		structure{&j.Settings},
		structure{&j.Targets},
		&j.Members,
		instant{&j.CreatedAt},
		instant{&j.UpdatedAt},
		instant{&j.CompletedAt},
		truth{&j.Forced},
		&j.Comment,
		&j.Reason,
		structure{&j.Rollout},
		structure{&j.Sweep},
		instant{&j.Due},
		&j.Version,
	}
}

func countColumns(c *job.Counts) []any {
	return []any{
		&c.Queued, &c.InProgress, &c.Succeeded, &c.Failed, &c.Rejected, &c.TimedOut, &c.Canceled, &c.Removed,
		&c.Notified, &c.WaitFailed, &c.WaitTimedOut,
	}
}

func countValues(c job.Counts) []any {
	return []any{
		c.Queued, c.InProgress, c.Succeeded, c.Failed, c.Rejected, c.TimedOut, c.Canceled, c.Removed,
		c.Notified, c.WaitFailed, c.WaitTimedOut,
	}
}
