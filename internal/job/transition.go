package job

import (
	"time"

	"github.com/drover-iot/drover/internal/fault"
)

// RemoveTimer is the StepMinutes that stops a running step timer.
const RemoveTimer = -1

// Report is what a device says of its execution, by UpdateJobExecution.
type Report struct {
	State       State
	Details     map[string]string // nil leaves them, any other replaces them all
	Expected    *int64            // expectedVersion
	StepMinutes int               // 0 is absent, RemoveTimer stops it
}

// Report answers the execution as the device says it is now. The word is
// looked at first, then expectedVersion, then the state.
// spec: job-lifecycle.md#21-execution-transitions
func (e Execution) Report(r Report, timeout TimeoutConfig, now time.Time) (Execution, error) {
	if err := r.State.reportable(); err != nil {
		return e, err
	}
	if err := e.expect(r.Expected); err != nil {
		return e, err
	}
	if e.State.Terminal() || r.State == Queued {
		return e, e.refuse("change to " + r.State.String())
	}
	if e.State == Queued && r.State == InProgress {
		e.begin(timeout, now)
	}
	next := e.to(r.State, now)
	if r.Details != nil {
		next.Details = r.Details
	}
	return next.withStep(r.StepMinutes, now), nil
}

// reportable refuses, as InvalidRequest, a state that a device may not name at
// all. QUEUED it may name: no execution can go there, and that is another
// error. spec: device-api.md#44-updatejobexecution
func (s State) reportable() error {
	switch s {
	case Queued, InProgress, Succeeded, Failed, Rejected:
		return nil
	case 0:
		return fault.New(fault.InvalidRequest, "Value null at 'status' is not allowed")
	default:
		return fault.New(fault.InvalidRequest, "Value '%s' at 'status' is not allowed", s)
	}
}

// Start answers the execution taken by StartNextPendingJobExecution. One that
// is IN_PROGRESS already stays as it is, but for a step timer.
// spec: device-api.md#42-startnextpendingjobexecution
func (e Execution) Start(details map[string]string, stepMinutes int, timeout TimeoutConfig, now time.Time) Execution {
	if e.State != Queued {
		return e.withStep(stepMinutes, now)
	}
	e.begin(timeout, now)
	next := e.to(InProgress, now)
	if details != nil {
		next.Details = details
	}
	return next.withStep(stepMinutes, now)
}

// TimeOut answers the execution whose deadline has come; ok is false if it
// has not.
func (e Execution) TimeOut(now time.Time) (timedOut Execution, ok bool) {
	if d := e.Deadline(); d.IsZero() || d.After(now) {
		return e, false
	}
	return e.to(TimedOut, now), true
}

// Cancel answers the execution as the cancelling of its job leaves it; ok is
// false if it is left alone. spec: job-lifecycle.md#51-canceljob-put-jobsjobidcancelforce
func (e Execution) Cancel(force bool, now time.Time) (canceled Execution, ok bool) {
	if e.State.Terminal() || e.State == InProgress && !force {
		return e, false
	}
	e.Forced = e.State == InProgress
	return e.to(Canceled, now), true
}

// CancelOne is what CancelJobExecution asks for.
type CancelOne struct {
	Force    bool
	Expected *int64
	Details  map[string]string // nil leaves them
}

// CancelOne answers the execution cancelled by itself.
// spec: job-lifecycle.md#52-canceljobexecution-put-thingsthingjobsjobidcancelforce
func (e Execution) CancelOne(c CancelOne, now time.Time) (Execution, error) {
	if err := e.expect(c.Expected); err != nil {
		return e, err
	}
	next, ok := e.Cancel(c.Force, now)
	if !ok {
		return e, e.refuse("be cancelled" + withForce(e.State))
	}
	if c.Details != nil {
		next.Details = c.Details
	}
	return next, nil
}

func withForce(s State) string {
	if s == InProgress {
		return " without force"
	}
	return ""
}

// Remove answers the execution of a thing that left the job's targets or the
// registry; ok is false if it had ended.
func (e Execution) Remove(now time.Time) (removed Execution, ok bool) {
	if e.State.Terminal() {
		return e, false
	}
	return e.to(Removed, now), true
}

// Delete refuses the deleting of an execution that its device is working on,
// unless by force. spec: job-lifecycle.md#6-delete
func (e Execution) Delete(force bool) error {
	if e.State == InProgress && !force {
		return e.refuse("be deleted" + withForce(e.State))
	}
	return nil
}

// Fresh is an execution newly queued.
func Fresh(r Ref, queuedAt, now time.Time) Execution {
	return Execution{Ref: r, State: Queued, Version: 1, QueuedAt: queuedAt, UpdatedAt: now}
}

// begin sets what an execution gets when it becomes IN_PROGRESS.
func (e *Execution) begin(timeout TimeoutConfig, now time.Time) {
	e.StartedAt = now
	if timeout.InProgressMinutes > 0 {
		e.Timer = after(now, timeout.InProgressMinutes)
	}
}

// to is e in state s, one version on; a terminal state has no timers.
func (e Execution) to(s State, now time.Time) Execution {
	e.State, e.UpdatedAt = s, now
	e.Version++
	if s.Terminal() {
		e.Timer, e.Step = time.Time{}, time.Time{}
	}
	return e
}

// withStep sets or stops the step timer; a terminal execution has none.
func (e Execution) withStep(minutes int, now time.Time) Execution {
	switch {
	case e.State != InProgress || minutes == 0:
	case minutes == RemoveTimer:
		e.Step = time.Time{}
	default:
		e.Step = after(now, minutes)
	}
	return e
}

// after is the first whole second at or after so many minutes from now: the
// instant at which a timer fires. spec: rollout-abort-timeout-retry-schedule.md#3-timeouts
func after(now time.Time, minutes int) time.Time {
	t := now.Add(time.Duration(minutes) * time.Minute)
	if whole := t.Truncate(time.Second); !whole.Equal(t) {
		return whole.Add(time.Second)
	}
	return t
}

func (e Execution) expect(version *int64) error {
	if version == nil || *version == e.Version {
		return nil
	}
	err := fault.New(fault.VersionConflict, "Expected version %d but found version %d", *version, e.Version)
	err.Detail = e
	return err
}

func (e Execution) refuse(what string) error {
	err := fault.New(fault.InvalidStateTransition, "Execution is %s and cannot %s", e.State, what)
	err.Detail = e
	return err
}

// SecondsLeft is approximateSecondsBeforeTimedOut; ok is false without a
// running timer.
func (e Execution) SecondsLeft(now time.Time) (seconds int64, ok bool) {
	d := e.Deadline()
	if d.IsZero() {
		return 0, false
	}
	return max(0, int64(d.Sub(now)/time.Second)), true
}
