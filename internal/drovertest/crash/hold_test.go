package crash

import "github.com/drover-iot/drover/internal/awsapi/iot"

// held is how an operator holds a job back.
// spec: job-lifecycle.md#124-pause-and-resume
type held struct {
	paused, hides bool
	cap           int
}

// hold pauses a job, or resumes one that is paused.
func (o *operator) hold(l *life, j *order) error {
	var shown iot.DroverJob
	if now := j.held.is; now.paused {
		j.held.ask(held{cap: now.cap})
		err := o.change(l, j, iot.ResumeJob, iot.ResumeJobRequest{JobID: j.id}, &shown, j.held.done, j.held.refuse)
		o.nudge(o.things...)
		return err
	}
	wish := held{paused: true, hides: o.rand.IntN(2) == 0, cap: j.held.is.cap}
	j.held.ask(wish)
	done := func() {
		j.held.done()
		j.released = started(shown.Job.JobProcessDetails)
	}
	return o.change(l, j, iot.PauseJob, iot.PauseJobRequest{JobID: j.id, HideQueued: &wish.hides}, &shown, done, j.held.refuse)
}

// limit sets how many things may have a job to do at once.
// spec: job-lifecycle.md#125-things-in-flight
func (o *operator) limit(l *life, j *order) error {
	var shown iot.DroverJob
	wish := j.held.is
	wish.cap = o.rand.IntN(1 + len(j.things))
	j.held.ask(wish)
	j.unsure = true
	done := func() {
		j.held.done()
		j.limited(shown.Job.JobProcessDetails)
	}
	refuse := func() {
		j.held.refuse()
		j.unsure = false
	}
	in := iot.UpdateDroverJobRequest{JobID: j.id, MaximumInProgress: wish.cap}
	return o.change(l, j, iot.UpdateDroverJob, in, &shown, done, refuse)
}

// limited notes how many things may have a job to do from now on: those that
// have it keep it.
func (j *order) limited(now iot.JobProcessDetails) {
	j.unsure = false
	j.inFlight = max(j.held.is.cap, inFlight(now))
}

// started is how many things ever had the job to do, but for what was deleted.
func started(d iot.JobProcessDetails) int {
	return inFlight(d) + d.NumberOfSucceededThings + d.NumberOfFailedThings + d.NumberOfRejectedThings +
		d.NumberOfTimedOutThings + d.NumberOfCanceledThings + d.NumberOfRemovedThings
}

func inFlight(d iot.JobProcessDetails) int {
	return d.NumberOfQueuedThings + d.NumberOfInProgressThings
}

// auditHeld holds a job to its cap and its pause.
func (tr *trial) auditHeld(j *order, is iot.DroverJob) {
	if is.Job.Status == "COMPLETED" || is.Job.Status == "CANCELED" {
		j.held.asked = false // it is not held any more
		j.limited(is.Job.JobProcessDetails)
		return
	}
	asked, now := j.held.asked, is.Job.JobProcessDetails
	j.held.found(tr.t, "holding of job "+j.id, held{is.Paused, is.HideQueued, is.MaximumInProgress})
	if paused := j.held.is.paused; paused && asked {
		j.released = started(now)
	} else if n := started(now); paused && n > j.released {
		tr.t.Errorf("job %s is paused, when %d things had had it; now %d have", j.id, j.released, n)
	}
	if n := inFlight(now); j.held.is.cap > 0 && !j.unsure && n > j.inFlight {
		tr.t.Errorf("%d things have job %s to do, of which %d may and %d had it when that was said", n, j.id, j.held.is.cap, j.inFlight)
	}
	if j.held.is.paused || j.held.is.cap > 0 {
		tr.t.saw("job held at a kill")
	}
	j.limited(now)
}
