package engine

import (
	"github.com/drover-iot/drover/internal/job"
)

// admit queues a job for things that wait to join it, at most budget. Whether
// one still may was not kept in step while it waited, and is asked now.
func (o *operation) admit(j job.Job, budget int) (used int, err error) {
	waiting, err := o.tx.Waiting(j.ID, int(min(int64(budget), j.Slots())))
	if err != nil {
		return 0, err
	}
	for _, w := range waiting {
		if err := o.admitOne(j, w); err != nil {
			return used, err
		}
		used++
		if j, err = o.JobByID(j.ID); err != nil {
			return used, err
		}
		if !j.Admits() { // that was the last slot, or it has aborted the job
			break
		}
	}
	left, err := o.tx.Waiting(j.ID, 1)
	if err != nil {
		return used, err
	}
	j.Rollout.Joins = len(left) > 0
	o.PutJob(j.WithDue(o.now))
	return max(used, 1), nil
}

// admitOne queues the job unless the thing has left its targets, or has got the
// job in another way, since it came; w has the number of its latest execution
// then.
func (o *operation) admitOne(j job.Job, w job.Ref) error {
	if err := o.tx.EndWait(w.Key); err != nil {
		return err
	}
	groups, err := o.tx.GroupsOf(w.Thing)
	if err != nil {
		return err
	}
	latest, err := o.Latest(w.Key)
	if err != nil {
		return err
	}
	if !j.Aims(w.Thing, groups) || latest.Number != w.Number || !latest.None() && !latest.State.Terminal() {
		return nil
	}
	thing, err := o.ThingByID(w.Thing)
	if err != nil {
		return err
	}
	if err := o.queue(thing, j, latest); err != nil {
		return err
	}
	return o.judge(j.ID)
}
