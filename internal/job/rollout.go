package job

import "time"

// DefaultRate is the rate of a job without a rollout configuration, and the
// cap of an exponential one without maximumPerMinute: things per minute.
const DefaultRate = 1000

// Rollout is a job's progress through its targets. It is data, so that the
// rate is exact over restarts. spec: rollout-abort-timeout-retry-schedule.md#1-rollout-rate
type Rollout struct {
	Start    time.Time `json:"start,omitzero"` // the first tick: origin of the grid of minutes; zero before it
	Target   int       `json:"target,omitempty"`
	After    int64     `json:"after,omitempty"`    // last thing looked at in that target
	Minute   int64     `json:"minute,omitempty"`   // minute of the grid that Released counts
	Released int       `json:"released,omitempty"` // released in that minute
	Rate     int       `json:"rate,omitempty"`     // in force from Since on; 0 until the rollout opens, at first or anew
	Since    int       `json:"since,omitempty"`    // second of the minute from which Rate is in force
	Before   int       `json:"before,omitempty"`   // due in that minute before Since, at the rates before
	Step     int       `json:"step,omitempty"`     // increases so far
	// The criteria count from here: moved by an UpdateJob of the rollout.
	BaseNotified  int64 `json:"baseNotified,omitempty"`
	BaseSucceeded int64 `json:"baseSucceeded,omitempty"`
	// Edge is when the schedule says something else, zero for never; End is
	// when endTime stopped the rollout, zero before.
	Edge  time.Time `json:"edge,omitzero"`
	End   time.Time `json:"end,omitzero"`
	Pause Pause     `json:"pause,omitzero"`
	Joins bool      `json:"joins,omitempty"` // things wait to join
	// Wait is when it is this job's turn again, where all rollouts together
	// have a quota; without one it is zero, or has passed.
	Wait time.Time `json:"wait,omitzero"`
}

// Took is the progress after n things went out.
func (r Rollout) Took(n int) Rollout {
	r.Released += n
	return r
}

// opened is the progress when a rollout begins, or begins anew: the rate is in
// force from this very second, and of this minute's past nothing is owed.
func (r Rollout) opened(rate int, now time.Time) Rollout {
	minute, second := r.grid(now)
	r = r.enter(minute)
	r.Rate, r.Since, r.Before = rate, second, r.Released
	return r
}

// turned is the progress with another rate in force from the next tick. What
// the rate before still owes for the ticks until then stays due.
func (r Rollout) turned(rate int, now time.Time) Rollout {
	minute, second := r.grid(now)
	if rate == r.Rate {
		return r
	}
	r = r.enter(minute)
	if r.Since <= second { // else it has turned in this second already
		r.Before = max(r.Released, min(r.Rate, r.due(second+1)))
		r.Since = second + 1
	}
	r.Rate = rate
	return r
}

// enter is the progress in that minute, unless it is there or beyond: what an
// earlier minute owed is not made up.
func (r Rollout) enter(minute int64) Rollout {
	if minute > r.Minute {
		r.Minute, r.Released, r.Before, r.Since = minute, 0, 0, 0
	}
	return r
}

// due is how many should have gone out in the minute before second k, of
// which the minute's total may still refuse some.
func (r Rollout) due(k int) int {
	return r.Before + slots(r.Rate, k) - slots(r.Rate, r.Since)
}

// nextRelease is the nearest tick at which one more thing may go out; it has
// passed if one is owed.
func (r Rollout) nextRelease() time.Time {
	if r.Released >= r.Rate {
		return r.at(r.Minute+1, 0)
	}
	if r.Released < r.Before {
		return r.at(r.Minute, max(0, r.Since-1))
	}
	return r.firstAbove(r.Released-r.Before+slots(r.Rate, r.Since), r.Rate, r.Since)
}

// firstAbove is the nearest tick, from second since of the minute on, at which
// more than n of a rate are due.
func (r Rollout) firstAbove(n, rate, since int) time.Time {
	k := int(int64(n) * 60 / int64(rate)) // the smallest with slots(rate, k+1) > n
	if k >= 60 {
		return r.at(r.Minute+1, 0)
	}
	return r.at(r.Minute, max(k, since))
}

// slots is how many of a minute's rate are due before second k.
func slots(rate, k int) int { return int((int64(rate)*int64(k) + 59) / 60) }

// grid is the minute of the rollout's grid that holds t, and the second in it.
func (r Rollout) grid(t time.Time) (minute int64, second int) {
	s := max(0, int64(t.Sub(r.Start)/time.Second))
	return s / 60, int(s % 60)
}

func (r Rollout) at(minute int64, second int) time.Time {
	return r.Start.Add(time.Duration(minute)*time.Minute + time.Duration(second)*time.Second)
}
