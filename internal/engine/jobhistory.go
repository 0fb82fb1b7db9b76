package engine

import (
	"context"

	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// History is the changes of a job, the newest first. Errors: NotFound,
// InvalidRequest (a cursor of another list).
func (e *Engine) History(ctx context.Context, name string, p store.Page) ([]job.Change, store.Cursor, error) {
	j, err := e.store.Job(ctx, name)
	if err != nil {
		return nil, "", err
	}
	return e.store.History(ctx, j.ID, p)
}

// noteEnd announces that a job has ended by itself, if it has, and adds it to the
// history.
func (t *turn) noteEnd(before, after job.Job) {
	what, ok := job.EndOf(before, after)
	if !ok {
		return
	}
	t.announceJob(before, after)
	c := job.ChangeOf(what, "", before, after, t.now)
	t.Then(func(tx store.Tx) error { return tx.NoteChange(after.ID, c) })
}
