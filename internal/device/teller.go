package device

import (
	"context"
	"slices"
	"sync"

	"github.com/drover-iot/drover/internal/engine"
	"github.com/drover-iot/drover/internal/job"
)

// teller holds the things of one goroutine whose listeners are to be told, and
// what they were told last.
type teller struct {
	mu      sync.Mutex // guards what follows
	order   []subject
	waiting map[subject][]engine.ListChange // by turn
	told    map[subject]known
	busy    bool // one is being told: current
	current subject
	lost    bool  // meanwhile it changed and nobody listened
	done    int64 // tellings so far
	waits   []waiter
	wake    chan struct{}
}

// waiter waits until so many tellings are done.
type waiter struct {
	done int64
	ring chan struct{}
}

// subject is whose list a notice is about.
type subject struct {
	thing     int64
	namespace string
}

func subjectOf(c engine.ListChange) subject { return subject{c.Thing.ID, c.Namespace} }

// known is what the listeners of a thing know. A list that was read for one
// change may have shown others, whose turn to be told comes later: those are
// compared with what is known, and not with the head that was before them.
type known struct {
	head job.Head
	// from is the turn of the change whose word it is that the head is known,
	// unless it was sent: of an earlier one that comes later, the word counts.
	from    int64
	sent    bool
	members int64 // they were told the members as of this turn
}

// holds tells whether the head is known as far as change c goes.
func (k known) holds(c engine.ListChange) bool { return k.sent || k.from != 0 && c.Turn > k.from }

// mostKnown bounds what is remembered. Forgetting is safe where no change is
// on its way, which is nearly everywhere.
const mostKnown = 8192

func newTeller() *teller {
	return &teller{
		waiting: map[subject][]engine.ListChange{}, told: map[subject]known{},
		wake: make(chan struct{}, 1),
	}
}

func (t *teller) add(c engine.ListChange) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := subjectOf(c)
	if t.waiting[s] == nil {
		t.order = append(t.order, s)
	}
	t.waiting[s] = inTurn(t.waiting[s], c)
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// inTurn puts c among the changes that wait. Nearly always it is the last.
func inTurn(waiting []engine.ListChange, c engine.ListChange) []engine.ListChange {
	i := len(waiting)
	for i > 0 && waiting[i-1].Turn > c.Turn {
		i--
	}
	return slices.Insert(waiting, i, c)
}

// take is the next change to tell, when that before it is told.
func (t *teller) take() (engine.ListChange, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.busy {
		t.done++
		t.ring()
	}
	t.busy = len(t.order) > 0
	if !t.busy {
		return engine.ListChange{}, false
	}
	s := t.order[0]
	t.order = t.order[1:]
	t.current, t.lost = s, false
	c := merged(t.waiting[s], t.told[s].members)
	delete(t.waiting, s)
	return c, true
}

// merged is changes as one, where the members are known as of a turn.
func merged(changes []engine.ListChange, members int64) engine.ListChange {
	for i := range changes {
		if changes[i].Turn <= members {
			changes[i].Notice.Members = false
		}
	}
	c := changes[0]
	for _, next := range changes[1:] {
		c.Notice = c.Notice.Then(next.Notice)
	}
	return c
}

// asKnown is the news of a change, now that the list begins with head.
func (t *teller) asKnown(c engine.ListChange, head job.Head) news {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := news{members: c.Notice.Members, next: c.Notice.NextChanged(head)}
	if k := t.told[subjectOf(c)]; k.holds(c) {
		n.next = head != k.head
	}
	return n
}

// remember notes what listeners know now, by a list that was read after turn.
func (t *teller) remember(c engine.ListChange, n news, head job.Head, turn int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lost {
		return
	}
	k := t.told[subjectOf(c)]
	if !k.holds(c) {
		k.from = c.Turn
	}
	k.head, k.sent = head, k.sent || n.next
	if n.members {
		k.members = turn
	}
	for s := range t.told { // any will do
		if len(t.told) < mostKnown {
			break
		}
		delete(t.told, s)
	}
	t.told[subjectOf(c)] = k
}

// forget: nobody listened to a change, so what was known is no more.
func (t *teller) forget(c engine.ListChange) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.told, subjectOf(c))
	t.lost = t.lost || subjectOf(c) == t.current
}

// ring wakes those who have waited for what is done.
func (t *teller) ring() {
	t.waits = slices.DeleteFunc(t.waits, func(w waiter) bool {
		if w.done <= t.done {
			close(w.ring)
		}
		return w.done <= t.done
	})
}

// wait waits until all that waits now is told.
func (t *teller) wait(ctx context.Context) error {
	t.mu.Lock()
	w := waiter{done: t.done + int64(len(t.order)), ring: make(chan struct{})}
	if t.busy {
		w.done++
	}
	t.waits = append(t.waits, w)
	t.ring()
	t.mu.Unlock()
	select {
	case <-w.ring:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
