package job

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/fault"
)

var states = []State{Queued, InProgress, Succeeded, Failed, Rejected, TimedOut, Canceled, Removed}

// in is an execution in state s at version 3, queued and perhaps started
// before noon, with a timer of an hour if it runs.
func in(s State) Execution {
	e := Execution{Ref: Ref{Key{7, 70}, 1}, State: s, Version: 3, QueuedAt: clockAt(-120), UpdatedAt: clockAt(-60), Details: map[string]string{"a": "1"}}
	if s != Queued {
		e.StartedAt = clockAt(-60)
	}
	if s == InProgress {
		e.Timer = clockAt(3600)
	}
	return e
}

// command is anything that may change an execution; do answers it at noon.
type command struct {
	name string
	do   func(Execution) (Execution, error)
	// to is what it makes of QUEUED and of IN_PROGRESS; 0 is a refusal or
	// nothing at all. Of a terminal one it makes nothing.
	queued, inProgress State
	// wrong is the error where it makes nothing; 0 is no error.
	wrongQueued, wrongInProgress, wrongTerminal fault.Kind
}

func reports(s State) func(Execution) (Execution, error) {
	return func(e Execution) (Execution, error) { return e.Report(Report{State: s}, TimeoutConfig{}, noon) }
}

func certain(do func(Execution) (Execution, bool)) func(Execution) (Execution, error) {
	return func(e Execution) (Execution, error) {
		next, _ := do(e)
		return next, nil
	}
}

const noError = fault.Internal

// spec: job-lifecycle.md#21-execution-transitions
var commands = []command{
	{"report IN_PROGRESS", reports(InProgress), InProgress, InProgress, noError, noError, fault.InvalidStateTransition},
	{"report SUCCEEDED", reports(Succeeded), Succeeded, Succeeded, noError, noError, fault.InvalidStateTransition},
	{"report FAILED", reports(Failed), Failed, Failed, noError, noError, fault.InvalidStateTransition},
	{"report REJECTED", reports(Rejected), Rejected, Rejected, noError, noError, fault.InvalidStateTransition},
	{"report QUEUED", reports(Queued), 0, 0, fault.InvalidStateTransition, fault.InvalidStateTransition, fault.InvalidStateTransition},
	{"report TIMED_OUT", reports(TimedOut), 0, 0, fault.InvalidRequest, fault.InvalidRequest, fault.InvalidRequest},
	{"report CANCELED", reports(Canceled), 0, 0, fault.InvalidRequest, fault.InvalidRequest, fault.InvalidRequest},
	{"report REMOVED", reports(Removed), 0, 0, fault.InvalidRequest, fault.InvalidRequest, fault.InvalidRequest},
	{"report nothing", reports(0), 0, 0, fault.InvalidRequest, fault.InvalidRequest, fault.InvalidRequest},
	{"time out in time", certain(func(e Execution) (Execution, bool) { return e.TimeOut(clockAt(3599)) }), 0, 0, noError, noError, noError},
	{"time out", certain(func(e Execution) (Execution, bool) { return e.TimeOut(clockAt(3600)) }), 0, TimedOut, noError, noError, noError},
	{"job cancelled", certain(func(e Execution) (Execution, bool) { return e.Cancel(false, noon) }), Canceled, 0, noError, noError, noError},
	{"job cancelled by force", certain(func(e Execution) (Execution, bool) { return e.Cancel(true, noon) }), Canceled, Canceled, noError, noError, noError},
	{"cancelled", func(e Execution) (Execution, error) { return e.CancelOne(CancelOne{}, noon) }, Canceled, 0, noError, fault.InvalidStateTransition, fault.InvalidStateTransition},
	{"cancelled by force", func(e Execution) (Execution, error) { return e.CancelOne(CancelOne{Force: true}, noon) }, Canceled, Canceled, noError, noError, fault.InvalidStateTransition},
	{"thing left", certain(func(e Execution) (Execution, bool) { return e.Remove(noon) }), Removed, Removed, noError, noError, noError},
}

func (c command) of(s State) (to State, wrong fault.Kind) {
	switch s {
	case Queued:
		return c.queued, c.wrongQueued
	case InProgress:
		return c.inProgress, c.wrongInProgress
	default:
		return 0, c.wrongTerminal
	}
}

func TestEveryCommandOnEveryState(t *testing.T) {
	for _, c := range commands {
		for _, s := range states {
			t.Run(c.name+" on "+s.String(), func(t *testing.T) {
				before := in(s)
				after, err := c.do(before)
				to, wrong := c.of(s)
				wantStep(t, before, after, to)
				if (err != nil) != (wrong != noError) || err != nil && fault.KindOf(err) != wrong {
					t.Errorf("error %v, want kind %d", err, wrong)
				}
			})
		}
	}
}

// wantStep: a change is one version on, nothing else is nothing at all.
func wantStep(t *testing.T, before, after Execution, to State) {
	t.Helper()
	if to == 0 {
		to = before.State
		if after.Version != before.Version || !after.UpdatedAt.Equal(before.UpdatedAt) || after.Forced {
			t.Errorf("changed to %+v", after)
		}
	} else if after.Version != before.Version+1 || after.UpdatedAt.Equal(before.UpdatedAt) {
		t.Errorf("version %d updated at %v, want version %d", after.Version, after.UpdatedAt, before.Version+1)
	}
	if after.State != to {
		t.Errorf("state %v, want %v", after.State, to)
	}
	if after.State.Terminal() && !after.Deadline().IsZero() {
		t.Errorf("a terminal execution is due at %v", after.Deadline())
	}
	if after.Ref != before.Ref || !after.QueuedAt.Equal(before.QueuedAt) || !maps.Equal(after.Details, before.Details) {
		t.Errorf("another execution: %+v", after)
	}
}

func TestStartedAt(t *testing.T) {
	for _, c := range []struct {
		name string
		from State
		do   func(Execution) (Execution, error)
		want time.Time
	}{
		{"is set by a report of IN_PROGRESS", Queued, reports(InProgress), noon},
		{"stays by the next one", InProgress, reports(InProgress), clockAt(-60)},
		{"stays at the end", InProgress, reports(Failed), clockAt(-60)},
		{"is absent when a queued execution ends", Queued, reports(Succeeded), time.Time{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, err := c.do(in(c.from)); err != nil || !got.StartedAt.Equal(c.want) {
				t.Errorf("startedAt %v (%v), want %v", got.StartedAt, err, c.want)
			}
		})
	}
}

func TestForcedIsWhatWasWorkedOn(t *testing.T) {
	queued, _ := in(Queued).Cancel(true, noon)
	running, _ := in(InProgress).Cancel(true, noon)
	if queued.Forced || !running.Forced {
		t.Errorf("forceCanceled: %v for QUEUED, %v for IN_PROGRESS", queued.Forced, running.Forced)
	}
}

// spec: device-api.md#44-updatejobexecution
func TestExpectedVersion(t *testing.T) {
	two, three := int64(2), int64(3)
	for _, c := range []struct {
		name     string
		from     State
		report   Report
		want     fault.Kind
		contains string
	}{
		{"absent", InProgress, Report{State: InProgress}, noError, ""},
		{"the present one", InProgress, Report{State: InProgress, Expected: &three}, noError, ""},
		{"another", InProgress, Report{State: InProgress, Expected: &two}, fault.VersionConflict, "Expected version 2 but found version 3"},
		{"zero is a number", InProgress, Report{State: InProgress, Expected: new(int64)}, fault.VersionConflict, "Expected version 0 but found version 3"},
		{"a stale one wins over a terminal state", Canceled, Report{State: Failed, Expected: &two}, fault.VersionConflict, "found version 3"},
		{"the present one does not help a terminal state", Canceled, Report{State: Succeeded, Expected: &three}, fault.InvalidStateTransition, "Execution is CANCELED and cannot change to SUCCEEDED"},
		{"a word that no device may say wins over it", Canceled, Report{State: Removed, Expected: &two}, fault.InvalidRequest, "'REMOVED' at 'status'"},
		{"a missing word is named", InProgress, Report{}, fault.InvalidRequest, "Value null at 'status' is not allowed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := in(c.from)
			_, err := before.Report(c.report, TimeoutConfig{}, noon)
			wantFault(t, err, c.want, c.contains)
			if fault.Is(err, fault.VersionConflict) && fault.As(err).Detail.(Execution).Version != 3 {
				t.Error("the present execution does not come with the error")
			}
		})
	}
}

func wantFault(t *testing.T, err error, kind fault.Kind, contains string) {
	t.Helper()
	switch {
	case kind == noError && err == nil:
	case kind == noError || err == nil || fault.KindOf(err) != kind || !strings.Contains(err.Error(), contains):
		t.Errorf("error %v, want kind %d with %q", err, kind, contains)
	}
}

func TestCancelOne(t *testing.T) {
	two, more := int64(2), map[string]string{"why": "x"}
	canceled, err := in(InProgress).CancelOne(CancelOne{Force: true, Details: more}, noon)
	if err != nil || !maps.Equal(canceled.Details, more) || !canceled.Forced {
		t.Errorf("cancelled by force: %+v, %v", canceled, err)
	}
	_, err = in(InProgress).CancelOne(CancelOne{}, noon)
	wantFault(t, err, fault.InvalidStateTransition, "IN_PROGRESS and cannot be cancelled without force")
	_, err = in(Succeeded).CancelOne(CancelOne{Force: true, Expected: &two}, noon)
	wantFault(t, err, fault.VersionConflict, "Expected version 2")
	_, err = in(Succeeded).CancelOne(CancelOne{Force: true}, noon)
	wantFault(t, err, fault.InvalidStateTransition, "SUCCEEDED and cannot be cancelled")
}

// spec: job-lifecycle.md#6-delete
func TestDeletingAnExecution(t *testing.T) {
	for _, s := range states {
		if err := in(s).Delete(true); err != nil {
			t.Errorf("%v with force: %v", s, err)
		}
		if err := in(s).Delete(false); fault.Is(err, fault.InvalidStateTransition) != (s == InProgress) {
			t.Errorf("%v without force: %v", s, err)
		}
	}
}

func TestStatusDetails(t *testing.T) {
	for _, c := range []struct {
		name        string
		given, want map[string]string
	}{
		{"absent ones leave what is there", nil, map[string]string{"a": "1"}},
		{"given ones replace all", map[string]string{"b": "2"}, map[string]string{"b": "2"}},
		{"an empty map empties", map[string]string{}, map[string]string{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			reported, err := in(InProgress).Report(Report{State: InProgress, Details: c.given}, TimeoutConfig{}, noon)
			if err != nil || !maps.Equal(reported.Details, c.want) {
				t.Errorf("reported: %v (%v), want %v", reported.Details, err, c.want)
			}
			if started := in(Queued).Start(c.given, 0, TimeoutConfig{}, noon); !maps.Equal(started.Details, c.want) {
				t.Errorf("started: %v, want %v", started.Details, c.want)
			}
			if again := in(InProgress).Start(c.given, 0, TimeoutConfig{}, noon); again.Details["a"] != "1" {
				t.Errorf("start-next on an execution under way set %v", again.Details)
			}
		})
	}
}

// spec: device-api.md#42-startnextpendingjobexecution
func TestStartNext(t *testing.T) {
	started := in(Queued).Start(nil, 0, TimeoutConfig{InProgressMinutes: 10}, noon)
	wantStep(t, in(Queued), started, InProgress)
	if !started.StartedAt.Equal(noon) || !started.Deadline().Equal(clockAt(600)) {
		t.Errorf("started at %v, due at %v", started.StartedAt, started.Deadline())
	}
	again := started.Start(nil, 5, TimeoutConfig{InProgressMinutes: 1}, clockAt(30))
	wantStep(t, started, again, 0)
	if !again.Deadline().Equal(clockAt(330)) || !again.Timer.Equal(started.Timer) {
		t.Errorf("start-next on an execution under way: due at %v, timer %v", again.Deadline(), again.Timer)
	}
}

// spec: rollout-abort-timeout-retry-schedule.md#3-timeouts
func TestTimersOfTheWorkedExample(t *testing.T) {
	minute := func(m float64) time.Time { return clockAt(m * 60) }
	e := in(Queued).Start(nil, 0, TimeoutConfig{InProgressMinutes: 20}, noon)
	for _, row := range []struct{ at, step, due float64 }{
		{0, 0, 20}, {5, 7, 12}, {10, 5, 15}, {13, 9, 20}, {14, RemoveTimer, 20},
	} {
		var err error
		e, err = e.Report(Report{State: InProgress, StepMinutes: int(row.step)}, TimeoutConfig{}, minute(row.at))
		if err != nil || !e.Deadline().Equal(minute(row.due)) {
			t.Errorf("at 12:%02.0f step %v: due at %v (%v), want 12:%02.0f", row.at, row.step, e.Deadline(), err, row.due)
		}
	}
}

func TestTimers(t *testing.T) {
	ten := TimeoutConfig{InProgressMinutes: 10}
	report := func(e Execution, s State, step int, c TimeoutConfig, at float64) Execution {
		next, err := e.Report(Report{State: s, StepMinutes: step}, c, clockAt(at))
		if err != nil {
			t.Fatal(err)
		}
		return next
	}
	running := report(in(Queued), InProgress, 0, ten, 0)
	for _, c := range []struct {
		name string
		got  Execution
		want time.Time
	}{
		{"none configured", report(in(Queued), InProgress, 0, TimeoutConfig{}, 0), time.Time{}},
		{"the in-progress timer", running, clockAt(600)},
		{"a queued execution never times out", Fresh(Ref{}, noon, noon), time.Time{}},
		{"a step timer alone", report(in(Queued), InProgress, 5, TimeoutConfig{}, 0), clockAt(300)},
		{"progress extends nothing", report(running, InProgress, 0, ten, 100), clockAt(600)},
		{"a running one keeps its timer when the job's changes", report(running, InProgress, 0, TimeoutConfig{InProgressMinutes: 60}, 300), clockAt(600)},
		{"a longer step timer decides nothing", report(running, InProgress, 60, ten, 0), clockAt(600)},
		{"removing a step timer that is not there", report(running, InProgress, RemoveTimer, ten, 10), clockAt(600)},
		{"one that ends with a step timer has none", report(running, Succeeded, 5, ten, 10), time.Time{}},
		{"fires at the first whole second behind", report(in(Queued), InProgress, 0, ten, 0.2), clockAt(601)},
		{"a step fires at a whole second too", report(running, InProgress, 1, ten, 0.999), clockAt(61)},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.got.Deadline(); !got.Equal(c.want) {
				t.Errorf("due at %v, want %v", got, c.want)
			}
		})
	}
}

// spec: cases.md
func TestSecondsLeft(t *testing.T) {
	e := in(Queued).Start(nil, 0, TimeoutConfig{InProgressMinutes: 10}, clockAt(0.4))
	for _, c := range []struct {
		at   float64
		want int64
	}{{0.4, 600}, {1, 600}, {300, 301}, {601, 0}, {700, 0}} {
		if got, ok := e.SecondsLeft(clockAt(c.at)); !ok || got != c.want {
			t.Errorf("after %v s: %d left, want %d", c.at, got, c.want)
		}
	}
	if _, ok := Fresh(Ref{}, noon, noon).SecondsLeft(noon); ok {
		t.Error("a queued execution has seconds left")
	}
}

func TestWords(t *testing.T) {
	for _, s := range states {
		if got, ok := ParseState(s.String()); !ok || got != s {
			t.Errorf("%v is read as %v", s, got)
		}
	}
	for s := StatusScheduled; s <= StatusDeleting; s++ {
		if got, ok := ParseStatus(s.String()); !ok || got != s {
			t.Errorf("%v is read as %v", s, got)
		}
	}
	for f := FailureFailed; f <= FailureAll; f++ {
		if got, ok := ParseFailure(f.String()); !ok || got != f {
			t.Errorf("%v is read as %v", f, got)
		}
	}
	for _, word := range []string{"", "queued", "SUCCESS"} {
		_, state := ParseState(word)
		_, status := ParseStatus(word)
		_, failure := ParseFailure(word)
		if state || status || failure {
			t.Errorf("%q is a word", word)
		}
	}
	if Snapshot.String() != "SNAPSHOT" || Continuous.String() != "CONTINUOUS" {
		t.Error("the selections are spelt otherwise")
	}
}
