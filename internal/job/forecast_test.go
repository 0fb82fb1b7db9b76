package job

import (
	"strings"
	"testing"
	"time"
)

func TestForecast(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		name string
		job  func(*Job)
		left int64
		want Forecast
	}{
		{"a thousand things at ten a minute", func(j *Job) { j.Settings.Rollout.MaximumPerMinute = 10 }, 1000, Forecast{
			End: clockAt(99*60 + 54), Status: StatusCompleted, RolledOut: clockAt(99*60 + 54),
		}},
		{"a million at the default rate", nil, 1_000_000, Forecast{
			End: noon.Add(999*time.Minute + 59*time.Second), Status: StatusCompleted, RolledOut: noon.Add(999*time.Minute + 59*time.Second),
		}},
		{"a ramp: 5 in minute one, then 10 a minute", func(j *Job) {
			j.Settings.Rollout = RolloutConfig{MaximumPerMinute: 10, Exponential: Exponential{Base: 5, Factor: 20, Succeeded: 5}}
		}, 20, Forecast{End: clockAt(2*60 + 18), Status: StatusCompleted, RolledOut: clockAt(2*60 + 18)}},
		{"nothing left but one that runs", func(j *Job) { j.Rollout.Target, j.Counts.InProgress = 1, 1 }, 0, Forecast{End: noon, Status: StatusCompleted}},
		{"what a success brings to count: one of two has failed", func(j *Job) {
			j.Rollout.Target, j.Counts.InProgress, j.Counts.Failed = 1, 5, 1
			j.Settings.Abort = []Criterion{{FailureFailed, 5000, 2}}
		}, 0, Forecast{End: noon, Status: StatusCanceled}},
		{"a CONTINUOUS job", func(j *Job) { j.Selection = Continuous }, 20, Forecast{RolledOut: clockAt(1)}},
		{"more than two months of one a minute", func(j *Job) { j.Settings.Rollout.MaximumPerMinute = 1 }, 1_000_000, Forecast{
			Until: noon.Add(mostSteps*time.Minute - time.Second),
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			j := made(t, Schedule{})
			if c.job != nil {
				c.job(&j)
			}
			j.Rollout.Rate = 0
			j = j.WithDue(noon)
			got := j.Forecast(noon, Left{Targets: c.left})
			if !c.want.Until.IsZero() && got.Until.After(noon.Add(60*day)) {
				c.want.Until = got.Until
			}
			if got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

// spec: job-lifecycle.md#123-dry-run
func TestAForecastOfAJobThatIsHeldBack(t *testing.T) {
	follows := func(j *Job) { j.Selection, j.Rollout.Target = Continuous, 1 }
	for _, c := range []struct {
		name     string
		schedule Schedule
		job      func(*Job)
		left     Left
		want     Forecast
	}{
		{"two at a time, which free their slots at once", Schedule{}, func(j *Job) { j.Settings.MaximumInProgress = 2 }, Left{Targets: 20}, Forecast{
			End: clockAt(1), Status: StatusCompleted, RolledOut: clockAt(1),
		}},
		{"things that wait for a slot come before those of the rollout", Schedule{}, func(j *Job) {
			j.Selection, j.Settings.MaximumInProgress, j.Settings.Rollout.MaximumPerMinute = Continuous, 1, 1
		}, Left{Targets: 2, Joins: []State{0, Removed}}, Forecast{RolledOut: clockAt(60)}},
		{"things that wait alone", Schedule{}, func(j *Job) { follows(j); j.Settings.MaximumInProgress = 1 }, Left{Joins: []State{0}}, Forecast{RolledOut: noon}},
		{"one that comes again takes a success away, so that too many have failed", Schedule{}, func(j *Job) {
			follows(j)
			j.Settings.MaximumInProgress, j.Counts.Failed, j.Counts.Succeeded = 5, 1, 2
			j.Settings.Abort = []Criterion{{FailureFailed, 5000, 1}}
		}, Left{Joins: []State{Succeeded, 0}}, Forecast{End: noon, Status: StatusCanceled}},
		{"a pause has the rollout wait", Schedule{}, func(j *Job) { *j = paused(*j, false) }, Left{Targets: 3}, Forecast{Paused: true}},
		{"a pause has joins wait", Schedule{}, func(j *Job) { follows(j); *j = paused(*j, false) }, Left{Joins: []State{0}}, Forecast{Paused: true}},
		{"a pause lets the last execution end the job", Schedule{}, func(j *Job) {
			j.Rollout.Target, j.Counts.Queued = 1, 1
			*j = paused(*j, false)
		}, Left{}, Forecast{End: noon, Status: StatusCompleted, Paused: true}},
		{"a pause that hides what is queued does not", Schedule{}, func(j *Job) {
			j.Rollout.Target, j.Counts.Queued = 1, 1
			*j = paused(*j, true)
		}, Left{}, Forecast{Paused: true}},
		{"a paused job ends at its endTime", Schedule{EndTime: "2026-01-31T13:00"}, func(j *Job) { *j = paused(*j, false) }, Left{Targets: 3}, Forecast{
			End: clockAt(3600), Status: StatusCompleted, Paused: true,
		}},
		{"windows that bring nothing are not gone through one by one", hourly(1, Schedule{EndTime: "2027-12-31T13:00"}), follows, Left{}, Forecast{
			End: time.Date(2027, 12, 31, 13, 0, 0, 0, time.UTC), Status: StatusCompleted,
		}},
		{"windows that bring one thing each are not looked at for ever", hourly(1, Schedule{}), func(j *Job) {
			j.Settings.Rollout.MaximumPerMinute = 1
		}, Left{Targets: 1_000_000}, Forecast{Until: noon.Add(2439*time.Hour + 59*time.Second)}},
		{"windows open and close on a paused job for ever", hourly(1, Schedule{}), func(j *Job) { *j = paused(*j, true) }, Left{Targets: 3}, Forecast{Paused: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			j := made(t, c.schedule)
			j.Rollout.Rate = 0
			c.job(&j)
			j.Rollout.Joins = len(c.left.Joins) > 0
			if got := j.WithDue(noon).Forecast(noon, c.left); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

// paused is a live job that somebody has paused.
func paused(j Job, hide bool) Job {
	j.Rollout.Pause = Pause{Since: noon, Hides: hide}
	return j
}

func TestAForecastPassesTheEdgesOfASchedule(t *testing.T) {
	j := made(t, hourly(1, Schedule{}))
	j.Settings.Rollout.MaximumPerMinute = 60
	j.Rollout.Rate = 0
	j = j.WithDue(noon)
	if f := j.Forecast(noon, Left{Targets: 100}); f.Status != StatusCompleted || !f.End.Equal(clockAt(3600+39)) {
		t.Errorf("100 at 60 a minute in a minute an hour: %+v", f)
	}
	ends := made(t, Schedule{EndTime: "2026-01-31T13:00"})
	ends.Settings.Rollout.MaximumPerMinute = 1
	ends.Rollout.Rate = 0
	ends = ends.WithDue(noon)
	if f := ends.Forecast(noon, Left{Targets: 100}); f.Status != StatusCompleted || !f.End.Equal(clockAt(3600)) || !f.RolledOut.IsZero() {
		t.Errorf("100 at 1 a minute for an hour: %+v", f)
	}
}

// spec: job-lifecycle.md#123-dry-run
func TestEffects(t *testing.T) {
	for _, c := range []struct {
		name  string
		job   func(*Job)
		patch Patch
		left  int64
		want  []string
	}{
		{"a faster rollout", func(j *Job) { j.Settings.Rollout.MaximumPerMinute = 10 }, Patch{Rollout: &RolloutConfig{MaximumPerMinute: 100}}, 1240, []string{
			"1,240 things left: ends at 2026-01-31T12:12:24Z instead of at 2026-01-31T14:03:54Z",
		}},
		{
			"a threshold that is met", func(j *Job) { j.Counts.Failed, j.Counts.Succeeded, j.Counts.Queued = 18, 72, 3 },
			Patch{Abort: &[]Criterion{{FailureFailed, 1500, 10}}},
			1,
			[]string{
				"aborts the job at once: 18 of 90 executed have failed, 20.00 % ≥ 15 %",
			},
		},
		{"timers, and nothing left", func(j *Job) { j.Counts.InProgress, j.Rollout.Target = 3, 1 }, Patch{Timeout: &TimeoutConfig{9}}, 0, []string{
			"3 things running go on with the timers that they have",
			"0 things left: ends at 2026-01-31T12:00:00Z, as without the change",
		}},
		{"retries off", func(j *Job) { j.Settings.Retry = []Retry{{FailureFailed, 2}} }, Patch{Retry: &[]Retry{{FailureFailed, 0}}}, 1, []string{
			"switches 2 of 2 retries of a thing off",
			"1 thing left: ends at 2026-01-31T12:00:00Z, as without the change",
		}},
		{"a faster rollout of a CONTINUOUS job", func(j *Job) { j.Selection, j.Settings.Rollout.MaximumPerMinute = Continuous, 1 }, Patch{Rollout: &RolloutConfig{MaximumPerMinute: 60}}, 3, []string{
			"3 things left: goes on when the last has it, at 2026-01-31T12:00:02Z instead of at 2026-01-31T12:02:00Z",
		}},
		{"of a job that is paused", func(j *Job) { *j = paused(*j, false) }, Patch{Rollout: &RolloutConfig{MaximumPerMinute: 60}}, 3, []string{
			"leaves the job paused: no other thing gets it until somebody resumes it",
			"3 things left: goes on when somebody resumes it, as without the change",
		}},
		{"nothing, of a CONTINUOUS job", func(j *Job) { j.Selection = Continuous }, Patch{}, 0, []string{
			"0 things left: ends when somebody ends it, as without the change",
			"changes nothing but the version and lastUpdatedAt",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			j := made(t, Schedule{})
			c.job(&j)
			j.Rollout.Rate = 0
			j = j.WithDue(noon)
			after, err := j.Update(c.patch, noon)
			if err != nil {
				t.Fatal(err)
			}
			if got := Rehearse(j, after, Left{Targets: c.left}, noon).Effects(); strings.Join(got, "\n") != strings.Join(c.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

func TestNumbersAreGrouped(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1240000: "1,240,000"} {
		if got := grouped(n); got != want {
			t.Errorf("%d is %s", n, got)
		}
	}
}
