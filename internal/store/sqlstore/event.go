package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/drover-iot/drover/internal/mqtt"
	"github.com/drover-iot/drover/internal/store"
)

// eventsBytes is how many bytes of events are read at once, roughly: one more
// event is read when they are reached.
const eventsBytes = 4 << 20

// Announces implements store.Work.
func (w *work) Announces(k store.EventKind) bool {
	if w.announces == nil {
		kinds := store.EventKinds(w.announced.Load())
		if !w.cfg.Alone { // another node may have set it
			kinds = w.announcedNow()
		}
		w.announces = &kinds
	}
	return w.announces.Has(k)
}

// announcedNow is what is announced as the database has it.
func (w *work) announcedNow() store.EventKinds {
	n, _, err := one(w.asSaved(), scanNumber, "meta", metaAnnounced)
	if err != nil {
		w.failed = err
	}
	return store.EventKinds(n)
}

// Announce implements store.Work.
func (w *work) Announce(e store.Event) {
	body := written(e)
	w.events = append(w.events, []any{int64(e.Kind), e.At.UnixMilli(), body})
	w.bytes += len(body)
}

// saveEvents writes the events that were put, and drops the oldest if too many
// wait.
func (w *work) saveEvents(events [][]any) error {
	if len(events) == 0 {
		return nil
	}
	w.wrote = true
	added := Change{Kind: Insert, Table: "events", Set: []string{"kind", "happened_at", "body"}, Rows: events}
	if err := w.asSaved().judge("save events", w.cfg.Dialect.Save(w.conn, []Change{added}, false)); err != nil {
		return err
	}
	w.tally.Events += int64(len(events))
	unannounced, err := w.asSaved().exec("drop_events", int64(store.MostEvents))
	w.tally.Unannounced += unannounced
	if err != nil || !slices.ContainsFunc(events, ofShadow) {
		return err
	}
	unannounced, err = w.asSaved().exec("drop_events_of", int64(store.EventShadow), int64(store.MostShadowEvents))
	w.tally.Unannounced += unannounced
	return err
}

// ofShadow tells whether the row is an event of a shadow.
func ofShadow(row []any) bool { return row[0] == int64(store.EventShadow) }

// The names in meta of which events are announced: a set, and when it was set first
// and last.
const (
	metaAnnounced        = "events"
	metaAnnouncedFirst   = "events_created"
	metaAnnouncedChanged = "events_changed"
)

// WatchEvents implements store.Events.
func (s *Store) WatchEvents(fn func()) { s.writer.happened = fn }

// EventSettings implements store.Tx.
func (t *tx) EventSettings() (store.EventSettings, error) {
	if err := t.flush(); err != nil {
		return store.EventSettings{}, err
	}
	return eventSettings(t.asSaved())
}

// EventSettings implements store.Events.
func (s *Store) EventSettings(ctx context.Context) (store.EventSettings, error) {
	return eventSettings(s.reads(ctx))
}

func eventSettings(q querier) (e store.EventSettings, err error) {
	kinds, _, err := one(q, scanNumber, "meta", metaAnnounced)
	if err != nil {
		return e, fmt.Errorf("read which events are announced: %w", err)
	}
	e.Kinds = store.EventKinds(kinds)
	if e.CreatedAt, _, err = one(q, scanInstant, "meta", metaAnnouncedFirst); err != nil {
		return e, err
	}
	e.ChangedAt, _, err = one(q, scanInstant, "meta", metaAnnouncedChanged)
	return e, err
}

// PutEventSettings implements store.Tx.
func (t *tx) PutEventSettings(e store.EventSettings) error {
	for _, m := range []struct {
		name  string
		value int64
	}{
		{metaAnnounced, int64(e.Kinds)}, {metaAnnouncedFirst, e.CreatedAt.UnixMilli()}, {metaAnnouncedChanged, e.ChangedAt.UnixMilli()},
	} {
		if _, err := t.exec("set_meta", m.name, m.value); err != nil {
			return err
		}
	}
	t.announces, t.resets = &e.Kinds, true
	return nil
}

// Events implements store.Events.
func (s *Store) Events(ctx context.Context, n int) (list []store.Event, more bool, err error) {
	r := s.reads(ctx)
	if list, more, err = r.events(n); err == nil {
		err = r.lasts()
	}
	if err != nil {
		return nil, false, fmt.Errorf("read events: %w", err)
	}
	return list, more || len(list) == n, nil
}

// events are the first n, or fewer and more if they are large.
func (r reads) events(n int) (list []store.Event, more bool, err error) {
	rows, err := r.query("events", n)
	if err != nil {
		return nil, false, err
	}
	defer rows.Close()
	for size := 0; size < eventsBytes && rows.Next(); {
		e, bytes, err := scanEvent(rows)
		if err != nil {
			return nil, false, err
		}
		list = append(list, e)
		size += bytes
		more = size >= eventsBytes
	}
	return list, more, rows.Err()
}

// EventsWaiting implements store.Events.
func (s *Store) EventsWaiting(ctx context.Context) (int64, error) {
	n, _, err := one(s.reads(ctx), scanNumber, "count_events")
	if err != nil {
		return 0, fmt.Errorf("count events: %w", err)
	}
	return n, nil
}

// scanEvent reads an event, and how many bytes it has.
func scanEvent(r row) (e store.Event, bytes int, err error) {
	var seq int64
	var kind store.EventKind
	var at time.Time
	var body string
	if err := r.Scan(&seq, &kind, instant{&at}, &body); err != nil {
		return e, 0, err
	}
	err = structure{&e}.Scan(body)
	e.Seq, e.Kind, e.At = seq, kind, at
	return e, len(body), err
}

// EnqueueAll implements store.Events.
func (s *Store) EnqueueAll(ctx context.Context, posts []mqtt.Post, announced int64) error {
	err := s.inBatch(ctx, func(t *tx) error {
		for _, p := range posts {
			if err := t.enqueue(&enqueue{message: p.Message, clients: p.Clients}); err != nil {
				return err
			}
		}
		_, err := t.exec("forget_events", announced)
		return err
	})
	if err != nil {
		return fmt.Errorf("store messages: %w", err)
	}
	return nil
}
