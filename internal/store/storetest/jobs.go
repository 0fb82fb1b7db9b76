package storetest

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// Jobs is about jobs and the set-based changes of their executions.
func Jobs(t *testing.T, fresh Fresh) {
	cases := []struct {
		name string
		test func(*house)
	}{
		{"a job comes back as it was inserted", jobWhole},
		{"a job changes in all but its counters", jobChanges},
		{"a name is taken until the job is dropped", jobName},
		{"counters are the sum of all that was counted", jobCounts},
		{"a live CONTINUOUS job follows its groups", jobFollows},
		{"a group that is added is followed too", jobGroupAdded},
		{"jobs being deleted are counted", jobsDeleting},
		{"those that are active, and those that roll out, are counted", jobsCounted},
		{"open executions are found in bounded steps", jobOpen},
		{"what has ended is deleted within a range", jobEnded},
		{"a failure whose retry waits is open", jobWaits},
		{"things that wait to join are told by thing", jobJoins},
		{"a history is told from its end", jobHistory},
		{"a history has a bound and goes with its job", jobHistoryBound},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.test(newHouse(t, fresh)) })
	}
}

func wholeJob() job.Job {
	return job.Job{
		Name: "whole", Namespace: "ns", Selection: job.Continuous, Status: job.StatusCanceled,
		Settings: job.Settings{
			Description: "d", Abort: []job.Criterion{{Failure: job.FailureAll, Percent: 1250, Min: 3}},
			Timeout: job.TimeoutConfig{InProgressMinutes: 5}, Retry: []job.Retry{{Failure: job.FailureFailed, Number: 2}},
			Rollout: job.RolloutConfig{MaximumPerMinute: 7}, Presigned: job.Presigned{RoleARN: "r", ExpiresIn: 60},
			Schedule: job.Schedule{
				StartTime: "2026-03-01T14:30", EndTime: "2026-04-01 00:00Z", EndBehavior: job.CancelAll,
				Windows: []job.Window{{StartTime: "cron(0 2 ? * * *)", Minutes: 60, TimeZone: "Europe/Berlin"}},
			},
		},
		Targets: []job.Target{{Group: true, Name: "g", ID: 7}, {Name: "t", ID: 8}},
		Members: 9, Version: 12, CreatedAt: at(1), UpdatedAt: at(2), CompletedAt: at(3), Forced: true, Comment: "c", Reason: "R",
		Rollout: job.Rollout{Start: at(4), Target: 1, After: 5, Released: 6, Edge: at(6), End: at(7)}, Sweep: job.Sweep{Active: true, Thing: 4},
		Counts: job.Counts{Queued: 1, InProgress: 2, Succeeded: 3, Failed: 4, Rejected: 5, TimedOut: 6, Canceled: 7, Removed: 8, Notified: 9, WaitFailed: 10, WaitTimedOut: 11},
		Due:    at(5),
	}
}

// wantJob looks at a job in every way but the lists.
func (h *house) wantJob(want job.Job) {
	h.Helper()
	byName, err := h.Job(context.Background(), want.Name)
	h.must(err)
	byID, err := h.JobOf(context.Background(), want.ID)
	h.must(err)
	var inside job.Job
	h.write(func(tx store.Tx) (err error) {
		inside, err = tx.Job(want.Name)
		return err
	})
	for _, got := range []job.Job{byName, byID, inside} {
		if diff := cmp.Diff(want, got); diff != "" {
			h.Errorf("the job (-want +got):\n%s", diff)
		}
	}
}

func jobWhole(h *house) {
	j := wholeJob()
	document := []byte(" {\"op\":\t1.50, \"ä\":\"<&>\"} ")
	h.write(func(tx store.Tx) (err error) {
		j.ID, err = tx.InsertJob(j, document)
		return err
	})
	h.wantJob(j)
	h.must(h.Store.Close())
	h.reopen()
	h.wantJob(j)
	if got, err := h.Document(context.Background(), j.ID); err != nil || !bytes.Equal(got, document) {
		h.Errorf("the document is %q, error %v", got, err)
	}
	if _, err := h.Document(context.Background(), j.ID+1); !fault.Is(err, fault.NotFound) {
		h.Errorf("a document that is not there is read with error %v", err)
	}
}

func jobChanges(h *house) {
	j := h.insert(job.Job{Name: "a", Selection: job.Continuous, Status: job.StatusInProgress})
	want := wholeJob()
	want.ID, want.Name, want.Namespace, want.CreatedAt = j.ID, "a", "", j.CreatedAt
	want.Counts = job.Counts{}
	h.must(h.do(func(w store.Work) error {
		put := want
		put.Counts = job.Counts{Failed: 1000}
		w.PutJob(put)
		return nil
	}))
	h.wantJob(want)
	want.CompletedAt, want.Due, want.Comment = time.Time{}, time.Time{}, ""
	h.must(h.do(func(w store.Work) error { w.PutJob(want); return nil }))
	h.wantJob(want)
}

func jobName(h *house) {
	j := h.job("a")
	h.queue(j, h.thing("t"))
	err := h.Write(context.Background(), func(tx store.Tx) error {
		_, err := tx.InsertJob(job.Job{Name: "a", CreatedAt: tx.Now(), UpdatedAt: tx.Now()}, nil)
		return err
	})
	if !fault.Is(err, fault.AlreadyExists) {
		h.Errorf("the name is taken twice: %v", err)
	}
	h.write(func(tx store.Tx) error { return tx.DropJob(j.ID) })
	if _, err := h.Job(context.Background(), "a"); !fault.Is(err, fault.NotFound) {
		h.Errorf("the dropped job is read with error %v", err)
	}
	if err := h.do(func(w store.Work) error { _, err := w.Job("a"); return err }); !fault.Is(err, fault.NotFound) {
		h.Errorf("the dropped job is found with error %v", err)
	}
	if again := h.job("a"); again.ID == j.ID {
		h.Errorf("the number %d was used again", j.ID)
	}
}

func jobCounts(h *house) {
	j := h.job("a")
	count := func(w store.Work) error {
		w.Count(j.ID, job.Moved(job.Queued, job.InProgress))
		w.Count(j.ID, job.Moved(job.InProgress, job.Failed))
		return nil
	}
	for _, err := range h.batch(decisions(count, count, count)...) {
		h.must(err)
	}
	h.write(func(tx store.Tx) error { return count(tx) })
	h.wantCounts(j, job.Counts{Queued: -4, Failed: 4})
	if err := h.do(func(w store.Work) error { w.Count(12345, job.Counts{Queued: 1}); return nil }); !fault.Is(err, fault.NotFound) {
		h.Errorf("counting for no job ends with %v", err)
	}
}

// following is the names of the jobs that follow the groups.
func (h *house) following(groups ...int64) (list []string) {
	h.Helper()
	h.write(func(tx store.Tx) error {
		jobs, err := tx.Following(groups)
		list = nil
		for _, j := range jobs {
			list = append(list, j.Name)
		}
		return err
	})
	return list
}

func jobFollows(h *house) {
	both := []job.Target{{Group: true, Name: "g1", ID: 1}, {Group: true, Name: "g2", ID: 2}, {Name: "t", ID: 3}}
	live := h.insert(job.Job{Name: "live", Selection: job.Continuous, Status: job.StatusInProgress, Targets: both})
	h.insert(job.Job{Name: "waiting", Selection: job.Continuous, Status: job.StatusScheduled, Targets: both[1:]})
	h.insert(job.Job{Name: "snapshot", Selection: job.Snapshot, Status: job.StatusInProgress, Targets: both})
	h.insert(job.Job{Name: "ended", Selection: job.Continuous, Status: job.StatusCanceled, Targets: both})
	for _, c := range []struct {
		groups []int64
		want   []string
	}{
		{[]int64{1, 2}, []string{"live", "waiting"}},
		{[]int64{1}, []string{"live"}},
		{[]int64{3}, nil},
		{nil, nil},
	} {
		if diff := cmp.Diff(c.want, h.following(c.groups...)); diff != "" {
			h.Errorf("%v is followed by (-want +got):\n%s", c.groups, diff)
		}
	}
	h.must(h.do(func(w store.Work) error { live.Status = job.StatusCanceled; w.PutJob(live); return nil }))
	if got := h.following(1); got != nil {
		h.Errorf("after its end the group is followed by %v", got)
	}
}

func jobGroupAdded(h *house) {
	j := h.insert(job.Job{
		Name: "a", Selection: job.Continuous, Status: job.StatusInProgress,
		Targets: []job.Target{{Group: true, Name: "g1", ID: 1}},
	})
	j.Targets = append(j.Targets, job.Target{Group: true, Name: "g2", ID: 2})
	h.write(func(tx store.Tx) error {
		tx.PutJob(j)
		return tx.IndexTargets(j)
	})
	h.wantJob(j)
	if diff := cmp.Diff([]string{"a"}, h.following(2)); diff != "" {
		h.Errorf("the added group is followed by (-want +got):\n%s", diff)
	}
}

func jobsCounted(h *house) {
	put := func(name string, s job.Status, rolledOut bool) {
		j := job.Job{Name: name, Status: s, Selection: job.Snapshot, Targets: []job.Target{{Name: "t", ID: 1}}}
		j.Sweep.Active = name == "cancelling"
		if name == "paused" {
			j.Rollout.Pause.Since = h.clock.Now()
		}
		if s != job.StatusScheduled {
			j.Rollout.Start = h.clock.Now()
		}
		if rolledOut {
			j.Rollout.Target = 1
		}
		h.insert(j)
	}
	put("rolls", job.StatusInProgress, false)
	put("rolls too", job.StatusInProgress, false)
	put("waits", job.StatusInProgress, true)
	put("later", job.StatusScheduled, false)
	put("over", job.StatusCompleted, true)
	put("stopped", job.StatusCanceled, false)
	put("cancelling", job.StatusCanceled, false)
	put("paused", job.StatusInProgress, false)
	h.write(func(tx store.Tx) error {
		active, err := tx.CountActive()
		h.must(err)
		unfinished, err := tx.CountUnfinished()
		h.must(err)
		ids, err := tx.Unfinished()
		h.same([]int{active, unfinished, len(ids)}, []int{5, 3, 3})
		return err
	})
}

func jobsDeleting(h *house) {
	j := h.job("a")
	h.job("b")
	h.write(func(tx store.Tx) error {
		j.Status = job.StatusDeleting
		tx.PutJob(j)
		if n, err := tx.CountDeleting(); err != nil || n != 1 {
			h.Errorf("%d jobs are being deleted, error %v", n, err)
		}
		return nil
	})
}

// openCases are steps over six things of which the second and the fifth have
// ended, and the third has a failed attempt before its open one.
var openCases = []struct {
	name    string
	after   int // place of a thing, 0 is the beginning
	look, n int
	want    []int // places of things
	next    int
	end     bool
}{
	{"all in one", 0, 100, 100, []int{1, 3, 4, 6}, 6, true},
	{"as many as were asked for", 0, 100, 2, []int{1, 3}, 3, false},
	{"as many as were looked at", 0, 2, 100, []int{1}, 2, false},
	{"never a part of a thing", 0, 3, 100, []int{1}, 2, false},
	{"a thing with more attempts than are looked at", 2, 1, 100, []int{3}, 3, false},
	{"from the middle", 3, 100, 100, []int{4, 6}, 6, true},
	{"nothing behind the last", 6, 100, 100, nil, 6, true},
	{"the rest holds none that is open", 4, 1, 100, nil, 5, false},
}

func jobOpen(h *house) {
	j, things := h.job("a"), h.things("t", 6)
	h.queue(j, things...)
	h.must(h.do(func(w store.Work) error {
		for _, i := range []int{1, 2, 4} {
			e := queued(j, things[i], 1, w.Now())
			w.PutExecution(e, reported(e, job.Failed, w.Now()))
		}
		w.PutExecution(job.Execution{}, queued(j, things[2], 2, w.Now()))
		return nil
	}))
	place := func(i int) int64 {
		if i == 0 {
			return 0
		}
		return things[i-1].ID
	}
	for _, c := range openCases {
		var open []job.Execution
		var next int64
		var end bool
		h.write(func(tx store.Tx) (err error) {
			open, next, end, err = tx.OpenOf(j.ID, place(c.after), c.look, c.n)
			return err
		})
		var got, want []int64
		for _, e := range open {
			got = append(got, e.Thing)
		}
		for _, i := range c.want {
			want = append(want, place(i))
		}
		if diff := cmp.Diff(want, got); diff != "" || next != place(c.next) || end != c.end {
			h.Errorf("%s: next %d, end %v, want %d, %v; open (-want +got):\n%s", c.name, next, end, place(c.next), c.end, diff)
		}
	}
}

func jobWaits(h *house) {
	j, t := h.job("a"), h.thing("t")
	h.queue(j, t)
	failed := reported(queued(j, t, 1, start), job.Failed, start)
	failed.Retries.Waits = true
	h.must(h.do(func(w store.Work) error {
		w.PutExecution(queued(j, t, 1, start), failed)
		return nil
	}))
	h.write(func(tx store.Tx) error {
		if err := tx.DeleteEnded(j.ID, 0, t.ID); err != nil {
			return err
		}
		open, _, _, err := tx.OpenOf(j.ID, 0, 10, 10)
		if diff := cmp.Diff([]job.Execution{failed}, open); diff != "" {
			h.Errorf("open (-want +got):\n%s", diff)
		}
		return err
	})
	h.must(h.do(func(w store.Work) error {
		final, _ := failed.GiveUp()
		w.PutExecution(failed, final)
		return nil
	}))
	h.write(func(tx store.Tx) error {
		open, _, _, err := tx.OpenOf(j.ID, 0, 10, 10)
		if len(open) > 0 {
			h.Errorf("open behind its end is %+v", open)
		}
		return err
	})
}

func jobEnded(h *house) {
	j, other, things := h.job("a"), h.job("b"), h.things("t", 5)
	h.queue(j, things...)
	h.queue(other, things...)
	h.must(h.do(func(w store.Work) error {
		for _, t := range things[:4] {
			e := queued(j, t, 1, w.Now())
			w.PutExecution(e, reported(e, job.Failed, w.Now()))
		}
		return nil
	}))
	h.write(func(tx store.Tx) error { return tx.DeleteEnded(j.ID, things[0].ID, things[2].ID) })
	for i, want := range []job.State{job.Failed, 0, 0, job.Failed, job.Queued} {
		h.wantState(j, things[i], want)
		h.wantState(other, things[i], job.Queued)
	}
	h.write(func(tx store.Tx) error { return tx.DeleteEnded(j.ID, 0, things[4].ID) })
	h.wantState(j, things[4], job.Queued)
	h.goneThing(j, things[4])
}

// goneThing deletes a thing and then the executions that name it.
func (h *house) goneThing(j job.Job, t fleet.Thing) {
	h.Helper()
	h.write(func(tx store.Tx) error { return tx.DeleteThing(t.ID) })
	h.write(func(tx store.Tx) error {
		got, err := tx.ThingByID(t.ID)
		if err != nil || got.Name != t.Name {
			h.Errorf("the deleted thing that an execution names is %v, error %v", got, err)
		}
		e := queued(j, t, 1, start)
		tx.PutExecution(e, reported(e, job.Removed, tx.Now()))
		return tx.DeleteEnded(j.ID, 0, t.ID)
	})
	h.wantState(j, t, 0)
}
