package job

import (
	"fmt"
	"time"

	"pgregory.net/rapid"
)

// plan is a schedule in the simplest terms: windows begin at each full minute
// that period divides.
type plan struct {
	start, end      time.Time // zero: none
	period, minutes int       // 0: no windows
	behavior        EndBehavior
}

func drawPlan(t *rapid.T) (plan, Schedule) {
	var p plan
	after := noon
	halfAnHourLater := func(name string) time.Time {
		after = after.Add(time.Duration(rapid.IntRange(30, 40).Draw(t, name)) * time.Minute)
		return after
	}
	if rapid.IntRange(0, 3).Draw(t, "starts") == 0 {
		p.start = halfAnHourLater("start").Add(17 * time.Second)
		after = p.start
	}
	if rapid.Bool().Draw(t, "ends") {
		p.end = halfAnHourLater("end")
		p.behavior = rapid.SampledFrom([]EndBehavior{0, StopRollout, CancelQueued, CancelAll}).Draw(t, "endBehavior")
	}
	if rapid.Bool().Draw(t, "windows") {
		p.period = rapid.SampledFrom([]int{4, 5, 20}).Draw(t, "period")
		p.minutes = rapid.IntRange(1, p.period).Draw(t, "durationInMinutes")
	}
	return p, p.schedule()
}

func (p plan) schedule() Schedule {
	s := Schedule{EndBehavior: p.behavior}
	if !p.start.IsZero() {
		s.StartTime = p.start.Format("2006-01-02T15:04:05")
	}
	if !p.end.IsZero() {
		s.EndTime = p.end.Format("2006-01-02 15:04:05Z")
	}
	if p.period > 0 {
		s.Windows = []Window{{StartTime: fmt.Sprintf("cron(*/%d * * * ? *)", p.period), Minutes: p.minutes}}
	}
	return s
}

func (p plan) begun(t time.Time) bool { return !t.Before(p.start) }

func (p plan) ended(t time.Time) bool { return !p.end.IsZero() && !t.Before(p.end) }

// shows tells whether a QUEUED execution that is not cancelled may show, which
// is when a job that is live is IN_PROGRESS.
func (p plan) shows(t time.Time) bool {
	if p.ended(t) && p.behavior > StopRollout {
		return true
	}
	return p.begun(t) && (p.period == 0 || t.Minute()%p.period < p.minutes)
}

func (p plan) phase(t time.Time) Phase {
	switch {
	case p.ended(t):
		return PhaseEnded
	case !p.begun(t):
		return PhaseNotBegun
	case p.period == 0 || t.Minute()%p.period < p.minutes:
		return PhaseOpen
	default:
		return PhaseClosed
	}
}
