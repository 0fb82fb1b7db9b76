package engine

import (
	"slices"

	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
)

// ListChange says that the pending list of a thing has changed, for the doors to
// tell whoever listens.
type ListChange struct {
	Thing     fleet.Thing // ID and Name
	Namespace string
	Notice    job.Notice
	// Turn grows in the order in which changes were decided. They are handed
	// over by whoever waited for their commit, and so in any order.
	Turn int64
}

// list is the pending list of a thing in a namespace as its listeners know it:
// who is in it and who is first.
type list struct {
	head    job.Head
	members []job.Head
}

// listing runs change, which changes executions of the thing, and notes what
// its listeners are to be told. What a sweep makes of an execution is told when
// it comes by. spec: device-api.md#72-when
func (t *turn) listing(thing fleet.Thing, j job.Job, change func() error) error {
	return t.differs(thing, j, job.Job.Told, change)
}

// visiting is listing when the sweep of j has come to the thing: now its
// listeners are told what the sweep shows or hides, changed by it or not.
func (t *turn) visiting(thing fleet.Thing, j job.Job, change func() error) error {
	return t.differs(thing, j, func(other job.Job, e job.Execution) bool {
		if other.ID == j.ID {
			return other.Shows(e)
		}
		return other.Told(e)
	}, change)
}

// differs notes in what a thing's list, in the namespace of j, differs after
// change, of which in tells who is in it then.
func (t *turn) differs(thing fleet.Thing, j job.Job, in func(job.Job, job.Execution) bool, change func() error) error {
	before, err := t.list(thing.ID, j.Namespace, job.Job.Told)
	if err != nil {
		return err
	}
	if err := change(); err != nil {
		return err
	}
	after, err := t.list(thing.ID, j.Namespace, in)
	if err != nil {
		return err
	}
	n := job.Notice{Before: before.head, Members: !before.sameMembers(after)}
	if n.Members || before.head != after.head {
		t.note(thing, j.Namespace, n)
	}
	return nil
}

func (t *turn) note(thing fleet.Thing, namespace string, n job.Notice) {
	t.Owe(thing, namespace, n)
	t.tell(thing, namespace, n)
}

// tell notes a change to be told after the commit.
func (t *turn) tell(thing fleet.Thing, namespace string, n job.Notice) {
	t.changes = append(t.changes, ListChange{Thing: thing, Namespace: namespace, Notice: n, Turn: t.number})
}

// list is the executions of a thing that in tells are in its list, of the jobs
// of a namespace.
func (t *turn) list(thing int64, namespace string, in func(job.Job, job.Execution) bool) (list, error) {
	rows, err := t.Pending(thing)
	if err != nil {
		return list{}, err
	}
	shown := rows[:0]
	for _, e := range rows {
		j, err := t.JobByID(e.Job)
		if err != nil {
			return list{}, err
		}
		if j.Namespace == namespace && in(j, e) {
			shown = append(shown, e)
		}
	}
	l := list{head: job.HeadOf(shown)}
	for _, e := range shown {
		l.members = append(l.members, e.Head())
	}
	return l, nil
}

func (l list) sameMembers(other list) bool {
	return len(l.members) == len(other.members) && !slices.ContainsFunc(l.members, func(h job.Head) bool {
		return !slices.Contains(other.members, h)
	})
}
