package job

import (
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/fault"
)

// spec: job-lifecycle.md#124-pause-and-resume
func TestWhichJobsMayBePausedAndResumed(t *testing.T) {
	live := made(t, Schedule{})
	scheduled := made(t, Schedule{StartTime: "2026-01-31T13:00"})
	done := live
	done.Status, done.CompletedAt = StatusCompleted, noon
	cancelled, _ := live.Cancel(Cancel{}, noon)
	deleting, _ := live.Delete(true, noon)
	for _, c := range []struct {
		name                string
		job                 Job
		pause, hide, resume bool // what is granted
	}{
		{"one that is IN_PROGRESS", live, true, true, false},
		{"one that is SCHEDULED", scheduled, true, true, false},
		{"one that is paused", paused(live, false), false, true, true},
		{"one that is paused and hides", paused(live, true), true, false, true},
		{"one that is SCHEDULED and paused", paused(scheduled, true), true, false, true},
		{"one that is COMPLETED", done, false, false, false},
		{"one that is CANCELED", cancelled, false, false, false},
		{"one that is being deleted", deleting, false, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, ask := range []struct {
				what    string
				granted bool
				do      func() (Job, error)
			}{
				{"pause", c.pause, func() (Job, error) { return c.job.Pause(false, clockAt(1)) }},
				{"pause with hideQueued", c.hide, func() (Job, error) { return c.job.Pause(true, clockAt(1)) }},
				{"resume", c.resume, func() (Job, error) { return c.job.Resumed(clockAt(1)) }},
			} {
				next, err := ask.do()
				switch {
				case ask.granted && (err != nil || next.Version != c.job.Version+1 || next.Paused() != (ask.what != "resume")):
					t.Errorf("%s: version %d, paused %v, %v", ask.what, next.Version, next.Paused(), err)
				case !ask.granted && (!fault.Is(err, fault.InvalidStateTransition) || next.Version != c.job.Version):
					t.Errorf("%s: version %d, %v", ask.what, next.Version, err)
				}
			}
		})
	}
}

// Whatever ends a job ends its pause.
func TestAJobThatHasEndedIsNotPaused(t *testing.T) {
	held := paused(made(t, Schedule{}), true)
	done := held
	done.Rollout.Target, done.Counts.Succeeded = 1, 1
	cancelled, _ := held.Cancel(Cancel{}, clockAt(1))
	for name, j := range map[string]Job{"completed": done.Judge(clockAt(1)), "cancelled": cancelled} {
		if j.Live() || j.Paused() || j.Rollout.Pause != (Pause{}) {
			t.Errorf("%s: it is %v with %+v", name, j.Status, j.Rollout.Pause)
		}
	}
}

// A pause of a pause changes hideQueued alone: the job has been paused since.
func TestAPauseLastsFromItsBeginning(t *testing.T) {
	first, _ := made(t, Schedule{}).Pause(false, clockAt(1))
	second, err := first.Pause(true, clockAt(9))
	if want := (Pause{Since: clockAt(1), Hides: true}); err != nil || second.Rollout.Pause != want {
		t.Errorf("it is %+v, %v", second.Rollout.Pause, err)
	}
}

// spec: job-lifecycle.md#126-held-back-from-the-beginning
func TestAJobMayBePausedFromItsBeginningOn(t *testing.T) {
	create := Create{Name: "fw", Targets: []Target{{Group: true, ID: 1}}, Paused: true, Hides: true}
	for _, c := range []struct {
		name     string
		schedule Schedule
		due      time.Time
	}{
		{"that begins at once", Schedule{}, time.Time{}},
		{"that begins later", Schedule{StartTime: "2026-01-31T13:00"}, clockAt(3600)},
	} {
		t.Run(c.name, func(t *testing.T) {
			create.Settings.Schedule = c.schedule
			j, err := New(create, noon)
			if want := (Pause{Since: noon, Hides: true}); err != nil || j.Rollout.Pause != want || j.Version != 1 || !j.Due.Equal(c.due) {
				t.Errorf("it is %+v at version %d, due at %v, %v", j.Rollout.Pause, j.Version, j.Due, err)
			}
			begun := until(j, clockAt(7200))
			on, err := begun.Resumed(clockAt(7200))
			if _, n := on.Allow(clockAt(7200)); err != nil || n != 17 || !on.Due.Equal(clockAt(7200)) {
				t.Errorf("%d go out on resume, %v", n, err)
			}
		})
	}
	create.Paused = false
	if _, err := New(create, noon); !fault.Is(err, fault.InvalidRequest) {
		t.Errorf("hideQueued alone: %v", err)
	}
}

// While a job is paused nothing but an edge of its schedule is due; behind it
// the rate begins anew, so minutes that were missed are not made up.
func TestAPausedRolloutIsNotDueAndDoesNotBurst(t *testing.T) {
	j := made(t, Schedule{EndTime: "2026-01-31T14:00"})
	j.Settings.Rollout.MaximumPerMinute = 60
	held, _ := j.Pause(false, clockAt(10))
	if !held.Due.Equal(clockAt(7200)) {
		t.Errorf("it is due at %v", held.Due)
	}
	on, _ := held.Resumed(clockAt(3000))
	if _, n := on.Allow(clockAt(3000)); n != 1 || !on.Due.Equal(clockAt(3000)) {
		t.Errorf("%d go out at once, due at %v", n, on.Due)
	}
	if _, n := on.Allow(clockAt(3004)); n != 5 {
		t.Errorf("%d go out in five seconds", n)
	}
}

// A sweep takes the listeners of what is QUEUED along when lists change, and
// queues retries that have waited. Hidden is what listeners knew before.
func TestWhatAPauseAndAResumeSweep(t *testing.T) {
	retrying := func(j *Job) { j.Settings.Retry = []Retry{{FailureFailed, 2}} }
	for _, c := range []struct {
		name string
		job  func(*Job)
		do   func(Job) (Job, error)
		want Sweep
	}{
		{"a pause that hides nothing", func(j *Job) { j.Counts.Queued = 3 }, pausing(false), Sweep{}},
		{"a pause that hides", func(j *Job) { j.Counts.Queued = 3 }, pausing(true), Sweep{Active: true}},
		{"a pause that hides where nothing is queued", func(j *Job) { j.Counts.InProgress = 3 }, pausing(true), Sweep{}},
		{"a pause that hides outside a window, where all is hidden", func(j *Job) { j.Status, j.Counts.Queued = StatusScheduled, 3 }, pausing(true), Sweep{}},
		{"a pause that shows again", func(j *Job) { j.Counts.Queued = 3; *j = paused(*j, true) }, pausing(false), Sweep{Active: true, Hidden: true}},
		{"a resume of what was shown", func(j *Job) { j.Counts.Queued = 3; *j = paused(*j, false) }, resuming, Sweep{}},
		{"a resume of what was hidden", func(j *Job) { j.Counts.Queued = 3; *j = paused(*j, true) }, resuming, Sweep{Active: true, Hidden: true}},
		{"a resume where retries wait", func(j *Job) {
			retrying(j)
			j.Counts.Failed, j.Counts.WaitFailed = 2, 1
			*j = paused(*j, false)
		}, resuming, Sweep{Active: true}},
		{"a resume where what waited comes no more", func(j *Job) { j.Counts.Failed, j.Counts.WaitFailed = 2, 1; *j = paused(*j, false) }, resuming, Sweep{}},
		{"a resume outside a window, which retries wait for", func(j *Job) {
			retrying(j)
			j.Status, j.Counts.Failed, j.Counts.WaitFailed = StatusScheduled, 2, 1
			*j = paused(*j, false)
		}, resuming, Sweep{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			j := made(t, Schedule{})
			c.job(&j)
			next, err := c.do(j)
			if err != nil || next.Sweep != c.want {
				t.Errorf("it sweeps %+v, %v", next.Sweep, err)
			}
			if next.Sweep.Active && !next.Due.Equal(clockAt(5)) {
				t.Errorf("the sweep is due at %v", next.Due)
			}
		})
	}
}

func pausing(hide bool) func(Job) (Job, error) {
	return func(j Job) (Job, error) { return j.Pause(hide, clockAt(5)) }
}

func resuming(j Job) (Job, error) { return j.Resumed(clockAt(5)) }

// What holds a job back holds back its retries, what is QUEUED, and joins, each
// by a rule of its own.
func TestWhatWaitsWhen(t *testing.T) {
	for _, c := range []struct {
		name                               string
		job                                func(*Job)
		retries, hidden, joinsWait, admits bool
	}{
		{"a job that runs", nil, false, false, false, false},
		{"a job outside its windows", func(j *Job) { j.Status = StatusScheduled }, true, true, false, false},
		{"a job that is paused", func(j *Job) { *j = paused(*j, false) }, true, false, true, false},
		{"a job that is paused and hides", func(j *Job) { *j = paused(*j, true) }, true, true, true, false},
		{"a job that is full", func(j *Job) { j.Settings.MaximumInProgress, j.Counts.Queued = 1, 1 }, false, false, true, false},
		{"a job with room", func(j *Job) { j.Settings.MaximumInProgress, j.Counts.Queued = 2, 1 }, false, false, false, false},
		{"a job that others wait for", func(j *Job) { j.Rollout.Joins = true }, false, false, true, true},
		{"one that is paused", func(j *Job) { *j = paused(*j, false); j.Rollout.Joins = true }, true, false, true, false},
		{"one that is full", func(j *Job) { j.Settings.MaximumInProgress, j.Counts.Queued, j.Rollout.Joins = 1, 1, true }, false, false, true, false},
		{"one outside its windows, where who joins is hidden", func(j *Job) { j.Status, j.Rollout.Joins = StatusScheduled, true }, true, true, true, true},
		{"one behind its endTime", func(j *Job) { j.Rollout.End, j.Rollout.Joins = noon, true }, false, false, true, false},
		{"one that has ended", func(j *Job) { j.Status, j.Rollout.Joins = StatusCanceled, true }, false, false, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			j := made(t, Schedule{})
			if c.job != nil {
				c.job(&j)
			}
			if j.holds() != c.retries || j.hidesQueued() != c.hidden || j.JoinsWait() != c.joinsWait || j.Admits() != c.admits {
				t.Errorf("retries wait %v, QUEUED is hidden %v, joins wait %v, are admitted %v", j.holds(), j.hidesQueued(), j.JoinsWait(), j.Admits())
			}
			if now := clockAt(1); c.admits && !j.WithDue(now).Due.Equal(now) {
				t.Errorf("who waits is due at %v", j.WithDue(now).Due)
			}
		})
	}
}

// spec: job-lifecycle.md#82-snapshot-and-continuous
func TestWhichJobsTakeJoins(t *testing.T) {
	for _, c := range []struct {
		name string
		job  func(*Job)
		want bool
	}{
		{"one whose rollout has begun", nil, true},
		{"one outside its windows", func(j *Job) { j.Status = StatusScheduled }, true},
		{"one that is paused, where they wait", func(j *Job) { *j = paused(*j, false) }, true},
		{"one that has not begun: its rollout finds them", func(j *Job) { j.Status, j.Rollout.Start = StatusScheduled, time.Time{} }, false},
		{"one behind its endTime", func(j *Job) { j.Rollout.End = noon }, false},
		{"one that has ended", func(j *Job) { j.Status = StatusCanceled }, false},
	} {
		j := made(t, Schedule{})
		if c.job != nil {
			c.job(&j)
		}
		if j.TakesJoins() != c.want {
			t.Errorf("%s: %v", c.name, !c.want)
		}
	}
}
