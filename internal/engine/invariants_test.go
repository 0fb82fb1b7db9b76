package engine

import (
	"context"
	"time"

	"pgregory.net/rapid"

	"github.com/drover-iot/drover/internal/drovertest/promise"
	"github.com/drover-iot/drover/internal/job"
)

// check holds what is stored to the promises.
func (h *history) check(rt *rapid.T) {
	h.rt = rt
	now := h.look()
	for _, j := range now.Jobs {
		h.noteCap(j)
	}
	broken, err := promise.Check{
		Store: h.store, At: h.clock.Now(), Now: now, Before: h.before, Things: thingNames, Pending: h.pending,
		Cap: func(j job.Job) int { return h.caps[j.ID][j.Rollout.Minute] },
	}.Broken(h.ctx())
	h.must(err)
	for _, what := range broken {
		rt.Fatalf("%s", what)
	}
	h.before = now
}

// noteCap notes the rate that is in force, for the minute that it is now and
// the one that the rollout has come to.
func (h *history) noteCap(j job.Job) {
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
}

func (h *history) pending(ctx context.Context, thing, namespace string) ([]job.Ref, error) {
	_, items, err := h.engine.Pending(ctx, thing, namespace)
	var told []job.Ref
	for _, item := range items {
		told = append(told, item.Execution.Ref)
	}
	return told, err
}
