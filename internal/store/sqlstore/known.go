package sqlstore

import (
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
)

// The most that is remembered: things in each of two generations, by id and
// name alone (about 130 bytes each), jobs, and bytes of their texts and targets.
const (
	knownThings   = 128 << 10
	knownJobs     = 4 << 10
	knownJobBytes = 16 << 20
)

// known is what the writer remembers of things, jobs and executions. A store
// that is alone on its database keeps it from batch to batch, another for one
// batch. Only the writer's goroutine uses it. Whoever changes one of them by SQL
// forgets it here; a transaction that is undone forgets all.
type known struct {
	young, old things
	jobs       map[int64]*jobEntry
	jobIDs     map[string]int64
	jobBytes   int // of jobs taken up since the last forgetting
	lists
}

// things is one generation of things.
type things struct {
	ids   map[string]int64
	names map[int64]string // of living ones
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
	k.forgetJobs()
	k.forgetLists()
}

func (k *known) forgetJobs() {
	k.jobs, k.jobIDs, k.jobBytes = map[int64]*jobEntry{}, map[string]int64{}, 0
}

func newThings() things {
	return things{ids: map[string]int64{}, names: map[int64]string{}}
}

func (k *known) thing(name string) (fleet.Thing, bool) {
	if id, ok := k.young.ids[name]; ok {
		return fleet.Thing{ID: id, Name: name}, true
	}
	id, ok := k.old.ids[name]
	if !ok {
		return fleet.Thing{}, false
	}
	t := fleet.Thing{ID: id, Name: k.old.names[id]} // the name of a caller may be part of a whole packet
	k.keepThing(t)
	return t, true
}

func (k *known) thingByID(id int64) (fleet.Thing, bool) {
	if name, ok := k.young.names[id]; ok {
		return fleet.Thing{ID: id, Name: name}, true
	}
	name, ok := k.old.names[id]
	if !ok {
		return fleet.Thing{}, false
	}
	return k.thing(name)
}

// keepThing remembers a living thing.
func (k *known) keepThing(t fleet.Thing) {
	if len(k.young.ids) >= knownThings {
		k.young, k.old = newThings(), k.young
	}
	k.young.ids[t.Name] = t.ID
	k.young.names[t.ID] = t.Name
}

// forgetThing is for a thing that is deleted.
func (k *known) forgetThing(id int64) {
	for _, g := range []things{k.young, k.old} {
		if name, ok := g.names[id]; ok {
			delete(g.ids, name)
			delete(g.names, id)
		}
	}
}

func (k *known) keepJob(j job.Job) *jobEntry {
	e := &jobEntry{job: j}
	k.jobs[j.ID] = e
	k.jobIDs[j.Name] = j.ID
	k.jobBytes += jobSize(j)
	return e
}

// grown notes that a job which is remembered is another now.
func (k *known) grown(was, is job.Job) { k.jobBytes += max(0, jobSize(is)-jobSize(was)) }

// jobSize is how many bytes the texts and targets of a job are, roughly.
func jobSize(j job.Job) int {
	const fixed = 40 // of a target or a window, beside its texts
	n := len(j.Name) + len(j.Comment) + len(j.Reason) + len(j.Settings.Description)
	for _, t := range j.Targets {
		n += fixed + len(t.Name)
	}
	for _, w := range j.Settings.Schedule.Windows {
		n += fixed + len(w.StartTime) + len(w.TimeZone)
	}
	return n
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
	if len(k.jobs) > knownJobs || k.jobBytes > knownJobBytes {
		k.forgetJobs()
	}
	if k.crowded() {
		k.forgetLists()
	}
}
