package job

import (
	"strings"
	"time"

	"github.com/drover-iot/drover/internal/fault"
)

// How far startTime and endTime may lie ahead.
// spec: rollout-abort-timeout-retry-schedule.md#51-fields
const (
	leastAhead     = 30 * time.Minute
	startMostYears = 1
	endMostYears   = 2
)

// parseTime reads a startTime or endTime: a date, T or a space, hours and
// minutes, then perhaps seconds, then perhaps Z or an offset; without one it is
// UTC. ok is false if s is none.
// spec: rollout-abort-timeout-retry-schedule.md#51-fields
func parseTime(s string) (t time.Time, ok bool) {
	s = strings.Replace(s, " ", "T", 1)
	for _, layout := range []string{
		"2006-01-02T15:04", "2006-01-02T15:04Z07:00", "2006-01-02T15:04Z0700",
		"2006-01-02T15:04:05", "2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700",
	} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC().Truncate(time.Millisecond), true
		}
	}
	return time.Time{}, false
}

// instant is a time that was checked before; absent is zero.
func instant(s string) time.Time {
	t, _ := parseTime(s)
	return t
}

// Check refuses a schedule that a job made now cannot have: the wire has
// checked each member alone.
// spec: rollout-abort-timeout-retry-schedule.md#51-fields
func (s Schedule) Check(now time.Time) error {
	start, err := s.checkStart(now)
	if err != nil {
		return err
	}
	if err := s.checkEnd(start, now); err != nil {
		return err
	}
	return s.checkWindows("schedulingConfig.maintenanceWindows", start)
}

func (s Schedule) checkStart(now time.Time) (time.Time, error) {
	if s.StartTime == "" {
		return now, nil
	}
	start, ok := parseTime(s.StartTime)
	switch {
	case !ok:
		return start, notATime("schedulingConfig.startTime", s.StartTime)
	case start.Before(now.Add(leastAhead)):
		return start, notAllowed("schedulingConfig.startTime", s.StartTime, "it must be at least 30 minutes from now")
	case start.After(now.AddDate(startMostYears, 0, 0)):
		return start, notAllowed("schedulingConfig.startTime", s.StartTime, "it must be at most 1 year from now")
	default:
		return start, nil
	}
}

// checkEnd: start is startTime, or now if there is none.
func (s Schedule) checkEnd(start, now time.Time) error {
	if s.EndTime == "" {
		return nil
	}
	end, ok := parseTime(s.EndTime)
	switch {
	case !ok:
		return notATime("schedulingConfig.endTime", s.EndTime)
	case end.Before(now.Add(leastAhead)):
		return notAllowed("schedulingConfig.endTime", s.EndTime, "it must be at least 30 minutes from now")
	case end.Before(start.Add(leastAhead)):
		return notAllowed("schedulingConfig.endTime", s.EndTime, "it must be at least 30 minutes after startTime")
	case end.After(now.AddDate(endMostYears, 0, 0)):
		return notAllowed("schedulingConfig.endTime", s.EndTime, "it must be at most 2 years from now")
	default:
		return nil
	}
}

// checkWindows: one at most, and one that is open at start or later. member is
// where they were given.
func (s Schedule) checkWindows(member string, start time.Time) error {
	if len(s.Windows) > 1 {
		return fault.New(fault.InvalidRequest, "'%s' has %d windows, at most 1 is allowed", member, len(s.Windows))
	}
	for _, w := range s.Windows {
		if _, err := zoneOf(w.TimeZone); err != nil {
			return notAllowed(member+".timeZone", w.TimeZone, err.Error())
		}
		o, err := w.opens()
		if err != nil {
			return notAllowed(member+".startTime", w.StartTime, err.Error())
		}
		if open, until := o.at(start); !open && until.IsZero() {
			return notAllowed(member+".startTime", w.StartTime, "it never comes again")
		}
	}
	return nil
}

func notATime(member, value string) error {
	return notAllowed(member, value, "it must be a time like 2026-03-01T14:30, 2026-03-01T14:30:00Z or 2026-03-01 14:30+01:00")
}

func notAllowed(member, value, why string) error {
	return fault.New(fault.InvalidRequest, "Value '%s' at '%s' is not allowed: %s", value, member, why)
}
