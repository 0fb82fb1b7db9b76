package job

import (
	"testing"

	"github.com/drover-iot/drover/internal/fault"
)

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
