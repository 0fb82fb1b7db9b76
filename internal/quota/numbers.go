package quota

// Numbers is how many there may be; 0 is any number.
// spec: job-lifecycle.md#11-limits-and-quotas
type Numbers struct {
	ActiveJobs     int // IN_PROGRESS or SCHEDULED
	ConcurrentJobs int // IN_PROGRESS with targets left to roll out to, paused ones too
	Releases       int // of things in a minute of the clock, by all rollouts together
	Templates      int // of jobs
	DetailPairs    int // of statusDetails in a device's report
	Shadows        int // requests for shadows that a connection has in flight
	Connects       int // in a second, by all clients
	Publishes      int // in a second, by the client of a connection
}

// OfAWS are the numbers of AWS.
func OfAWS() Numbers {
	return Numbers{
		ActiveJobs: 100_000, ConcurrentJobs: 500, Releases: 1000, Templates: 100, DetailPairs: 10,
		Shadows: 10, Connects: 500, Publishes: 100,
	}
}
