package job

import "time"

// Schedule is schedulingConfig: when a job's rollout is open. Its texts are as
// they were given, since answers show them so; [Schedule.Check] has seen to it
// that they mean something. The zero Schedule is open for ever.
// spec: rollout-abort-timeout-retry-schedule.md#5-schedule
type Schedule struct {
	StartTime   string      `json:"startTime,omitempty"`
	EndTime     string      `json:"endTime,omitempty"`
	EndBehavior EndBehavior `json:"endBehavior,omitempty"` // 0: StopRollout
	Windows     []Window    `json:"windows,omitempty"`     // maintenanceWindows
}

// Window is a maintenance window that comes again and again.
type Window struct {
	StartTime string `json:"startTime"` // for parseCron
	Minutes   int    `json:"minutes"`   // durationInMinutes, as time that passes
	TimeZone  string `json:"timeZone,omitempty"`
}

// EndBehavior is what endTime does to the executions of a job.
// spec: rollout-abort-timeout-retry-schedule.md#53-state-machine
type EndBehavior uint8

// The behaviours. The numbers are stored: new ones go to the end.
const (
	StopRollout  EndBehavior = iota + 1 // leaves them all
	CancelQueued                        // CANCEL: those QUEUED
	CancelAll                           // FORCE_CANCEL: those IN_PROGRESS as well
)

var behaviorNames = [...]string{"", "STOP_ROLLOUT", "CANCEL", "FORCE_CANCEL"}

func (b EndBehavior) String() string { return behaviorNames[b] }

// ParseEndBehavior finds the behaviour that is spelt s on the wire.
func ParseEndBehavior(s string) (EndBehavior, bool) {
	for i, name := range behaviorNames[1:] {
		if name == s {
			return EndBehavior(i + 1), true
		}
	}
	return 0, false
}

// Phase is what a schedule says of an instant.
type Phase uint8

// The phases.
const (
	PhaseNotBegun Phase = iota + 1 // before startTime
	PhaseOpen                      // rolling out, or would be
	PhaseClosed                    // between windows
	PhaseEnded                     // at or after endTime
)

// At is the phase of an instant, and until when it is sure to last; zero is
// for ever. Of windows that run into each other for more than a day it looks
// no further than that: then the same phase may go on.
func (s Schedule) At(now time.Time) (phase Phase, until time.Time) {
	start, end := instant(s.StartTime), instant(s.EndTime)
	switch {
	case !end.IsZero() && !now.Before(end):
		return PhaseEnded, time.Time{}
	case now.Before(start):
		return PhaseNotBegun, start
	}
	open, until := s.window(now)
	if open {
		phase = PhaseOpen
	} else {
		phase = PhaseClosed
	}
	return phase, nearest(until, end)
}

// window tells whether the windows are open, whatever startTime and endTime
// say, and until when; zero is for ever. No windows are one that is open.
func (s Schedule) window(now time.Time) (open bool, until time.Time) {
	if len(s.Windows) == 0 {
		return true, time.Time{}
	}
	o, err := s.Windows[0].opens()
	if err != nil { // this node lacks a time zone that another one had
		return false, now.Add(lookAhead)
	}
	return o.at(now)
}

// upcoming is the next seven instants at which a window begins, or startTime
// within one.
func (s Schedule) upcoming(now time.Time) (starts []time.Time) {
	const most = 7
	if len(s.Windows) == 0 {
		return nil
	}
	o, err := s.Windows[0].opens()
	if err != nil {
		return nil
	}
	start, end := instant(s.StartTime), instant(s.EndTime)
	if now.Before(start) {
		now = start
		if open, _ := o.at(start); open {
			starts = append(starts, start)
		}
	}
	for len(starts) < most {
		next, ok := o.cron.Next(now, o.zone)
		if !ok || !end.IsZero() && !next.Before(end) {
			break
		}
		starts, now = append(starts, next), next
	}
	return starts
}

// openings are the times of a window.
type openings struct {
	cron   cron
	zone   *time.Location
	length time.Duration
}

// opens reads the window's texts.
func (w Window) opens() (o openings, err error) {
	o.length = time.Duration(w.Minutes) * time.Minute
	if o.zone, err = zoneOf(w.TimeZone); err != nil {
		return o, err
	}
	o.cron, err = parseCron(w.StartTime)
	return o, err
}

// lookAhead is how far At looks along windows that run into each other.
const lookAhead = 24 * time.Hour

// at tells whether a window is open, and until when. One occupies
// [start, start + length); overlapping and touching ones are one.
// spec: rollout-abort-timeout-retry-schedule.md#52-cron-form
func (o openings) at(now time.Time) (open bool, until time.Time) {
	start, ok := o.cron.Next(now.Add(-o.length), o.zone) // the first that is not over
	if !ok || start.After(now) {
		return false, start
	}
	for horizon := now.Add(lookAhead); !start.After(horizon); {
		next, ok := o.cron.Next(start, o.zone)
		if !ok || next.After(start.Add(o.length)) {
			break
		}
		start = next
	}
	return true, start.Add(o.length)
}

// nearest is the earliest of the instants that are not zero.
func nearest(times ...time.Time) (first time.Time) {
	for _, t := range times {
		if first.IsZero() || !t.IsZero() && t.Before(first) {
			first = t
		}
	}
	return first
}
