package sqlstore

import (
	"context"
	"fmt"

	"github.com/drover-iot/drover/internal/store"
)

// OwedTo implements store.Sessions.
func (s *Store) OwedTo(ctx context.Context, client string) ([]store.Owed, error) {
	list, err := all(s.reads(ctx), scanOwed, "owed_to", client)
	if err != nil {
		return nil, fmt.Errorf("read what is owed: %w", err)
	}
	return list, nil
}

func scanOwed(r row) (o store.Owed, err error) {
	n := &o.Notice
	err = r.Scan(&o.Thing, &o.Namespace, &n.Before.Job, &n.Before.Number, &n.Added.Job, &n.Added.Number, &n.Members, &o.Seq,
		&o.Listens)
	return o, err
}

// PaidTo implements store.Sessions.
func (s *Store) PaidTo(client string, o store.Owed, unless uint8) {
	s.later(func(t *tx) error {
		paid, err := t.exec("pay", client, o.Thing, o.Namespace, o.Seq, int64(unless), everyNamespaceBut(o.Namespace))
		t.tally.Paid += paid
		return err
	})
}

// OwedSeq implements store.Sessions.
func (s *Store) OwedSeq() int64 { return s.owed.Load() }
