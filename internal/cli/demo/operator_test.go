package demo

import (
	"testing"

	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/job"
)

// The examples A and B of the specification.
// spec: rollout-abort-timeout-retry-schedule.md#1-rollout-rate
func TestTheRateInForce(t *testing.T) {
	exampleA := exponential(50, 20, 1000, 0)
	exampleB := exponential(10, 15, 20, 30)
	cases := []struct {
		name     string
		config   iot.JobExecutionsRolloutConfig
		notified int
		want     int
	}{
		{"nothing given", iot.JobExecutionsRolloutConfig{}, 5000, 1000},
		{"a constant rate", iot.JobExecutionsRolloutConfig{MaximumPerMinute: 7}, 5000, 7},
		{"A at the start", *exampleA, 0, 50},
		{"A before its first step", *exampleA, 999, 50},
		{"A at its first step", *exampleA, 1000, 100},
		{"A at its fourth step", *exampleA, 4000, 800},
		{"A at the default cap", *exampleA, 5000, 1000},
		{"A far beyond", *exampleA, 1 << 30, 1000},
		{"B at its first step", *exampleB, 20, 15},
		{"B rounds down", *exampleB, 40, 22},
		{"B at its cap", *exampleB, 60, 30},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := rateInForce(c.config, c.notified); got != c.want {
				t.Errorf("got %d/min, want %d", got, c.want)
			}
		})
	}
}

func TestTheRateGoesUpForEveryFleet(t *testing.T) {
	for n := range MostDevices {
		s := scriptFor(n+1, "j", "g")
		slow, fast := *s.create.JobExecutionsRolloutConfig, *s.faster.JobExecutionsRolloutConfig
		start, grown := rateInForce(slow, 0), rateInForce(slow, slow.ExponentialRate.RateIncreaseCriteria.NumberOfNotifiedThings)
		if start < 1 || grown < start || rateInForce(fast, 0) <= grown || fast.MaximumPerMinute > job.DefaultRate {
			t.Fatalf("%d devices: %d/min, then %d/min, by UpdateJob %d/min up to %d/min",
				n+1, start, grown, rateInForce(fast, 0), fast.MaximumPerMinute)
		}
	}
}
