package bench

import (
	"testing"
	"time"
)

func TestTheTimeWithinWhichAPartWasAnswered(t *testing.T) {
	hundred := make(latencies, 100)
	for i := range hundred {
		hundred[99-i] = time.Duration(i+1) * time.Millisecond
	}
	for _, c := range []struct {
		name string
		of   latencies
		part float64
		want time.Duration
	}{
		{"half of a hundred", hundred, 0.5, 50 * time.Millisecond},
		{"all but the slowest of a hundred", hundred, 0.99, 99 * time.Millisecond},
		{"all", hundred, 1, 100 * time.Millisecond},
		{"the only one", latencies{time.Second}, 0.99, time.Second},
		{"of two the slower", latencies{time.Second, time.Minute}, 0.99, time.Minute},
		{"none", nil, 0.5, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.of.at(c.part); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}
