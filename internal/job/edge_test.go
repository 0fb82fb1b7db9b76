package job

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/fault"
)

// hourly is a window of that many minutes at each full hour, beside the rest.
func hourly(minutes int, rest Schedule) Schedule {
	rest.Windows = []Window{{StartTime: "cron(0 * * * ? *)", Minutes: minutes}}
	return rest
}

// made is a job on a schedule, made at noon.
func made(t *testing.T, s Schedule) Job {
	t.Helper()
	j, err := New(Create{Name: "fw", Settings: Settings{Schedule: s}, Targets: []Target{{Group: true, ID: 1}}, Members: 5}, noon)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// until passes all edges of a job up to t, each at its instant.
func until(j Job, t time.Time) Job {
	for range 1000 {
		if !j.AtEdge(t) {
			break
		}
		j = j.PassEdge(j.Rollout.Edge, 9)
	}
	return j
}

// spec: rollout-abort-timeout-retry-schedule.md#53-state-machine
func TestAJobFollowsItsSchedule(t *testing.T) {
	const s, i, c = StatusScheduled, StatusInProgress, StatusCompleted
	start, end := Schedule{StartTime: "2026-01-31T12:40"}, Schedule{EndTime: "2026-01-31T13:10"}
	both := Schedule{StartTime: "2026-01-31T12:40", EndTime: "2026-01-31T13:10"}
	for _, tt := range []struct {
		name string
		of   Schedule
		// want is the status at 12:00, 12:39, 12:40, 13:00, 13:09, 13:10,
		// 13:30 and 14:00, with executions that never end.
		want [8]Status
	}{
		{"nothing", Schedule{}, [8]Status{i, i, i, i, i, i, i, i}},
		{"startTime", start, [8]Status{s, s, i, i, i, i, i, i}},
		{"endTime", end, [8]Status{i, i, i, i, i, i, i, i}},
		{"startTime and endTime", both, [8]Status{s, s, i, i, i, i, i, i}},
		{"windows, made inside one", hourly(30, Schedule{}), [8]Status{i, s, s, i, i, i, s, i}},
		{"windows, made outside", Schedule{Windows: []Window{{StartTime: "0 13 ? * * *", Minutes: 30}}}, [8]Status{s, s, s, i, i, i, s, s}},
		{"windows and startTime", hourly(30, start), [8]Status{s, s, s, i, i, i, s, i}},
		{"windows and startTime within one", hourly(50, start), [8]Status{s, s, i, i, i, i, i, i}},
		{"windows and endTime: what is queued may still be run in them", hourly(30, end), [8]Status{i, s, s, i, i, i, s, i}},
		{"windows and an endTime that cancels", hourly(30, Schedule{EndTime: end.EndTime, EndBehavior: CancelQueued}), [8]Status{i, s, s, i, i, i, i, i}},
		{"windows that never meet startTime and endTime", Schedule{
			StartTime: both.StartTime, EndTime: both.EndTime, Windows: []Window{{StartTime: "0 0 ? * * *", Minutes: 30}},
		}, [8]Status{s, s, s, s, s, c, c, c}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			j := made(t, tt.of)
			for n, minutes := range []float64{0, 39, 40, 60, 69, 70, 90, 120} {
				if j = until(j, clockAt(minutes*60)); j.Begun() {
					j.Counts.InProgress = 1
				}
				if j.Status != tt.want[n] || (j.Status == StatusScheduled && j.Concurrent()) {
					t.Fatalf("after %v minutes it is %v, want %v", minutes, j.Status, tt.want[n])
				}
			}
		})
	}
}

func TestAScheduledJobIsDueAtItsEdges(t *testing.T) {
	j := made(t, hourly(30, Schedule{StartTime: "2026-01-31T12:40", EndTime: "2026-01-31T14:10"}))
	if j.Begun() || j.Concurrent() || len(j.Processing()) != 1 {
		t.Errorf("before its start: %+v", j)
	}
	for _, minutes := range []float64{40, 60, 90, 120, 130} {
		if !j.Due.Equal(clockAt(minutes * 60)) {
			t.Fatalf("due at %v, want %v", j.Due, clockAt(minutes*60))
		}
		if same := j.PassEdge(j.Due.Add(-1), 9); same.Status != j.Status || !same.Due.Equal(j.Due) {
			t.Fatalf("it passed an edge before %v", j.Due)
		}
		j = j.PassEdge(j.Due, 9)
		j.Rollout.Target = 1 // else it is due for its rollout
		j.Counts.InProgress = 1
		j = j.WithDue(clockAt(minutes * 60))
	}
	if j.Rollout.Edge = (time.Time{}); !j.WithDue(noon).Due.IsZero() {
		t.Errorf("without an edge it is due at %v", j.WithDue(noon).Due)
	}
}

func TestAnEdgeIsDueBeforeTheNextRelease(t *testing.T) {
	w := rollBy(Schedule{EndTime: "2026-01-31T12:30:30"}, RolloutConfig{MaximumPerMinute: 1}, 1000)
	w.until(clockAt(30 * 60))
	if end := clockAt(30*60 + 30); !w.Due.Equal(end) {
		t.Errorf("due at %v, want %v", w.Due, end)
	}
}

func TestEndTimeComesOnce(t *testing.T) {
	j := until(made(t, hourly(30, Schedule{EndTime: "2026-01-31T12:40"})), clockAt(35*60))
	j.Counts.Queued = 1
	if j = until(j, clockAt(5*3600)); !j.Rollout.End.Equal(clockAt(40 * 60)) {
		t.Errorf("it ended at %v", j.Rollout.End)
	}
}

func TestOnlyALiveJobHasRolloutsToCome(t *testing.T) {
	for s, want := range map[Status]int{StatusScheduled: 7, StatusInProgress: 7, StatusCompleted: 0, StatusCanceled: 0, StatusDeleting: 0} {
		j := made(t, nightly(60))
		j.Status = s
		if got := j.Upcoming(noon); len(got) != want {
			t.Errorf("a job that is %v opens at %v", s, got)
		}
	}
	if got := made(t, Schedule{StartTime: "2026-02-01T00:00"}).Upcoming(noon); got != nil {
		t.Errorf("a job without windows opens at %v", got)
	}
}

// spec: job-lifecycle.md#82-snapshot-and-continuous
func TestTheGroupsAreThoseOfTheFirstOpening(t *testing.T) {
	now := made(t, Schedule{})
	if now.Members != 5 || !now.Rollout.Start.Equal(noon) {
		t.Errorf("a job that begins at once: members at %d, from %v", now.Members, now.Rollout.Start)
	}
	j := made(t, hourly(30, Schedule{StartTime: "2026-01-31T12:40"}))
	j = j.PassEdge(clockAt(40*60), 6) // startTime, no window
	j = j.PassEdge(clockAt(60*60), 7)
	j.Counts.Queued = 1
	j = until(j, clockAt(5*3600))
	if j.Members != 7 || !j.Rollout.Start.Equal(clockAt(60*60)) {
		t.Errorf("members at %d, from %v; want those of the first window", j.Members, j.Rollout.Start)
	}
}

func TestEdgesThatWereMissed(t *testing.T) {
	for _, c := range []struct {
		name  string
		of    Schedule
		at    float64 // minutes after noon
		want  Status
		begun bool
	}{
		{"the start", Schedule{StartTime: "2026-01-31T12:40"}, 400, StatusInProgress, true},
		{"windows, up to one", hourly(30, Schedule{}), 605, StatusInProgress, true},
		{"windows, up to outside one", hourly(30, Schedule{}), 635, StatusScheduled, true},
		{"a whole window", Schedule{Windows: []Window{{StartTime: "0 13 ? * * *", Minutes: 30}}}, 120, StatusScheduled, false},
		{"start and end", Schedule{StartTime: "2026-01-31T12:40", EndTime: "2026-01-31T13:10"}, 400, StatusCompleted, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			now := clockAt(c.at * 60)
			j := made(t, c.of).PassEdge(now, 9)
			if j.Status != c.want || j.Begun() != c.begun || j.AtEdge(now) {
				t.Errorf("job is %v, begun %v, next edge at %v", j.Status, j.Begun(), j.Rollout.Edge)
			}
		})
	}
}

func TestNothingIsReleasedBehindAnEdge(t *testing.T) {
	j := made(t, hourly(30, Schedule{}))
	if _, n := j.Allow(clockAt(30*60 - 1)); n == 0 {
		t.Error("nothing is allowed in the window")
	}
	if r, n := j.Allow(clockAt(30 * 60)); n != 0 || r != j.Rollout {
		t.Errorf("%d are allowed although the window has closed", n)
	}
}

// spec: rollout-abort-timeout-retry-schedule.md#54-outside-a-window
func TestTheExampleOfTwoNights(t *testing.T) {
	w := rollBy(nightly(60), RolloutConfig{MaximumPerMinute: 100}, 10_000)
	at := func(hour float64) time.Time { return noon.Add(time.Duration(hour * float64(time.Hour))) } // after noon
	for _, c := range []struct {
		name     string
		at       time.Time
		notified int64
		status   Status
	}{
		{"the day before", at(13.99), 0, StatusScheduled},
		{"night 1, 02:00", at(14), 2, StatusInProgress},
		{"night 1, 02:30", at(14.5).Add(-time.Second), 3000, StatusInProgress},
		{"night 1, 03:00", at(15), 6000, StatusScheduled},
		{"05:00", at(17), 6000, StatusScheduled},
		{"night 2, 02:00", at(38), 6002, StatusInProgress},
		{"night 2, 02:40", at(38.667), 10_000, StatusInProgress},
		{"night 2, 02:59", at(38.99), 10_000, StatusInProgress},
		{"night 2, 03:00", at(39), 10_000, StatusScheduled},
	} {
		w.until(c.at)
		if w.Counts.Notified != c.notified || w.Status != c.status {
			t.Fatalf("%s: %d notified and %v, want %d and %v", c.name, w.Counts.Notified, w.Status, c.notified, c.status)
		}
		if shows := w.Shows(in(Queued)); shows != (c.status == StatusInProgress) || !w.Shows(in(InProgress)) {
			t.Fatalf("%s: QUEUED shows %v, IN_PROGRESS %v", c.name, shows, w.Shows(in(InProgress)))
		}
	}
	w.Selection = Snapshot
	w.Counts = Counts{Succeeded: 10_000, Notified: 10_000}
	if j := w.Judge(at(40)); j.Status != StatusCompleted || !j.Due.IsZero() {
		t.Errorf("with all executions terminal it is %v, due at %v", j.Status, j.Due)
	}
}

func TestTheRateGoesOnFromWindowToWindow(t *testing.T) {
	w := rollBy(hourly(30, Schedule{}), RolloutConfig{Exponential: Exponential{Base: 10, Factor: 20, Succeeded: 5}}, 1000)
	w.until(clockAt(45 * 60))
	w.Counts.Queued, w.Counts.Succeeded = w.Counts.Queued-30, 30 // while it is closed
	w.Job = w.Judge(clockAt(45 * 60))
	w.Counts.Succeeded = 0 // and deleted
	w.until(clockAt(60 * 60))
	if w.Rollout.Rate != 640 || w.Counts.Notified != 30*10+11 {
		t.Errorf("it opens with rate %d and %d things, want 640 and those of a second more than 300", w.Rollout.Rate, w.Counts.Notified)
	}
}

// spec: rollout-abort-timeout-retry-schedule.md#53-state-machine
func TestWhatEndTimeDoes(t *testing.T) {
	end := func(b EndBehavior) Schedule { return Schedule{EndTime: "2026-01-31T12:40", EndBehavior: b} }
	for _, c := range []struct {
		name            string
		of              Schedule
		counts          Counts
		queued, running State // what becomes of them
		sweeps          bool
		status          Status
	}{
		{"no behaviour", end(0), Counts{Queued: 1, InProgress: 1}, Queued, InProgress, false, StatusInProgress},
		{"STOP_ROLLOUT", end(StopRollout), Counts{Queued: 1, InProgress: 1}, Queued, InProgress, false, StatusInProgress},
		{"STOP_ROLLOUT with nothing open", end(StopRollout), Counts{Succeeded: 1}, Queued, InProgress, false, StatusCompleted},
		{"STOP_ROLLOUT outside a window", hourly(30, Schedule{EndTime: "2026-01-31T12:40"}), Counts{Queued: 1}, Queued, InProgress, false, StatusScheduled},
		{"CANCEL", end(CancelQueued), Counts{Queued: 1, InProgress: 1}, Canceled, InProgress, true, StatusInProgress},
		{"CANCEL with nothing queued", end(CancelQueued), Counts{InProgress: 1}, Canceled, InProgress, false, StatusInProgress},
		{"CANCEL with nothing open", end(CancelQueued), Counts{Failed: 1}, Canceled, InProgress, false, StatusCompleted},
		{"FORCE_CANCEL", end(CancelAll), Counts{Queued: 1, InProgress: 1}, Canceled, Canceled, true, StatusInProgress},
		{"FORCE_CANCEL with nothing queued", end(CancelAll), Counts{InProgress: 1}, Canceled, Canceled, true, StatusInProgress},
		{"FORCE_CANCEL outside a window", hourly(30, Schedule{EndTime: "2026-01-31T12:40", EndBehavior: CancelAll}), Counts{InProgress: 1}, Canceled, Canceled, true, StatusInProgress},
	} {
		for _, selection := range []Selection{Snapshot, Continuous} {
			t.Run(c.name+" "+selection.String(), func(t *testing.T) {
				j := made(t, c.of)
				j.Selection, j.Counts = selection, c.counts
				j = until(j, clockAt(40*60-1)).Swept(0, true, clockAt(40*60-1))
				j = j.PassEdge(clockAt(40*60), 9)
				if j.Status != c.status || j.Sweep.Active != c.sweeps || j.Concurrent() != c.sweeps || j.Forced || len(j.Processing()) > 0 {
					t.Errorf("job is %v, sweeping %v, isConcurrent %v", j.Status, j.Sweep.Active, j.Concurrent())
				}
				if queued, running := j.Effective(in(Queued)), j.Effective(in(InProgress)); queued.State != c.queued || running.State != c.running || running.Forced != (c.running == Canceled) {
					t.Errorf("QUEUED became %v, IN_PROGRESS %v forced %v", queued.State, running.State, running.Forced)
				}
			})
		}
	}
}

func TestAJobWhoseEndCancelsIsCompletedByItsSweep(t *testing.T) {
	j := made(t, Schedule{EndTime: "2026-01-31T13:00", EndBehavior: CancelAll})
	j.Selection, j.Counts = Continuous, Counts{Queued: 1, InProgress: 1}
	j = j.PassEdge(clockAt(3600), 9)
	if swept := j.Swept(1, false, clockAt(3601)); !swept.Due.Equal(clockAt(3601)) || !swept.Concurrent() {
		t.Errorf("under way it is due at %v, isConcurrent %v", swept.Due, swept.Concurrent())
	}
	j.Counts = Counts{Canceled: 2}
	j = j.Judge(clockAt(3602))
	if j.Status != StatusCompleted || j.Sweep.Active || !j.Due.IsZero() || !j.CompletedAt.Equal(clockAt(3602)) {
		t.Errorf("job is %v, sweeping %v, due at %v", j.Status, j.Sweep.Active, j.Due)
	}
}

func TestACancelBehindAnEndTakesNothingBack(t *testing.T) {
	j := made(t, Schedule{EndTime: "2026-01-31T13:00", EndBehavior: CancelAll})
	j.Counts = Counts{InProgress: 1}
	j, err := j.PassEdge(clockAt(3600), 9).Cancel(Cancel{}, clockAt(3601))
	got := j.Effective(in(InProgress))
	if err != nil || !j.Sweep.Active || got.State != Canceled || !got.UpdatedAt.Equal(clockAt(3600)) {
		t.Errorf("sweeping %v, the execution that no sweep has reached is %+v, %v", j.Sweep.Active, got, err)
	}
}

func TestACancelBehindAnEndThatCancelsNothing(t *testing.T) {
	j := made(t, Schedule{EndTime: "2026-01-31T13:00"})
	j.Counts = Counts{InProgress: 1}
	j, err := j.PassEdge(clockAt(3600), 9).Cancel(Cancel{Force: true}, clockAt(3601))
	if got := j.Effective(in(InProgress)); err != nil || !j.Sweep.Active || got.State != Canceled || !got.UpdatedAt.Equal(clockAt(3601)) {
		t.Errorf("sweeping %v, %+v, %v", j.Sweep.Active, got, err)
	}
}

func TestEdgesSweepWhatTheyShowOrHide(t *testing.T) {
	window := Settings{Retry: []Retry{{FailureFailed, 1}}, Schedule: hourly(30, Schedule{})}
	for _, c := range []struct {
		name           string
		counts         Counts
		closes, reopen bool
	}{
		{"queued", Counts{Queued: 1}, true, true},
		{"under way", Counts{InProgress: 1}, false, false},
		{"a retry that waits", Counts{InProgress: 1, Failed: 1, WaitFailed: 1}, false, true},
		{"a retry that was switched off", Counts{InProgress: 1, TimedOut: 1, WaitTimedOut: 1}, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			j, err := New(Create{Settings: window, Targets: []Target{{ID: 1}}}, noon)
			if err != nil {
				t.Fatal(err)
			}
			j.Counts, j.Rollout.Target = c.counts, 1
			j = j.PassEdge(clockAt(30*60), 9)
			if j.Sweep.Active != c.closes || j.Due.Equal(clockAt(30*60)) != c.closes || j.Concurrent() {
				t.Errorf("closing: sweeping %v, due at %v", j.Sweep.Active, j.Due)
			}
			j = j.Swept(7, true, clockAt(30*60))
			j = j.PassEdge(clockAt(60*60), 9)
			if j.Sweep != (Sweep{Active: c.reopen, Hidden: c.reopen}) || j.Concurrent() {
				t.Errorf("opening: %+v", j.Sweep)
			}
		})
	}
}

func TestWindowsThatRunIntoEachOtherChangeNothing(t *testing.T) {
	j := made(t, hourly(60, Schedule{}))
	j.Counts = Counts{Queued: 1}
	before := j.Rollout
	j = j.PassEdge(before.Edge, 9)
	if j.Sweep.Active || j.Rollout.Since != before.Since || !j.UpdatedAt.Equal(noon) || !j.Rollout.Edge.After(before.Edge) {
		t.Errorf("job is %+v", j)
	}
}

// spec: rollout-abort-timeout-retry-schedule.md#54-outside-a-window
func TestThingsThatJoin(t *testing.T) {
	for _, c := range []struct {
		name string
		of   Schedule
		at   float64 // minutes after noon
		want bool
	}{
		{"no schedule", Schedule{}, 0, true},
		{"before the start", Schedule{StartTime: "2026-01-31T12:40"}, 39, false},
		{"behind the start", Schedule{StartTime: "2026-01-31T12:40"}, 40, true},
		{"in a window", hourly(30, Schedule{}), 0, true},
		{"outside a window", hourly(30, Schedule{}), 30, true},
		{"before the end", Schedule{EndTime: "2026-01-31T12:40"}, 39, true},
		{"behind the end", Schedule{EndTime: "2026-01-31T12:40"}, 40, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			j := made(t, c.of)
			j.Counts.Queued = 1
			if got := until(j, clockAt(c.at*60)).TakesJoins(); got != c.want {
				t.Errorf("an execution is queued: %v", got)
			}
		})
	}
	if j, _ := made(t, Schedule{}).Cancel(Cancel{}, noon); j.TakesJoins() {
		t.Error("a cancelled job takes joins")
	}
}

func TestTargetsOfAJobOnASchedule(t *testing.T) {
	for _, c := range []struct {
		name  string
		of    Schedule
		at    float64 // minutes after noon
		wrong string
	}{
		{"before the start", Schedule{StartTime: "2026-01-31T12:40"}, 0, ""},
		{"outside a window", hourly(30, Schedule{}), 30, ""},
		{"behind the end", Schedule{EndTime: "2026-01-31T12:40"}, 40, "The endTime of job fw has come"},
	} {
		t.Run(c.name, func(t *testing.T) {
			j := made(t, c.of)
			j.Selection, j.Counts = Continuous, Counts{Queued: 1}
			_, err := until(j, clockAt(c.at*60)).Associate([]Target{{Group: true, ID: 2}}, "", clockAt(c.at*60))
			wantRefused(t, err, c.wrong)
		})
	}
}

// spec: job-lifecycle.md#81-validation-in-this-order-order-is-a-decision
func TestAScheduleIsCheckedBeforeRetries(t *testing.T) {
	s := Settings{Schedule: Schedule{StartTime: "soon"}, Retry: []Retry{{FailureTimedOut, 1}}}
	_, err := New(Create{Settings: s}, noon)
	wantRefused(t, err, "schedulingConfig.startTime")
	s.Rollout.Exponential.Base = 1
	_, err = New(Create{Settings: s}, noon)
	wantRefused(t, err, "rateIncreaseCriteria")
}

// spec: rollout-abort-timeout-retry-schedule.md#6-interactions
func TestAnUpdateLeavesTheSchedule(t *testing.T) {
	of := hourly(30, Schedule{StartTime: "2026-01-31T12:40", EndTime: "2026-01-31T14:40", EndBehavior: CancelQueued})
	rate, text := RolloutConfig{MaximumPerMinute: 9}, "new"
	j := made(t, of)
	for _, minutes := range []float64{0, 45, 60, 95} { // before, between, within and between again
		j = until(j, clockAt(minutes*60))
		j.Counts.InProgress = 1
		before := j
		j, err := j.Update(Patch{Description: &text, Rollout: &rate}, clockAt(minutes*60+1))
		same := slices.Equal(j.Settings.Schedule.Windows, of.Windows) && j.Settings.Schedule.EndTime == of.EndTime
		if err != nil || j.Status != before.Status || !j.Rollout.Edge.Equal(before.Rollout.Edge) || !same || j.Settings.Description != "new" {
			t.Errorf("after %v minutes: %v, job is %v with %+v", minutes, err, j.Status, j.Settings)
		}
	}
	j = until(j, clockAt(3*3600))
	if j, err := j.Update(Patch{Rollout: &rate}, clockAt(3*3600)); err != nil || !j.Ended() || !j.Due.IsZero() {
		t.Errorf("behind its end: %v, due at %v", err, j.Due)
	}
}

func TestAJobIsCancelledAndDeletedBetweenItsWindows(t *testing.T) {
	j := until(made(t, hourly(30, Schedule{})), clockAt(40*60))
	j.Counts = Counts{Queued: 3}
	canceled, err := j.Cancel(Cancel{}, clockAt(41*60))
	if err != nil || canceled.Status != StatusCanceled || !canceled.Sweep.Active || canceled.AtEdge(clockAt(3*3600)) {
		t.Errorf("cancelled as %+v, %v", canceled, err)
	}
	if _, err := j.Delete(false, noon); !fault.Is(err, fault.InvalidStateTransition) {
		t.Errorf("deleted: %v", err)
	}
	if gone, err := j.Delete(true, noon); err != nil || gone.PassEdge(clockAt(3*3600), 9).Status != StatusDeleting {
		t.Errorf("deleted by force: %v", err)
	}
}

func TestAnAbortCountsBetweenWindows(t *testing.T) {
	j := until(made(t, hourly(30, Schedule{})), clockAt(40*60))
	j.Settings.Abort = []Criterion{{FailureFailed, 5000, 2}, {FailureTimedOut, 5000, 2}}
	j.Settings.Retry = []Retry{{FailureAll, 1}}
	for _, c := range []Counts{{Queued: 3, Failed: 2, WaitFailed: 2}, {Queued: 3, Succeeded: 9, TimedOut: 9, WaitTimedOut: 9}} {
		if j.Counts = c; j.Judge(noon).Status != StatusScheduled {
			t.Errorf("failures whose retry waits count: %+v", c)
		}
	}
	j.Counts = Counts{Queued: 3, Failed: 3, Succeeded: 1, WaitFailed: 1}
	if got := j.Judge(noon); got.Status != StatusCanceled || !strings.Contains(got.Comment, "2 of 3 executed things") {
		t.Errorf("job is %v: %s", got.Status, got.Comment)
	}
}
