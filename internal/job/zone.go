package job

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// offsetAt is how far the clocks of zone are ahead of UTC at t.
func offsetAt(t time.Time, zone *time.Location) time.Duration {
	_, offset := t.In(zone).Zone()
	return time.Duration(offset) * time.Second
}

// localOf is what the clocks of zone show at t, as if it were UTC.
func localOf(t time.Time, zone *time.Location) time.Time {
	return t.UTC().Add(offsetAt(t, zone))
}

// instantOf is when the clocks of zone show local, which is given as if it
// were UTC: the first time if they show it twice, the end of the gap if they
// skip it. No clock is a day away from UTC, so that the offsets in force a day
// before and a day after are those that it can be.
func instantOf(local time.Time, zone *time.Location) time.Time {
	from, to := local.AddDate(0, 0, -1), local.AddDate(0, 0, 1)
	before := offsetAt(from, zone)
	for _, offset := range []time.Duration{before, offsetAt(to, zone)} {
		if at := local.Add(-offset); offsetAt(at, zone) == offset {
			return at
		}
	}
	for to.Sub(from) > time.Second { // in the gap: its end is where the offset changes
		middle := from.Add(to.Sub(from) / 2).Truncate(time.Second)
		if offsetAt(middle, zone) == before {
			from = middle
		} else {
			to = middle
		}
	}
	return to
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
