package quota

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

func TestABucketHasRoomForASecond(t *testing.T) {
	for _, rate := range []int{1, 5, 10, 350, 500, 999} {
		b, now := Bucket{}, noon
		take := func() (ok bool) {
			b, ok = b.Take(rate, now)
			return ok
		}
		for range rate {
			if !take() {
				t.Fatalf("at %d a second a full bucket refuses", rate)
			}
		}
		if take() {
			t.Errorf("at %d a second an empty bucket allows", rate)
		}
		now = now.Add(time.Second/time.Duration(rate) + time.Millisecond)
		if !take() {
			t.Errorf("at %d a second nothing has become free in a fraction of it", rate)
		}
		now = now.Add(2 * time.Second)
		for range rate {
			if !take() {
				t.Fatalf("at %d a second the bucket is not full after two", rate)
			}
		}
		if take() {
			t.Errorf("at %d a second two seconds gave more than one", rate)
		}
	}
}

func TestARateOfNoneAllowsEverything(t *testing.T) {
	b := Bucket{}
	for range 1000 {
		var ok bool
		if b, ok = b.Take(0, noon); !ok {
			t.Fatal("refused")
		}
	}
}

// jar is a bucket that counts: nanoseconds of credit come in as time passes,
// and a call costs a fraction of a second of them.
type jar struct {
	credit time.Duration
	at     time.Time
}

func (j *jar) take(perSecond int, now time.Time) bool {
	if now.After(j.at) {
		j.credit = min(time.Second, j.credit+now.Sub(j.at))
		j.at = now
	}
	if cost := time.Second / time.Duration(perSecond); j.credit >= cost {
		j.credit -= cost
		return true
	}
	return false
}

func TestABucketIsAsOneThatCounts(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		rate := rapid.IntRange(1, 600).Draw(rt, "rate")
		b, j, now := Bucket{}, &jar{credit: time.Second, at: noon}, noon
		for range rapid.IntRange(1, 2000).Draw(rt, "calls") {
			if rapid.IntRange(0, 9).Draw(rt, "pause") == 0 {
				now = now.Add(time.Duration(rapid.IntRange(0, 1_500_000_000).Draw(rt, "by")))
			}
			var ok bool
			b, ok = b.Take(rate, now)
			if want := j.take(rate, now); ok != want {
				rt.Fatalf("at %v the bucket says %v, the jar %v", now, ok, want)
			}
		}
	})
}
