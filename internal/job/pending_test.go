package job

import (
	"slices"
	"testing"
	"time"
)

// spec: job-lifecycle.md#4-order-of-executions-for-a-device
func TestOrderOfAPendingList(t *testing.T) {
	at := func(job, number int64, s State, queuedAt float64) Execution {
		return Execution{Ref: Ref{Key{job, 1}, number}, State: s, QueuedAt: clockAt(queuedAt)}
	}
	for _, c := range []struct {
		name string
		list []Execution
		want []Head
	}{
		{"by queuedAt", []Execution{at(1, 1, Queued, 9), at(2, 1, Queued, 3)}, []Head{{2, 1}, {1, 1}}},
		{"by milliseconds of it", []Execution{at(1, 1, Queued, 3.002), at(2, 1, Queued, 3.001)}, []Head{{2, 1}, {1, 1}}},
		{"IN_PROGRESS before QUEUED", []Execution{at(1, 1, Queued, 1), at(3, 1, InProgress, 9)}, []Head{{3, 1}, {1, 1}}},
		{"of two IN_PROGRESS the one queued first", []Execution{at(1, 1, InProgress, 9), at(3, 1, InProgress, 2)}, []Head{{3, 1}, {1, 1}}},
		{"the older job breaks a tie", []Execution{at(4, 1, Queued, 1), at(3, 2, Queued, 1)}, []Head{{3, 2}, {4, 1}}},
		{"nothing", nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			head := HeadOf(c.list)
			slices.SortFunc(c.list, Order)
			var got []Head
			for _, e := range c.list {
				got = append(got, e.Head())
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("order %v, want %v", got, c.want)
			}
			if len(got) > 0 && head != got[0] || len(got) == 0 && head != (Head{}) {
				t.Errorf("head %v of %v", head, got)
			}
		})
	}
}

func TestEffective(t *testing.T) {
	const none = State(0)
	for _, c := range []struct {
		name                string
		status              Status
		forced              bool
		queued, running     State // what becomes of them
		hidesQueued, hidden bool
	}{
		{"SCHEDULED", StatusScheduled, false, Queued, InProgress, true, false},
		{"IN_PROGRESS", StatusInProgress, false, Queued, InProgress, false, false},
		{"COMPLETED", StatusCompleted, false, Queued, InProgress, false, false},
		{"CANCELED", StatusCanceled, false, Canceled, InProgress, true, false},
		{"CANCELED by force", StatusCanceled, true, Canceled, Canceled, true, true},
		{"DELETION_IN_PROGRESS", StatusDeleting, false, none, none, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			j := Job{Status: c.status, Forced: c.forced, CompletedAt: clockAt(5)}
			if got := j.Effective(in(Queued)); got.State != c.queued || j.Shows(in(Queued)) == c.hidesQueued {
				t.Errorf("QUEUED is %v, shown %v", got.State, j.Shows(in(Queued)))
			}
			if got := j.Effective(in(InProgress)); got.State != c.running || j.Shows(in(InProgress)) == c.hidden {
				t.Errorf("IN_PROGRESS is %v, shown %v", got.State, j.Shows(in(InProgress)))
			}
			if got := j.Effective(in(Failed)); got.None() != (c.status == StatusDeleting) || j.Shows(in(Failed)) {
				t.Errorf("FAILED is %+v", got)
			}
		})
	}
}

func TestEffectiveIsAsTheCommitOfTheCancelLeftIt(t *testing.T) {
	j := Job{Status: StatusCanceled, Forced: true, CompletedAt: clockAt(5)}
	got := j.Effective(in(InProgress))
	if got.Version != 4 || !got.Forced || !got.UpdatedAt.Equal(clockAt(5)) || !got.Deadline().IsZero() {
		t.Errorf("cancelled as %+v", got)
	}
}

func TestWhatIsAddedGoesToTheEnd(t *testing.T) {
	for _, c := range []struct {
		name string
		last time.Time
		want time.Time
	}{
		{"of an empty list", time.Time{}, noon},
		{"of a list from before", clockAt(-1), noon},
		{"of a list of the same millisecond", noon, clockAt(0.001)},
		{"of a list that ends with a retry to come", clockAt(0.7), clockAt(0.701)},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Behind(c.last, noon); !got.Equal(c.want) {
				t.Errorf("queued at %v, want %v", got, c.want)
			}
		})
	}
}
