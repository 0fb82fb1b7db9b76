package promise

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// rows: one live execution a job and thing, and it is the latest; a terminal
// one never changes; a version never falls, and rises with a change.
func (c Check) rows() (broken []string) {
	say := func(format string, args ...any) { broken = append(broken, fmt.Sprintf(format, args...)) }
	for ref, e := range c.Now.Rows {
		if !e.State.Terminal() && c.latest[e.Key].Number != e.Number {
			say("%v is %s and not the latest", ref, e.State)
		}
		was, known := c.Before.Rows[ref]
		switch {
		case !known:
		case was.State.Terminal() && (was.State != e.State || was.Version != e.Version):
			say("%v was %s version %d and is %s version %d", ref, was.State, was.Version, e.State, e.Version)
		case e.Version < was.Version || was.State != e.State && e.Version == was.Version:
			say("%v went from version %d %s to %d %s", ref, was.Version, was.State, e.Version, e.State)
		}
	}
	return broken
}

// counters equal the rows, unless the job is being deleted: nobody counts what
// had ended then and goes.
func (c Check) counters(j job.Job) []string {
	if j.Status == job.StatusDeleting {
		return nil
	}
	var counted job.Counts
	for key, e := range c.latest {
		if key.Job == j.ID {
			counted = counted.Plus(job.Recount(job.Execution{}, e))
		}
	}
	counted.Notified = j.Counts.Notified
	if counted == j.Counts {
		return nil
	}
	return []string{fmt.Sprintf("job %s counts %+v, its rows are %+v", j.Name, j.Counts, counted)}
}

// end: a job is completed and aborted exactly when it should be.
func (c Check) end(j job.Job) (broken []string) {
	open, ended := j.Counts.Open(), j.RolledOut() && (j.Selection == job.Snapshot || j.Ended())
	if j.Status == job.StatusCompleted && (open > 0 || !ended) {
		broken = append(broken, fmt.Sprintf("job %s is COMPLETED with %d open", j.Name, open))
	}
	if !j.Live() {
		return broken
	}
	counts, waiting := c.final(j)
	if ended && open == 0 && waiting == 0 {
		broken = append(broken, fmt.Sprintf("job %s has nothing left to do and is %v", j.Name, j.Status))
	}
	for _, a := range j.Settings.Abort {
		executed := counts.Executed()
		if executed >= int64(a.Min) && 100*float64(counts.Failures(a.Failure))/float64(executed) >= float64(a.Percent)/100 {
			broken = append(broken, fmt.Sprintf("job %s meets %+v and goes on: %+v", j.Name, a, counts))
		}
	}
	return broken
}

// final is the counters of a job without the failures whose retry waits for a
// window, and how many those are.
func (c Check) final(j job.Job) (counts job.Counts, waiting int) {
	counts = j.Counts
	for key, e := range c.latest {
		if key.Job == j.ID && j.Waits(e) {
			*counts.Of(e.State)--
			waiting++
		}
	}
	return counts, waiting
}

// schedule: between the edges that it passed at its instants, a job is as its
// schedule says, nothing that waits is left behind in an open window, and it has
// executions only from its beginning to its end.
func (c Check) schedule(j job.Job) (broken []string) {
	say := func(format string, args ...any) {
		broken = append(broken, "job "+j.Name+" "+fmt.Sprintf(format, args...))
	}
	if j.Live() && !c.At.IsZero() {
		phase, _ := j.Settings.Schedule.At(c.At)
		want := map[job.Phase]job.Status{
			job.PhaseNotBegun: job.StatusScheduled, job.PhaseOpen: job.StatusInProgress, job.PhaseClosed: job.StatusScheduled,
		}
		if s, sure := want[phase]; sure && s != j.Status || j.Ended() != (phase == job.PhaseEnded) {
			say("is %v at %v, its schedule says phase %d", j.Status, c.At, phase)
		}
	}
	for key, e := range c.latest {
		switch {
		case key.Job != j.ID:
		case e.Retries.Waits && !j.Live() && !j.Sweep.Active:
			say("is %v and leaves the mark of %+v", j.Status, e)
		case !j.Begun():
			say("has not begun and has %+v", e)
		case j.Ended() && e.QueuedAt.After(j.Rollout.End.Add(early)):
			say("has ended and queued %+v", e)
		case j.Status == job.StatusInProgress && !j.Sweep.Active && !j.Paused() && j.Waits(e):
			say("is open and leaves %+v waiting", e)
		case j.Live() && !j.Sweep.Active && j.Effective(e).State != e.State:
			say("leaves %+v that is %v", e, j.Effective(e).State)
		}
	}
	return broken
}

// early is how far an execution may be queued ahead of its time, behind what its
// thing has: a second for each attempt, more than a test makes.
const early = time.Minute

// rate: what a rollout released in a minute never exceeds the highest cap that
// was in force in it. Joins are not part of it: they are not the rollout's.
func (c Check) rate(j job.Job) []string {
	if most := c.Cap(j); j.Rollout.Released > most {
		return []string{fmt.Sprintf("job %s released %d in minute %d, at most %d were allowed",
			j.Name, j.Rollout.Released, j.Rollout.Minute, most)}
	}
	return nil
}

// outside: no thing outside the targets of a CONTINUOUS job has one to do.
func (c Check) outside(ctx context.Context, thing fleet.Thing) (broken []string, err error) {
	var held map[int64]bool
	err = c.Store.Write(ctx, func(tx store.Tx) (err error) {
		held, err = tx.GroupsOf(thing.ID)
		return err
	})
	for _, j := range c.Now.Jobs {
		if j.Selection != job.Continuous || !j.Live() {
			continue
		}
		e := c.latest[job.Key{Job: j.ID, Thing: thing.ID}]
		if e = j.Effective(e); !e.None() && (!e.State.Terminal() || j.Waits(e)) && !j.Aims(thing.ID, held) {
			broken = append(broken, fmt.Sprintf("%s is not in the targets of %s and has execution %+v", thing.Name, j.Name, e))
		}
	}
	return broken, err
}

// gone: a thing that was deleted has nothing to do, and no retry is to come.
func (c Check) gone(ctx context.Context) (broken []string, err error) {
	jobs := map[int64]job.Job{}
	for _, j := range c.Now.Jobs {
		jobs[j.ID] = j
	}
	var open []job.Execution
	for key, raw := range c.latest {
		j := jobs[key.Job]
		if e := j.Effective(raw); !e.None() && (!e.State.Terminal() || j.Waits(raw)) {
			open = append(open, raw)
		}
	}
	names := map[int64]string{}
	err = c.Store.Write(ctx, func(tx store.Tx) error {
		for _, e := range open {
			thing, err := tx.ThingByID(e.Thing)
			if err != nil {
				return err
			}
			names[thing.ID] = thing.Name
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, e := range open {
		thing, err := c.Store.Thing(ctx, names[e.Thing])
		if err != nil && !fault.Is(err, fault.NotFound) {
			return broken, fmt.Errorf("look for thing %s: %w", names[e.Thing], err)
		}
		if err != nil || thing.ID != e.Thing {
			broken = append(broken, fmt.Sprintf("thing %s is deleted and has %+v of job %s", names[e.Thing], e, jobs[e.Job].Name))
		}
	}
	return broken, nil
}

// lists: there is a pending list for each namespace, of its jobs alone.
func (c Check) lists(ctx context.Context, thing fleet.Thing) (broken []string, err error) {
	spaces := map[string]map[int64]job.Job{"": {}}
	for _, j := range c.Now.Jobs {
		if spaces[j.Namespace] == nil {
			spaces[j.Namespace] = map[int64]job.Job{}
		}
		spaces[j.Namespace][j.ID] = j
	}
	for _, namespace := range slices.Sorted(maps.Keys(spaces)) {
		list, err := c.list(ctx, thing, namespace, spaces[namespace])
		if err != nil {
			return broken, err
		}
		broken = append(broken, list...)
	}
	return broken, nil
}

// list: the pending list of some jobs is what the rows say, in order.
func (c Check) list(ctx context.Context, thing fleet.Thing, namespace string, of map[int64]job.Job) ([]string, error) {
	var rows []job.Execution
	for _, e := range c.Now.Rows {
		if j, ok := of[e.Job]; ok && e.Thing == thing.ID && !e.State.Terminal() && visible(j, e) {
			rows = append(rows, e)
		}
	}
	slices.SortFunc(rows, job.Order)
	var want []job.Ref
	for _, e := range rows {
		want = append(want, e.Ref)
	}
	told, err := c.Pending(ctx, thing.Name, namespace)
	if err != nil || slices.Equal(told, want) {
		return nil, err
	}
	return []string{fmt.Sprintf("%s is told to do %v in namespace %q, its rows say %v", thing.Name, told, namespace, want)}, nil
}

// visible tells whether a device sees an open execution of the job.
func visible(j job.Job, e job.Execution) bool {
	behavior := j.Settings.Schedule.EndBehavior
	switch {
	case j.Status == job.StatusCanceled && j.Forced, j.Status == job.StatusDeleting, j.Ended() && behavior == job.CancelAll:
		return false
	case e.State == job.InProgress:
		return true
	default:
		return j.Status == job.StatusInProgress && !(j.Paused() && j.Rollout.Pause.Hides) && !(j.Ended() && behavior == job.CancelQueued)
	}
}

// history: it has each change once, the newest first and of the job's version,
// and what ended the job is told. Who saw the job at a version before finds it no
// older now.
func (c Check) history(j job.Job, changes []job.Change) (broken []string) {
	say := func(format string, args ...any) { broken = append(broken, fmt.Sprintf(format, args...)) }
	version := j.Version
	for _, change := range changes {
		if change.Version != version {
			say("job %s is at version %d, its history is %+v", j.Name, j.Version, changes)
			break
		}
		if !slices.Contains([]job.Operation{job.Aborted, job.Completed, job.EndTime}, change.Operation) {
			version-- // what a job does by itself is at the version that it has
		}
	}
	if len(changes) < pageSize && version != 0 {
		say("job %s is at version %d, its history lacks %d changes: %+v", j.Name, j.Version, version, changes)
	}
	if was := c.Before.Jobs[j.Name]; was.ID == j.ID && was.Version > j.Version {
		say("job %s went from version %d to %d", j.Name, was.Version, j.Version)
	}
	told := slices.IndexFunc(changes, func(c job.Change) bool { return c.After.Status != 0 })
	if !j.Live() && (told < 0 || changes[told].After.Status != j.Status) {
		say("job %s is %s, its history is %+v", j.Name, j.Status, changes)
	}
	return broken
}

// cap: never have more things a job to do than its cap, or than had it before.
func (c Check) cap(j job.Job) []string {
	most := int64(j.Settings.MaximumInProgress)
	if most == 0 {
		return nil
	}
	had := c.Before.Jobs[j.Name].Counts.Open()
	if c.Open != nil {
		had = c.Open(j)
	} else if c.Before.Jobs[j.Name].ID != j.ID {
		return nil
	}
	if j.Counts.Open() <= max(most, had) {
		return nil
	}
	return []string{fmt.Sprintf("%d things have %s to do, at most %d may, %d had", j.Counts.Open(), j.Name, most, had)}
}

// pause: a paused job queues nothing, as long as nobody resumes it.
func (c Check) pause(j job.Job, changes []job.Change) (broken []string) {
	was := c.Before.Jobs[j.Name]
	if was.ID != j.ID || !was.Paused() || !j.Paused() {
		return nil
	}
	for _, change := range changes {
		if change.Version > was.Version && change.Operation == job.ResumedBy {
			return nil
		}
	}
	for ref, e := range c.Now.Rows {
		if _, known := c.Before.Rows[ref]; ref.Job == j.ID && !known {
			broken = append(broken, fmt.Sprintf("job %s is paused and queued %+v", j.Name, e))
		}
	}
	return broken
}
