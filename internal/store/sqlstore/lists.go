package sqlstore

import (
	"slices"
	"time"

	"github.com/drover-iot/drover/internal/job"
)

// The most that is remembered: executions and lists of them (about 300 bytes
// each), and bytes of their details. Beyond that all are forgotten: those that
// are busy come back with their next report.
const (
	knownExecutions = 64 << 10
	knownBytes      = 16 << 20
)

// lists is what is remembered of executions, as saved: a device that starts,
// reports and ends one is read for once.
type lists struct {
	latest  map[job.Key]job.Execution // that has not ended; or none, if there is none
	pending map[int64][]job.Execution
	queued  map[int64]time.Time // of the last one
	open    int                 // executions in pending
	bytes   int                 // of details taken up since the last forgetting
}

func (l *lists) forgetLists() {
	*l = lists{
		latest: map[job.Key]job.Execution{}, pending: map[int64][]job.Execution{}, queued: map[int64]time.Time{},
	}
}

func (l *lists) crowded() bool {
	return len(l.latest)+len(l.pending)+len(l.queued)+l.open > knownExecutions || l.bytes > knownBytes
}

func detailsSize(e job.Execution) (n int) {
	for name, value := range e.Details {
		n += len(name) + len(value)
	}
	return n
}

// keepLatest remembers the latest execution of a job on a thing. One that has
// ended is seldom asked for again.
func (l *lists) keepLatest(k job.Key, e job.Execution) {
	if e.State.Terminal() {
		delete(l.latest, k)
		return
	}
	l.bytes += detailsSize(e)
	l.latest[k] = e
}

func (l *lists) keepPending(thing int64, list []job.Execution) {
	for _, e := range list {
		l.bytes += detailsSize(e)
	}
	l.open += len(list) - len(l.pending[thing])
	l.pending[thing] = list
}

// saved keeps what is remembered true over a change that is in the database
// now, by a put or by SQL.
func (l *lists) saved(c *change) {
	ref := c.ref()
	l.savedLatest(ref, c.after)
	if list, ok := l.pending[ref.Thing]; ok {
		was := len(list)
		l.pending[ref.Thing] = withChange(list, ref, c.after)
		l.open += len(l.pending[ref.Thing]) - was
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
		l.keepLatest(ref.Key, after)
	}
}

// withChange is a pending list, in its order, after the execution became what
// after says.
func withChange(list []job.Execution, ref job.Ref, after job.Execution) []job.Execution {
	i := slices.IndexFunc(list, func(e job.Execution) bool { return e.Ref == ref })
	switch stays := toDo(after); {
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
