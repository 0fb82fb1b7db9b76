package engine

import (
	"context"
	"time"

	"github.com/drover-iot/drover/internal/job"
)

// PauseJob holds a live job; hide takes what is QUEUED out of its things' lists.
// spec: job-lifecycle.md#124-pause-and-resume
//
// Errors: NotFound, InvalidStateTransition, PreconditionFailed.
func (e *Engine) PauseJob(ctx context.Context, a Asked, hide bool) (job.Job, error) {
	return e.changed(ctx, a, job.PausedBy, func(j job.Job, now time.Time) (job.Job, error) { return j.Pause(hide, now) })
}

// ResumeJob lets a paused job go on. Errors: those of PauseJob.
func (e *Engine) ResumeJob(ctx context.Context, a Asked) (job.Job, error) {
	return e.changed(ctx, a, job.ResumedBy, job.Job.Resumed)
}

// LimitJob sets how many things may have a job to do at once; 0 is any number.
// spec: job-lifecycle.md#125-things-in-flight
//
// Errors: those of PauseJob.
func (e *Engine) LimitJob(ctx context.Context, a Asked, most int) (job.Job, error) {
	return e.changed(ctx, a, job.Limited, func(j job.Job, now time.Time) (job.Job, error) { return j.Limit(most, now) })
}
