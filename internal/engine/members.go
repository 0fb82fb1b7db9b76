package engine

import (
	"slices"

	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
)

// regroup makes a thing a member of the groups that hold it after a change,
// and takes the jobs that follow those groups along.
// spec: job-lifecycle.md#82-snapshot-and-continuous
func (o *operation) regroup(thing fleet.Thing, before, after map[int64]bool) error {
	r := fleet.Regroup(before, after)
	if err := o.putMembers(thing.ID, r); err != nil {
		return err
	}
	if err := o.announceMembers(thing, before, after); err != nil {
		return err
	}
	if err := o.joined(thing, r, before); err != nil {
		return err
	}
	return o.left(thing, r.Leaves, after)
}

func (o *operation) putMembers(thing int64, r fleet.Regrouping) error {
	o.departed = o.departed || len(r.Leaves)+len(r.Turns) > 0
	for _, group := range r.Leaves {
		if err := o.tx.Leave(group, thing); err != nil {
			return err
		}
	}
	for _, m := range r.Turns { // ends one membership and begins another
		if err := o.tx.Leave(m.Group, thing); err != nil {
			return err
		}
		if err := o.tx.Join(m.Group, thing, m.Direct); err != nil {
			return err
		}
	}
	for _, m := range r.Joins {
		if err := o.tx.Join(m.Group, thing, m.Direct); err != nil {
			return err
		}
	}
	return nil
}

// joined queues the jobs that follow the groups just joined, at once and
// whatever their rate. One that the thing had through another target is not
// run again; one that it had left is.
func (o *operation) joined(thing fleet.Thing, r fleet.Regrouping, before map[int64]bool) error {
	groups := make([]int64, 0, len(r.Joins))
	for _, m := range r.Joins {
		groups = append(groups, m.Group)
	}
	jobs, err := o.following(groups)
	if err != nil {
		return err
	}
	for _, j := range jobs {
		if !j.TakesJoins() {
			continue
		}
		latest, err := o.Latest(job.Key{Job: j.ID, Thing: thing.ID})
		if err != nil {
			return err
		}
		if !latest.None() && (j.Aims(thing.ID, before) || !latest.State.Terminal()) {
			continue
		}
		if err := o.join(thing, j, latest); err != nil {
			return err
		}
	}
	return nil
}

// join queues a job for a thing behind latest, or has it wait.
func (o *operation) join(thing fleet.Thing, j job.Job, latest job.Execution) error {
	if j.JoinsWait() {
		j.Rollout.Joins = true
		o.PutJob(j.WithDue(o.now))
		return o.tx.Wait(job.Key{Job: j.ID, Thing: thing.ID}, latest.Number)
	}
	if err := o.queue(thing, j, latest); err != nil {
		return err
	}
	return o.judge(j.ID)
}

// left removes what a thing has not finished of the jobs that follow the
// groups just left, unless another target still holds it.
func (o *operation) left(thing fleet.Thing, groups []int64, after map[int64]bool) error {
	jobs, err := o.following(groups)
	if err != nil {
		return err
	}
	for _, j := range jobs {
		if j.Aims(thing.ID, after) {
			continue
		}
		latest, err := o.Latest(job.Key{Job: j.ID, Thing: thing.ID})
		if err != nil {
			return err
		}
		if latest.None() {
			continue
		}
		if err := o.removed(thing, j, latest); err != nil {
			return err
		}
	}
	return nil
}

// removed takes what is still to come of a job away from a thing. What a sweep
// is about to cancel is left to it.
func (o *operation) removed(thing fleet.Thing, j job.Job, latest job.Execution) error {
	if removed, ok := j.Effective(latest).Remove(o.now); ok {
		return o.transition(thing, j, latest, removed)
	}
	final, ok := latest.GiveUp()
	if !ok {
		return nil
	}
	o.replace(latest, final)
	return o.judge(j.ID)
}

func (o *operation) following(groups []int64) ([]job.Job, error) {
	if len(groups) == 0 {
		return nil, nil
	}
	return o.tx.Following(groups)
}

// own is the groups that a thing itself is in, among those that hold it, the
// oldest first.
func own(groups map[int64]bool) []int64 {
	var direct []int64
	for id, itself := range groups {
		if itself {
			direct = append(direct, id)
		}
	}
	slices.Sort(direct)
	return direct
}

// paths is groups, each behind its ancestors.
func (o *operation) paths(groups []int64) ([]fleet.Path, error) {
	paths := make([]fleet.Path, 0, len(groups))
	for _, id := range groups {
		p, err := o.path(id)
		if err != nil {
			return nil, err
		}
		paths = append(paths, p)
	}
	return paths, nil
}

// path is a group behind its ancestors, the root first.
func (o *operation) path(id int64) (fleet.Path, error) {
	var p fleet.Path
	for id != 0 {
		g, err := o.tx.GroupByID(id)
		if err != nil {
			return nil, err
		}
		p = append(fleet.Path{g}, p...)
		id = g.Parent
	}
	return p, nil
}
