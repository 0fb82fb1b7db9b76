package job

import (
	"reflect"
	"testing"
)

func TestAChangeTellsWhatDiffers(t *testing.T) {
	before := made(t, Schedule{})
	before.Settings.Description, before.Comment = "old", "why"
	after := before
	after.Version, after.Comment, after.Settings.Description = 2, "because", "new"
	after.Counts.Queued, after.Rollout.Released, after.UpdatedAt = 7, 7, clockAt(9)
	for _, c := range []struct {
		name          string
		before, after Job
		want          Change
	}{
		{"an update", before, after, Change{
			Version: 2, At: clockAt(9), By: "op", Operation: Updated,
			Before: Facts{Comment: "why", Settings: Settings{Description: "old"}},
			After:  Facts{Comment: "because", Settings: Settings{Description: "new"}},
		}},
		{"nothing", before, before, Change{Version: 1, At: clockAt(9), By: "op", Operation: Updated}},
		{"a job that is made", Job{}, before, Change{
			Version: 1, At: clockAt(9), By: "op", Operation: Updated,
			After: before.Facts(),
		}},
	} {
		if got := ChangeOf(Updated, "op", c.before, c.after, clockAt(9)); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s is told as %+v", c.name, got)
		}
	}
	if f := after.Facts(); !reflect.DeepEqual(f.Job().Facts(), f) {
		t.Errorf("%+v is shown as %+v", f, f.Job())
	}
}

func TestWhatEndsAJobByItself(t *testing.T) {
	live := made(t, Schedule{})
	failing := live
	failing.Settings.Abort = []Criterion{{Failure: FailureFailed, Percent: 100, Min: 1}}
	failing.Counts.Failed = 1
	done := live
	done.Rollout.Target, done.Counts.Succeeded = 1, 1
	ends := made(t, Schedule{EndTime: "2026-01-31T13:00"})
	ends.Counts.Queued = 1
	canceled, _ := live.Cancel(Cancel{}, clockAt(1))
	updated, _ := failing.Update(Patch{}, clockAt(1))
	for _, c := range []struct {
		name          string
		before, after Job
		want          Operation
	}{
		{"an abort criterion", failing, failing.Judge(clockAt(1)), Aborted},
		{"that nothing is left to do", done, done.Judge(clockAt(1)), Completed},
		{"endTime, of its rollout", ends, until(ends, clockAt(3600)), EndTime},
		{"not an operator", live, canceled, ""},
		{"not an update, which tells of its abort", failing, updated, ""},
		{"not a tick", live, live.WithDue(clockAt(1)), ""},
		{"not what had ended", canceled, canceled.Swept(1, true, clockAt(2)), ""},
	} {
		if got, ok := EndOf(c.before, c.after); got != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}
