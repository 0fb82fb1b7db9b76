package broker

import (
	"slices"

	"github.com/drover-iot/drover/internal/mqtt"
)

// flight is a QoS 1 message that a client has not acknowledged, or that waits
// for its turn.
type flight struct {
	id      uint16
	onWire  bool  // sent on this connection
	again   bool  // sent before
	seq     int64 // of a stored message; 0: in memory only
	owed    bool  // Debts are told of its PUBACK
	message mqtt.Message
}

// window holds what may be unacknowledged at a client at once, and what waits
// in memory because of that. At rest it holds nothing.
type window struct {
	size    int
	last    uint16   // the identifier given last
	flying  []flight // in the order of sending
	wire    int      // of them on the wire
	waiting []flight
	bytes   int    // what waits weighs
	share   *share // of the connection; nil: there is none
}

const keptFlights = 4

func (w *window) full() bool { return w.wire >= w.size }

func (w *window) room() int { return max(w.size-w.wire, 0) }

// take gives f an identifier, or the one it had, and puts it on the wire.
func (w *window) take(f flight) uint16 {
	w.wire++
	if i := w.find(f.id); i >= 0 {
		w.flying[i].onWire = true
		return f.id
	}
	f.id, f.onWire = w.free(), true
	w.flying = append(w.flying, f)
	if f.owed {
		w.hold(f.message.Weight())
	}
	return f.id
}

// hold counts n bytes for the connection.
func (w *window) hold(n int) {
	if w.share != nil {
		w.share.add(n)
	}
}

// free is an identifier that is not in use; there are more than flights.
func (w *window) free() uint16 {
	for {
		w.last++
		if w.last != 0 && w.find(w.last) < 0 {
			return w.last
		}
	}
}

func (w *window) find(id uint16) int {
	if id == 0 {
		return -1
	}
	return slices.IndexFunc(w.flying, func(f flight) bool { return f.id == id })
}

// release takes the flight of id out; false if there is none on the wire.
func (w *window) release(id uint16) (flight, bool) {
	i := w.find(id)
	if i < 0 || !w.flying[i].onWire {
		return flight{}, false
	}
	f := w.flying[i]
	w.flying = slices.Delete(w.flying, i, i+1)
	w.wire--
	if f.owed {
		w.hold(-f.message.Weight())
	}
	if len(w.flying) == 0 && cap(w.flying) > keptFlights {
		w.flying = nil
	}
	return f, true
}

// wait lets f wait for room and tells how many older ones were dropped for it.
func (w *window) wait(f flight, l Limits) (dropped int) {
	w.waiting = append(w.waiting, f)
	w.bytes += f.message.Weight()
	w.hold(f.message.Weight())
	for len(w.waiting) > l.Queue || w.bytes > l.Outbound && len(w.waiting) > 1 {
		w.next()
		dropped++
	}
	return dropped
}

// next takes out what has waited longest.
func (w *window) next() (flight, bool) {
	if len(w.waiting) == 0 {
		return flight{}, false
	}
	f := w.waiting[0]
	w.waiting[0] = flight{}
	w.waiting = w.waiting[1:]
	w.bytes -= f.message.Weight()
	w.hold(-f.message.Weight())
	if len(w.waiting) == 0 {
		w.waiting = nil
	}
	return f, true
}

// forget drops what is in memory only; the connection is gone.
func (w *window) forget() {
	w.flying = slices.DeleteFunc(w.flying, func(f flight) bool { return f.seq == 0 })
	w.waiting, w.bytes, w.share = nil, 0, nil
}

// forgetGone drops what was stored and is no more: all that is there, up to
// seq, is on the wire.
func (w *window) forgetGone(seq int64) {
	w.flying = slices.DeleteFunc(w.flying, func(f flight) bool { return f.seq > 0 && f.seq <= seq && !f.onWire })
}

// reopen begins a connection of the given size; what is flying is to be sent
// again.
func (w *window) reopen(size int, share *share) {
	w.size, w.wire, w.share = size, 0, share
	for i := range w.flying {
		w.flying[i].onWire, w.flying[i].again = false, true
	}
}

// stored finds the flight of a stored message.
func (w *window) stored(seq int64) (flight, bool) {
	i := slices.IndexFunc(w.flying, func(f flight) bool { return f.seq == seq })
	if i < 0 {
		return flight{}, false
	}
	return w.flying[i], true
}

// before is the place in the store from which on something is still flying;
// otherwise if nothing is.
func (w *window) before(otherwise int64) int64 {
	for _, f := range w.flying {
		if f.seq > 0 {
			otherwise = min(otherwise, f.seq-1)
		}
	}
	return otherwise
}
