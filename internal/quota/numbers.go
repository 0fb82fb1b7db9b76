package quota

// Numbers is how many there may be; 0 is any number.
type Numbers struct {
	// Of jobs. spec: job-lifecycle.md#11-limits-and-quotas
	ActiveJobs        int // IN_PROGRESS or SCHEDULED
	ConcurrentJobs    int // IN_PROGRESS with targets left to roll out to, paused ones too
	ReleasesPerMinute int // of things, in a minute of the clock, by all rollouts together
	Templates         int // of jobs
	DetailPairs       int // of statusDetails in a device's report
	// ShadowsInFlight is how many requests for shadows a connection has in flight.
	// spec: device-api.md#13-device-shadows
	ShadowsInFlight int
	// ConnectsPerSecond is how many CONNECTs all clients send in a second.
	// spec: device-api.md#92-connect
	ConnectsPerSecond int
	// PublishesPerSecond is how many PUBLISHes a connection sends in a second.
	// spec: device-api.md#97-violations
	PublishesPerSecond int
}

// OfAWS are the numbers of AWS.
func OfAWS() Numbers {
	return Numbers{
		ActiveJobs: 100_000, ConcurrentJobs: 500, ReleasesPerMinute: 1000, Templates: 100, DetailPairs: 10,
		ShadowsInFlight: 10, ConnectsPerSecond: 500, PublishesPerSecond: 100,
	}
}
