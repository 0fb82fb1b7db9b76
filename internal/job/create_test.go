package job

import "testing"

func TestANewJob(t *testing.T) {
	j, err := New(Create{Name: "fw", Targets: []Target{{Group: true, Name: "g", ID: 4}}, Members: 9}, noon)
	if err != nil || j.Status != StatusInProgress || j.Selection != Snapshot || j.Members != 9 {
		t.Errorf("job is %+v, %v", j, err)
	}
	if !j.Concurrent() || len(j.Processing()) != 1 || !j.Due.Equal(noon) || !j.CompletedAt.IsZero() {
		t.Errorf("isConcurrent %v, %d targets processing, due at %v", j.Concurrent(), len(j.Processing()), j.Due)
	}
}
