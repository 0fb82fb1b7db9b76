package device

import (
	"fmt"
	"testing"
	"time"
)

func TestVisitsAreCountedForAnHourAtLeast(t *testing.T) {
	v, now := newVisits(), time.Unix(1_800_000_000, 0)
	for want := range int64(3) {
		if got := v.next("dev", now); got != want {
			t.Errorf("connection %d is number %d", want, got)
		}
		now = now.Add(50 * time.Minute)
	}
	v.ended("dev", 2, now)
	if got := v.next("dev", now.Add(59*time.Minute)); got != 3 {
		t.Errorf("within the hour: number %d, want 3", got)
	}
	v.ended("dev", 3, now)
	if got := v.next("other", now.Add(time.Hour)); got != 0 {
		t.Errorf("another client begins with %d", got)
	}
	if got := v.next("dev", now.Add(4*time.Hour)); got != 0 {
		t.Errorf("long after: number %d, want 0", got)
	}
}

func TestVisitsAreBounded(t *testing.T) {
	v, now := newVisits(), time.Unix(1_800_000_000, 0)
	for i := range 5 * mostVisits {
		v.next(fmt.Sprintf("client-%d", i), now)
	}
	if n := len(v.young) + len(v.old); n > 2*mostVisits {
		t.Errorf("%d clients are remembered", n)
	}
}
