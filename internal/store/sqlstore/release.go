package sqlstore

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// Release implements store.Jobs.
func (t *tx) Release(j job.Job, s store.Slice) (r store.Released, err error) {
	if s.Target.Group {
		r, err = t.releaseGroup(j, s)
	} else {
		r, err = t.releaseThing(j, s)
	}
	if n := int64(len(r.Things)); err == nil && n > 0 {
		t.Count(j.ID, job.Counts{Queued: n, Notified: n})
	}
	return r, err
}

// releaseGroup inserts the executions by one statement: what a row costs in it
// is a fraction of what it costs on its way through Go.
func (t *tx) releaseGroup(j job.Job, s store.Slice) (store.Released, error) {
	upTo, whole, err := t.lookAt(s)
	if err != nil {
		return store.Released{}, err
	}
	of := []any{s.Target.ID, s.After, upTo, j.ID, membersAt(j)}
	r := store.Released{After: upTo, End: whole}
	if r.Things, err = t.insertExecutions(j.ID, append(of, s.Most, t.now.UnixMilli())); err != nil {
		return r, err
	}
	for _, thing := range r.Things {
		t.owe(j, thing)
	}
	if len(r.Things) < s.Most {
		return r, nil
	}
	last := s.After
	if len(r.Things) > 0 {
		last = r.Things[len(r.Things)-1].ID
	}
	of[1] = last
	if _, more, err := one(t, scanNumber, "fit_behind", of...); err != nil || more {
		return store.Released{Things: r.Things, After: last}, err
	}
	return r, nil
}

// membersAt is the number of the membership sequence at which a job sees the
// members of its targets.
func membersAt(j job.Job) int64 {
	if j.Selection == job.Continuous {
		return math.MaxInt64 // as they are
	}
	return j.Members
}

// lookAt is the last thing of a slice, and whether nothing is behind it.
func (t *tx) lookAt(s store.Slice) (upTo int64, whole bool, err error) {
	type window struct{ last, n int64 }
	look := int64(max(s.Look, 1))
	w, _, err := one(t, func(r row) (w window, err error) {
		err = r.Scan(&w.last, &w.n)
		return w, err
	}, "looked_at", s.Target.ID, s.After, look)
	if err != nil || w.n < look {
		return w.last, true, err
	}
	_, more, err := one(t, scanNumber, "member_behind", s.Target.ID, w.last)
	return w.last, !more, err
}

// insertExecutions answers the things that got one, in order of their id.
func (t *tx) insertExecutions(jobID int64, args []any) ([]fleet.Thing, error) {
	fresh, err := all(t, scanReleased, "release", args...)
	if err != nil || len(fresh) == 0 {
		return nil, err
	}
	t.wrote = true
	t.rows += len(fresh)
	clear(t.exact)
	slices.SortFunc(fresh, func(a, b released) int { return cmp.Compare(a.thing.ID, b.thing.ID) })
	things := make([]fleet.Thing, len(fresh))
	for i, r := range fresh {
		ref := job.Ref{Key: job.Key{Job: jobID, Thing: r.thing.ID}, Number: 1}
		t.known.saved(&change{after: job.Fresh(ref, r.queued, t.now)})
		things[i] = r.thing
	}
	return things, nil
}

// released is a thing that got an execution.
type released struct {
	thing  fleet.Thing // ID and Name
	queued time.Time
}

func scanReleased(row row) (r released, err error) {
	err = row.Scan(&r.thing.ID, &r.thing.Name, instant{&r.queued})
	return r, err
}

// owe notes what the listeners of a thing are owed for the first execution of
// a job.
func (t *tx) owe(j job.Job, thing fleet.Thing) {
	t.Owe(thing, j.Namespace, job.Notice{Added: job.Head{Job: j.ID, Number: 1}, Members: true})
}

// candidate is a thing that is a target itself.
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

// releaseThing queues the execution of a thing that is a target itself. It is
// never queued before one that is there, or it would go to the head of the
// list.
func (t *tx) releaseThing(j job.Job, s store.Slice) (store.Released, error) {
	c, _, err := one(t, scanCandidate, "candidate", s.Target.ID, j.ID)
	if err != nil || !c.fit {
		return store.Released{After: s.Target.ID, End: true}, err
	}
	if s.Most < 1 {
		return store.Released{After: s.After}, nil
	}
	ref := job.Ref{Key: job.Key{Job: j.ID, Thing: c.thing.ID}, Number: 1}
	t.PutExecution(job.Execution{}, job.Fresh(ref, job.Behind(c.queued, t.now), t.now))
	t.owe(j, c.thing)
	return store.Released{Things: []fleet.Thing{c.thing}, After: c.thing.ID, End: true}, nil
}
