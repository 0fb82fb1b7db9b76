package sqlstore

import (
	"context"
	"fmt"
	"slices"

	"github.com/drover-iot/drover/internal/mqtt"
	"github.com/drover-iot/drover/internal/store"
)

const (
	// queueLimit is Options.QueueLimit if that is 0.
	queueLimit = 1000
	// clientsAtOnce is how many clients one transaction queues a message for: a
	// report waits for all of it, about a millisecond.
	clientsAtOnce = 25
	// queueRowBytes is what a row of the queue counts for among the bytes of a
	// batch: about a page of the log.
	queueRowBytes = 4096
)

// Enqueue implements store.Sessions. A client without a session is skipped.
func (s *Store) Enqueue(ctx context.Context, m mqtt.Message, clients []string) error {
	clients = slices.Compact(slices.Sorted(slices.Values(clients)))
	var id int64
	for slice := range slices.Chunk(clients, clientsAtOnce) {
		e := &enqueue{message: m, clients: slice, id: id}
		if err := s.Submit(e).Wait(ctx); err != nil {
			return fmt.Errorf("store a message: %w", err)
		}
		id = e.stored
	}
	if id > 0 && len(clients) > 1 {
		s.recent.keep(id, m)
	}
	return nil
}

// enqueue is a command: it stores a message for some clients.
type enqueue struct {
	message mqtt.Message
	clients []string
	id      int64 // under which another slice has stored the message, or 0
	stored  int64 // the same behind this one
}

// Hint implements store.Command.
func (*enqueue) Hint(*store.Hints) {}

// Decide implements store.Command.
func (e *enqueue) Decide(w store.Work) error {
	w.(*work).bytes += len(e.message.Payload) + queueRowBytes*len(e.clients)
	w.Then(func(t store.Tx) error { return t.(*tx).enqueue(e) })
	return nil
}

// backlog is what waits for a session.
type backlog struct {
	client string
	queued int // messages
}

func (t *tx) enqueue(e *enqueue) error {
	e.stored = e.id
	queues, err := t.backlogs(e.clients)
	if err != nil || len(queues) == 0 {
		return err
	}
	seq, _, err := t.insert("next_queue_sequence")
	if err != nil {
		return err
	}
	if e.stored == 0 {
		e.stored = seq
	}
	if err := t.insertMessage(e.stored, e.message); err != nil {
		return err
	}
	added := Change{Kind: Insert, Table: "queue", Set: []string{"client", "seq", "message"}}
	counts := Change{Kind: Add, Table: "sessions", Set: []string{"queued"}, Key: []string{"client"}}
	for _, q := range queues {
		if err := t.makeRoom(q); err != nil {
			return err
		}
		added.Rows = append(added.Rows, []any{q.client, seq, e.stored})
		counts.Rows = append(counts.Rows, []any{int64(1), q.client})
	}
	return t.apply(added, counts)
}

// apply makes changes of rows.
func (t *tx) apply(changes ...Change) error {
	t.wrote = true
	return t.asSaved().judge("apply changes", t.cfg.Dialect.Save(t.conn, changes, false))
}

// backlogs are the queues of those clients that have a session.
func (t *tx) backlogs(clients []string) (queues []backlog, err error) {
	keys := make([][]any, len(clients))
	for i, client := range clients {
		keys[i] = []any{client}
	}
	err = t.forKeys("queued_of", keys, func(r row) error {
		var q backlog
		err := r.Scan(&q.client, &q.queued)
		queues = append(queues, q)
		return err
	})
	return queues, err
}

// makeRoom drops the oldest messages of a queue that is full, but for those
// that the client was sent: MQTT promises to send them again.
func (t *tx) makeRoom(q backlog) error {
	limit := t.cfg.QueueLimit
	if limit == 0 {
		limit = queueLimit
	}
	if q.queued < limit {
		return nil
	}
	oldest, err := all(t, scanNumber, "oldest_of", q.client, t.sent.of(q.client), q.queued+1-limit)
	if err != nil {
		return err
	}
	for _, seq := range oldest {
		if err := t.dequeue(q.client, seq); err != nil {
			return err
		}
		t.tally.Dropped++
	}
	return nil
}

// dequeue takes a message from the queue of a client, if it is there.
func (t *tx) dequeue(client string, seq int64) error {
	message, there, err := t.insert("dequeue", client, seq)
	if err != nil || !there {
		return err
	}
	if _, err := t.exec("unqueue", client); err != nil {
		return err
	}
	_, err = t.exec("drop_message", message)
	return err
}

// Sent implements store.Sessions.
func (s *Store) Sent(client string, seq int64) { s.sent.note(client, seq) }

// Acked implements store.Sessions.
func (s *Store) Acked(client string, seq int64) {
	s.later(func(t *tx) error { return t.dequeue(client, seq) })
}

// Stored implements store.Sessions.
func (s *Store) Stored(ctx context.Context, client string, after int64, n int) ([]mqtt.Stored, error) {
	list, ok, err := s.storedRecently(ctx, client, after, n)
	if err == nil && !ok {
		list, err = all(s.reads(ctx), scanStored, "stored", client, after, n)
	}
	if err != nil {
		return nil, fmt.Errorf("read stored messages: %w", err)
	}
	return list, nil
}

// storedRecently is Stored without a look at the messages, if all of them are
// remembered.
func (s *Store) storedRecently(ctx context.Context, client string, after int64, n int) ([]mqtt.Stored, bool, error) {
	if !s.recent.newer(after) {
		return nil, false, nil
	}
	at, err := all(s.reads(ctx), scanPosition, "positions", client, after, n)
	if err != nil {
		return nil, false, err
	}
	list, ok := s.recent.all(at)
	return list, ok, nil
}

// position is where a message stands in a queue.
type position struct{ seq, message int64 }

// scanPosition reads seq, message.
func scanPosition(r row) (p position, err error) {
	err = r.Scan(&p.seq, &p.message)
	return p, err
}
