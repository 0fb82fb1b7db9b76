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
			got := j.Forecast(noon, c.left)
			if !c.want.Until.IsZero() && got.Until.After(noon.Add(60*day)) {
				c.want.Until = got.Until
			}
			if got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestAForecastPassesTheEdgesOfASchedule(t *testing.T) {
	j := made(t, hourly(1, Schedule{}))
	j.Settings.Rollout.MaximumPerMinute = 60
	j.Rollout.Rate = 0
	j = j.WithDue(noon)
	if f := j.Forecast(noon, 100); f.Status != StatusCompleted || !f.End.Equal(clockAt(3600+39)) {
		t.Errorf("100 at 60 a minute in a minute an hour: %+v", f)
	}
	ends := made(t, Schedule{EndTime: "2026-01-31T13:00"})
	ends.Settings.Rollout.MaximumPerMinute = 1
	ends.Rollout.Rate = 0
	ends = ends.WithDue(noon)
	if f := ends.Forecast(noon, 100); f.Status != StatusCompleted || !f.End.Equal(clockAt(3600)) || !f.RolledOut.IsZero() {
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
			if got := Rehearse(j, after, c.left, noon).Effects(); strings.Join(got, "\n") != strings.Join(c.want, "\n") {
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
