package sqlstore

import (
	"context"
	"math"
	"slices"

	"github.com/drover-iot/drover/internal/job"
)

// Left implements store.Reader.
func (s *Store) Left(ctx context.Context, j job.Job) (left job.Left, err error) {
	if !j.Live() {
		return left, nil
	}
	joins, err := s.joining(ctx, j)
	if err != nil {
		return left, err
	}
	for _, w := range joins {
		left.Joins = append(left.Joins, w.latest)
	}
	if !j.RolledOut() {
		left.Targets, err = s.ahead(ctx, j, joins)
	}
	return left, err
}

// joining are the things that wait to join a job and still may.
func (s *Store) joining(ctx context.Context, j job.Job) ([]join, error) {
	if !j.Rollout.Joins || !j.TakesJoins() {
		return nil, nil
	}
	joins, err := all(s.reads(ctx), scanJoin, "joins_left", j.ID)
	return slices.DeleteFunc(joins, func(w join) bool {
		return !w.aimed && !slices.ContainsFunc(j.Targets, func(t job.Target) bool { return !t.Group && t.ID == w.thing })
	}), err
}

// join is a thing that waits to join a job.
type join struct {
	thing  int64
	latest job.State
	aimed  bool // at by a group that is a target
}

func scanJoin(r row) (w join, err error) {
	err = r.Scan(&w.thing, &w.latest, &w.aimed)
	return w, err
}

// ahead is how many things the rollout has yet to come to. Of the groups before
// the one under way nothing is left, so all may be counted together.
func (s *Store) ahead(ctx context.Context, j job.Job, joins []join) (int64, error) {
	at := membersAt(j)
	if !j.Begun() { // it will see the members of then
		at = math.MaxInt64
	}
	n, _, err := one(s.reads(ctx), scanNumber, "left_of_groups", j.ID, at)
	if err != nil {
		return 0, err
	}
	for _, target := range j.Targets[j.Rollout.Target:] {
		if slices.ContainsFunc(joins, func(w join) bool { return !target.Group && w.thing == target.ID }) {
			continue
		}
		lacks, err := s.lacks(ctx, j, target, at)
		if err != nil {
			return 0, err
		}
		if lacks {
			n++
		}
	}
	return n, nil
}

// lacks tells whether a target is a thing that does not have the job, and that
// no group which is a target holds.
func (s *Store) lacks(ctx context.Context, j job.Job, target job.Target, at int64) (bool, error) {
	if target.Group {
		return false, nil
	}
	c, _, err := one(s.reads(ctx), scanCandidate, "candidate", target.ID, j.ID)
	if err != nil || !c.fit {
		return false, err
	}
	_, held, err := one(s.reads(ctx), scanNumber, "in_groups", j.ID, at, target.ID)
	return !held, err
}
