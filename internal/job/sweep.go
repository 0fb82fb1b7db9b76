package job

import "time"

// Swept is the job when its sweep has come past thing; end says that nothing
// is left behind it. A sweep that has begun meanwhile is another one.
func (j Job) Swept(thing int64, end bool, now time.Time) Job {
	j.Sweep.Active, j.Sweep.Thing = !end, thing
	return j.WithDue(now)
}

// cancelSweep begins the sweep of what is cancelled or waits, if anything does;
// hidden is as in [Sweep].
func (j Job) cancelSweep(hidden bool) Sweep {
	gone := func(s State) bool {
		return *j.Counts.Of(s) > 0 && j.Effective(Execution{Ref: Ref{Number: 1}, State: s}).State == Canceled
	}
	if !gone(Queued) && !gone(InProgress) && j.Counts.Waiting() == 0 {
		return Sweep{}
	}
	return Sweep{Active: true, Hidden: hidden}
}
