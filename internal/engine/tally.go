package engine

import (
	"context"
	"time"

	"github.com/drover-iot/drover/internal/job"
)

// Tally is what a turn did, in figures.
type Tally struct {
	Released int // executions that rollouts queued
	Joined   int // executions queued because a thing came to a group that a job follows
	Retried  int // executions queued because the one before had failed
	Aborted  int // jobs that an abort criterion ended
	// Ended is executions that have ended, by [job.State].
	Ended [job.Removed + 1]int
	// Late is how late each work was done that was due.
	Late []Late
}

// Late is one work that time made due.
type Late struct {
	Work string // one of Works
	By   time.Duration
}

// The kinds of work that time makes due.
const (
	rolloutWork = "rollout"
	sweepWork   = "sweep" // a slice of a cancel, a delete or an edge of a schedule
	timerWork   = "timer"
	jobWork     = "job" // what else a job waits for
)

// Works are the kinds of work that time makes due, as [Late] names them.
func Works() []string { return []string{rolloutWork, sweepWork, timerWork, jobWork} }

func (t *Tally) isEmpty() bool {
	return t.Released == 0 && t.Joined == 0 && t.Retried == 0 && t.Aborted == 0 && len(t.Late) == 0 &&
		t.Ended == [job.Removed + 1]int{}
}

// did hands the tally of a committed turn to whoever counts.
func (e *Engine) did(t *Tally) {
	if e.turned != nil && !t.isEmpty() {
		e.turned(*t)
	}
}

// late notes that work is done now which was due then.
func (t *turn) late(work string, due time.Time) {
	t.tally.Late = append(t.tally.Late, Late{work, t.now.Sub(due)})
}

// Behind is how long the oldest work that is due waits already; 0 if nothing
// is due. What a deleted group leaves behind is due without an instant, and
// counts as 0.
func (e *Engine) Behind(ctx context.Context) (time.Duration, error) {
	due, ok, err := e.store.NextDue(ctx)
	if err != nil || !ok || due.Unix() == 0 {
		return 0, err
	}
	return max(0, e.clock.Now().Sub(due)), nil
}

// Backlog is what is still to be done of what was answered.
type Backlog struct {
	Events int64 // that wait to be published, about
	Index  int64 // walks over all things for the fleet index: 1 or 0
	Groups int64 // dynamic groups that look for their members, or wait to
}

// Backlog reads how much there is at the moment.
func (e *Engine) Backlog(ctx context.Context) (b Backlog, err error) {
	if b.Events, err = e.store.EventsWaiting(ctx); err != nil {
		return b, err
	}
	if b.Groups, err = e.store.GroupsUnderWay(ctx); err != nil {
		return b, err
	}
	i, err := e.store.IndexingOf(ctx)
	if err == nil && isWalking(i.Build) {
		b.Index = 1
	}
	return b, err
}
