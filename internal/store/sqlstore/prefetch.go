package sqlstore

import (
	"slices"
	"time"

	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// hints is what a batch will look at, each name once.
type hints struct {
	things, pending, jobs distinct[string]
	latest                distinct[store.Pair]
}

// distinct is a list without duplicates, in order.
type distinct[T comparable] struct {
	list []T
	has  map[T]bool
}

func (d *distinct[T]) add(v T) {
	if d.has == nil {
		d.has = map[T]bool{}
	}
	if !d.has[v] {
		d.has[v] = true
		d.list = append(d.list, v)
	}
}

func distinctHints(h store.Hints) (d hints) {
	for _, name := range h.Things {
		d.things.add(name)
	}
	for _, name := range h.Pending {
		d.things.add(name)
		d.pending.add(name)
	}
	for _, pair := range h.Latest {
		d.things.add(pair.Thing)
		d.jobs.add(pair.Job)
		d.latest.add(pair)
	}
	return d
}

// lookups are the queries that load what is hinted at. They find things and
// jobs by name, so that all can go in one round trip.
func (w *work) lookups(h hints) ([]Lookup, error) {
	var list []Lookup
	add := func(name string, keys [][]any, read func(row) error) error {
		text, err := w.queries.text(name)
		if len(keys) > 0 {
			list = append(list, Lookup{Text: text, Keys: keys, Row: read})
		}
		return err
	}
	for _, err := range []error{
		add("living_thing", nameKeys(h.things.list), w.readThing),
		add("job_by_name", nameKeys(h.jobs.list), w.readJob),
		add("latest_by_names", pairKeys(h.latest.list), w.readLatest),
		add("pending_by_name", nameKeys(h.pending.list), w.readPending),
		add("pending_jobs_by_name", nameKeys(h.pending.list), w.readJob),
		add("last_queued_by_name", nameKeys(h.pending.list), w.readQueued),
	} {
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

func nameKeys(names []string) [][]any {
	list := make([][]any, len(names))
	for i, name := range names {
		list[i] = []any{name}
	}
	return list
}

func pairKeys(pairs []store.Pair) [][]any {
	list := make([][]any, len(pairs))
	for i, p := range pairs {
		list[i] = []any{p.Thing, p.Job}
	}
	return list
}

func (w *work) readThing(r row) error {
	t, err := scanNamed(r)
	if err == nil {
		w.known.keepThing(t)
	}
	return err
}

// readJob keeps a job unless it is known already: what is remembered may hold
// more than what is saved.
func (w *work) readJob(r row) error {
	j, err := scanJob(r)
	if err == nil && w.known.jobs[j.ID] == nil {
		w.known.keepJob(j)
	}
	return err
}

// readLatest keeps an execution that has ended too: what is not kept is taken
// to be absent.
func (w *work) readLatest(r row) error {
	e, err := scanExecution(r)
	w.known.latest[e.Key] = e
	return err
}

func (w *work) readPending(r row) error {
	e, err := scanExecution(r)
	w.known.keepPending(e.Thing, append(w.known.pending[e.Thing], e))
	return err
}

func (w *work) readQueued(r row) error {
	var thing int64
	var last time.Time
	err := r.Scan(&thing, instant{&last})
	w.known.queued[thing] = last
	return err
}

// noteAbsent keeps what the lookups did not find.
func (w *work) noteAbsent(h hints) {
	for _, name := range h.things.list {
		if _, ok := w.known.thing(name); !ok {
			w.absentThings[name] = true
		}
	}
	for _, name := range h.jobs.list {
		if _, ok := w.known.jobIDs[name]; !ok {
			w.absentJobs[name] = true
		}
	}
	for _, name := range h.pending.list {
		if t, ok := w.known.thing(name); ok {
			list := w.known.pending[t.ID]
			slices.SortFunc(list, inListOrder)
			w.known.pending[t.ID] = list
			keepAbsent(w.known.queued, t.ID)
		}
	}
	for _, p := range h.latest.list {
		t, ok := w.known.thing(p.Thing)
		id, found := w.known.jobIDs[p.Job]
		if k := (job.Key{Job: id, Thing: t.ID}); ok && found {
			keepAbsent(w.known.latest, k)
		}
	}
}

// keepAbsent notes that there is nothing at k, unless something is.
func keepAbsent[K comparable, V any](seen map[K]V, k K) {
	if _, ok := seen[k]; !ok {
		var none V
		seen[k] = none
	}
}
