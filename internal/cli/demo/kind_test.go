package demo

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func howMany(all []kind, k kind) int {
	n := 0
	for _, o := range all {
		if o == k {
			n++
		}
	}
	return n
}

func TestThereAreDevicesOfEachKind(t *testing.T) {
	cases := []struct {
		devices                                     int
		steady, flaky, drowsy, choosy, dead, broken int
	}{
		{devices: 1, drowsy: 1},
		{devices: 2, flaky: 1, drowsy: 1},
		{devices: 12, steady: 7, flaky: 1, drowsy: 1, choosy: 1, dead: 1, broken: 1},
		{devices: 300, steady: 278, flaky: 9, drowsy: 4, choosy: 3, dead: 3, broken: 3},
		{devices: 5000, steady: 4625, flaky: 150, drowsy: 75, choosy: 50, dead: 50, broken: 50},
	}
	for _, c := range cases {
		all := allot(c.devices)
		for k, want := range map[kind]int{steady: c.steady, flaky: c.flaky, drowsy: c.drowsy, choosy: c.choosy, dead: c.dead, broken: c.broken} {
			if got := howMany(all, k); got != want {
				t.Errorf("%d of %d devices are of kind %d, want %d", got, c.devices, k, want)
			}
		}
	}
}

func TestTheFirstDeviceHoldsTheJobOpenUntilBothChanges(t *testing.T) {
	for n := range MostDevices {
		if first := allot(n + 1)[0]; first != drowsy {
			t.Fatalf("of %d devices the first is of kind %d", n+1, first)
		}
	}
	timeout := scriptFor(1, "j", "g").create.TimeoutConfig.InProgressTimeoutInMinutes
	if time.Duration(timeout)*time.Minute < shorterAt {
		t.Errorf("its timeout of %d min is over before %s", timeout, shorterAt)
	}
}

// The criterion counts FAILED of those that ended, from half of the fleet on.
func TestTheAbortCriterionIsNeverMet(t *testing.T) {
	for n := range MostDevices {
		failed := howMany(allot(n+1), broken)
		c := scriptFor(n+1, "j", "g").create.AbortConfig.CriteriaList[0]
		percent, _ := c.ThresholdPercentage.Scaled(0)
		if int64(100*failed) >= percent*int64(c.MinNumberOfExecutedThings) {
			t.Fatalf("%d devices: %d failures of %d reach %d%%", n+1, failed, c.MinNumberOfExecutedThings, percent)
		}
	}
}

func TestHowDevicesGoAboutTheirAttempts(t *testing.T) {
	cases := []struct {
		name   string
		kind   kind
		number int64
		refuse bool
		want   []string
	}{
		{"a steady device succeeds", steady, 1, false, []string{"IN_PROGRESS", "IN_PROGRESS", "IN_PROGRESS", "SUCCEEDED"}},
		{"a flaky one fails first", flaky, 1, false, []string{"IN_PROGRESS", "IN_PROGRESS", "FAILED"}},
		{"a flaky one succeeds then", flaky, 2, false, []string{"IN_PROGRESS", "IN_PROGRESS", "IN_PROGRESS", "SUCCEEDED"}},
		{"a broken one fails again", broken, 2, false, []string{"IN_PROGRESS", "IN_PROGRESS", "FAILED"}},
		{"a drowsy one falls silent first", drowsy, 1, false, []string{"IN_PROGRESS"}},
		{"a drowsy one succeeds then", drowsy, 2, false, []string{"IN_PROGRESS", "IN_PROGRESS", "IN_PROGRESS", "SUCCEEDED"}},
		{"a dead one falls silent again", dead, 2, false, []string{"IN_PROGRESS"}},
		{"a choosy one rejects without starting", choosy, 1, true, []string{"REJECTED"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := c.kind.attempt(c.number, rand.New(rand.NewPCG(1, 2)))
			var moves []string
			var took time.Duration
			for _, m := range got.moves {
				moves, took = append(moves, m.status), took+m.after
			}
			if got.refuse != c.refuse || !slices.Equal(moves, c.want) {
				t.Errorf("refuse %v, moves %v", got.refuse, moves)
			}
			if took >= 2*time.Minute {
				t.Errorf("it takes %s and would time out", took)
			}
		})
	}
}
