package broker

import (
	"cmp"
	"slices"
	"sync/atomic"

	"github.com/drover-iot/drover/internal/mqtt"
)

// held is what all connections together make the node hold in memory: packets
// that are half there or wait for their turn, bytes that a peer does not read,
// messages that it does not acknowledge, wills; what several wait for counts for
// each. A bound for each connection is no bound for ten thousand of them.
type held struct {
	limit int64
	total atomic.Int64
	over  func() // called when total is over the limit; it does not wait
}

// half is what may be held before everybody gets less.
func (h *held) half() int64 { return h.limit / 2 }

func (h *held) add(n int64) {
	if h.total.Add(n) > h.limit && n > 0 {
		h.over()
	}
}

// share is the part of held that one connection answers for.
type share struct {
	held *held
	own  atomic.Int64
}

// settled is the own of a share that was closed.
const settled = -1 << 62

// add notes that n bytes more are held, or fewer.
func (s *share) add(n int) {
	for n != 0 {
		own := s.own.Load()
		if own == settled {
			return
		}
		if s.own.CompareAndSwap(own, own+int64(n)) {
			s.held.add(int64(n))
			return
		}
	}
}

// close takes all back. What is added after that counts for nothing.
func (s *share) close() {
	if own := s.own.Swap(settled); own != settled {
		s.held.add(-own)
	}
}

// pressed tells whether so much is held that a connection gets the least.
func (s *share) pressed() bool { return s.held.total.Load() > s.held.half() }

// relieve cuts the connections that hold most until an eighth of the limit is
// free. One relief runs at a time.
func (b *Broker) relieve() {
	if !b.relieving.CompareAndSwap(false, true) {
		return
	}
	b.later(0, func() {
		defer b.relieving.Store(false)
		for _, c := range b.heaviest() {
			if b.held.total.Load() <= b.held.limit/8*7 {
				return
			}
			c.shed()
		}
	})
}

// heaviest are the connections that hold anything, those first that hold most.
func (b *Broker) heaviest() []*conn {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []*conn
	holds := make(map[*conn]int64)
	for c := range b.conns {
		if own := c.share.own.Load(); own > 0 {
			all, holds[c] = append(all, c), own
		}
	}
	slices.SortFunc(all, func(x, y *conn) int { return cmp.Compare(holds[y], holds[x]) })
	return all
}

// shed cuts the connection and forgets at once what is held for it.
func (c *conn) shed() {
	c.end(heldMost, mqtt.QuotaExceeded)
	c.t.Close() // it may have ended before, and linger
	c.share.close()
}
