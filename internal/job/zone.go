package job

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// localOf is what the clocks of zone show at t, as if it were UTC.
func localOf(t time.Time, zone *time.Location) time.Time {
	_, offset := t.In(zone).Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// instantOf is when the clocks of zone show local, which is given as if it
// were UTC: the first time if they show it twice, the end of the gap if they
// skip it.
func instantOf(local time.Time, zone *time.Location) time.Time {
	// No clock is a day away from UTC: the offset in force a day before is
	// that of the time or of one before it.
	for t := local.AddDate(0, 0, -1).In(zone); ; {
		_, offset := t.Zone()
		begin, end := t.ZoneBounds()
		at := local.Add(-time.Duration(offset) * time.Second)
		switch {
		case at.Before(begin):
			return begin.UTC()
		case end.IsZero() || at.Before(end):
			return at
		}
		t = end
	}
}

// zoneOf finds the time zone of a name as the IANA writes it; "" is UTC. What
// a machine calls its own is none: a job means the same on every node.
func zoneOf(name string) (*time.Location, error) {
	own := slices.Contains([]string{"Local", "localtime", "posixrules"}, name)
	copies := strings.HasPrefix(name, "posix/") || strings.HasPrefix(name, "right/")
	if !own && !copies {
		if zone, err := time.LoadLocation(name); err == nil {
			return zone, nil
		}
	}
	return nil, fmt.Errorf("%q is no time zone of the IANA", name)
}
