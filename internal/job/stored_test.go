package job

import "testing"

func TestNumbersThatAreStoredStayWhatTheyAre(t *testing.T) {
	for i, name := range []string{"SCHEDULED", "IN_PROGRESS", "COMPLETED", "CANCELED", "DELETION_IN_PROGRESS"} {
		if s, _ := ParseStatus(name); int(s) != i+1 {
			t.Errorf("job %s is stored as %d, was %d", name, s, i+1)
		}
	}
	for i, name := range []string{"QUEUED", "IN_PROGRESS", "SUCCEEDED", "FAILED", "REJECTED", "TIMED_OUT", "CANCELED", "REMOVED"} {
		if s, _ := ParseState(name); int(s) != i+1 {
			t.Errorf("execution %s is stored as %d, was %d", name, s, i+1)
		}
	}
	for i, name := range []string{"FAILED", "REJECTED", "TIMED_OUT", "ALL"} {
		if f, _ := ParseFailure(name); int(f) != i+1 {
			t.Errorf("failure %s is stored as %d, was %d", name, f, i+1)
		}
	}
	for i, name := range []string{"SNAPSHOT", "CONTINUOUS"} {
		if s, _ := ParseSelection(name); int(s) != i+1 {
			t.Errorf("selection %s is stored as %d, was %d", name, s, i+1)
		}
	}
}
