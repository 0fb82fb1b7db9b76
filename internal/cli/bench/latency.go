package bench

import (
	"math"
	"slices"
	"time"
)

// latencies are how long requests took.
type latencies []time.Duration

// at is the time within which a part of the requests, from 0 to 1, was
// answered; 0 if there were none.
func (l latencies) at(part float64) time.Duration {
	if len(l) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(l))
	return sorted[max(0, int(math.Ceil(part*float64(len(l))))-1)]
}

// figures are the median and what all but the slowest hundredth stayed within,
// under a scenario's name.
func (l latencies) figures(name string) []figure {
	return []figure{
		{Name: name + ".p50", Value: milliseconds(l.at(0.50)), Unit: "ms"},
		{Name: name + ".p99", Value: milliseconds(l.at(0.99)), Unit: "ms"},
	}
}

// medianFirst is figures with the median under the scenario's own name: it is
// what the scenario is about.
func (l latencies) medianFirst(name string) []figure {
	return []figure{
		{Name: name, Value: milliseconds(l.at(0.50)), Unit: "ms"},
		{Name: name + ".p99", Value: milliseconds(l.at(0.99)), Unit: "ms"},
	}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
