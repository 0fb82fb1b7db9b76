package sqlstore

import (
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
)

// The most that is remembered: things in each of two generations (about 300
// bytes each), and jobs.
const (
	knownThings = 128 << 10
	knownJobs   = 4 << 10
)

// known is what the writer remembers of things, jobs and executions. A store
// that is alone on its database keeps it from batch to batch, another for one
// batch. Only the writer's goroutine uses it. Whoever changes one of them by SQL
// forgets it here; a transaction that is undone forgets all.
type known struct {
	young, old things
	jobs       map[int64]*jobEntry
	jobIDs     map[string]int64
	lists
}

// things is one generation of things.
type things struct {
	byName map[string]fleet.Thing
	names  map[int64]string // of living ones
}

// jobEntry is a job with its counters, saved or not.
type jobEntry struct {
	job     job.Job
	put     bool       // the row is to be saved
	delta   job.Counts // is to be added to the counters
	touched bool       // it is among work.touched
}

func newKnown() *known {
	k := &known{}
	k.forget()
	return k
}

func (k *known) forget() {
	k.young, k.old = newThings(), newThings()
	k.jobs, k.jobIDs = map[int64]*jobEntry{}, map[string]int64{}
	k.forgetLists()
}

func newThings() things {
	return things{byName: map[string]fleet.Thing{}, names: map[int64]string{}}
}

func (k *known) thing(name string) (fleet.Thing, bool) {
	if t, ok := k.young.byName[name]; ok {
		return t, true
	}
	t, ok := k.old.byName[name]
	if ok {
		k.keepThing(t)
	}
	return t, ok
}

func (k *known) thingByID(id int64) (fleet.Thing, bool) {
	name, ok := k.young.names[id]
	if !ok {
		name, ok = k.old.names[id]
	}
	if !ok {
		return fleet.Thing{}, false
	}
	return k.thing(name)
}

// keepThing remembers a living thing.
func (k *known) keepThing(t fleet.Thing) {
	if len(k.young.byName) >= knownThings {
		k.young, k.old = newThings(), k.young
	}
	k.young.byName[t.Name] = t
	k.young.names[t.ID] = t.Name
}

// forgetThing is for a thing whose row changes.
func (k *known) forgetThing(id int64) {
	for _, g := range []things{k.young, k.old} {
		if name, ok := g.names[id]; ok {
			delete(g.byName, name)
			delete(g.names, id)
		}
	}
}

func (k *known) keepJob(j job.Job) *jobEntry {
	e := &jobEntry{job: j}
	k.jobs[j.ID] = e
	k.jobIDs[j.Name] = j.ID
	return e
}

// forgetJob is for a job whose row changes otherwise than by PutJob. Nothing
// of it may be unsaved.
func (k *known) forgetJob(id int64) {
	if e := k.jobs[id]; e != nil {
		delete(k.jobIDs, e.job.Name)
		delete(k.jobs, id)
	}
}

// trim keeps jobs and executions within bounds, between two batches.
func (k *known) trim() {
	if len(k.jobs) > knownJobs {
		k.jobs, k.jobIDs = map[int64]*jobEntry{}, map[string]int64{}
	}
	if k.crowded() {
		k.forgetLists()
	}
}
