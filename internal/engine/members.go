package engine

import (
	"slices"

	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
)

// regroup makes a thing a member of the groups that hold it after a change,
// and takes the jobs that follow those groups along.
// spec: job-lifecycle.md#82-snapshot-and-continuous
func (t *turn) regroup(thing fleet.Thing, before, after map[int64]bool) error {
	r := fleet.Regroup(before, after)
	if err := t.putMembers(thing.ID, r); err != nil {
		return err
	}
	if err := t.joined(thing, r, before); err != nil {
		return err
	}
	return t.left(thing, r.Leaves, after)
}

func (t *turn) putMembers(thing int64, r fleet.Regrouping) error {
	t.departed = t.departed || len(r.Leaves)+len(r.Turns) > 0
	for _, group := range r.Leaves {
		if err := t.tx.Leave(group, thing); err != nil {
			return err
		}
	}
	for _, m := range r.Turns { // ends one membership and begins another
		if err := t.tx.Leave(m.Group, thing); err != nil {
			return err
		}
		if err := t.tx.Join(m.Group, thing, m.Direct); err != nil {
			return err
		}
	}
	for _, m := range r.Joins {
		if err := t.tx.Join(m.Group, thing, m.Direct); err != nil {
			return err
		}
	}
	return nil
}

// joined queues the jobs that follow the groups just joined, at once and
// whatever their rate. One that the thing had through another target is not
// run again; one that it had left is.
func (t *turn) joined(thing fleet.Thing, r fleet.Regrouping, before map[int64]bool) error {
	groups := make([]int64, 0, len(r.Joins))
	for _, m := range r.Joins {
		groups = append(groups, m.Group)
	}
	jobs, err := t.following(groups)
	if err != nil {
		return err
	}
	for _, j := range jobs {
		latest, err := t.Latest(job.Key{Job: j.ID, Thing: thing.ID})
		if err != nil {
			return err
		}
		if !latest.None() && (j.Aims(thing.ID, before) || !latest.State.Terminal()) {
			continue
		}
		if err := t.queue(thing, j, latest); err != nil {
			return err
		}
		if err := t.judge(j.ID); err != nil {
			return err
		}
	}
	return nil
}

// left removes what a thing has not finished of the jobs that follow the
// groups just left, unless another target still holds it.
func (t *turn) left(thing fleet.Thing, groups []int64, after map[int64]bool) error {
	jobs, err := t.following(groups)
	if err != nil {
		return err
	}
	for _, j := range jobs {
		if j.Aims(thing.ID, after) {
			continue
		}
		latest, err := t.Latest(job.Key{Job: j.ID, Thing: thing.ID})
		if err != nil {
			return err
		}
		if latest.None() {
			continue
		}
		if removed, ok := latest.Remove(t.now); ok {
			if err := t.transition(thing, j, latest, removed); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *turn) following(groups []int64) ([]job.Job, error) {
	if len(groups) == 0 {
		return nil, nil
	}
	return t.tx.Following(groups)
}

// own is the groups that a thing itself is in, among those that hold it, the
// oldest first.
func own(held map[int64]bool) []int64 {
	var direct []int64
	for id, itself := range held {
		if itself {
			direct = append(direct, id)
		}
	}
	slices.Sort(direct)
	return direct
}

// paths is groups, each behind its ancestors.
func (t *turn) paths(groups []int64) ([]fleet.Path, error) {
	paths := make([]fleet.Path, 0, len(groups))
	for _, id := range groups {
		p, err := t.path(id)
		if err != nil {
			return nil, err
		}
		paths = append(paths, p)
	}
	return paths, nil
}

// path is a group behind its ancestors, the root first.
func (t *turn) path(id int64) (fleet.Path, error) {
	var p fleet.Path
	for id != 0 {
		g, err := t.tx.GroupByID(id)
		if err != nil {
			return nil, err
		}
		p = append(fleet.Path{g}, p...)
		id = g.Parent
	}
	return p, nil
}

// without is held less a group that the thing itself was in, and what held it
// only through that.
func (t *turn) without(held map[int64]bool, group int64) (map[int64]bool, error) {
	left := slices.DeleteFunc(own(held), func(id int64) bool { return id == group })
	paths, err := t.paths(left)
	return fleet.Holding(paths), err
}
