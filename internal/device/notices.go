package device

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/drover-iot/drover/internal/engine"
	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/mqtt"
)

// tellers is how many goroutines tell notices; one thing is always told by the
// same, so that its notices keep their order.
const tellers = 4

// Changed implements engine.Notifier: changes of things that somebody listens
// to are told soon, changes of one thing that come meanwhile together.
// spec: device-api.md#72-when
func (d *Door) Changed(changes []engine.ListChange) {
	p := d.publisher.Load()
	if p == nil {
		return
	}
	for _, c := range changes {
		t := d.tellers[c.Thing.ID%tellers]
		if (*p).Listening(noticeTopic(c.Thing.Name, notifyTopic, c.Namespace)) ||
			(*p).Listening(noticeTopic(c.Thing.Name, notifyNextTopic, c.Namespace)) {
			t.add(c)
		} else {
			t.forget(c)
		}
	}
}

// Told is how many notices were handed to connections, since the start.
func (d *Door) Told() int64 { return d.told.Load() }

// Drain implements engine.Notifier.
func (d *Door) Drain(ctx context.Context) error {
	for _, t := range d.tellers {
		if err := t.wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Through gives the door what it publishes through. It is called once, before
// the first request.
func (d *Door) Through(p Publisher) { d.publisher.Store(&p) }

// Run tells notices until ctx ends.
func (d *Door) Run(ctx context.Context) error {
	p := *d.publisher.Load()
	g, ctx := errgroup.WithContext(ctx)
	for _, t := range d.tellers {
		g.Go(func() error {
			for {
				for c, ok := t.take(); ok; c, ok = t.take() {
					d.tell(ctx, p, t, c)
				}
				select {
				case <-ctx.Done():
					return nil
				case <-t.wake:
				}
			}
		})
	}
	return g.Wait()
}

// tell reads the list of a thing once and sends what its listeners do not know.
func (d *Door) tell(ctx context.Context, p Publisher, t *teller, c engine.ListChange) {
	turn, seq := d.engine.Settled(), d.sessions.OwedSeq() // the list read next has all up to them
	thing, items, err := d.engine.Pending(ctx, c.Thing.Name, c.Namespace)
	switch {
	case fault.Is(err, fault.NotFound) || err == nil && thing.ID != c.Thing.ID:
		t.forget(c)
		return // a thing that was deleted is not told
	case err != nil:
		d.log.Error("read list for a notice", "thing", c.Thing.Name, "err", err)
		return
	}
	w := t.asKnown(c, head(items))
	told, err := d.messages(ctx, list{thing.Name, c.Namespace, items}, w)
	if fault.Is(err, fault.NotFound) { // its head's job was deleted since the list was read
		d.tell(ctx, p, t, c)
		return
	}
	if err != nil { // what there is goes out, and pays nothing
		d.log.Error("render notice", "thing", thing.Name, "err", err)
	}
	for _, m := range told {
		m.Receipt = receipt(seq, m.final)
		d.told.Add(int64(p.Deliver(m.Message)))
	}
	if err == nil {
		t.remember(c, w, head(items), turn)
	}
}

// news is what is to be told of a list: its members, and its head.
type news struct{ members, next bool }

// notice is a message with its place among those of one change.
type notice struct {
	mqtt.Message
	final bool // no other follows
}

// list is the pending list of a thing in a namespace.
type list struct {
	thing, namespace string
	items            []engine.Described
}

// messages tell the news of the list as it is now: notify, then notify-next.
// With an error none of them is final.
func (d *Door) messages(ctx context.Context, l list, n news) ([]notice, error) {
	var told []notice
	if n.members {
		told = append(told, notice{Message: d.notify(l)})
	}
	if n.next {
		m, err := d.notifyNext(ctx, l)
		if err != nil {
			return told, err
		}
		told = append(told, notice{Message: m})
	}
	return ended(told), nil
}

// ended marks the last notice.
func ended(told []notice) []notice {
	if len(told) > 0 {
		told[len(told)-1].final = true
	}
	return told
}
