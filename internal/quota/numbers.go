package quota

// Numbers is how many there may be; 0 is any number.
// spec: job-lifecycle.md#11-limits-and-quotas
type Numbers struct {
	ActiveJobs     int // IN_PROGRESS or SCHEDULED
	ConcurrentJobs int // IN_PROGRESS with targets left to roll out to, paused ones too
	Templates      int // of jobs
	DetailPairs    int // of statusDetails in a device's report
}

// OfAWS are the numbers of AWS.
func OfAWS() Numbers {
	return Numbers{
		ActiveJobs: 100_000, ConcurrentJobs: 500, Templates: 100, DetailPairs: 10,
	}
}
