package engine

import (
	"cmp"
	"context"

	"github.com/drover-iot/drover/internal/job"
)

// TryUpdateJob tells what UpdateJob would do, and changes nothing. It looks at
// the job and at what is left of its targets one after the other.
//
// Errors: those of UpdateJob.
func (e *Engine) TryUpdateJob(ctx context.Context, a Asked, p job.Patch) (job.Rehearsal, error) {
	before, err := e.store.Job(ctx, a.Job)
	if err != nil {
		return job.Rehearsal{}, err
	}
	if err := cmp.Or(inNamespace(before, a.Namespace), before.CheckVersion(a.Versions)); err != nil {
		return job.Rehearsal{}, err
	}
	now := e.clock.Now()
	after, err := before.Update(p, now)
	if err != nil {
		return job.Rehearsal{}, err
	}
	left, err := e.store.Left(ctx, before)
	if err != nil {
		return job.Rehearsal{}, err
	}
	select {
	case e.rehearsals <- struct{}{}:
		defer func() { <-e.rehearsals }()
		return job.Rehearse(before, after, left, now), nil
	case <-ctx.Done():
		return job.Rehearsal{}, ctx.Err()
	}
}
