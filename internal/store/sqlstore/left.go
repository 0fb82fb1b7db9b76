package sqlstore

import (
	"context"
	"math"

	"github.com/drover-iot/drover/internal/job"
)

// Left implements store.Reader. Of the groups before the one under way nothing
// is left, so all may be counted together.
func (s *Store) Left(ctx context.Context, j job.Job) (int64, error) {
	if !j.Live() || j.RolledOut() {
		return 0, nil
	}
	at := membersAt(j)
	if !j.Begun() { // it will see the members of then
		at = math.MaxInt64
	}
	left, _, err := one(s.reads(ctx), scanNumber, "left_of_groups", j.ID, at)
	if err != nil {
		return 0, err
	}
	for _, target := range j.Targets[j.Rollout.Target:] {
		lacks, err := s.lacks(ctx, j, target, at)
		if err != nil {
			return 0, err
		}
		if lacks {
			left++
		}
	}
	return left, nil
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
