package job

import (
	"strings"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/fault"
)

func TestANewJob(t *testing.T) {
	j, err := New(Create{Name: "fw", Targets: []Target{{Group: true, Name: "g", ID: 4}}, Members: 9}, noon)
	if err != nil || j.Status != StatusInProgress || j.Selection != Snapshot || j.Members != 9 {
		t.Errorf("job is %+v, %v", j, err)
	}
	if !j.Concurrent() || len(j.Processing()) != 1 || !j.Due.Equal(noon) || !j.CompletedAt.IsZero() {
		t.Errorf("isConcurrent %v, %d targets processing, due at %v", j.Concurrent(), len(j.Processing()), j.Due)
	}
}

// spec: job-lifecycle.md#11-job-transitions
func TestControlOfEveryStatus(t *testing.T) {
	cancel := func(force bool) func(Job) (Job, error) {
		return func(j Job) (Job, error) { return j.Cancel(Cancel{Force: force}, clockAt(1)) }
	}
	remove := func(force bool) func(Job) (Job, error) {
		return func(j Job) (Job, error) { return j.Delete(force, clockAt(1)) }
	}
	associate := func(j Job) (Job, error) { return j.Associate([]Target{{Group: true, ID: 8}}, "", clockAt(1)) }
	const not = Status(0)
	for _, c := range []struct {
		name string
		do   func(Job) (Job, error)
		// to is what it makes of each status, from SCHEDULED on.
		to    [5]Status
		wrong fault.Kind
	}{
		{"CancelJob", cancel(false), [5]Status{StatusCanceled, StatusCanceled, not, not, not}, fault.InvalidRequest},
		{"CancelJob with force", cancel(true), [5]Status{StatusCanceled, StatusCanceled, not, not, not}, fault.InvalidRequest},
		{"DeleteJob", remove(false), [5]Status{not, not, StatusDeleting, StatusDeleting, not}, fault.InvalidStateTransition},
		{"DeleteJob with force", remove(true), [5]Status{StatusDeleting, StatusDeleting, StatusDeleting, StatusDeleting, not}, fault.InvalidStateTransition},
		{"AssociateTargetsWithJob", associate, [5]Status{StatusScheduled, StatusInProgress, not, not, not}, fault.InvalidRequest},
	} {
		for i, to := range c.to {
			from := Status(i + 1)
			t.Run(c.name+" when "+from.String(), func(t *testing.T) {
				j := rolled(Settings{}, Counts{Queued: 2})
				j.Status, j.Selection = from, Continuous
				got, err := c.do(j)
				wantStatus(t, got, err, from, to, c.wrong)
			})
		}
	}
}

func wantStatus(t *testing.T, got Job, err error, from, to Status, wrong fault.Kind) {
	t.Helper()
	switch {
	case to == 0 && (!fault.Is(err, wrong) || got.Status != from || got.UpdatedAt.Equal(clockAt(1))):
		t.Errorf("job is %v, %v; want a refusal of kind %d", got.Status, err, wrong)
	case to != 0 && (err != nil || got.Status != to || !got.UpdatedAt.Equal(clockAt(1))):
		t.Errorf("job is %v, %v; want %v", got.Status, err, to)
	}
}

// spec: job-lifecycle.md#51-canceljob-put-jobsjobidcancelforce
func TestCancelJobSweepsOnlyWhatThereIs(t *testing.T) {
	for _, c := range []struct {
		name   string
		counts Counts
		force  bool
		want   bool
	}{
		{"queued", Counts{Queued: 1}, false, true},
		{"under way", Counts{InProgress: 1}, false, false},
		{"under way, by force", Counts{InProgress: 1}, true, true},
		{"ended", Counts{Succeeded: 5}, true, false},
		{"ended, with a retry that waits", Counts{Failed: 5, WaitFailed: 1}, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			j, err := rolled(Settings{}, c.counts).Cancel(Cancel{Force: c.force, Reason: "R", Comment: "c"}, clockAt(1))
			if err != nil || j.Sweep.Active != c.want || j.Concurrent() != c.want || j.Due.IsZero() == c.want {
				t.Errorf("sweeping %v, due at %v, %v", j.Sweep.Active, j.Due, err)
			}
			if j.Forced != c.force || j.Reason != "R" || j.Comment != "c" || !j.CompletedAt.Equal(clockAt(1)) {
				t.Errorf("cancelled as %+v", j)
			}
		})
	}
}

func TestASweepEnds(t *testing.T) {
	j, _ := rolled(Settings{}, Counts{Queued: 5}).Cancel(Cancel{}, clockAt(1))
	j = j.Swept(40, false, clockAt(2))
	if !j.Concurrent() || j.Sweep.Thing != 40 || !j.Due.Equal(clockAt(2)) {
		t.Errorf("under way: %+v, due at %v", j.Sweep, j.Due)
	}
	if j = j.Swept(90, true, clockAt(3)); j.Concurrent() || !j.Due.IsZero() {
		t.Errorf("at its end: isConcurrent %v, due at %v", j.Concurrent(), j.Due)
	}
}

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

// Whatever a job is, nothing but a rollout or a sweep under way makes it due.
func TestDue(t *testing.T) {
	for s := StatusScheduled; s <= StatusDeleting; s++ {
		j := rolled(Settings{}, Counts{Queued: 1})
		j.Status = s
		if got := j.WithDue(noon).Due; !got.Equal(time.Time{}) {
			t.Errorf("a job behind its rollout that is %v is due at %v", s, got)
		}
	}
}

// spec: device-api.md#23-namespaces
func TestANamespaceHasItsName(t *testing.T) {
	for _, c := range []struct {
		id string
		ok bool
	}{
		{"aws-gg-deployment", true},
		{"A_1-", true},
		{strings.Repeat("n", 64), true},
		{strings.Repeat("n", 65), false},
		{"", false},
		{"a.b", false},
		{"a/b", false},
		{"+", false},
		{"é", false},
	} {
		if err := CheckNamespace(c.id); (err == nil) != c.ok || err != nil && !fault.Is(err, fault.InvalidRequest) {
			t.Errorf("%q: %v", c.id, err)
		}
		j, err := New(Create{Name: "fw", Namespace: c.id}, noon)
		if c.id != "" && (err == nil) != c.ok || err == nil && j.Namespace != c.id {
			t.Errorf("a job in %q: %+v, %v", c.id, j, err)
		}
	}
}

// spec: job-lifecycle.md#9-updatejob-patch-jobsjobid
func TestWhichJobARequestMeansByItsNamespace(t *testing.T) {
	for _, c := range []struct {
		of, asked string
		in, seen  bool
	}{
		{"", "", true, true},
		{"", "a", true, false},
		{"a", "", true, true},
		{"a", "a", true, true},
		{"a", "b", false, false},
	} {
		if got := (Job{Namespace: c.of}).SeenIn(c.asked); got != c.seen {
			t.Errorf("a job of %q is seen in %q: %v", c.of, c.asked, got)
		}
		if got := (Job{Namespace: c.of}).In(c.asked); got != c.in {
			t.Errorf("a job of %q is meant in %q: %v", c.of, c.asked, got)
		}
	}
}
