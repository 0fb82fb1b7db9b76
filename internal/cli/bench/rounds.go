package bench

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// rounds is jobs that follow each other: each member of the crew takes its
// things through one, then through the next. When the newest is begun another
// is created at once, so nobody waits for a rollout unless it takes longer than
// a round.
type rounds struct {
	operator operator
	things   int
	members  int
	at       []place       // of each member
	ready    atomic.Int64  // jobs that all things have
	begun    atomic.Int64  // jobs that somebody has begun
	more     chan struct{} // begun has grown
}

// place is how far a member has come.
type place struct{ round, thing int }

// operator is who creates jobs for all things, at an unlimited rate.
type operator interface {
	createJob(ctx context.Context, id string) error
	// awaitRollout waits until all things have the job.
	awaitRollout(ctx context.Context, id string) error
}

// newRounds brings out the first job.
func newRounds(ctx context.Context, o operator, things, members int) (*rounds, error) {
	r := &rounds{operator: o, things: things, members: members, more: make(chan struct{}, 1)}
	for i := range members {
		r.at = append(r.at, place{thing: i})
	}
	return r, r.release(ctx, 0)
}

func (r *rounds) next(i int) (execution, bool) {
	p := &r.at[i]
	if int64(p.round) >= r.ready.Load() || i >= r.things {
		return execution{}, false
	}
	r.begin(p.round)
	e := execution{thing: thing(p.thing), job: roundName(p.round)}
	if p.thing += r.members; p.thing >= r.things {
		p.round, p.thing = p.round+1, i
	}
	return e, true
}

func roundName(i int) string { return fmt.Sprintf("round-%d", i) }

// begin notes that a round has begun.
func (r *rounds) begin(round int) {
	if !r.begun.CompareAndSwap(int64(round), int64(round)+1) {
		return
	}
	select {
	case r.more <- struct{}{}:
	default: // follow looks anyway
	}
}

func (r *rounds) follow(ctx context.Context, c crew) {
	for {
		select {
		case <-r.more:
		case <-ctx.Done():
			return
		}
		for r.begun.Load() >= r.ready.Load() {
			if err := r.release(ctx, int(r.ready.Load())); err != nil {
				c.fail(err)
				return
			}
			c.wake()
		}
	}
}

// release creates a job and waits until all things have it.
func (r *rounds) release(ctx context.Context, round int) error {
	if err := r.operator.createJob(ctx, roundName(round)); err != nil {
		return err
	}
	if err := r.operator.awaitRollout(ctx, roundName(round)); err != nil {
		return err
	}
	r.ready.Store(int64(round) + 1)
	return nil
}

func (r *rounds) spent() error { return nil }

// pollEvery is how often an operator looks whether a rollout is over.
const pollEvery = 10 * time.Millisecond

// poll asks every so often until the answer is yes.
func poll(ctx context.Context, every time.Duration, ask func() (bool, error)) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if yes, err := ask(); yes || err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
