package sqlstore

import (
	"sync"

	"github.com/drover-iot/drover/internal/mqtt"
)

// recentBytes is about how many bytes of messages are remembered at most.
const recentBytes = 4 << 20

// recent remembers the last messages that were stored for several clients, so
// that not each of these reads them for itself. They never change, and nothing
// is forgotten but for others.
type recent struct {
	mu       sync.Mutex // guards what follows
	messages map[int64]mqtt.Message
	order    []int64 // as they were kept
	bytes    int
}

// keep remembers a message that is committed.
func (r *recent) keep(id int64, m mqtt.Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.messages == nil {
		r.messages = map[int64]mqtt.Message{}
	}
	m.Receipt = 0 // the sender's own
	r.messages[id] = m
	r.order = append(r.order, id)
	r.bytes += m.Weight()
	for r.bytes > recentBytes {
		oldest := r.order[0]
		r.order = r.order[1:]
		old := r.messages[oldest]
		r.bytes -= old.Weight()
		delete(r.messages, oldest)
	}
}

func (r *recent) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.messages, r.order, r.bytes = nil, nil, 0
}

// all are the messages at these positions, unless one is not remembered.
func (r *recent) all(at []position) ([]mqtt.Stored, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := make([]mqtt.Stored, len(at))
	for i, p := range at {
		m, ok := r.messages[p.message]
		if !ok {
			return nil, false
		}
		list[i] = mqtt.Stored{Seq: p.seq, Message: m}
	}
	return list, true
}

// newer tells whether it is worth asking for what stands behind seq: ids and
// sequences are of one count, and an id is the sequence of the first clients
// that got the message. It may say yes in vain; all finds that.
func (r *recent) newer(seq int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := len(r.order)
	return n > 0 && r.order[n-1] > seq
}
