package sqlstore

import (
	"time"

	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// Release implements store.Jobs.
func (t *tx) Release(j job.Job, s store.Slice) (store.Released, error) {
	if !s.Target.Group {
		list, err := all(t, scanCandidate, "candidate", s.Target.ID, j.ID)
		if err != nil {
			return store.Released{}, err
		}
		return t.release(j, s, list, true), nil
	}
	for look := max(s.Look, 1); ; look *= 2 {
		list, err := t.candidates(j, s, look)
		if err != nil {
			return store.Released{}, err
		}
		list, whole := wholeThings(list, look, func(c candidate) int64 { return c.thing.ID })
		if len(list) > 0 || whole {
			return t.release(j, s, list, whole), nil
		}
	}
}

// candidate is a member that a rollout looks at.
type candidate struct {
	thing  fleet.Thing // ID and Name
	fit    bool        // is to get an execution
	queued time.Time   // of the thing's last execution
}

func scanCandidate(r row) (candidate, error) {
	var c candidate
	err := r.Scan(&c.thing.ID, &c.thing.Name, &c.fit, instant{&c.queued})
	return c, err
}

// candidates are the memberships behind the slice's beginning, by thing. A
// thing that left and came back has several, of which a snapshot sees one.
func (t *tx) candidates(j job.Job, s store.Slice, look int) ([]candidate, error) {
	if j.Selection == job.Continuous {
		return all(t, scanCandidate, "candidates_now", s.Target.ID, s.After, int64(look)+1, j.ID)
	}
	return all(t, scanCandidate, "candidates_then", s.Target.ID, s.After, int64(look)+1, j.ID, j.Members)
}

// release queues an execution for each fit candidate, at most s.Most; whole
// tells that there is none behind them.
func (t *tx) release(j job.Job, s store.Slice, list []candidate, whole bool) store.Released {
	r := store.Released{After: s.After, End: whole}
	for _, c := range list {
		if c.fit && len(r.Things) >= s.Most {
			r.End = false
			break
		}
		r.After = c.thing.ID
		if c.fit {
			t.queue(j, c)
			r.Things = append(r.Things, c.thing)
		}
	}
	if n := int64(len(r.Things)); n > 0 {
		t.Count(j.ID, job.Counts{Queued: n, Notified: n})
	}
	return r
}

// queue puts the first execution of a job on a thing. It is never queued
// before one that is there, or it would go to the head of the list.
func (t *tx) queue(j job.Job, c candidate) {
	ref := job.Ref{Key: job.Key{Job: j.ID, Thing: c.thing.ID}, Number: 1}
	t.PutExecution(job.Execution{}, job.Fresh(ref, job.Behind(c.queued, t.now), t.now))
	t.Owe(c.thing, j.Namespace, job.Notice{Added: job.Head{Job: j.ID, Number: 1}, Members: true})
}
