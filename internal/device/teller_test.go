package device

import (
	"testing"

	"github.com/drover-iot/drover/internal/engine"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
)

// spec: device-api.md#72-when
func TestChangesAreToldInTheOrderInWhichTheyWereDecided(t *testing.T) {
	a, b := job.Head{Job: 1, Number: 1}, job.Head{Job: 2, Number: 1}
	change := func(turn int64, n job.Notice) engine.ListChange {
		return engine.ListChange{Thing: fleet.Thing{ID: 7}, Turn: turn, Notice: n}
	}
	added := change(1, job.Notice{Members: true})              // a comes into an empty list
	behind := change(2, job.Notice{Before: a, Members: true})  // b comes behind it
	released := change(1, job.Notice{Added: a, Members: true}) // as added, by a rollout
	ended := change(3, job.Notice{Before: a, Members: true})   // a ends, b is the head
	rows := []struct {
		name    string
		arrived []engine.ListChange
		head    job.Head
		want    bool // is the head told
	}{
		{"as decided", []engine.ListChange{added, behind}, a, true},
		{"the second first", []engine.ListChange{behind, added}, a, true},
		{"the last first", []engine.ListChange{ended, behind, added}, b, true},
		{"one in the middle last", []engine.ListChange{added, ended, behind}, b, true},
		{"a release last", []engine.ListChange{behind, released}, a, true},
		{"a release that is over", []engine.ListChange{ended, released}, job.Head{}, false},
	}
	for _, row := range rows {
		teller := newTeller()
		for _, c := range row.arrived {
			teller.add(c)
		}
		told, _ := teller.take()
		if got := told.Notice.NextChanged(row.head); got != row.want || !told.Notice.Members {
			t.Errorf("%s: %+v tells the head: %v", row.name, told.Notice, got)
		}
		if _, more := teller.take(); more {
			t.Errorf("%s: told twice", row.name)
		}
	}
}

// A list that is read for one change may show others, whose turn to be told
// comes later. spec: device-api.md#72-when
func TestWhatAListHasShownIsNotToldAgain(t *testing.T) {
	a, b := job.Head{Job: 1, Number: 1}, job.Head{Job: 2, Number: 1}
	thing := fleet.Thing{ID: 7}
	startB := engine.ListChange{Thing: thing, Turn: 1, Notice: job.Notice{Before: a}}              // b becomes the head
	endB := engine.ListChange{Thing: thing, Turn: 2, Notice: job.Notice{Before: b, Members: true}} // and a again
	startA := engine.ListChange{Thing: thing, Turn: 2, Notice: job.Notice{Before: b}}              // an earlier one starts
	rows := []struct {
		name  string
		steps []telling
	}{
		{"both were shown by the first list", []telling{
			{startB, a, 2, news{}},
			{endB, a, 2, news{members: true}},
		}},
		{"the second was shown and then undone", []telling{
			{startB, b, 1, news{next: true}},
			{startA, a, 2, news{next: true}},
			{endB, a, 2, news{members: true}},
		}},
		{"the second comes first, and says what only it knows", []telling{
			{engine.ListChange{Thing: thing, Turn: 2, Notice: job.Notice{Before: b, Members: true}}, b, 2, news{members: true}},
			{engine.ListChange{Thing: thing, Turn: 1, Notice: job.Notice{Before: a, Members: true}}, b, 2, news{next: true}},
			{engine.ListChange{Thing: thing, Turn: 3, Notice: job.Notice{Before: a}}, b, 3, news{}},
		}},
		{"members that were told are not told again", []telling{
			{engine.ListChange{Thing: thing, Turn: 1, Notice: job.Notice{Before: a, Members: true}}, a, 5, news{members: true}},
			{engine.ListChange{Thing: thing, Turn: 4, Notice: job.Notice{Before: a, Members: true}}, a, 6, news{}},
			{engine.ListChange{Thing: thing, Turn: 7, Notice: job.Notice{Before: a, Members: true}}, a, 8, news{members: true}},
		}},
	}
	for _, row := range rows {
		teller := newTeller()
		for i, s := range row.steps {
			teller.add(s.change)
			c, _ := teller.take()
			if got := teller.asKnown(c, s.head); got != s.want {
				t.Errorf("%s: step %d tells %+v, want %+v", row.name, i+1, got, s.want)
			}
			teller.remember(c, s.want, s.head, s.settled)
		}
	}
}

// telling is a change as it is told: with the head that the list then has, and
// the turn as of which it was read.
type telling struct {
	change  engine.ListChange
	head    job.Head
	settled int64
	want    news
}

func TestWhatNobodyHeardIsNotKnown(t *testing.T) {
	a, b := job.Head{Job: 1, Number: 1}, job.Head{Job: 2, Number: 1}
	heard := engine.ListChange{Thing: fleet.Thing{ID: 7}, Turn: 1, Notice: job.Notice{Members: true}}
	teller := newTeller()
	teller.remember(heard, news{members: true, next: true}, a, 1)
	teller.forget(heard) // b became the head while nobody listened
	c := engine.ListChange{Thing: fleet.Thing{ID: 7}, Turn: 3, Notice: job.Notice{Before: b}}
	if got := teller.asKnown(c, a); !got.next {
		t.Error("the head is back, and who heard of the other in between is not told")
	}
}
