package engine

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/quota"
	"github.com/drover-iot/drover/internal/store"
)

// spec: job-lifecycle.md#11-limits-and-quotas
func TestJobsBeyondAQuotaAreRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		quotas quota.Numbers
		rolled bool // each job is rolled out before the next
		want   int  // jobs that are made of five
	}{
		{"no quota", quota.Numbers{}, false, 5},
		{"three active jobs", quota.Numbers{ActiveJobs: 3}, true, 3},
		{"two that roll out at once", quota.Numbers{ConcurrentJobs: 2}, false, 2},
		{"two that roll out at once, and they have", quota.Numbers{ConcurrentJobs: 2}, true, 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := bounded(t, c.quotas)
			made := 0
			for i := range 5 {
				_, err := e.CreateJob(t.Context(), CreateJob{
					Name: fmt.Sprint("fw-", i), Document: []byte("{}"), Targets: []job.Target{{Name: "press"}},
				})
				if err == nil {
					made++
				} else if !fault.Is(err, fault.LimitExceeded) {
					t.Fatal(err)
				}
				if c.rolled {
					_, err := e.advance(t.Context(), advance{asked: t.Context(), by: time.Second})
					check(t, err)
				}
			}
			if made != c.want {
				t.Errorf("%d jobs were made, want %d", made, c.want)
			}
		})
	}
}

func TestAJobThatEndedMakesRoomForAnother(t *testing.T) {
	e := bounded(t, quota.Numbers{ActiveJobs: 1})
	create := func(name string) error {
		_, err := e.CreateJob(t.Context(), CreateJob{Name: name, Document: []byte("{}"), Targets: []job.Target{{Name: "press"}}})
		return err
	}
	if err := create("a"); err != nil {
		t.Fatal(err)
	}
	if err := create("b"); !fault.Is(err, fault.LimitExceeded) {
		t.Errorf("a second active job: %v", err)
	}
	if _, err := e.CancelJob(t.Context(), Asked{Job: "a"}, job.Cancel{}); err != nil {
		t.Fatal(err)
	}
	if err := create("b"); err != nil {
		t.Error(err)
	}
}

// bounded is an engine with quotas over an empty store that has one thing.
func bounded(t *testing.T, q quota.Numbers) *Engine {
	t.Helper()
	s, v := newStore(t)
	e := New(Config{Store: s, Clock: v, Log: slog.New(slog.DiscardHandler), Quotas: q})
	_, err := e.CreateThing(t.Context(), fleet.Thing{Name: "press"})
	check(t, err)
	return e
}

func TestTemplatesBeyondAQuotaAreRefused(t *testing.T) {
	e := bounded(t, quota.Numbers{Templates: 2})
	create := func(name string) error {
		_, err := e.CreateTemplate(t.Context(), CreateTemplate{Name: name, Settings: job.Settings{Description: "d"}, Document: []byte("{}")})
		return err
	}
	check(t, create("a"))
	check(t, create("b"))
	if err := create("c"); !fault.Is(err, fault.LimitExceeded) {
		t.Errorf("a third template: %v", err)
	}
	check(t, e.DeleteTemplate(t.Context(), "a"))
	check(t, create("c"))
}

// spec: job-lifecycle.md#11-job-transitions
func TestAScheduledJobThatOpensWhenTooManyRollOutIsCancelled(t *testing.T) {
	e := bounded(t, quota.Numbers{ConcurrentJobs: 1})
	_, err := e.CreateGroup(t.Context(), fleet.Group{Name: "plant"}, nil)
	check(t, err)
	for i := range 3 {
		name := fmt.Sprint("press-", i)
		_, err := e.CreateThing(t.Context(), fleet.Thing{Name: name})
		check(t, err)
		check(t, e.AddThing(t.Context(), name, "plant"))
	}
	create := func(name string, s job.Settings) {
		_, err := e.CreateJob(t.Context(), CreateJob{
			Name: name, Document: []byte("{}"), Settings: s, Targets: []job.Target{{Group: true, Name: "plant"}},
		})
		check(t, err)
	}
	advance := func(by time.Duration) {
		_, err := e.advance(t.Context(), advance{asked: t.Context(), by: by})
		check(t, err)
	}
	for _, name := range []string{"later", "last"} {
		at := e.Now().Add(time.Hour)
		create(name, job.Settings{Schedule: job.Schedule{StartTime: at.Format("2006-01-02 15:04")}})
		advance(59 * time.Minute)
		if name == "later" {
			create("slow", job.Settings{Rollout: job.RolloutConfig{MaximumPerMinute: 1}})
		}
		advance(2 * time.Minute)
	}
	changes, _, err := e.History(t.Context(), "later", store.Page{Limit: 1})
	check(t, err)
	if len(changes) != 1 || changes[0].Operation != job.Aborted || changes[0].By != "" {
		t.Errorf("its history says %+v", changes)
	}
	for name, want := range map[string]job.Status{"later": job.StatusCanceled, "last": job.StatusInProgress} {
		j, err := e.Job(t.Context(), name)
		check(t, err)
		if j.Status != want || want == job.StatusCanceled && (j.Reason != "CONCURRENT_JOBS_LIMIT_REACHED" || j.Counts.Notified != 0) {
			t.Errorf("job %s is %s because of %q", name, j.Status, j.Reason)
		}
	}
}

// spec: job-lifecycle.md#11-limits-and-quotas
func TestAPausedRolloutKeepsItsRoom(t *testing.T) {
	e := bounded(t, quota.Numbers{ConcurrentJobs: 1})
	create := func(name string, s job.Settings) error {
		_, err := e.CreateJob(t.Context(), CreateJob{
			Name: name, Document: []byte("{}"), Settings: s, Targets: []job.Target{{Name: "press"}},
		})
		return err
	}
	opens := e.Now().Add(time.Hour)
	check(t, create("later", job.Settings{Schedule: job.Schedule{StartTime: opens.Format("2006-01-02 15:04")}}))
	check(t, create("first", job.Settings{}))
	for _, name := range []string{"later", "first"} {
		_, err := e.PauseJob(t.Context(), Asked{Job: name}, false)
		check(t, err)
	}
	if err := create("second", job.Settings{}); !fault.Is(err, fault.LimitExceeded) {
		t.Errorf("another job while the first is paused: %v", err)
	}
	_, err := e.advance(t.Context(), advance{asked: t.Context(), by: 61 * time.Minute})
	check(t, err)
	if j, err := e.Job(t.Context(), "later"); err != nil || j.Reason != "CONCURRENT_JOBS_LIMIT_REACHED" {
		t.Errorf("one that is paused and would begin is %s because of %q, %v", j.Status, j.Reason, err)
	}
	_, err = e.ResumeJob(t.Context(), Asked{Job: "first"})
	check(t, err)
	_, err = e.advance(t.Context(), advance{asked: t.Context(), by: time.Second})
	check(t, err)
	check(t, create("second", job.Settings{}))
}
