package sqlstore

import (
	"context"
	"database/sql"
	"time"

	"github.com/drover-iot/drover/internal/job"
)

// DueJobs implements store.Due.
func (t *tx) DueJobs(now time.Time, n int) ([]int64, error) {
	return all(t, scanNumber, "due_jobs", now.UnixMilli(), int64(n))
}

// DueExecutions implements store.Due.
func (t *tx) DueExecutions(now time.Time, n int) ([]job.Execution, error) {
	return all(t, scanExecution, "due_executions", now.UnixMilli(), int64(n))
}

// DueTimers implements store.Due.
func (t *tx) DueTimers(now time.Time, n int) ([]job.Ref, error) {
	return all(t, scanRef, "due_timers", now.UnixMilli(), int64(n))
}

func scanRef(r row) (ref job.Ref, err error) {
	err = r.Scan(&ref.Job, &ref.Thing, &ref.Number)
	return ref, err
}

// NextDue implements store.Reader.
func (s *Store) NextDue(ctx context.Context) (time.Time, bool, error) {
	due, _, err := one(s.reads(ctx), scanNumbers, "next_due")
	if err != nil {
		return time.Time{}, false, err
	}
	var next time.Time
	var found bool
	for _, ms := range due {
		if t := time.UnixMilli(ms.Int64).UTC(); ms.Valid && (!found || t.Before(next)) {
			next, found = t, true
		}
	}
	return next, found, nil
}

// scanNumbers reads the three columns of next_due.
func scanNumbers(r row) (due [3]sql.NullInt64, err error) {
	err = r.Scan(&due[0], &due[1], &due[2])
	return due, err
}
