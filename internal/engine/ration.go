package engine

import (
	"time"

	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/quota"
)

// ration is what a rollout may release where all of them together have a quota,
// as it is in one second. Turns read and set it, one at a time.
type ration struct {
	second time.Time
	share  int // of each rollout, a minute
}

// rationed is how many of the things that a job may release it may release in
// view of all others: its share, as far as the minute of the clock has room. What
// does not fit waits for its turn. Without a quota it looks at nothing.
// spec: rollout-abort-timeout-retry-schedule.md#1-rollout-rate
func (o *operation) rationed(j job.Job, allowed int) (int, error) {
	if o.quotas.ReleasesPerMinute == 0 {
		return allowed, nil
	}
	share, err := o.share()
	if err != nil {
		return 0, err
	}
	released, err := o.releasedNow()
	return min(j.Within(share, allowed, o.now), max(0, o.quotas.ReleasesPerMinute-released)), err
}

// shared counts n things that were released, and has the rollout wait until its
// share allows one more.
func (o *operation) shared(r job.Rollout, n int) (job.Rollout, error) {
	if o.quotas.ReleasesPerMinute == 0 {
		return r, nil
	}
	share, err := o.share()
	if err != nil {
		return r, err
	}
	released, err := o.releasedNow()
	if err != nil {
		return r, err
	}
	released += n
	if n > 0 {
		err = o.tx.NoteReleases(o.minute(), released)
	}
	var room time.Time
	if released >= o.quotas.ReleasesPerMinute {
		room = o.minute().Add(time.Minute)
	}
	return r.Shared(share, room), err
}

// minute is the minute of the clock.
func (o *operation) minute() time.Time { return o.now.Truncate(time.Minute) }

// releasedNow is how many things were released in this minute of the clock.
func (o *operation) releasedNow() (int, error) {
	minute, n, err := o.tx.LastReleases()
	if !minute.Equal(o.minute()) {
		n = 0
	}
	return n, err
}

// share is how many things a minute each rollout may release; it is reckoned
// once a second. What is kept outlives a turn that is undone, as it may: a share
// only says who comes first. How much goes out in all is held to the quota by
// what is stored with it.
func (o *operation) share() (int, error) {
	kept, second := &o.engine.ration, o.now.Truncate(time.Second)
	if kept.share != 0 && kept.second.Equal(second) {
		return kept.share, nil
	}
	ids, err := o.tx.Unfinished()
	if err != nil {
		return 0, err
	}
	wants := make([]int, 0, len(ids))
	for _, id := range ids {
		j, err := o.JobByID(id)
		if err != nil {
			return 0, err
		}
		wants = append(wants, j.Wants())
	}
	*kept = ration{second, quota.Share(o.quotas.ReleasesPerMinute, wants)}
	return kept.share, nil
}
