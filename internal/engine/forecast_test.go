package engine

import (
	"context"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/job"
)

// prompt has every thing that is told of a job succeed at once, as a forecast
// assumes.
type prompt struct {
	*history
	reported int
}

// Changed implements Notifier.
func (*prompt) Changed([]ListChange) {}

// Drain implements Notifier.
func (p *prompt) Drain(ctx context.Context) error {
	for _, thing := range thingNames {
		for _, namespace := range []string{"", "gg", "x"} {
			p.succeed(ctx, thing, namespace)
		}
	}
	return nil
}

func (p *prompt) succeed(ctx context.Context, thing, namespace string) {
	_, items, err := p.engine.Pending(ctx, thing, namespace)
	p.may(err)
	for _, item := range items {
		_, _, err := p.engine.Update(Update{Thing: thing, Namespace: namespace, Job: item.Job, Report: job.Report{State: job.Succeeded}}).Wait(ctx)
		p.may(err)
		p.reported++
	}
}

// A forecast is what the clock then does, whatever happened before, if all that
// things do is to succeed.
func TestAForecastIsWhatTheClockThenDoes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		h := newHistory(t, rt)
		defer h.close()
		h.createJob(rt)
		happens := []func(*rapid.T){
			h.createJob, h.updateJob, h.startNext, h.report, h.report, h.join, h.leave, h.advance, h.advanceLong, h.deleteExecution, h.associate,
			h.pauseJob, h.resumeJob, h.limitJob,
		}
		for range rapid.IntRange(0, 15).Draw(rt, "steps") {
			rapid.SampledFrom(happens).Draw(rt, "what happens")(rt)
		}
		_, _, err := h.engine.settleDue(h.ctx())
		h.must(err)
		name := pick(rt, "job", jobNames)
		r, err := h.engine.TryUpdateJob(h.ctx(), Asked{Job: name}, job.Patch{})
		if fault.Is(err, fault.NotFound) || fault.Is(err, fault.InvalidRequest) {
			return // there is no such job, or it has ended
		}
		h.must(err)
		if r.Without != r.With || r.Without.Paused != r.Before.Paused() {
			rt.Fatalf("of a change of nothing to a job that is paused %v: %+v, %+v", r.Before.Paused(), r.Without, r.With)
		}
		h.follow(name, r.Left, r.Without)
	})
}

// follow lets time pass until the job has ended, or long enough.
func (h *history) follow(name string, left job.Left, f job.Forecast) {
	devices := &prompt{history: h}
	h.engine.notifier.Store(new(Notifier(devices)))
	horizon := h.clock.Now().AddDate(0, 0, 3)
	for {
		next, due, err := h.quietly(devices)
		h.must(err)
		j, err := h.engine.Job(h.ctx(), name)
		h.must(err)
		if !j.Live() {
			if j.Status != f.Status || !j.CompletedAt.Equal(f.End) {
				h.rt.Fatalf("job %s is %v since %v, the forecast was %+v", name, j.Status, j.CompletedAt, f)
			}
			return
		}
		left = h.reached(j, left, f)
		if !due || next.After(horizon) {
			if !f.End.IsZero() && !f.End.After(horizon) {
				h.rt.Fatalf("job %s is %v at %v, the forecast was %+v", name, j.Status, h.clock.Now(), f)
			}
			return
		}
		h.clock.Set(next)
	}
}

// reached is what is left of a job now: nothing from the instant on that was
// forecast.
func (h *history) reached(j job.Job, before job.Left, f job.Forecast) job.Left {
	left, err := h.store.Left(h.ctx(), j)
	h.must(err)
	now := h.clock.Now()
	if none := left.Things() == 0; !j.Ended() && (none && before.Things() > 0 && !now.Equal(f.RolledOut) ||
		!none && !f.RolledOut.IsZero() && !now.Before(f.RolledOut)) {
		h.rt.Fatalf("of job %s %+v is left at %v, before it was %+v, the forecast was %+v", j.Name, left, now, before, f)
	}
	return left
}

// quietly does all that is due now, and all that devices make of it.
func (h *history) quietly(devices *prompt) (next time.Time, due bool, err error) {
	for before := -1; before != devices.reported; {
		before = devices.reported
		if next, due, err = h.engine.quiet(h.ctx()); err != nil {
			return next, due, err
		}
	}
	return next, due, nil
}
