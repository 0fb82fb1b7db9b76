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
	for end := clock.Wall().Add(d); clock.Wall().Before(end); {
		list := r.next(batch)
		err := r.work.spent()
		switch {
		case err != nil:
		case len(list) == 0:
			err = r.idle(ctx)
		default:
			err = r.commit(ctx, list)
		}
		if err != nil {
			return done, err
		}
		done += len(list)
	}
	return done, nil
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

// commit makes reports in one transaction.
func (r *raw) commit(ctx context.Context, list []statement) error {
	return r.store.Write(ctx, func(tx store.Tx) error {
		for _, s := range list {
			if err := s.apply(tx); err != nil {
				return fmt.Errorf("report %d of job %s on thing %s: %w", s.step, s.on.job, s.on.thing, err)
			}
		}
		return nil
	})
}

// apply reads what a report looks at and puts what it changes.
func (s statement) apply(tx store.Tx) error {
	t, err := tx.Thing(s.on.thing)
	if err != nil {
		return err
	}
	j, err := tx.Job(s.on.job)
	if err != nil {
		return err
	}
	before, err := s.before(tx, job.Key{Job: j.ID, Thing: t.ID})
	if err != nil {
		return err
	}
	after := before
	after.Version++
	after.UpdatedAt = tx.Now()
	switch s.step {
	case 0:
		after.State, after.StartedAt = job.InProgress, tx.Now()
	case 1:
		after.Details = map[string]string{"progress": "50"}
	default:
		after.State = job.Succeeded
	}
	tx.PutExecution(before, after)
	if after.State != before.State {
		tx.Count(j.ID, job.Moved(before.State, after.State))
	}
	return nil
}

var errNotQueued = errors.New("nothing is queued")

// before is the execution that a report is about. A start looks at what is
// pending, an end too: there is a next to be told of.
func (s statement) before(tx store.Tx, k job.Key) (job.Execution, error) {
	if s.step != 1 {
		list, err := tx.Pending(k.Thing)
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
	return tx.Latest(k)
}

// nobody is told of changes.
type nobody struct{}

func (nobody) Changed([]engine.ListChange) {}

func (nobody) Drain(context.Context) error { return nil }

// ceiling is what raw reaches on a course, in reports a second.
func (st *stand) ceiling(ctx context.Context, c course, batch int) (rate float64, err error) {
	st.say("raw: %s, %d reports a commit", c.fleet, batch)
	dir, err := st.folder(ctx, c.fleet)
	if err != nil {
		return 0, err
	}
	r, err := openRaw(ctx, dir)
	if err != nil {
		return 0, err
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
		return 0, err
	}
	others.Go(func() error {
		r.work.follow(beside, r)
		return nil
	})
	return r.run(ctx, batch, st.seconds(3, 0.3), st.seconds(10, 0.7))
}
