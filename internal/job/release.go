package job

import (
	"math/big"
	"time"
)

// Allow answers the job's progress with the rate that is in force at now, and
// how many things may be released at once. It asks only for a rollout that is
// open: IN_PROGRESS and not rolled out.
// spec: rollout-abort-timeout-retry-schedule.md#1-rollout-rate
func (j Job) Allow(now time.Time) (Rollout, int) {
	r := j.Rollout
	minute, second := r.grid(now)
	if minute != r.Minute {
		r.Minute, r.Released, r.Before, r.Since = minute, 0, 0, 0
	}
	r.Step = max(r.Step, j.steps())
	if rate := j.Settings.Rollout.rate(r.Step); rate != r.Rate {
		r.Rate, r.Since, r.Before = rate, j.inForce(minute, second), r.Released
	}
	n := slots(r.Rate, second+1) - slots(r.Rate, r.Since) - (r.Released - r.Before)
	return r, max(0, min(n, r.Rate-r.Released))
}

// Took is the progress after n things went out.
func (r Rollout) Took(n int) Rollout {
	r.Released += n
	return r
}

// inForce is the second of this minute from which a rate found new at now has
// been in force: that for which the tick was due, however late it comes.
func (j Job) inForce(minute int64, second int) int {
	if j.Due.IsZero() {
		return second
	}
	dueMinute, dueSecond := j.Rollout.grid(j.Due)
	switch {
	case dueMinute < minute:
		return 0
	case dueMinute == minute:
		return min(dueSecond, second)
	default:
		return second
	}
}

// nextRelease is the nearest tick at which one more thing may go out.
func (r Rollout) nextRelease() time.Time {
	nextMinute := r.at((r.Minute + 1) * 60)
	if r.Rate == 0 {
		return r.at(r.Minute*60 + int64(r.Since))
	}
	if r.Released >= r.Rate {
		return nextMinute
	}
	// The smallest k with slots(rate, k+1) above what has gone out.
	out := slots(r.Rate, r.Since) + r.Released - r.Before
	k := int64(out) * 60 / int64(r.Rate)
	if k >= 60 {
		return nextMinute
	}
	return r.at(r.Minute*60 + max(k, int64(r.Since)))
}

// WithDue is the job with Due set to the next instant at which the clockwork
// has something to do for it.
func (j Job) WithDue(now time.Time) Job {
	switch {
	case j.Sweep.Active:
		j.Due = now
	case j.Status != StatusInProgress || j.RolledOut():
		j.Due = time.Time{}
	default:
		j.Due = j.nextTick(now)
	}
	return j
}

func (j Job) nextTick(now time.Time) time.Time {
	r := j.Rollout
	if r.Rate == 0 { // not begun, or begun anew
		return now
	}
	next := r.nextRelease()
	step := max(r.Step, j.steps())
	if rate := j.Settings.Rollout.rate(step); rate != r.Rate {
		if soon := r.nextSecond(now); soon.Before(next) {
			return soon
		}
	}
	return next
}

// steps is how many increases the criteria have earned.
func (j Job) steps() int {
	e := j.Settings.Rollout.Exponential
	var n int64
	if e.Notified > 0 {
		n = (j.Counts.Notified - j.Rollout.BaseNotified) / int64(e.Notified)
	}
	if e.Succeeded > 0 {
		n = max(n, (j.Counts.Succeeded-j.Rollout.BaseSucceeded)/int64(e.Succeeded))
	}
	return int(max(0, n))
}

// rate is the rate per minute after so many increases: floor(base * factor^n)
// in integers, since floats err. It stops at the cap.
func (c RolloutConfig) rate(step int) int {
	limit := c.MaximumPerMinute
	if limit == 0 {
		limit = DefaultRate
	}
	e := c.Exponential
	if e.Base == 0 {
		return limit
	}
	rate := e.Base
	num, den := big.NewInt(int64(e.Base)), big.NewInt(1)
	factor, ten := big.NewInt(int64(e.Factor)), big.NewInt(10)
	for range step {
		if rate >= limit {
			break
		}
		num.Mul(num, factor)
		den.Mul(den, ten)
		rate = int(new(big.Int).Quo(num, den).Int64())
	}
	return min(rate, limit)
}

// slots is how many of a minute's rate are due before second k.
func slots(rate, k int) int { return (rate*k + 59) / 60 }

// grid is the minute of the rollout's grid that holds t, and the second in it.
func (r Rollout) grid(t time.Time) (minute int64, second int) {
	s := max(0, int64(t.Sub(r.Start)/time.Second))
	return s / 60, int(s % 60)
}

func (r Rollout) at(second int64) time.Time {
	return r.Start.Add(time.Duration(second) * time.Second)
}

func (r Rollout) nextSecond(now time.Time) time.Time {
	minute, second := r.grid(now)
	return r.at(minute*60 + int64(second) + 1)
}
