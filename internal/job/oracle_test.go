package job

import (
	"math"
	"math/big"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// oracle is the rate as the specification tells it, second by second, with
// nothing remembered but the present minute.
// spec: rollout-abort-timeout-retry-schedule.md#1-rollout-rate
type oracle struct {
	config RolloutConfig
	step   int64 // n
	from   Counts
	rate   int // in force in this second
	since  int // j
	before int // due before j
	due    int // due by the end of this second
	gone   int // in this minute
	second int // k
}

// begin enters second k of its minute: a rate that was found before is now in
// force.
func (o *oracle) begin(k int) {
	o.second = k
	if k == 0 {
		o.gone, o.due, o.before, o.since = 0, 0, 0, 0
	}
	if next := o.earned(); next != o.rate {
		o.before, o.since, o.rate = max(o.due, o.gone), k, next
	}
	o.due = min(o.rate, o.before+o.whole(k+1)-o.whole(o.since))
}

// open begins the rollout, at first or anew, in the present second.
func (o *oracle) open() {
	o.rate, o.since, o.before = o.earned(), o.second, o.gone
	o.due = min(o.rate, o.before+o.whole(o.second+1)-o.whole(o.second))
}

func (o *oracle) whole(k int) int { return int(math.Ceil(float64(o.rate*k) / 60)) }

func (o *oracle) allowed() int { return max(0, o.due-o.gone) }

// see looks at the counters after each change.
func (o *oracle) see(c Counts) {
	e := o.config.Exponential
	if e.Notified > 0 {
		o.step = max(o.step, (c.Notified-o.from.Notified)/int64(e.Notified))
	}
	if e.Succeeded > 0 {
		o.step = max(o.step, (c.Succeeded-o.from.Succeeded)/int64(e.Succeeded))
	}
}

func (o *oracle) update(config RolloutConfig, c Counts) {
	o.config, o.step, o.from = config, 0, c
}

// earned is min(cap, floor(base * factor^n)) in fractions.
func (o *oracle) earned() int {
	limit := o.config.MaximumPerMinute
	if limit == 0 {
		limit = 1000
	}
	e := o.config.Exponential
	if e.Base == 0 {
		return limit
	}
	rate, bound := big.NewRat(int64(e.Base), 1), big.NewRat(int64(limit), 1)
	for n := int64(0); n < o.step && rate.Cmp(bound) < 0; n++ {
		rate.Mul(rate, big.NewRat(int64(e.Factor), 10))
	}
	return min(limit, int(new(big.Int).Quo(rate.Num(), rate.Denom()).Int64()))
}

func drawRollout(t *rapid.T) RolloutConfig {
	c := RolloutConfig{MaximumPerMinute: rapid.OneOf(rapid.Just(0), rapid.IntRange(1, 70), rapid.IntRange(1, 1000)).Draw(t, "maximumPerMinute")}
	if rapid.Bool().Draw(t, "exponential") {
		c.Exponential = Exponential{
			Base:      rapid.OneOf(rapid.IntRange(1, 70), rapid.IntRange(1, 1000)).Draw(t, "base"),
			Factor:    rapid.IntRange(11, 50).Draw(t, "factor"),
			Notified:  rapid.OneOf(rapid.Just(0), rapid.IntRange(1, 200)).Draw(t, "notified"),
			Succeeded: rapid.IntRange(1, 20).Draw(t, "succeeded"),
		}
	}
	return c
}

// trial lives through seconds with a job and its oracle side by side.
type trial struct {
	*rapid.T
	w      *rolling
	o      oracle
	now    time.Time
	second int
}

// The clockwork works when it is due, or late, or after a restart; operators
// and devices come between. Whatever happens, what has gone out is what the
// oracle says, in the very second.
func TestTheRateIsThatOfTheOracle(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		config := drawRollout(rt)
		x := &trial{T: rt, w: roll(config, rapid.IntRange(1, 3000).Draw(rt, "things")), o: oracle{config: config}}
		x.w.budget = rapid.SampledFrom([]int{1, 7, 1000}).Draw(rt, "budget")
		x.o.open()
		for x.second = range 200 {
			x.now = clockAt(float64(x.second))
			x.o.begin(x.second % 60)
			x.clockwork()
			for range rapid.IntRange(0, 2).Draw(rt, "events") {
				x.now = x.now.Add(time.Duration(rapid.IntRange(0, 499).Draw(rt, "ms")) * time.Millisecond)
				x.event()
			}
		}
	})
}

func (x *trial) clockwork() {
	open := !x.w.RolledOut() && x.w.Status == StatusInProgress
	if rapid.IntRange(0, 9).Draw(x.T, "busy") == 0 {
		return // late: it comes in a later second
	}
	want := min(x.o.allowed(), x.remaining())
	if !open {
		want = 0
	}
	out := x.w.work(x.now)
	if out != want {
		x.Fatalf("second %d: %d went out, the oracle says %d of %d left\n%+v\n%+v", x.second, out, want, x.remaining(), x.o, x.w.Rollout)
	}
	x.o.gone += out
	x.o.see(x.w.Counts)
	if x.o.gone > 1000 || !x.w.Due.IsZero() && !x.w.Due.After(x.now) {
		x.Fatalf("second %d: %d in this minute, due again at %v", x.second, x.o.gone, x.w.Due)
	}
}

func (x *trial) remaining() int {
	n := 0
	for _, left := range x.w.left {
		n += left
	}
	return n
}

// event is what may happen within a second.
func (x *trial) event() {
	switch rapid.IntRange(0, 20).Draw(x.T, "event") {
	case 0:
		config := drawRollout(x.T)
		x.w.update(x, config, x.now)
		x.o.update(config, x.w.Counts)
	case 1:
		x.w.restart()
	case 2:
		x.associate(rapid.IntRange(1, 500).Draw(x.T, "more"))
	case 3:
		x.w.Counts.Succeeded = 0 // executions deleted
		x.w.Job = x.w.Judge(x.now)
	case 4:
		x.window()
	case 5, 6, 7, 8, 9:
		x.w.Counts.Succeeded += int64(rapid.IntRange(1, 10).Draw(x.T, "succeed"))
		x.w.Job = x.w.Judge(x.now)
		x.o.see(x.w.Counts)
	}
}

// associate adds a target; to a rollout that had ended it opens anew, and the
// clockwork comes at once.
func (x *trial) associate(things int) {
	closed := x.w.RolledOut()
	x.w.left = append(x.w.left, things)
	var err error
	x.w.Job, err = x.w.Associate([]Target{{Group: true, ID: int64(len(x.w.left))}}, "", x.now)
	if err != nil {
		x.Fatal(err)
	}
	if closed {
		x.o.open()
		x.clockwork()
	}
}

// window closes the job's window, or opens the next one, whose rate counts as
// new; the clockwork comes at once.
func (x *trial) window() {
	if x.w.Status == StatusInProgress {
		x.w.Job = x.w.closed(x.now).Swept(0, true, x.now)
		return
	}
	x.w.Job = x.w.opened(x.now, 0).Swept(0, true, x.now)
	x.o.open()
	x.clockwork()
}
