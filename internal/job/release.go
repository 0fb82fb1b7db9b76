package job

import (
	"math/big"
	"time"
)

// Allow answers the job's progress as it is at now, and how many things may be
// released at once. It asks only for a rollout that is open: IN_PROGRESS and
// not rolled out; behind an edge that the job has not passed yet, nothing may.
// spec: rollout-abort-timeout-retry-schedule.md#1-rollout-rate
func (j Job) Allow(now time.Time) (Rollout, int) {
	if j.AtEdge(now) {
		return j.Rollout, 0
	}
	r := j.paced(now)
	minute, second := r.grid(now)
	if r = r.enter(minute); minute < r.Minute {
		return r, 0
	}
	allowed := max(0, min(r.due(second+1), r.Rate)-r.Released)
	return r, int(min(int64(allowed), j.Slots()))
}

// WithDue is the job with its rate brought up to its counters, and Due set to
// the next instant at which the clockwork has something to do for it.
func (j Job) WithDue(now time.Time) Job {
	j.Rollout = j.paced(now)
	switch {
	case j.Sweep.Active:
		j.Due = now
	case !j.Live():
		j.Due = time.Time{}
	case j.Admits():
		j.Due = now
	case !j.Rolling() || j.Slots() == 0:
		j.Due = j.Rollout.Edge
	default:
		j.Due = nearest(j.Rollout.Edge, latest(j.Rollout.nextRelease(), j.Rollout.Wait))
	}
	return j
}

// paced is the progress with the rate that the job has earned. Nearly always
// that is the one in force, and nothing is computed.
func (j Job) paced(now time.Time) Rollout {
	r, steps := j.Rollout, j.steps()
	switch {
	case j.holds(): // what it earns meanwhile counts when it goes on
		r.Step = max(r.Step, steps)
		return r
	case j.Status != StatusInProgress:
		return r
	case r.Rate == 0:
		r.Step = max(r.Step, steps)
		return r.opened(j.Settings.Rollout.Rate(r.Step), now)
	case j.climbs(steps):
		r.Step = steps
		return r.turned(j.Settings.Rollout.Rate(steps), now)
	default:
		return r
	}
}

// climbs tells whether so many increases are more than the rate in force has
// had. At the cap they are no longer counted.
func (j Job) climbs(steps int) bool {
	return steps > j.Rollout.Step && j.Rollout.Rate < j.Settings.Rollout.limit()
}

// steps is how many increases the criteria have earned by now.
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

// limit is the rate that is never exceeded.
func (c RolloutConfig) limit() int {
	if c.MaximumPerMinute == 0 {
		return DefaultRate
	}
	return c.MaximumPerMinute
}

// Rate is the rate per minute after so many increases: floor(base * factor^n)
// in integers, since floats err. It stops at the cap.
func (c RolloutConfig) Rate(steps int) int {
	limit, e := c.limit(), c.Exponential
	if e.Base == 0 {
		return limit
	}
	rate := e.Base
	num, den := big.NewInt(int64(e.Base)), big.NewInt(1)
	factor, ten := big.NewInt(int64(e.Factor)), big.NewInt(10)
	for range steps {
		if rate >= limit {
			break
		}
		num.Mul(num, factor)
		den.Mul(den, ten)
		rate = int(new(big.Int).Quo(num, den).Int64())
	}
	return min(rate, limit)
}

// Past is the progress when the target under way was looked at up to thing
// after; end says that nothing of it is left.
func (r Rollout) Past(after int64, end bool) Rollout {
	r.After = after
	if end {
		r.Target++
		r.After = 0
	}
	return r
}
