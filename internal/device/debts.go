package device

import (
	"context"
	"slices"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/mqtt"
	"github.com/drover-iot/drover/internal/store"
)

// What a persistent session listens to, as bits in the order of [Notices].
const (
	listensToNotify = 1 << iota
	listensToNext
)

// receipt remembers in a message what its acknowledgement pays: all that is
// owed up to seq, if it is the last message of its notice.
func receipt(seq int64, final bool) int64 {
	if final {
		return seq<<1 | 1
	}
	return seq << 1
}

// Owed implements broker.Debts: what a resumed session has missed, with the
// lists as they are now. spec: device-api.md#71-payloads
func (d *Door) Owed(ctx context.Context, client string, upTo int64) ([]mqtt.Message, int64, error) {
	// What is on its way to all listeners is held back from this one, which
	// gets it here: it would come twice otherwise.
	if err := d.Drain(ctx); err != nil {
		return nil, upTo, err
	}
	seq := d.sessions.OwedSeq()
	rows, err := d.sessions.OwedTo(ctx, client)
	if err != nil {
		return nil, upTo, err
	}
	var owed []mqtt.Message
	for _, row := range rows {
		if row.Seq <= upTo {
			continue
		}
		told, err := d.owed(ctx, row)
		if err != nil {
			return nil, upTo, err
		}
		for _, n := range told {
			n.Receipt = receipt(seq, n.final)
			owed = append(owed, n.Message)
		}
		if len(told) == 0 {
			d.sessions.PaidTo(client, row, 0)
		}
	}
	return owed, seq, nil
}

// owed is what is to be told of one list; nothing if it is gone, or if what
// changed is as it was.
func (d *Door) owed(ctx context.Context, row store.Owed) ([]notice, error) {
	thing, items, err := d.engine.Pending(ctx, row.Thing, row.Namespace)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	n := news{members: row.Notice.Members, next: row.Notice.NextChanged(head(items))}
	told, err := d.messages(ctx, list{thing.Name, row.Namespace, items}, n)
	if fault.Is(err, fault.NotFound) { // its head's job was deleted since the list was read
		return d.owed(ctx, row)
	}
	if err != nil {
		return nil, err
	}
	told = slices.DeleteFunc(told, func(n notice) bool { return row.Listens&listening(n.Topic) == 0 })
	return ended(told), nil
}

// listening is the bit of a notice's topic.
func listening(topic string) uint8 {
	if _, _, next := noticeOf(topic); next {
		return listensToNext
	}
	return listensToNotify
}

// Paid implements broker.Debts: a message pays what was owed when its list was
// read, unless the session is to get another of the same notice.
func (d *Door) Paid(client string, m mqtt.Message) {
	seq, final := m.Receipt>>1, m.Receipt&1 == 1
	if seq == 0 {
		return
	}
	thing, namespace, _ := noticeOf(m.Topic)
	var unless uint8
	if !final {
		unless = listensToNext
	}
	d.sessions.PaidTo(client, store.Owed{Thing: thing, Namespace: namespace, Seq: seq}, unless)
}
