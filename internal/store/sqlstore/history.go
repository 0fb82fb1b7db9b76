package sqlstore

import (
	"context"
	"math"

	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// NoteChange implements store.Jobs.
func (t *tx) NoteChange(jobID int64, c job.Change) error {
	number, _, err := t.insert("insert_job_change",
		jobID, c.Version, c.At.UnixMilli(), c.By, string(c.Operation), written(c.Before), written(c.After))
	if err != nil || number <= job.MaxHistory {
		return err
	}
	_, err = t.exec("delete_old_job_changes", jobID, number-job.MaxHistory)
	return err
}

// numbered is a change with its place in the history of its job.
type numbered struct {
	job.Change
	number int64
}

func scanNumbered(r row) (c numbered, err error) {
	err = r.Scan(&c.number, &c.Version, instant{&c.At}, &c.By, &c.Operation, structure{&c.Before}, structure{&c.After})
	return c, err
}

// History implements store.Reader.
func (s *Store) History(ctx context.Context, jobID int64, p store.Page) ([]job.Change, store.Cursor, error) {
	l := list[numbered, int64]{
		name: "changes of a job",
		from: math.MaxInt64,
		key:  func(c numbered) int64 { return c.number },
		read: func(after int64, n int) ([]numbered, error) {
			return all(s.reads(ctx), scanNumbered, "job_changes_before", after, n, jobID)
		},
	}
	page, next, err := l.page(p)
	changes := make([]job.Change, len(page))
	for i, c := range page {
		changes[i] = c.Change
	}
	return changes, next, err
}
