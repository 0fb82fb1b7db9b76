package quota

import (
	"testing"

	"pgregory.net/rapid"
)

func TestShares(t *testing.T) {
	for _, c := range []struct {
		name  string
		wants []int
		want  int
	}{
		{"one that wants all has it", []int{1000}, 1000},
		{"nobody wants anything", nil, 1000},
		{"there is enough for all", []int{600, 400}, 1000},
		{"two that want all have half each", []int{1000, 1000}, 500},
		{"who wants little leaves the rest to the others", []int{1000, 10, 1000}, 495},
		{"of many nobody gets nothing", make1000s(1500), 1},
	} {
		if got := Share(1000, c.wants); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

func make1000s(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = 1000
	}
	return list
}

func TestSharesAddUpToWhatThereIs(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		wants := rapid.SliceOfN(rapid.IntRange(0, 1000), 0, 500).Draw(rt, "wants")
		share := Share(1000, wants)
		given := func(share int) (sum int) {
			for _, want := range wants {
				sum += min(want, share)
			}
			return sum
		}
		if sum := given(share); sum > 1000 {
			rt.Fatalf("at %d each, %d are given", share, sum)
		}
		if share < 1000 && given(share+1) <= 1000 {
			rt.Fatalf("%d each would do, and it is %d", share+1, share)
		}
	})
}
