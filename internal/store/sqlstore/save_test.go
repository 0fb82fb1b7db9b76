package sqlstore

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/job"
)

func second(n int) time.Time { return time.Unix(int64(n), 0).UTC() }

// indexed are the columns of executions that an index bears or asks for.
var indexed = []string{"open", "deadline", "queued_at"}

func TestAChangeNamesNoIndexedColumnThatStays(t *testing.T) {
	ref := job.Ref{Key: job.Key{Job: 1, Thing: 2}, Number: 3}
	queued := job.Execution{Ref: ref, State: job.Queued, Version: 1, QueuedAt: second(1), UpdatedAt: second(1)}
	started := job.Execution{Ref: ref, State: job.InProgress, Version: 2, QueuedAt: second(1), StartedAt: second(2), UpdatedAt: second(2)}
	with := func(e job.Execution, change func(*job.Execution)) job.Execution {
		change(&e)
		return e
	}
	timed := with(started, func(e *job.Execution) { e.Timer = second(60) })
	for _, c := range []struct {
		name          string
		before, after job.Execution
		want          []string // of the indexed ones
	}{
		{"a start", queued, started, nil},
		{"a start with a timer", queued, timed, []string{"deadline"}},
		{"a progress", started, with(started, func(e *job.Execution) { e.Version++ }), nil},
		{"a progress of a timed one", timed, with(timed, func(e *job.Execution) { e.Version++ }), nil},
		{"a progress that moves the step timer", timed, with(timed, func(e *job.Execution) { e.Step = second(9) }), []string{"deadline"}},
		{"an end", started, with(started, func(e *job.Execution) { e.State = job.Failed }), []string{"open"}},
		{"an end of a timed one", timed, with(timed, func(e *job.Execution) { e.State = job.Failed }), []string{"open", "deadline"}},
		{"an end by force", started, with(started, func(e *job.Execution) { e.State, e.Forced = job.Canceled, true }), []string{"open"}},
		{"an end without a start", queued, with(queued, func(e *job.Execution) { e.State = job.Rejected }), []string{"open"}},
		{
			"a change among the ended", with(started, func(e *job.Execution) { e.State = job.Canceled }),
			with(started, func(e *job.Execution) { e.State = job.Removed }), nil,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			shape := (&change{before: c.before, after: c.after}).shape()
			var named []string
			for _, column := range indexed {
				if slices.Contains(shape.form().Set, column) {
					named = append(named, column)
				}
			}
			if !slices.Equal(named, c.want) {
				t.Errorf("it names %v, want %v", named, c.want)
			}
		})
	}
}

func TestEachShapeHasAValueForEachColumn(t *testing.T) {
	for s := range shapes {
		form := s.form()
		if got, want := len(s.values(job.Execution{State: job.InProgress})), len(form.Set)+len(form.Key); got != want {
			t.Errorf("shape %d has %d values for %d columns (%v)", s, got, want, form.Set)
		}
	}
}

func TestAQueryFileIsTakenApartByName(t *testing.T) {
	q := queries{}
	err := q.add("-- A comment.\n\n-- name: first\nSELECT 1;\n\n-- name: second\n-- Why.\nSELECT 2\nFROM t;\n")
	if err != nil || len(q) != 2 || q["first"] != "SELECT 1" || q["second"] != "-- Why.\nSELECT 2\nFROM t" {
		t.Errorf("the queries are %q, error %v", q, err)
	}
	if err := q.add("-- name: second\nSELECT 3;"); err == nil || !strings.Contains(err.Error(), "second") {
		t.Errorf("two of one name give error %v", err)
	}
	if _, err := q.text("third"); err == nil {
		t.Error("a query that is not there was found")
	}
}

func TestDebtsOfOneThingAreFoldedInOrder(t *testing.T) {
	head := func(n int64) job.Head { return job.Head{Job: n, Number: 1} }
	got := folded([]debt{
		{thing: "a", notice: job.Notice{Before: head(1)}},
		{thing: "b", notice: job.Notice{Added: head(5), Members: true}},
		{thing: "a", namespace: "n", notice: job.Notice{Before: head(9)}},
		{thing: "a", notice: job.Notice{Before: head(2), Members: true}},
		{thing: "b", notice: job.Notice{Before: head(4)}},
	})
	want := []debt{
		{thing: "a", notice: job.Notice{Before: head(1), Members: true}},
		{thing: "b", notice: job.Notice{Before: head(4), Members: true}},
		{thing: "a", namespace: "n", notice: job.Notice{Before: head(9)}},
	}
	if !slices.Equal(got, want) {
		t.Errorf("folded are %+v, want %+v", got, want)
	}
}
