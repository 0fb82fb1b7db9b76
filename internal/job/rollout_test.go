package job

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// noon is when the jobs of these tests begin.
var noon = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

func clockAt(seconds float64) time.Time {
	return noon.Add(time.Duration(seconds * float64(time.Second)))
}

// rolling is a job with the things of its targets, released in memory as a store
// does it: one slice a call, at most budget things.
type rolling struct {
	Job
	left   []int // things of each target not yet released
	budget int   // of one transaction
}

func roll(c RolloutConfig, things ...int) *rolling {
	return rollBy(Schedule{}, c, things...)
}

func rollBy(s Schedule, c RolloutConfig, things ...int) *rolling {
	w := &rolling{left: slices.Clone(things), budget: 1000}
	create := Create{Selection: Continuous, Settings: Settings{Rollout: c, Schedule: s}}
	for i := range things {
		create.Targets = append(create.Targets, Target{Group: true, ID: int64(i + 1)})
	}
	w.Job, _ = New(create, noon)
	return w
}

// tick is one transaction of the clockwork; it answers how many went out.
func (w *rolling) tick(now time.Time) int {
	if w.AtEdge(now) {
		w.Job = w.PassEdge(now, 0)
		w.Job = w.Swept(0, true, now)
		return 0
	}
	progress, n := w.Allow(now)
	w.Rollout = progress
	out := 0
	for n = min(n, w.budget); n > 0 && !w.RolledOut(); {
		part := min(n, w.left[w.Rollout.Target])
		w.left[w.Rollout.Target] -= part
		w.Rollout = w.Rollout.Took(part)
		n, out = n-part, out+part
		if w.left[w.Rollout.Target] == 0 {
			w.Rollout.Target++
		}
	}
	w.Counts.Notified += int64(out)
	w.Counts.Queued += int64(out)
	w.Job = w.WithDue(now)
	return out
}

// work does all that is due at now and answers how many went out. A job that
// is due without end is left due, for the test to see.
func (w *rolling) work(now time.Time) int {
	out := 0
	for range 2000 {
		if w.Due.IsZero() || w.Due.After(now) {
			break
		}
		out += w.tick(now)
	}
	return out
}

// until works at every instant that is due up to and with t.
func (w *rolling) until(t time.Time) {
	for !w.Due.IsZero() && !w.Due.After(t) {
		w.work(w.Due)
	}
}

// restart saves the progress and loads it again.
func (w *rolling) restart() {
	saved, err := json.Marshal(w.Rollout)
	if err != nil {
		panic(err)
	}
	w.Rollout = Rollout{}
	if err := json.Unmarshal(saved, &w.Rollout); err != nil {
		panic(err)
	}
}

func (w *rolling) update(t rapid.TB, c RolloutConfig, now time.Time) {
	t.Helper()
	var err error
	if w.Job, err = w.Update(Patch{Rollout: &c}, now); err != nil {
		t.Fatal(err)
	}
}

// spec: rollout-abort-timeout-retry-schedule.md#1-rollout-rate
var (
	exampleA = RolloutConfig{Exponential: Exponential{Base: 50, Factor: 20, Notified: 1000}}
	exampleB = RolloutConfig{MaximumPerMinute: 30, Exponential: Exponential{Base: 10, Factor: 15, Succeeded: 20}}
)

func TestRatesOfTheSteps(t *testing.T) {
	for _, c := range []struct {
		name   string
		config RolloutConfig
		want   []int
	}{
		{"nothing configured", RolloutConfig{}, []int{1000, 1000}},
		{"a constant rate", RolloutConfig{MaximumPerMinute: 7}, []int{7, 7}},
		{"example A", exampleA, []int{50, 100, 200, 400, 800, 1000, 1000}},
		{"example B", exampleB, []int{10, 15, 22, 30, 30}},
		{"exact where floats err", RolloutConfig{Exponential: Exponential{Base: 45, Factor: 14, Notified: 1}}, []int{45, 63, 88, 123}},
		{"the smallest growth stays a while", RolloutConfig{Exponential: Exponential{Base: 1, Factor: 11, Notified: 1}}, []int{1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2}},
		{"a million a second", RolloutConfig{MaximumPerMinute: 60_000_000, Exponential: Exponential{Base: 10_000_000, Factor: 50, Notified: 1}}, []int{10_000_000, 50_000_000, 60_000_000}},
		{"a base above the cap", RolloutConfig{MaximumPerMinute: 5, Exponential: Exponential{Base: 50, Factor: 20, Notified: 1}}, []int{5, 5}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := make([]int, len(c.want))
			for step := range got {
				got[step] = c.config.Rate(step)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("rates are %v, want %v", got, c.want)
			}
		})
	}
}

func TestExampleA(t *testing.T) {
	w := roll(exampleA, 1_000_000)
	for _, step := range []struct {
		minutes  float64
		notified int64
		rate     int // from then on
	}{
		{20, 1000, 100}, {30, 2000, 200}, {35, 3000, 400}, {37.5, 4000, 800}, {38.75, 5000, 1000},
	} {
		w.until(clockAt(step.minutes*60 - 4))
		if w.Counts.Notified >= step.notified || w.Rollout.Rate >= step.rate {
			t.Errorf("%d notified at rate %d four seconds before %v minutes", w.Counts.Notified, w.Rollout.Rate, step.minutes)
		}
		w.until(clockAt(step.minutes * 60))
		if w.Counts.Notified < step.notified || w.Rollout.Rate != step.rate {
			t.Errorf("%d notified after %v minutes and rate %d, want %d, %d", w.Counts.Notified, step.minutes, w.Rollout.Rate, step.notified, step.rate)
		}
	}
	w.until(clockAt(60 * 60))
	if w.Rollout.Rate != 1000 {
		t.Errorf("rate ends at %d, want the cap of 1000", w.Rollout.Rate)
	}
}

func TestExampleBWaitsForSuccess(t *testing.T) {
	w := roll(exampleB, 10_000)
	w.until(clockAt(3600))
	if got := w.Counts.Notified; got != 601 {
		t.Errorf("%d notified in an hour and its next second, want 601: nobody succeeded", got)
	}
	var rates []int
	for range 80 {
		w.Counts.Queued--
		w.Counts.Succeeded++
		w.Job = w.Judge(clockAt(3600.5))
		rates = append(rates, w.Rollout.Rate)
	}
	if rates = slices.Compact(rates); !slices.Equal(rates, []int{10, 15, 22, 30}) {
		t.Errorf("rates were %v, want 10, 15, 22, 30", rates)
	}
}

func TestExampleC(t *testing.T) {
	w := roll(RolloutConfig{MaximumPerMinute: 100}, 250)
	for _, at := range []struct {
		second    float64
		notified  int64
		rolledOut bool
	}{
		{0, 2, false}, {59, 100, false}, {60, 102, false}, {119, 200, false}, {148, 249, false}, {149, 250, true},
	} {
		w.until(clockAt(at.second))
		if w.Counts.Notified != at.notified || w.RolledOut() != at.rolledOut {
			t.Errorf("after second %v: %d notified, rolled out %v; want %d, %v", at.second, w.Counts.Notified, w.RolledOut(), at.notified, at.rolledOut)
		}
		if w.Concurrent() == at.rolledOut || (len(w.Processing()) == 0) != at.rolledOut {
			t.Errorf("after second %v: isConcurrent %v with %d targets processing", at.second, w.Concurrent(), len(w.Processing()))
		}
	}
	if !w.Due.IsZero() {
		t.Errorf("due at %v with nothing to do", w.Due)
	}
}

func TestTicks(t *testing.T) {
	constant := func(n int) RolloutConfig { return RolloutConfig{MaximumPerMinute: n} }
	for _, c := range []struct {
		name string
		do   func(t *testing.T, w *rolling)
		want int64
	}{
		{"the first things go out at once", func(_ *testing.T, w *rolling) { w.until(clockAt(0)) }, 2},
		{"a late tick catches up inside its minute", func(_ *testing.T, w *rolling) { w.work(clockAt(59)) }, 100},
		{"minutes missed are not made up", func(_ *testing.T, w *rolling) { w.work(clockAt(10*60 + 2)) }, 5},
		{"a restart neither loses nor repeats", func(_ *testing.T, w *rolling) {
			w.until(clockAt(30))
			w.restart()
			w.work(clockAt(59))
		}, 100},
		{"a higher rate does not burst", func(t *testing.T, w *rolling) {
			w.until(clockAt(29.9))
			w.update(t, constant(1000), clockAt(29.9))
			w.until(clockAt(30))
		}, 50 + 17},
		{"a higher rate does not burst behind a late tick either", func(t *testing.T, w *rolling) {
			w.until(clockAt(5))
			w.update(t, constant(1000), clockAt(125.5))
			w.work(clockAt(126))
		}, 10 + 10 + 17}, // twice six seconds at 100, one at 1000
		{"a tick that comes behind the update still pays the old rate", func(t *testing.T, w *rolling) {
			w.until(clockAt(9))
			w.update(t, constant(1000), clockAt(19.2))
			w.work(clockAt(19.4))
		}, 34},
		{"a lower rate takes nothing back and lets the minute end", func(t *testing.T, w *rolling) {
			w.until(clockAt(30))
			w.update(t, constant(10), clockAt(30.5))
			w.until(clockAt(59))
		}, 52},
		{"a lower rate rules the next minute", func(t *testing.T, w *rolling) {
			w.until(clockAt(30))
			w.update(t, constant(10), clockAt(30.5))
			w.until(clockAt(119))
		}, 62},
		{"an update in the last second of a minute", func(t *testing.T, w *rolling) {
			w.until(clockAt(59))
			w.update(t, constant(600), clockAt(59.9))
			w.until(clockAt(60))
		}, 110},
		{"two updates in one second count as the last", func(t *testing.T, w *rolling) {
			w.until(clockAt(9))
			w.update(t, constant(1000), clockAt(9.2))
			w.update(t, constant(100), clockAt(9.4))
			w.until(clockAt(59))
		}, 100},
		{"an update that changes nothing changes nothing", func(t *testing.T, w *rolling) {
			w.until(clockAt(9))
			w.update(t, constant(100), clockAt(9.2))
			w.until(clockAt(59))
		}, 100},
		{"a clock put back releases nothing", func(_ *testing.T, w *rolling) {
			w.until(clockAt(60))
			w.tick(clockAt(10))
		}, 102},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := roll(constant(100), 1_000_000)
			c.do(t, w)
			if w.Counts.Notified != c.want {
				t.Errorf("%d went out, want %d", w.Counts.Notified, c.want)
			}
		})
	}
}

func TestAMillionASecondIsAMillionEachSecond(t *testing.T) {
	j := roll(RolloutConfig{MaximumPerMinute: 60_000_000}, 1).Job
	for second := range 60 {
		progress, n := j.Allow(clockAt(float64(second)))
		if n != 1_000_000 {
			t.Fatalf("%d may go out in second %d", n, second)
		}
		j.Rollout = progress.Took(n)
	}
	if j = j.WithDue(clockAt(59)); !j.Due.Equal(clockAt(60)) {
		t.Errorf("due at %v", j.Due)
	}
}

func TestAnUpdateBeginsTheRampAnew(t *testing.T) {
	w := roll(exampleA, 1_000_000)
	w.until(clockAt(31 * 60)) // rate 200
	w.update(t, exampleA, clockAt(31*60+0.5))
	if w.Rollout.Rate != 50 || w.Rollout.BaseNotified != w.Counts.Notified {
		t.Errorf("rate %d, counting from %d of %d; want the base, from here", w.Rollout.Rate, w.Rollout.BaseNotified, w.Counts.Notified)
	}
	description := "faster"
	w.until(clockAt(60 * 60))
	before := w.Rollout
	w.Job, _ = w.Update(Patch{Description: &description}, clockAt(60*60))
	if w.Rollout != before {
		t.Errorf("an update of the description made %+v of %+v", w.Rollout, before)
	}
}

func TestEitherCriterionRaisesTheRate(t *testing.T) {
	both := RolloutConfig{Exponential: Exponential{Base: 10, Factor: 20, Notified: 100, Succeeded: 5}}
	for _, c := range []struct {
		name   string
		counts Counts
		want   int
	}{
		{"neither", Counts{Notified: 99, Succeeded: 4}, 10},
		{"by notified things", Counts{Notified: 200, Succeeded: 4}, 40},
		{"by succeeded things", Counts{Notified: 99, Succeeded: 15}, 80},
		{"the larger of both", Counts{Notified: 100, Succeeded: 10}, 40},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := roll(both, 1000)
			w.Counts = c.counts
			if got := w.Judge(noon).Rollout.Rate; got != c.want {
				t.Errorf("rate %d, want %d", got, c.want)
			}
		})
	}
}

func TestTheRateNeverFallsBack(t *testing.T) {
	w := roll(RolloutConfig{Exponential: Exponential{Base: 10, Factor: 20, Succeeded: 5}}, 1000)
	w.Counts.Succeeded = 5
	w.Job = w.Judge(noon)
	w.Counts.Succeeded = 1 // their executions were deleted
	w.Job = w.Judge(noon).WithDue(noon)
	if w.Rollout.Rate != 20 {
		t.Errorf("rate %d, want 20 as before", w.Rollout.Rate)
	}
}

// Whatever a job is, nothing but a rollout or a sweep under way makes it due.
func TestDue(t *testing.T) {
	for s := StatusScheduled; s <= StatusDeleting; s++ {
		j := rolled(Settings{}, Counts{Queued: 1})
		j.Status = s
		if got := j.WithDue(noon).Due; !got.Equal(time.Time{}) {
			t.Errorf("a job behind its rollout that is %v is due at %v", s, got)
		}
	}
}
