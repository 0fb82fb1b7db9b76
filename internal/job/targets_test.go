package job

import (
	"testing"

	"github.com/drover-iot/drover/internal/fault"
)

// spec: job-lifecycle.md#83-associatetargetswithjob-post-jobsjobidtargets
func TestAssociateTargets(t *testing.T) {
	own := []Target{{Group: true, ID: 1}}
	many := make([]Target, MaxTargets)
	for i := range many {
		many[i] = Target{Group: true, ID: int64(i + 2)}
	}
	for _, c := range []struct {
		name  string
		job   func(*Job)
		add   []Target
		want  int // targets
		wrong fault.Kind
	}{
		{"another group", nil, []Target{{Group: true, ID: 2}}, 2, noError},
		{"one that it has", nil, own, 1, noError},
		{"one twice", nil, []Target{{Group: true, ID: 2}, {Group: true, ID: 2}}, 2, noError},
		{"up to a hundred", nil, many[:99], 100, noError},
		{"a hundred with one that it has", nil, append(own, many[:99]...), 100, noError},
		{"more", nil, many, 1, fault.LimitExceeded},
		{"a thing", nil, []Target{{ID: 2}}, 1, fault.InvalidRequest},
		{"to a SNAPSHOT job", func(j *Job) { j.Selection = Snapshot }, many[:1], 1, fault.InvalidRequest},
	} {
		t.Run(c.name, func(t *testing.T) {
			j, _ := New(Create{Selection: Continuous, Targets: own}, noon)
			if c.job != nil {
				c.job(&j)
			}
			got, err := j.Associate(c.add, "more", clockAt(1))
			wantFault(t, err, c.wrong, "")
			if len(got.Targets) != c.want || (got.Comment == "more") != (c.wrong == noError) {
				t.Errorf("%d targets, comment %q; want %d", len(got.Targets), got.Comment, c.want)
			}
		})
	}
}

func TestAddedTargetsOpenARolloutAnew(t *testing.T) {
	w := roll(RolloutConfig{MaximumPerMinute: 60}, 5)
	w.until(clockAt(60))
	if !w.RolledOut() {
		t.Fatal("not rolled out")
	}
	w.left = append(w.left, 1000)
	w.Job, _ = w.Associate([]Target{{Group: true, ID: 1}, {Group: true, ID: 2}}, "", clockAt(90.5))
	if !w.Concurrent() || len(w.Processing()) != 1 || w.Processing()[0].ID != 2 {
		t.Errorf("isConcurrent %v, processing %v", w.Concurrent(), w.Processing())
	}
	if out := w.work(clockAt(90.5)); out != 1 {
		t.Errorf("%d went out at once, want the one of this second", out)
	}
	w.Job, _ = w.Associate([]Target{{Group: true, ID: 2}}, "", clockAt(90.7))
	if out := w.work(clockAt(90.7)); out != 0 {
		t.Errorf("%d went out for a target that was there", out)
	}
}

func TestAims(t *testing.T) {
	j := Job{Targets: []Target{{ID: 5}, {Group: true, ID: 6}}}
	for _, c := range []struct {
		name   string
		thing  int64
		groups map[int64]bool
		want   bool
	}{
		{"at a thing by itself", 5, nil, true},
		{"at a thing of a group", 9, map[int64]bool{6: true}, true},
		{"at a thing below a group", 9, map[int64]bool{6: false, 7: true}, true},
		{"not at a thing that bears a group's number", 6, nil, false},
		{"not at a group that bears a thing's number", 9, map[int64]bool{5: true}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if j.Aims(c.thing, c.groups) != c.want {
				t.Errorf("Aims = %v", !c.want)
			}
		})
	}
}
