package job

import "testing"

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
