package sqlstore

import (
	"slices"
	"time"

	"github.com/drover-iot/drover/internal/job"
)

// The most that is remembered of executions (about 300 bytes each), and of
// their details. Beyond that all are forgotten: those that are busy come back
// with their next report.
const (
	knownExecutions = 48 << 10
	knownBytes      = 16 << 20
)

// lists is what is remembered of executions, as saved: a device that starts,
// reports and ends one is read for once.
type lists struct {
	latest  map[job.Key]job.Execution
	pending map[int64][]job.Execution
	queued  map[int64]time.Time // of the last one
	kept    int                 // executions taken up since the last forgetting
	bytes   int                 // of their details
}

func (l *lists) forgetLists() {
	*l = lists{
		latest: map[job.Key]job.Execution{}, pending: map[int64][]job.Execution{}, queued: map[int64]time.Time{},
	}
}

func (l *lists) count(e job.Execution) {
	l.kept++
	l.bytes += detailsSize(e)
}

func detailsSize(e job.Execution) (n int) {
	for name, value := range e.Details {
		n += len(name) + len(value)
	}
	return n
}

func (l *lists) keepLatest(k job.Key, e job.Execution) {
	l.count(e)
	l.latest[k] = e
}

func (l *lists) keepPending(thing int64, list []job.Execution) {
	for _, e := range list {
		l.count(e)
	}
	l.pending[thing] = list
}

func (l *lists) keepQueued(thing int64, last time.Time) {
	l.kept++
	l.queued[thing] = last
}

// saved keeps what is remembered true over a change that is in the database
// now, by a put or by SQL.
func (l *lists) saved(c *change) {
	ref := c.ref()
	l.savedLatest(ref, c.after)
	if list, ok := l.pending[ref.Thing]; ok {
		l.pending[ref.Thing] = withChange(list, ref, c.after)
		l.kept += max(0, len(l.pending[ref.Thing])-len(list))
	}
	l.savedQueued(c)
}

func (l *lists) savedQueued(c *change) {
	thing := c.ref().Thing
	last, ok := l.queued[thing]
	switch {
	case !ok:
	case c.requeued(): // it may have been the last
		delete(l.queued, thing)
	case c.after.QueuedAt.After(last):
		l.queued[thing] = c.after.QueuedAt
	}
}

func (l *lists) savedLatest(ref job.Ref, after job.Execution) {
	e, ok := l.latest[ref.Key]
	switch {
	case !ok || ref.Number < e.Number:
	case after.None():
		delete(l.latest, ref.Key)
	default:
		l.bytes += detailsSize(after)
		l.latest[ref.Key] = after
	}
}

// withChange is a pending list, in its order, after the execution became what
// after says.
func withChange(list []job.Execution, ref job.Ref, after job.Execution) []job.Execution {
	i := slices.IndexFunc(list, func(e job.Execution) bool { return e.Ref == ref })
	switch stays := !after.None() && !after.State.Terminal(); {
	case i >= 0 && stays:
		list[i] = after
	case i >= 0:
		return slices.Delete(list, i, i+1)
	case stays:
		list = append(list, after)
	}
	slices.SortFunc(list, inListOrder)
	return list
}
