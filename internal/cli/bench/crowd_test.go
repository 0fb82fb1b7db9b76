package bench

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestWhatIsNotDueIsNotBegun(t *testing.T) {
	s := &steady{once: once{things: 10}, perSecond: 200}
	if _, ok := s.next(0); ok {
		t.Error("something is due at the beginning")
	}
	s.due.Store(2)
	first, _ := s.next(0)
	second, ok := s.next(1)
	if !ok || first == second {
		t.Errorf("due are %v and %v, %t", first, second, ok)
	}
	if _, ok := s.next(0); ok {
		t.Error("a third is due")
	}
}

func TestTheCrowdIsMeasuredAgainstTheQuiet(t *testing.T) {
	quiet, slow := latencies{time.Millisecond, 2 * time.Millisecond}, latencies{time.Millisecond}
	rude := latencies{2 * time.Millisecond, 3 * time.Millisecond}
	want := []figure{
		{Name: "crowd.p50", Value: 1, Unit: "ms", Ratio: 1, Of: "crowd-quiet.p50"},
		{Name: "crowd.p99", Value: 1, Unit: "ms", Ratio: 0.5, Of: "crowd-quiet.p99"},
		{Name: "crowd-rude.p50", Value: 2, Unit: "ms", Ratio: 2, Of: "crowd-quiet.p50"},
		{Name: "crowd-rude.p99", Value: 3, Unit: "ms", Ratio: 1.5, Of: "crowd-quiet.p99"},
		{Name: "crowd-quiet.p50", Value: 1, Unit: "ms"},
		{Name: "crowd-quiet.p99", Value: 2, Unit: "ms"},
	}
	if diff := cmp.Diff(want, crowdFigures(quiet, slow, rude)); diff != "" {
		t.Errorf("figures (-want +got):\n%s", diff)
	}
}
