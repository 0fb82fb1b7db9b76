package broker

import (
	"context"
	"iter"
	"maps"
	"slices"
	"sync"

	"github.com/drover-iot/drover/internal/mqtt"
)

// memory is a Sessions that these tests can make fail and look into. What is
// promised over a restart is for the stores to show.
type memory struct {
	queue int

	mu       sync.Mutex // guards what follows
	sessions map[string]mqtt.Session
	stored   map[string][]mqtt.Stored
	retained map[string]mqtt.Message
	sent     map[string]int64
	seq      int64
	told     []int64 // by EnqueueAll
}

// newMemory is an empty memory that keeps at most queue messages a session.
func newMemory(queue int) *memory {
	return &memory{
		queue: queue, sessions: map[string]mqtt.Session{}, stored: map[string][]mqtt.Stored{},
		retained: map[string]mqtt.Message{}, sent: map[string]int64{},
	}
}

// Sessions implements Sessions.
func (m *memory) Sessions(context.Context) iter.Seq2[mqtt.Session, error] {
	m.mu.Lock()
	sessions := slices.Collect(maps.Values(m.sessions))
	m.mu.Unlock()
	return func(yield func(mqtt.Session, error) bool) {
		for _, s := range sessions {
			if !yield(s, nil) {
				return
			}
		}
	}
}

// SaveSession implements Sessions.
func (m *memory) SaveSession(_ context.Context, s mqtt.Session) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	s.Filters = slices.Clone(s.Filters)
	m.sessions[s.Client] = s
	return nil
}

// DropSession implements Sessions.
func (m *memory) DropSession(_ context.Context, client string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.sessions, client)
	delete(m.stored, client)
	return nil
}

// Enqueue implements Sessions.
func (m *memory) Enqueue(_ context.Context, msg mqtt.Message, clients []string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, client := range clients {
		if _, ok := m.sessions[client]; !ok {
			continue
		}
		m.seq++
		queue := append(m.stored[client], mqtt.Stored{Seq: m.seq, Message: msg})
		for i := 0; len(queue) > m.queue && i < len(queue); {
			if queue[i].Seq <= m.sent[client] {
				i++
				continue
			}
			queue = slices.Delete(queue, i, i+1)
		}
		m.stored[client] = queue
	}
	return nil
}

// EnqueueAll implements Sessions.
func (m *memory) EnqueueAll(ctx context.Context, posts []mqtt.Post, told int64) error {
	for _, p := range posts {
		_ = m.Enqueue(ctx, p.Message, p.Clients)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.told = append(m.told, told)
	return nil
}

// Stored implements Sessions.
func (m *memory) Stored(_ context.Context, client string, after int64, n int) ([]mqtt.Stored, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	queue := m.stored[client]
	start, _ := slices.BinarySearchFunc(queue, after+1, func(s mqtt.Stored, seq int64) int { return int(s.Seq - seq) })
	queue = queue[start:]
	return slices.Clone(queue[:min(n, len(queue))]), nil
}

// Sent implements Sessions.
func (m *memory) Sent(client string, seq int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sent[client] = max(seq, m.sent[client])
}

// Acked implements Sessions.
func (m *memory) Acked(client string, seq int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stored[client] = slices.DeleteFunc(m.stored[client], func(s mqtt.Stored) bool { return s.Seq == seq })
}

// Retain implements Sessions.
func (m *memory) Retain(_ context.Context, msg mqtt.Message) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(msg.Payload) == 0 {
		delete(m.retained, msg.Topic)
		return nil
	}
	m.retained[msg.Topic] = msg
	return nil
}

// Retained implements Sessions.
func (m *memory) Retained(_ context.Context, topic string) (mqtt.Message, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.retained[topic], nil
}
