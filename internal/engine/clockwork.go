package engine

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/job"
)

// How much of what is due shares one transaction.
const (
	dueExecutions = 500
	dueJobs       = 100
	pauseOnError  = time.Second
)

// alarm is the nearest instant at which something is due. A commit that brings
// something nearer rings it.
type alarm struct {
	mu   sync.Mutex // guards at
	at   time.Time  // zero: nothing is due
	ring chan struct{}
}

func newAlarm() *alarm { return &alarm{ring: make(chan struct{}, 1)} }

// set rings if t is nearer than what the clockwork waits for. It never blocks.
func (a *alarm) set(t time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.at.IsZero() && !t.Before(a.at) {
		return
	}
	a.at = t
	select {
	case a.ring <- struct{}{}:
	default:
	}
}

// waitFor says what the clockwork waits for; zero is anything at all.
func (a *alarm) waitFor(t time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.at = t
}

// hush forgets a ring that the work about to be done answers.
func (a *alarm) hush() {
	select {
	case <-a.ring:
	default:
	}
}

// Run does what is due until ctx ends, and tells n of it. Before it runs,
// nothing is told to anybody.
func (e *Engine) Run(ctx context.Context, n Notifier) error {
	e.notifier.Store(&n)
	var said map[string]bool
	for ctx.Err() == nil {
		began := clock.Wall()
		err := e.runOnce(ctx)
		switch {
		case err == nil:
			said = nil
		case ctx.Err() == nil:
			said = e.complain(err, said)
			e.pause(ctx, max(pauseOnError, clock.Wall().Sub(began)))
		}
	}
	return nil
}

// pause waits before what failed is tried again: a full disk heals. Whoever
// moves the clock meanwhile is answered.
func (e *Engine) pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	case a := <-e.advances:
		a.answer(e.advance(ctx, a))
	}
}

// runOnce does all that is due now and waits until there is more.
func (e *Engine) runOnce(ctx context.Context) error {
	e.alarm.waitFor(time.Time{}) // what is set while we look rings
	e.alarm.hush()
	next, ok, err := e.settleDue(ctx)
	if err != nil {
		return err
	}
	var due <-chan struct{}
	if ok {
		e.alarm.waitFor(next)
		ring, stop := e.clock.Alarm(next)
		defer stop()
		due = ring
	}
	select {
	case <-ctx.Done():
	case <-due:
	case <-e.alarm.ring:
	case a := <-e.advances:
		a.answer(e.advance(ctx, a))
	}
	return nil
}

// settleDue does all that is due now; next is the nearest instant after.
func (e *Engine) settleDue(ctx context.Context) (next time.Time, ok bool, err error) {
	for {
		next, ok, err = e.store.NextDue(ctx)
		if err != nil {
			return next, ok, err
		}
		work := (*operation).doDue
		if !ok || next.After(e.clock.Now()) {
			if work = e.spare(); work == nil {
				return next, ok, nil
			}
		}
		if err := e.write(ctx, work); err != nil {
			e.building.Store(true) // it may have been that
			return next, ok, e.oneByOne(ctx, err)
		}
	}
}

// spare is what is to be done while nothing is due, if there is something.
func (e *Engine) spare() func(*operation) error {
	switch {
	case e.departed.Swap(false):
		return (*operation).forgetDeparted
	case e.building.Swap(false):
		return (*operation).build
	default:
		return nil
	}
}

// forgetDeparted sweeps the memberships that ended and that no rollout needs
// any more, a slice at a time.
func (o *operation) forgetDeparted() error {
	n, err := o.tx.SweepMembers(sliceSize)
	o.departed = n == sliceSize
	return err
}

// doDue is one transaction of due work: timers first, then jobs, then what
// deleted groups leave behind.
func (o *operation) doDue() error {
	executions, err := o.tx.DueExecutions(o.now, dueExecutions)
	if err != nil {
		return err
	}
	for _, x := range executions {
		if err := o.fire(x); err != nil {
			return err
		}
	}
	if err := o.tick(); err != nil {
		return err
	}
	return o.emptyGone()
}

// emptyGone takes along the next members of a group that was deleted.
func (o *operation) emptyGone() error {
	groups, err := o.tx.GoneGroups(1)
	if err != nil || len(groups) == 0 {
		return err
	}
	return o.gone(groups[0])
}

// fire ends an execution whose timer has run out.
// spec: rollout-abort-timeout-retry-schedule.md#3-timeouts
func (t *turn) fire(x job.Execution) error {
	j, err := t.JobByID(x.Job)
	if err != nil {
		return err
	}
	thing, err := t.ThingByID(x.Thing)
	if err != nil {
		return err
	}
	if j.Effective(x).State != x.State { // a sweep is on its way to it
		return t.sweepOne(j, x)
	}
	t.late(timerWork, x.Deadline())
	timedOut, _ := x.TimeOut(t.now)
	return t.transition(thing, j, x, timedOut)
}

// tick gives every due job its turn while the budget of one transaction lasts.
func (o *operation) tick() error {
	due, err := o.tx.DueJobs(o.now, dueJobs)
	if err != nil {
		return err
	}
	for budget, i := sliceSize, 0; budget > 0 && i < len(due); i++ {
		used, err := o.tickIfDue(due[i], budget)
		if err != nil {
			return fmt.Errorf("tick of the job with id %d: %w", due[i], err)
		}
		budget -= used
	}
	return nil
}

// tickIfDue gives a job its turn, as those before it left it.
func (o *operation) tickIfDue(id int64, budget int) (used int, err error) {
	j, err := o.JobByID(id)
	if err != nil || j.Due.IsZero() || j.Due.After(o.now) {
		return 0, err
	}
	o.late(o.workOf(j), j.Due)
	return o.tickOne(j, budget)
}

// workOf is what a due job has to be done for it.
func (o *operation) workOf(j job.Job) string {
	switch {
	case j.AtEdge(o.now):
		return jobWork
	case j.Sweep.Active:
		return sweepWork
	case j.Rolling(), j.Admits():
		return rolloutWork
	default:
		return jobWork
	}
}

func (o *operation) tickOne(j job.Job, budget int) (used int, err error) {
	switch {
	case j.AtEdge(o.now):
		return o.passEdge(j, budget)
	case j.Sweep.Active && j.Rolling():
		return budget, o.sweepAndGoOn(j, budget)
	case j.Sweep.Active:
		return budget, o.sweep(j, sweepSlice)
	case j.Admits():
		return o.admit(j, budget)
	case j.Rolling():
		return o.release(j, budget)
	default:
		o.PutJob(j.WithDue(o.now))
		return 0, nil
	}
}

// passEdge takes a job to what its schedule says now. It is due again if that
// gives it something to do.
func (o *operation) passEdge(j job.Job, budget int) (used int, err error) {
	members, err := o.tx.MemberSequence()
	if err != nil {
		return 0, err
	}
	next := j.PassEdge(o.now, members)
	if next.Status == job.StatusCanceled {
		o.tally.Aborted++
	}
	if next, err = o.orCrowded(j, next); err != nil {
		return 0, err
	}
	o.noteEnd(j, next)
	o.put(next)
	o.departed = o.departed || !next.Rolling()
	if next.Sweep.Active { // its first slice is part of this
		return budget, nil
	}
	return 1, nil
}

// sweepAndGoOn is for a window that has just opened: its rollout does not wait
// until what was hidden is shown.
func (o *operation) sweepAndGoOn(j job.Job, budget int) error {
	if err := o.sweep(j, sweepSlice); err != nil {
		return err
	}
	j, err := o.JobByID(j.ID)
	switch {
	case err != nil:
		return err
	case j.Admits(): // it takes a slot before the rollout does
		_, err = o.admit(j, budget)
	case j.Rolling():
		_, err = o.release(j, budget)
	}
	return err
}
