package device

import (
	"context"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/drover-iot/drover/internal/engine"
	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/mqtt"
)

// tellers is how many goroutines tell notices; one thing is always told by the
// same, so that its notices keep their order.
const tellers = 4

// teller holds the things of one goroutine whose listeners are to be told.
type teller struct {
	mu    sync.Mutex // guards what follows
	order []subject
	owed  map[subject][]engine.Change // by turn
	busy  bool                        // one is being told
	idle  chan struct{}               // closed and made anew whenever nothing is left
	wake  chan struct{}
}

// subject is whose list a notice is about.
type subject struct {
	thing     int64
	namespace string
}

func newTeller() *teller {
	return &teller{owed: map[subject][]engine.Change{}, idle: make(chan struct{}), wake: make(chan struct{}, 1)}
}

// Changed implements engine.Notifier: changes of things that somebody listens
// to are told soon, changes of one thing that come meanwhile together.
// spec: device-api.md#72-when
func (d *Door) Changed(changes []engine.Change) {
	p := d.publisher.Load()
	if p == nil {
		return
	}
	for _, c := range changes {
		if (*p).Listening(things+c.Thing.Name+notifyTopic) || (*p).Listening(things+c.Thing.Name+notifyNextTopic) {
			d.tellers[c.Thing.ID%tellers].add(c)
		}
	}
}

func (t *teller) add(c engine.Change) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := subject{c.Thing.ID, c.Namespace}
	if t.owed[s] == nil {
		t.order = append(t.order, s)
	}
	t.owed[s] = inTurn(t.owed[s], c)
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// inTurn puts c among the changes that are owed. Nearly always it is the last.
func inTurn(owed []engine.Change, c engine.Change) []engine.Change {
	i := len(owed)
	for i > 0 && owed[i-1].Turn > c.Turn {
		i--
	}
	return slices.Insert(owed, i, c)
}

// take is the next change to tell; without one the teller is idle.
func (t *teller) take() (engine.Change, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.busy = len(t.order) > 0
	if !t.busy {
		close(t.idle)
		t.idle = make(chan struct{})
		return engine.Change{}, false
	}
	s := t.order[0]
	t.order = t.order[1:]
	owed := t.owed[s]
	delete(t.owed, s)
	c := owed[0]
	for _, next := range owed[1:] {
		c.Notice = c.Notice.Then(next.Notice)
	}
	return c, true
}

// wait waits until nothing is left to tell.
func (t *teller) wait(ctx context.Context) error {
	t.mu.Lock()
	idle, quiet := t.idle, len(t.order) == 0 && !t.busy
	t.mu.Unlock()
	if quiet {
		return nil
	}
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Drain implements engine.Notifier.
func (d *Door) Drain(ctx context.Context) error {
	for _, t := range d.tellers {
		if err := t.wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Run tells notices by p until ctx ends.
func (d *Door) Run(ctx context.Context, p Publisher) error {
	d.publisher.Store(&p)
	g, ctx := errgroup.WithContext(ctx)
	for _, t := range d.tellers {
		g.Go(func() error {
			for {
				for c, ok := t.take(); ok; c, ok = t.take() {
					d.tell(ctx, p, c)
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
func (d *Door) tell(ctx context.Context, p Publisher, c engine.Change) {
	seq := d.sessions.OwedSeq() // the list read next has all that is owed up to it
	thing, items, err := d.engine.Pending(ctx, c.Thing.Name)
	switch {
	case fault.Is(err, fault.NotFound) || err == nil && thing.ID != c.Thing.ID:
		return // a thing that was deleted is not told
	case err != nil:
		d.log.Error("read list for a notice", "thing", c.Thing.Name, "err", err)
		return
	}
	told, err := d.messages(ctx, thing.Name, c.Notice, items)
	if err != nil { // what there is goes out, and pays nothing
		d.log.Error("render notice", "thing", thing.Name, "err", err)
	}
	for _, m := range told {
		m.Receipt = receipt(seq, m.final)
		p.Deliver(m.Message)
	}
}

// notice is a message with its place among those of one change.
type notice struct {
	mqtt.Message
	final bool // no other follows
}

// messages are what a notice says of the list as it is now: notify, then
// notify-next. With an error none of them is final.
func (d *Door) messages(ctx context.Context, thing string, n job.Notice, items []engine.Described) ([]notice, error) {
	var told []notice
	if n.Members {
		told = append(told, notice{Message: d.notify(thing, items)})
	}
	if n.NextChanged(head(items)) {
		m, err := d.notifyNext(ctx, thing, items)
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
