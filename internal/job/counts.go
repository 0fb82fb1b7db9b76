package job

// Counts holds how many things have their latest execution in each state, and
// how many were ever notified. spec: job-lifecycle.md#7-counters-jobprocessdetails
type Counts struct {
	Queued, InProgress, Succeeded, Failed, Rejected, TimedOut, Canceled, Removed int64
	// Notified counts the things that got their first execution of the job;
	// it never falls.
	Notified int64
	// WaitFailed and WaitTimedOut are how many of Failed and TimedOut are
	// marked with Retries.Waits.
	WaitFailed, WaitTimedOut int64
}

// Of is the counter of state s, to read or to change.
func (c *Counts) Of(s State) *int64 {
	switch s {
	case Queued:
		return &c.Queued
	case InProgress:
		return &c.InProgress
	case Succeeded:
		return &c.Succeeded
	case Failed:
		return &c.Failed
	case Rejected:
		return &c.Rejected
	case TimedOut:
		return &c.TimedOut
	case Canceled:
		return &c.Canceled
	case Removed:
		return &c.Removed
	default:
		return new(int64)
	}
}

// Plus is the sum of both, counter by counter.
func (c Counts) Plus(d Counts) Counts {
	for s := Queued; s <= Removed; s++ {
		*c.Of(s) += *d.Of(s)
	}
	c.Notified += d.Notified
	c.WaitFailed += d.WaitFailed
	c.WaitTimedOut += d.WaitTimedOut
	return c
}

// Moved is the change when a thing's latest execution goes from one state to
// another; 0 is no execution.
func Moved(from, to State) Counts {
	var d Counts
	*d.Of(from)--
	*d.Of(to)++
	return d
}

// Recount is the change when a thing's latest execution, from, gives way to
// another or changes; the zero Execution is none.
func Recount(from, to Execution) Counts {
	d := Moved(from.State, to.State)
	d.waiting(from, -1)
	d.waiting(to, 1)
	return d
}

func (c *Counts) waiting(e Execution, n int64) {
	switch {
	case !e.Retries.Waits:
	case e.State == Failed:
		c.WaitFailed += n
	default:
		c.WaitTimedOut += n
	}
}

// Waiting is how many failures are marked with Retries.Waits.
func (c Counts) Waiting() int64 { return c.WaitFailed + c.WaitTimedOut }

// Open is how many executions are not terminal.
func (c Counts) Open() int64 { return c.Queued + c.InProgress }

// Executed is how many things count as executed for abort criteria.
// spec: rollout-abort-timeout-retry-schedule.md#2-abort
func (c Counts) Executed() int64 { return c.Succeeded + c.Failed + c.Rejected + c.TimedOut }

// Failures is how many things failed in the way f.
func (c Counts) Failures(f Failure) int64 {
	switch f {
	case FailureFailed:
		return c.Failed
	case FailureRejected:
		return c.Rejected
	case FailureTimedOut:
		return c.TimedOut
	default:
		return c.Failed + c.Rejected + c.TimedOut
	}
}
