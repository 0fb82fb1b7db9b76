package job

import "time"

// Forecast is what becomes of a job if every thing that has it to do, and every
// one that gets it, succeeds at once, and nobody changes anything.
type Forecast struct {
	End    time.Time // when the job ends; zero: it does not, or not before Until
	Status Status    // that it has then
	// RolledOut is when the last thing of its targets got it; zero if none is
	// left, or none does.
	RolledOut time.Time
	// Until is how far the forecast looked, if that was not far enough.
	Until time.Time
	// Paused says that the job is paused, and that nobody resumes it.
	Paused bool
}

// Left is the things that have yet to get a job.
type Left struct {
	Targets int64 // in its targets, for the rollout to come to
	// Joins are those that wait to join and still may, in their order: the state
	// of the latest execution of each, 0 for none.
	Joins []State
}

// Things is how many they are.
func (l Left) Things() int64 { return l.Targets + int64(len(l.Joins)) }

// mostSteps bounds a forecast: the ticks of a million things at the default
// rate, and more minutes than are in two months. An edge of a window counts as
// edgeSteps, since the next is looked for in a calendar.
const (
	mostSteps = 100_000
	edgeSteps = 20
)

// Forecast runs the job forward from now, by the rules that the clockwork goes
// by, on a copy of its counters. Nobody joins but those that wait already. What
// other jobs release it does not know, so a quota that all rollouts share may have
// the job end later. spec: job-lifecycle.md#123-dry-run
func (j Job) Forecast(now time.Time, left Left) Forecast {
	c := course{j: j, now: now, left: left}
	if waits := len(left.Joins) > 0; waits != j.Rollout.Joins { // the others have left
		c.j.Rollout.Joins = waits
		c.j = c.j.WithDue(now)
	}
	f := c.run()
	f.RolledOut, f.Paused = c.rolledOut, j.Paused()
	return f
}

// course is a job on its way.
type course struct {
	j         Job
	now       time.Time
	left      Left
	rolledOut time.Time
}

// run takes the job to its end, or as far as it goes.
func (c *course) run() Forecast {
	c.succeed()
	for left := mostSteps; left > 0; {
		if !c.j.Live() {
			return Forecast{End: c.j.CompletedAt, Status: c.j.Status}
		}
		if c.j.Due.IsZero() || c.idle() && !c.skip() {
			return Forecast{}
		}
		left -= c.step()
		c.succeed()
	}
	return Forecast{Until: c.now}
}

// idle tells that nothing but windows comes and goes, for ever or until endTime.
func (c *course) idle() bool {
	j := c.j
	if j.Sweep.Active {
		return false
	}
	if j.Paused() {
		return j.Counts.Open() == 0 || j.Counts.InProgress == 0 && j.Rollout.Pause.Hides
	}
	return j.Selection == Continuous && j.RolledOut() && !j.Ended() && !j.Rollout.Joins &&
		j.Counts.Open() == 0 && j.final() == j.Counts
}

// skip goes to the endTime of the job, if it is still to come.
func (c *course) skip() bool {
	end := instant(c.j.Settings.Schedule.EndTime)
	if end.IsZero() || c.j.Ended() {
		return false
	}
	c.now = latest(c.now, end)
	return true
}

// step does what the clockwork does next, and says for how many steps it counts.
func (c *course) step() (steps int) {
	c.now = latest(c.now, c.j.Due)
	switch {
	case c.j.AtEdge(c.now):
		c.j = c.j.PassEdge(c.now, c.j.Members)
		return edgeSteps
	case c.j.Sweep.Active:
		c.sweep()
	case c.j.Admits():
		c.admit()
	case c.j.Rolling():
		c.leap()
		c.release()
	default:
		c.j = c.j.WithDue(c.now)
	}
	return 1
}

// leap goes to the last second of the minute if nothing can happen on the way
// but that its share goes out: a tick that is late catches up.
func (c *course) leap() {
	minute, _ := c.j.Rollout.grid(c.now)
	end := c.j.Rollout.at(minute, 59)
	if c.left.Targets > int64(c.j.Rollout.Rate) && c.j.steady() && end.After(c.now) &&
		(c.j.Rollout.Edge.IsZero() || end.Before(c.j.Rollout.Edge)) {
		c.now = end
	}
}

// steady tells whether successes change nothing but counters.
func (j Job) steady() bool {
	return j.Rollout.Rate >= j.Settings.Rollout.limit() && j.nextMinimum() == 0 && j.Settings.MaximumInProgress == 0
}

// release is a tick of the rollout.
func (c *course) release() {
	progress, allowed := c.j.Allow(c.now)
	n := min(int64(allowed), c.left.Targets)
	c.j.Rollout = progress.Took(int(n))
	c.j.Counts = c.j.Counts.Plus(Counts{Queued: n, Notified: n})
	if c.left.Targets -= n; n > 0 {
		c.reached()
	}
	if c.left.Targets == 0 {
		c.j.Rollout.Target = len(c.j.Targets)
	}
	c.j = c.j.WithDue(c.now).Judge(c.now)
}

// admit lets in who waits to join, while there is room.
func (c *course) admit() {
	for c.j.Admits() {
		delta := Moved(c.left.Joins[0], Queued)
		if c.left.Joins[0] == 0 {
			delta.Notified = 1
		}
		c.left.Joins = c.left.Joins[1:]
		c.j.Counts = c.j.Counts.Plus(delta)
		c.j.Rollout.Joins = len(c.left.Joins) > 0
		c.j = c.j.WithDue(c.now).Judge(c.now)
	}
	c.reached()
}

// reached notes when the last thing has it.
func (c *course) reached() {
	if c.left.Things() == 0 {
		c.rolledOut = c.now
	}
}

// sweep takes all executions to where their job has them.
func (c *course) sweep() {
	for _, s := range []State{Queued, InProgress} {
		if is := c.j.Effective(Execution{Ref: Ref{Number: 1}, State: s}).State; is != s {
			n := *c.j.Counts.Of(s)
			*c.j.Counts.Of(s) -= n
			*c.j.Counts.Of(is) += n
		}
	}
	if !c.j.holds() {
		c.resume()
	}
	c.j = c.j.Swept(0, true, c.now).Judge(c.now)
}

// resume queues the retries that have waited.
func (c *course) resume() {
	counts := &c.j.Counts
	if c.j.retries(Failed) {
		counts.Queued, counts.Failed, counts.WaitFailed = counts.Queued+counts.WaitFailed, counts.Failed-counts.WaitFailed, 0
	}
	if c.j.retries(TimedOut) {
		counts.Queued, counts.TimedOut, counts.WaitTimedOut = counts.Queued+counts.WaitTimedOut, counts.TimedOut-counts.WaitTimedOut, 0
	}
}

// succeed has everybody succeed who can, as many at a time as may decide an
// abort criterion.
func (c *course) succeed() {
	for c.j.Live() {
		n := c.j.Counts.InProgress
		if c.j.Shows(Execution{Ref: Ref{Number: 1}, State: Queued}) {
			n += c.j.Counts.Queued
		}
		if n == 0 {
			break
		}
		if least := c.j.nextMinimum() - c.j.Counts.Executed(); least > 0 {
			n = min(n, least)
		}
		started := min(n, c.j.Counts.InProgress)
		c.j.Counts = c.j.Counts.Plus(Counts{InProgress: -started, Queued: started - n, Succeeded: n})
		c.j = c.j.Judge(c.now)
	}
}

// nextMinimum is the next number of executed things at which a criterion begins
// to count; 0 if there is none.
func (j Job) nextMinimum() (next int64) {
	executed := j.Counts.Executed()
	for _, c := range j.Settings.Abort {
		if least := int64(c.Min); least > executed && (next == 0 || least < next) {
			next = least
		}
	}
	return next
}
