package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/drover-iot/drover/internal/mqtt"
	"github.com/drover-iot/drover/internal/store"
)

var _ store.Sessions = (*Store)(nil)

// sessionsAtOnce is how many sessions are read in one statement.
const sessionsAtOnce = 500

// Sessions implements store.Sessions, by client, the filters of each by text.
func (s *Store) Sessions(ctx context.Context) iter.Seq2[mqtt.Session, error] {
	return func(yield func(mqtt.Session, error) bool) {
		for after := ""; ; {
			page, err := s.sessionsBehind(ctx, after)
			if err != nil {
				yield(mqtt.Session{}, fmt.Errorf("read sessions: %w", err))
				return
			}
			for _, m := range page {
				if !yield(m, nil) {
					return
				}
			}
			if len(page) < sessionsAtOnce {
				return
			}
			after = page[len(page)-1].Client
		}
	}
}

// sessionsBehind are the next sessions with their filters.
func (s *Store) sessionsBehind(ctx context.Context, after string) ([]mqtt.Session, error) {
	page, err := all(s.reads(ctx), scanSession, "sessions", after, sessionsAtOnce)
	if err != nil || len(page) == 0 {
		return nil, err
	}
	subscriptions, err := all(s.reads(ctx), scanSubscription, "subscriptions", page[0].Client, page[len(page)-1].Client)
	if err != nil {
		return nil, err
	}
	of := map[string][]mqtt.Filter{}
	for _, b := range subscriptions {
		of[b.client] = append(of[b.client], b.Filter)
	}
	for i, m := range page {
		page[i].Filters = of[m.Client]
	}
	return page, nil
}

func scanSession(r row) (mqtt.Session, error) {
	var m mqtt.Session
	var expiry int64
	err := r.Scan(&m.Client, &m.Version, &expiry)
	m.Expiry = time.Duration(expiry) * time.Millisecond
	return m, err
}

// subscription is a filter of a client.
type subscription struct {
	client string
	mqtt.Filter
}

func scanSubscription(r row) (b subscription, err error) {
	err = r.Scan(&b.client, &b.Text, &b.QoS, &b.Form, &b.Name, &b.NoLocal, &b.AsPublished)
	return b, err
}

// SaveSession implements store.Sessions.
func (s *Store) SaveSession(ctx context.Context, m mqtt.Session) error {
	m.Filters = slices.SortedFunc(slices.Values(m.Filters), func(a, b mqtt.Filter) int { return cmp.Compare(a.Text, b.Text) })
	err := s.inBatch(ctx, func(t *tx) error { return t.saveSession(m) })
	if err != nil {
		return fmt.Errorf("save session: %w", err)
	}
	return nil
}

// saveSession writes nothing if all is as it was: clients subscribe anew
// whenever they connect.
func (t *tx) saveSession(m mqtt.Session) error {
	old, there, err := one(t, scanSession, "session", m.Client)
	if err != nil {
		return err
	}
	if !there || old.Version != m.Version || old.Expiry != m.Expiry {
		if _, err := t.exec("put_session", m.Client, int64(m.Version), m.Expiry.Milliseconds()); err != nil {
			return err
		}
	}
	subscriptions, err := all(t, scanSubscription, "subscriptions", m.Client, m.Client)
	if err != nil {
		return err
	}
	for _, b := range subscriptions {
		old.Filters = append(old.Filters, b.Filter)
	}
	if slices.Equal(old.Filters, m.Filters) {
		return nil
	}
	if err := t.putFilters(m); err != nil {
		return err
	}
	return t.listen(m.Client, t.listensTo(m.Filters), t.listensTo(old.Filters))
}

func (t *tx) putFilters(m mqtt.Session) error {
	if _, err := t.exec("delete_subscriptions", m.Client); err != nil {
		return err
	}
	for _, f := range m.Filters {
		_, err := t.exec("insert_subscription", m.Client, f.Text, int64(f.QoS), int64(f.Form), f.Name, flag(f.NoLocal), flag(f.AsPublished))
		if err != nil {
			return err
		}
	}
	return nil
}

// DropSession implements store.Sessions.
func (s *Store) DropSession(ctx context.Context, client string) error {
	err := s.inBatch(ctx, func(t *tx) error {
		for _, name := range []string{"drop_messages_of", "delete_queue", "delete_subscriptions", "delete_listeners", "forgive", "delete_session"} {
			if _, err := t.exec(name, client); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("drop session: %w", err)
	}
	s.sent.forget(client)
	return nil
}
