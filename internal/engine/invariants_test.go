package engine

import (
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// check holds what is stored to the promises.
func (h *history) check(rt *rapid.T) {
	h.rt = rt
	now := h.look()
	h.checkRows(now)
	h.checkRate(now)
	for _, j := range now.jobs {
		h.checkCounters(now, j)
		h.checkEnd(j)
		h.checkFollowing(now, j)
	}
	for _, name := range thingNames {
		h.checkList(now, name)
	}
	h.before = now.rows
}

// checkRows: one live execution a job and thing, and it is the latest; a
// terminal one never changes; a version never falls, and rises with a change.
func (h *history) checkRows(now sight) {
	latest := now.latest()
	for ref, e := range now.rows {
		if !e.State.Terminal() && latest[e.Key].Number != e.Number {
			h.rt.Fatalf("%v is %s and not the latest", ref, e.State)
		}
		was, known := h.before[ref]
		switch {
		case !known:
		case was.State.Terminal() && (was.State != e.State || was.Version != e.Version):
			h.rt.Fatalf("%v was %s version %d and is %s version %d", ref, was.State, was.Version, e.State, e.Version)
		case e.Version < was.Version || was.State != e.State && e.Version == was.Version:
			h.rt.Fatalf("%v went from version %d %s to %d %s", ref, was.Version, was.State, e.Version, e.State)
		}
	}
}

// checkCounters: the counters equal the rows.
func (h *history) checkCounters(now sight, j job.Job) {
	var counted job.Counts
	for key, e := range now.latest() {
		if key.Job == j.ID {
			*counted.Of(e.State)++
		}
	}
	counted.Notified = j.Counts.Notified
	if counted != j.Counts {
		h.rt.Fatalf("job %s counts %+v, its rows are %+v", j.Name, j.Counts, counted)
	}
}

// checkEnd: a job is completed and aborted exactly when it should be.
func (h *history) checkEnd(j job.Job) {
	open := j.Counts.Open()
	if j.Status == job.StatusCompleted && (open > 0 || !j.RolledOut() || j.Selection == job.Continuous) {
		h.rt.Fatalf("job %s is COMPLETED with %d open", j.Name, open)
	}
	if j.Status != job.StatusInProgress {
		return
	}
	if j.Selection == job.Snapshot && j.RolledOut() && open == 0 {
		h.rt.Fatalf("job %s has nothing left to do and is IN_PROGRESS", j.Name)
	}
	for _, c := range j.Settings.Abort {
		executed := j.Counts.Executed()
		if executed >= int64(c.Min) && 100*float64(j.Counts.Failures(c.Failure))/float64(executed) >= float64(c.Percent)/100 {
			h.rt.Fatalf("job %s meets %+v and goes on: %+v", j.Name, c, j.Counts)
		}
	}
}

// checkRate: what a rollout released in a minute never exceeds the highest cap
// that was in force in it. Joins are not part of it: they are not the rollout's.
func (h *history) checkRate(now sight) {
	for _, j := range now.jobs {
		limit := j.Settings.Rollout.MaximumPerMinute
		if limit == 0 {
			limit = job.DefaultRate
		}
		if h.caps[j.ID] == nil {
			h.caps[j.ID] = map[int64]int{}
		}
		caps, minute := h.caps[j.ID], int64(h.clock.Now().Sub(j.Rollout.Start)/time.Minute)
		caps[minute] = max(caps[minute], limit)
		caps[j.Rollout.Minute] = max(caps[j.Rollout.Minute], limit)
		if j.Rollout.Released > caps[j.Rollout.Minute] {
			h.rt.Fatalf("job %s released %d in minute %d, at most %d were allowed", j.Name, j.Rollout.Released, j.Rollout.Minute, caps[j.Rollout.Minute])
		}
	}
}

// checkFollowing: where a CONTINUOUS job has rolled out, every thing of its
// groups has an execution, and no thing outside has one to do.
func (h *history) checkFollowing(now sight, j job.Job) {
	if j.Selection != job.Continuous || j.Status != job.StatusInProgress {
		return
	}
	latest := now.latest()
	for _, name := range thingNames {
		thing, err := h.store.Thing(h.ctx(), name)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		h.must(err)
		e := latest[job.Key{Job: j.ID, Thing: thing.ID}]
		var held map[int64]bool
		h.must(h.store.Write(h.ctx(), func(tx store.Tx) (err error) {
			held, err = tx.GroupsOf(thing.ID)
			return err
		}))
		if !e.None() && !e.State.Terminal() && !j.Aims(thing.ID, held) {
			h.rt.Fatalf("%s is not in the targets of %s and has execution %+v", name, j.Name, e)
		}
	}
}

// checkList: the pending list is what the rows say, in order, and nothing
// that is due is left undone where nobody waits for the clock.
func (h *history) checkList(now sight, name string) {
	thing, items, err := h.engine.Pending(h.ctx(), name)
	if fault.Is(err, fault.NotFound) {
		return
	}
	h.must(err)
	var want []job.Execution
	for _, e := range now.rows {
		if e.Thing == thing.ID && !e.State.Terminal() && h.jobShows(now, e) {
			want = append(want, e)
		}
	}
	slices.SortFunc(want, job.Order)
	if len(want) != len(items) {
		h.rt.Fatalf("%s has %d pending, its rows say %d", name, len(items), len(want))
	}
	for i := range want {
		if items[i].Execution.Ref != want[i].Ref {
			h.rt.Fatalf("%s has %v at %d, its rows say %v", name, items[i].Execution.Ref, i, want[i].Ref)
		}
	}
}

func (h *history) jobShows(now sight, e job.Execution) bool {
	for _, j := range now.jobs {
		if j.ID == e.Job {
			return j.Status == job.StatusInProgress || j.Status == job.StatusCanceled && e.State == job.InProgress && !j.Forced
		}
	}
	return false
}
