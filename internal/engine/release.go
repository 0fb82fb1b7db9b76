package engine

import (
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// sliceSize bounds the bulk work of one transaction, so that a command never
// waits long behind it.
const sliceSize = 1000

// release is one tick of a rollout: it releases what the rate allows, at most
// budget things, and answers how much of the budget it used.
// spec: rollout-abort-timeout-retry-schedule.md#1-rollout-rate
func (o *operation) release(j job.Job, budget int) (used int, err error) {
	progress, allowed := j.Allow(o.now)
	j.Rollout = progress
	most, err := o.rationed(j, min(allowed, budget))
	if err != nil {
		return 0, err
	}
	before := j.Rollout.Released
	for used < budget && !j.RolledOut() {
		s := slice(j, most, budget-used)
		r, err := o.tx.Release(j, s)
		if err != nil {
			return used, err
		}
		o.released(j, r)
		most -= len(r.Things)
		j.Rollout = j.Rollout.Took(len(r.Things)).Past(r.After, r.End)
		used += max(1, len(r.Things))
		if r.End {
			continue
		}
		if most == 0 {
			break
		}
		used += s.Look // at things that have the job already
	}
	counted, err := o.JobByID(j.ID)
	if err != nil {
		return used, err
	}
	j.Counts = counted.Counts
	if j.Rollout, err = o.shared(j.Rollout, j.Rollout.Released-before); err != nil {
		return used, err
	}
	o.departed = o.departed || j.RolledOut()
	o.PutJob(j.WithDue(o.now))
	return used, o.judge(j.ID)
}

// slice is the next slice of the target under way. It looks at a few things
// more than it may release, since some may have the job already. With nothing
// allowed it still peeks, so that a rollout that has come to its end is seen
// to.
func slice(j job.Job, most, look int) store.Slice {
	return store.Slice{Target: j.Targets[j.Rollout.Target], After: j.Rollout.After, Look: min(look, most+spareLook), Most: most}
}

// spareLook is how many things a slice looks at beyond what it may release.
const spareLook = 32

// released notes what listeners are to be told; the rows of what persistent
// sessions are owed came with the release.
func (t *turn) released(j job.Job, r store.Released) {
	t.tally.Released += len(r.Things)
	for _, thing := range r.Things {
		n := job.Notice{Added: job.Head{Job: j.ID, Number: 1}, Members: true}
		t.tell(thing, j.Namespace, n)
	}
}
