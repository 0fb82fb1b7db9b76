package sqlstore

import (
	"cmp"
	"slices"
	"time"

	"github.com/drover-iot/drover/internal/job"
)

// collect is all that was put, as changes of rows, jobs first.
func (w *work) collect() []Change {
	var list []Change
	list = append(list, w.jobChanges()...)
	return append(list, w.executionChanges()...)
}

// jobSet leaves out what never changes.
var jobSet = []string{
	"status", "settings", "targets", "members", "updated_at", "completed_at", "forced", "comment", "reason",
	"rollout", "sweep", "due", "rolling", "version",
}

var counterSet = []string{
	"queued", "in_progress", "succeeded", "failed", "rejected", "timed_out", "canceled",
	"removed", "notified", "wait_failed", "wait_timed_out",
}

// jobChanges are the rows of jobs that were put, the end of their following,
// and one addition to the counters of each.
func (w *work) jobChanges() []Change {
	rows := Change{Kind: Update, Table: "jobs", Set: jobSet, Key: []string{"id"}}
	ends := Change{Kind: Update, Table: "job_groups", Set: []string{"following"}, Key: []string{"job"}}
	counts := Change{Kind: Add, Table: "counters", Set: counterSet, Key: []string{"job", "stripe"}}
	for _, e := range w.touched {
		if e.put {
			rows.Rows = append(rows.Rows, append(jobValues(e.job), e.job.ID))
			w.due(e.job.Due)
		}
		if e.put && e.job.Selection == job.Continuous && !e.job.Live() {
			ends.Rows = append(ends.Rows, []any{nil, e.job.ID})
		}
		if e.delta != (job.Counts{}) {
			counts.Rows = append(counts.Rows, append(countValues(e.delta), e.job.ID, w.stripe))
		}
	}
	return filled(rows, ends, counts)
}

// jobValues are the values of jobSet.
func jobValues(j job.Job) []any {
	var rolling any
	if j.Live() && j.Begun() && !j.RolledOut() { // before it begins, it sees the members of then
		rolling = int64(1)
	}
	return []any{
		int64(j.Status), written(j.Settings), written(j.Targets), j.Members, j.UpdatedAt.UnixMilli(), at(j.CompletedAt),
		flag(j.Forced), j.Comment, j.Reason, written(j.Rollout), written(j.Sweep), at(j.Due), rolling, j.Version,
	}
}

// filled are the changes that have rows.
func filled(list ...Change) []Change {
	return slices.DeleteFunc(list, func(c Change) bool { return len(c.Rows) == 0 })
}

// shape is how an execution changes: a set of columns that are written
// together. An index whose columns are not named costs nothing, so a report
// that keeps the state must not name it.
type shape uint8

const (
	inserted shape = iota
	deleted
	progressed
	progressedTimed
	started
	startedTimed
	ended
	endedTimed
	replaced
	shapes
)

var executionKey = []string{"job", "thing", "number"}

var (
	progressSet = []string{"version", "updated_at", "details"}
	startSet    = []string{"version", "updated_at", "details", "state", "started_at"}
	endSet      = []string{"version", "updated_at", "details", "state", "forced", "open"}
	timedSet    = []string{"deadline", "timer", "step"}
	wholeSet    = []string{
		"version", "updated_at", "details", "state", "started_at", "forced", "open", "queued_at",
		"retries", "deadline", "timer", "step",
	}
)

// form is what a change of shape s looks like.
func (s shape) form() Change {
	c := Change{Kind: Update, Table: "executions", Key: executionKey}
	switch s {
	case inserted:
		c.Kind, c.Set, c.Key = Insert, append(slices.Clone(wholeSet), executionKey...), nil
	case deleted:
		c.Kind = Delete
	case progressed:
		c.Set = progressSet
	case progressedTimed:
		c.Set = append(slices.Clone(progressSet), timedSet...)
	case started:
		c.Set = startSet
	case startedTimed:
		c.Set = append(slices.Clone(startSet), timedSet...)
	case ended:
		c.Set = endSet
	case endedTimed:
		c.Set = append(slices.Clone(endSet), timedSet...)
	default:
		c.Set = wholeSet
	}
	return c
}

// forms are the changes of executions by shape, without rows.
func forms() [shapes]Change {
	var list [shapes]Change
	for s := range shapes {
		list[s] = s.form()
	}
	return list
}

// shape is the narrowest shape that holds all that differs.
func (c *change) shape() shape {
	b, a := c.before, c.after
	switch {
	case b.None():
		return inserted
	case a.None():
		return deleted
	case !b.QueuedAt.Equal(a.QueuedAt) || b.Retries != a.Retries:
		return replaced
	}
	timed := shape(0)
	if !b.Timer.Equal(a.Timer) || !b.Step.Equal(a.Step) || !b.Deadline().Equal(a.Deadline()) {
		timed = 1
	}
	sameForce, sameStart := b.Forced == a.Forced, b.StartedAt.Equal(a.StartedAt)
	switch {
	case b.State == a.State && sameForce && sameStart:
		return progressed + timed
	case b.State.Terminal() == a.State.Terminal() && sameForce:
		return started + timed
	case sameStart:
		return ended + timed
	default:
		return replaced
	}
}

// values are the values of the columns that the shape writes, then of the key.
func (s shape) values(e job.Execution) []any {
	key := []any{e.Job, e.Thing, e.Number}
	if s == deleted {
		return key
	}
	v := make([]any, 0, 15)
	v = append(v, e.Version, e.UpdatedAt.UnixMilli(), names(e.Details))
	switch s {
	case progressed, progressedTimed:
	case started, startedTimed:
		v = append(v, int64(e.State), at(e.StartedAt))
	case ended, endedTimed:
		v = append(v, int64(e.State), flag(e.Forced), open(e))
	default:
		v = append(v, int64(e.State), at(e.StartedAt), flag(e.Forced), open(e), e.QueuedAt.UnixMilli(), retries(e.Retries))
	}
	switch s {
	case progressedTimed, startedTimed, endedTimed, replaced, inserted:
		v = append(v, at(e.Deadline()), at(e.Timer), at(e.Step))
	default: // the timers stay as they are
	}
	return append(v, key...)
}

func open(e job.Execution) any {
	if !toDo(e) {
		return nil
	}
	return int64(1)
}

// toDo tells whether something is still to come of an execution: it has not
// ended, or its retry waits.
func toDo(e job.Execution) bool { return !e.None() && (!e.State.Terminal() || e.Retries.Waits) }

func retries(r job.Retries) any {
	if r == (job.Retries{}) {
		return nil
	}
	return written(r)
}

// executionChanges groups what was put by shape, each in order of keys, which
// writes fewer pages. Deletions come first.
func (w *work) executionChanges() []Change {
	list := w.forms
	slices.SortFunc(w.order, inKeyOrder)
	for _, c := range w.order {
		if c.before.None() && c.after.None() {
			continue
		}
		s, e := c.shape(), c.after
		if s == deleted {
			e = c.before
		}
		list[s].Rows = append(list[s].Rows, s.values(e))
		w.due(c.after.Deadline())
	}
	list[inserted], list[deleted] = list[deleted], list[inserted]
	return filled(list[:]...)
}

func inKeyOrder(a, b *change) int {
	x, y := a.ref(), b.ref()
	return cmp.Or(cmp.Compare(x.Job, y.Job), cmp.Compare(x.Thing, y.Thing), cmp.Compare(x.Number, y.Number))
}

// due notes an instant for the watcher.
func (w *work) due(t time.Time) {
	if !t.IsZero() && (w.earliest.IsZero() || t.Before(w.earliest)) {
		w.earliest = t
	}
}

// saved takes note that all that was put is in the database now.
func (w *work) saved() {
	for _, e := range w.touched {
		e.put, e.delta, e.touched = false, job.Counts{}, false
	}
	for _, c := range w.order {
		w.known.saved(c)
	}
	clear(w.exact)
	thens := w.thens
	w.forgetPut()
	w.thens = thens
}
