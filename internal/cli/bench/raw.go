package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/engine"
	"github.com/drover-iot/drover/internal/goruntime"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
	"github.com/drover-iot/drover/internal/store/sqlite"
)

// raw is the store by itself on a folder of its own: the reports of a load as
// the statements that they come down to, so many a commit, each commit durable.
// What a report looks at is read and what it changes is written, by the store's
// own statements. Nothing is received, decoded, decided, answered or waited
// for, so it is what a node would reach if all but its database cost nothing.
// Jobs that follow each other are released beside it, as in a node.
type raw struct {
	store  *sqlite.Store
	engine *engine.Engine
	work   work
	lanes  []lane // one for each connection of a load
	turn   int    // the lane that comes next
	ahead  bool   // a batch is at hand when the one before it is committed
	more   chan struct{}
	failed chan error
}

// lane is what one connection would be about.
type lane struct {
	on   execution
	step int // of reports; 0: on is to be taken anew
}

// statement is a report that a lane has made up.
type statement struct {
	on   execution
	step int
}

func openRaw(ctx context.Context, dir string) (*raw, error) {
	now := clock.NewReal()
	s, err := sqlite.Open(ctx, sqlite.Config{Dir: dir, Options: store.Options{Clock: now}})
	if err != nil {
		return nil, err
	}
	return &raw{
		store: s, engine: engine.New(engine.Config{Store: s, Clock: now}),
		lanes: make([]lane, connections), more: make(chan struct{}, 1), failed: make(chan error, 1),
	}, nil
}

// createJob implements operator.
func (r *raw) createJob(ctx context.Context, id string) error {
	_, err := r.engine.CreateJob(ctx, jobForAll(id))
	return err
}

// awaitRollout implements operator.
func (r *raw) awaitRollout(ctx context.Context, id string) error {
	return poll(ctx, pollEvery, func() (bool, error) {
		j, err := r.engine.Job(ctx, id)
		return j.RolledOut(), err
	})
}

// wake implements crew.
func (r *raw) wake() {
	select {
	case r.more <- struct{}{}:
	default:
	}
}

// fail implements crew.
func (r *raw) fail(err error) {
	select {
	case r.failed <- err:
	default:
	}
}

// run commits batch after batch, for a time that does not count and one that
// does, and answers reports a second.
func (r *raw) run(ctx context.Context, batch int, warm, count time.Duration) (float64, error) {
	if _, err := r.until(ctx, batch, warm); err != nil {
		return 0, err
	}
	begin := clock.Wall()
	done, err := r.until(ctx, batch, count)
	return float64(done) / clock.Wall().Sub(begin).Seconds(), err
}

// until commits batches for a time and answers how many reports they held.
func (r *raw) until(ctx context.Context, batch int, d time.Duration) (done int, err error) {
	var before store.Ticket
	for end := clock.Wall().Add(d); clock.Wall().Before(end); {
		list := r.next(batch)
		err := r.work.spent()
		if err == nil && len(list) == 0 {
			err = r.idle(ctx)
		}
		if err != nil {
			return done, errors.Join(err, await(ctx, before))
		}
		next := r.store.Submit(statements(list))
		if !r.ahead {
			before, next = next, before
		}
		if err := await(ctx, before); err != nil {
			return done, errors.Join(err, await(ctx, next))
		}
		before = next
		done += len(list)
	}
	return done, await(ctx, before)
}

// idle waits for a job that is released.
func (r *raw) idle(ctx context.Context) error {
	select {
	case <-r.more:
		return nil
	case err := <-r.failed:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// next is the next reports, one of each lane in turn.
func (r *raw) next(batch int) []statement {
	var list []statement
	for range r.lanes {
		if len(list) == batch {
			break
		}
		i := r.turn
		r.turn = (i + 1) % len(r.lanes)
		l := &r.lanes[i]
		if l.step == 0 {
			on, ok := r.work.next(i)
			if !ok {
				continue
			}
			l.on = on
		}
		list = append(list, statement(*l))
		l.step = (l.step + 1) % len(reports)
	}
	return list
}

// await waits for the outcome of a batch; nil is none.
func await(ctx context.Context, t store.Ticket) error {
	if t == nil {
		return nil
	}
	return t.Wait(ctx)
}

// statements are reports of one transaction: a command.
type statements []statement

// Hint implements store.Command.
func (statements) Hint(*store.Hints) {}

// Decide implements store.Command.
func (list statements) Decide(w store.Work) error {
	for _, s := range list {
		if err := s.apply(w); err != nil {
			return fmt.Errorf("report %d of job %s on thing %s: %w", s.step, s.on.job, s.on.thing, err)
		}
	}
	return nil
}

// apply reads what a report looks at and puts what it changes.
func (s statement) apply(w store.Work) error {
	t, err := w.Thing(s.on.thing)
	if err != nil {
		return err
	}
	j, err := w.Job(s.on.job)
	if err != nil {
		return err
	}
	before, err := s.before(w, job.Key{Job: j.ID, Thing: t.ID})
	if err != nil {
		return err
	}
	after := before
	after.Version++
	after.UpdatedAt = w.Now()
	switch s.step {
	case 0:
		after.State, after.StartedAt = job.InProgress, w.Now()
	case 1:
		after.Details = map[string]string{"progress": "50"}
	default:
		after.State = job.Succeeded
	}
	w.PutExecution(before, after)
	if after.State != before.State {
		w.Count(j.ID, job.Moved(before.State, after.State))
	}
	return nil
}

var errNotQueued = errors.New("nothing is queued")

// before is the execution that a report is about. A start looks at what is
// pending, an end too: there is a next to be told of.
func (s statement) before(w store.Work, k job.Key) (job.Execution, error) {
	if s.step != 1 {
		list, err := w.Pending(k.Thing)
		if err != nil {
			return job.Execution{}, err
		}
		if len(list) == 0 {
			return job.Execution{}, errNotQueued
		}
		if s.step == 0 {
			return list[0], nil
		}
	}
	return w.Latest(k)
}

// nobody is told of changes.
type nobody struct{}

func (nobody) Changed([]engine.ListChange) {}

func (nobody) Drain(context.Context) error { return nil }

// ceiling is what raw reaches, in reports a second.
type ceiling struct {
	awaited float64 // each batch is committed before the next is begun
	ahead   float64 // the next is at hand, and begun while this one is synced
}

// ceiling measures raw on a course.
func (st *stand) ceiling(ctx context.Context, c course, batch int) (rate ceiling, err error) {
	st.say("raw: %s, %d reports a commit", c.fleet, batch)
	dir, err := st.folder(ctx, c.fleet)
	if err != nil {
		return rate, err
	}
	defer goruntime.PlaceToSync()() // as a node has
	r, err := openRaw(ctx, dir)
	if err != nil {
		return rate, err
	}
	defer func() { err = errors.Join(err, r.store.Close(), os.RemoveAll(dir)) }()
	beside, stop := context.WithCancel(ctx)
	var others errgroup.Group
	defer func() {
		stop()
		err = errors.Join(err, others.Wait())
	}()
	others.Go(func() error { return r.engine.Run(beside, nobody{}) })
	if r.work, err = c.work(ctx, r); err != nil {
		return rate, err
	}
	others.Go(func() error {
		r.work.follow(beside, r)
		return nil
	})
	if rate.awaited, err = r.run(ctx, batch, st.seconds(3, 0.3), st.seconds(10, 0.7)); err != nil {
		return rate, err
	}
	r.ahead = true
	rate.ahead, err = r.run(ctx, batch, st.seconds(1, 0.1), st.seconds(10, 0.7))
	return rate, err
}

// mean is that of two measurements.
func mean(a, b ceiling) ceiling { return ceiling{(a.awaited + b.awaited) / 2, (a.ahead + b.ahead) / 2} }

// figures are those of a course.
func (r ceiling) figures(c course) []figure {
	return []figure{{Name: c.raw, Value: r.awaited, Unit: perSecond}, {Name: c.raw + "-ahead", Value: r.ahead, Unit: perSecond}}
}
