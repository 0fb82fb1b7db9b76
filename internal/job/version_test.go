package job

import (
	"testing"

	"github.com/drover-iot/drover/internal/fault"
)

// Each change that an operator is granted is a version; nothing else is.
func TestVersions(t *testing.T) {
	j := made(t, Schedule{})
	j.Counts.Queued = 1
	follows := j
	follows.Selection = Continuous
	failing := j
	failing.Settings.Abort = []Criterion{{Failure: FailureFailed, Percent: 100, Min: 1}}
	failing.Counts.Failed = 1
	for _, c := range []struct {
		name string
		do   func() (Job, error)
		want int64
	}{
		{"a job that is made", func() (Job, error) { return j, nil }, 1},
		{"an update", func() (Job, error) { return j.Update(Patch{}, clockAt(1)) }, 2},
		{"an update that aborts", func() (Job, error) { return failing.Update(Patch{}, clockAt(1)) }, 2},
		{"a pause", func() (Job, error) { return j.Pause(false, clockAt(1)) }, 2},
		{"a cap", func() (Job, error) { return j.Limit(5, clockAt(1)) }, 2},
		{"the cap that it has", func() (Job, error) { return j.Limit(0, clockAt(1)) }, 2},
		{"a cancel", func() (Job, error) { return j.Cancel(Cancel{}, clockAt(1)) }, 2},
		{"a deletion", func() (Job, error) { return j.Delete(true, clockAt(1)) }, 2},
		{"more targets", func() (Job, error) { return follows.Associate([]Target{{Group: true, ID: 77}}, "", clockAt(1)) }, 2},
		{"an abort", func() (Job, error) { return failing.Judge(clockAt(1)), nil }, 1},
		{"a tick", func() (Job, error) { return j.WithDue(clockAt(9)), nil }, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, err := c.do(); err != nil || got.Version != c.want {
				t.Errorf("version %d, want %d: %v", got.Version, c.want, err)
			}
		})
	}
}

func TestCheckVersion(t *testing.T) {
	j := Job{Name: "fw", Version: 4}
	for _, c := range []struct {
		name     string
		versions []int64
		ok       bool
	}{
		{"any", nil, true},
		{"that very one", []int64{4}, true},
		{"one of several", []int64{2, 4}, true},
		{"another", []int64{3}, false},
		{"none at all", []int64{}, false},
	} {
		err := j.CheckVersion(c.versions)
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
		if err != nil && (!fault.Is(err, fault.PreconditionFailed) || fault.As(err).Detail.(Job).Version != 4) {
			t.Errorf("%s is refused as %v with %v", c.name, err, fault.As(err).Detail)
		}
	}
}
