package sqlstore

import (
	"context"
	"fmt"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/mqtt"
	"github.com/drover-iot/drover/internal/store"
)

// insertMessage stores a message for queues to name.
func (t *tx) insertMessage(id int64, m mqtt.Message) error {
	_, err := t.exec("insert_message", id, m.Topic, payload(m), int64(m.QoS), flag(m.Retain), props(m), at(m.Expires))
	return err
}

// payload is the column value of a message's payload, which may be empty but
// not NULL.
func payload(m mqtt.Message) []byte {
	if m.Payload == nil {
		return []byte{}
	}
	return m.Payload
}

// props is the column value of a message's properties.
func props(m mqtt.Message) any {
	if m.Props == nil {
		return nil
	}
	return written(m.Props)
}

// scanStored reads seq, topic, payload, qos, retain, props, expires.
func scanStored(r row) (mqtt.Stored, error) {
	var m mqtt.Stored
	err := r.Scan(&m.Seq, &m.Topic, &m.Payload, &m.QoS, &m.Retain, structure{&m.Props}, instant{&m.Expires})
	return m, err
}

// Retain implements store.Sessions.
func (s *Store) Retain(ctx context.Context, m mqtt.Message) error {
	err := s.inBatch(ctx, func(t *tx) error {
		if len(m.Payload) == 0 {
			_, err := t.exec("unretain", m.Topic)
			return err
		}
		_, err := t.exec("retain", m.Topic, m.Payload, int64(m.QoS), props(m), at(m.Expires), t.now.UnixMilli())
		return err
	})
	if err != nil {
		return fmt.Errorf("retain a message: %w", err)
	}
	return nil
}

// Retained implements store.Sessions. One that has expired is not there.
func (s *Store) Retained(ctx context.Context, topic string) (mqtt.Message, error) {
	m, ok, err := one(s.reads(ctx), scanRetained, "retained", topic)
	if err != nil {
		return m, fmt.Errorf("read the retained message: %w", err)
	}
	if !ok || m.Expired(clock.Wall()) {
		return mqtt.Message{}, fault.New(fault.NotFound, "no message is retained on %s", topic)
	}
	return m, nil
}

// scanRetained reads topic, payload, qos, props, expires.
func scanRetained(r row) (mqtt.Message, error) {
	m := mqtt.Message{Retain: true}
	err := r.Scan(&m.Topic, &m.Payload, &m.QoS, structure{&m.Props}, instant{&m.Expires})
	return m, err
}

// RetainedMessage implements store.Reader.
func (s *Store) RetainedMessage(ctx context.Context, topic string) (store.Retained, error) {
	m, ok, err := one(s.reads(ctx), scanRetainedMessage, "retained_message", topic)
	if err == nil && (!ok || m.Expired(clock.Wall())) {
		err = fault.New(fault.NotFound, "No message is retained on %s", topic)
	}
	return m, err
}

// RetainedMessages implements store.Reader.
func (s *Store) RetainedMessages(ctx context.Context, p store.Page) ([]store.Retained, store.Cursor, error) {
	now := clock.Wall()
	l := list[store.Retained, string]{
		name: "retained messages",
		key:  func(m store.Retained) string { return m.Topic },
		read: func(after string, n int) ([]store.Retained, error) {
			return all(s.reads(ctx), scanRetainedMessage, "retained_messages", after, n)
		},
		fits: func(m store.Retained) bool { return !m.Expired(now) },
	}
	return l.page(p)
}

// scanRetainedMessage reads topic, payload, its length, qos, props, expires,
// modified_at.
func scanRetainedMessage(r row) (store.Retained, error) {
	m := store.Retained{Message: mqtt.Message{Retain: true}}
	err := r.Scan(&m.Topic, &m.Payload, &m.Size, &m.QoS, structure{&m.Props}, instant{&m.Expires}, instant{&m.ModifiedAt})
	return m, err
}
