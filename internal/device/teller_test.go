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
	change := func(turn int64, n job.Notice) engine.Change {
		return engine.Change{Thing: fleet.Thing{ID: 7}, Turn: turn, Notice: n}
	}
	added := change(1, job.Notice{Members: true})              // a comes into an empty list
	behind := change(2, job.Notice{Before: a, Members: true})  // b comes behind it
	released := change(1, job.Notice{Added: a, Members: true}) // as added, by a rollout
	ended := change(3, job.Notice{Before: a, Members: true})   // a ends, b is the head
	rows := []struct {
		name    string
		arrived []engine.Change
		head    job.Head
		want    bool // is the head told
	}{
		{"as decided", []engine.Change{added, behind}, a, true},
		{"the second first", []engine.Change{behind, added}, a, true},
		{"the last first", []engine.Change{ended, behind, added}, b, true},
		{"one in the middle last", []engine.Change{added, ended, behind}, b, true},
		{"a release last", []engine.Change{behind, released}, a, true},
		{"a release that is over", []engine.Change{ended, released}, job.Head{}, false},
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
