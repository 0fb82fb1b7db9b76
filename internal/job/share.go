package job

import "time"

// Wants is how many things a minute the rollout would release by itself: 0 if
// there is nothing for it to do.
func (j Job) Wants() int {
	if !j.Rolling() || j.Slots() == 0 {
		return 0
	}
	if j.Rollout.Rate == 0 { // it is about to open
		return j.Settings.Rollout.Rate(j.Rollout.Step)
	}
	return j.Rollout.Rate
}

// Within is how many of those that [Job.Allow] allowed at now are within a share
// of so many a minute. It is spread over the minute like a rate.
// spec: rollout-abort-timeout-retry-schedule.md#1-rollout-rate
func (j Job) Within(share, allowed int, now time.Time) int {
	_, second := j.Rollout.grid(now)
	return max(0, min(allowed, slots(share, second+1)-j.Rollout.Released))
}

// Shared is the progress of a rollout that has a share of so many a minute, and
// nothing before a time: its turn is when both allow one more.
func (r Rollout) Shared(share int, before time.Time) Rollout {
	r.Wait = latest(r.nextOfShare(share), before)
	return r
}

// nextOfShare is the nearest tick at which the share allows one more.
func (r Rollout) nextOfShare(share int) time.Time {
	return r.firstAbove(r.Released, share, 0)
}
