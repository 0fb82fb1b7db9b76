package sqlstore

import (
	"database/sql"
	"fmt"
)

// tx is a work with SQL beside it. Before a statement runs, what was put is
// saved, so that the statement sees it.
type tx struct {
	*work
	registry
}

// query runs a named query over all that was put.
func (t *tx) query(name string, args ...any) (*sql.Rows, error) {
	if err := t.flush(); err != nil {
		return nil, err
	}
	return t.asSaved().query(name, args...)
}

// lasts has nothing to wait for: nobody is told before the commit lasts.
func (*tx) lasts() error { return nil }

// exec runs a named statement over all that was put, and answers how many
// rows it changed. Whoever changes rows of things, jobs or executions by it
// forgets them in known.
func (t *tx) exec(name string, args ...any) (int64, error) {
	if err := t.flush(); err != nil {
		return 0, err
	}
	t.wrote = true
	return t.asSaved().exec(name, args...)
}

// insert runs an INSERT that answers the id of its row; ok is false if it
// found the place taken.
func (t *tx) insert(name string, args ...any) (id int64, ok bool, err error) {
	t.wrote = true
	return one(t, scanNumber, name, args...)
}

// forKeys runs a one-key query for many keys, over all that was put.
func (t *tx) forKeys(name string, keys [][]any, read func(row) error) error {
	if err := t.flush(); err != nil {
		return err
	}
	text, err := t.asSaved().text(name)
	if err != nil || len(keys) == 0 {
		return err
	}
	return t.asSaved().judge(name, t.cfg.Dialect.ForKeys(t.conn, []Lookup{{Text: text, Keys: keys, Row: read}}))
}

// asSaved runs named statements without a look at what was put.
func (w *work) asSaved() saved { return saved{w} }

// saved is the database as it stands within the transaction.
type saved struct{ w *work }

func (saved) lasts() error { return nil }

func (d saved) query(name string, args ...any) (*sql.Rows, error) {
	text, err := d.text(name)
	if err != nil {
		return nil, err
	}
	rows, err := d.w.conn.Query(text, args...)
	return rows, d.judge(name, err)
}

func (d saved) exec(name string, args ...any) (int64, error) {
	text, err := d.text(name)
	if err != nil {
		return 0, err
	}
	result, err := d.w.conn.Exec(text, args...)
	if err != nil {
		return 0, d.judge(name, err)
	}
	return result.RowsAffected()
}

func (d saved) text(name string) (string, error) {
	if d.w.broken != nil {
		return "", d.w.broken
	}
	return d.w.queries.text(name)
}

// judge remembers an error after which the engine may have ended the
// transaction: what ran next would be on its own.
func (d saved) judge(name string, err error) error {
	if err == nil {
		return nil
	}
	err = fmt.Errorf("%s: %w", name, err)
	if d.w.cfg.Dialect.Broken(err) {
		d.w.broken = err
	}
	return err
}

// flush saves what was put.
func (w *work) flush() error { return w.save(false) }

// save saves what was put and, if asked to, commits.
func (w *work) save(commit bool) error {
	if w.broken != nil {
		return w.broken
	}
	changes := w.collect()
	for _, c := range changes {
		w.wrote = true
		w.rows += len(c.Rows)
	}
	debts, events := w.debts, w.events
	last := commit && len(debts) == 0 && len(events) == 0
	if len(changes) > 0 || last {
		if err := w.cfg.Dialect.Save(w.conn, changes, last); err != nil {
			return saved{w}.judge("save changes", err)
		}
	}
	w.saved()
	if err := w.saveDebts(debts); err != nil {
		return err
	}
	if err := w.saveEvents(events); err != nil {
		return err
	}
	if commit && !last {
		return saved{w}.judge("commit", w.cfg.Dialect.Save(w.conn, nil, true))
	}
	return nil
}
