package job

import (
	"math/bits"
	"time"
)

// Years that a cron expression can name.
const (
	firstYear = 1970
	lastYear  = 2199
)

// cron is a cron expression as AWS has it: six fields, to the minute. The zero
// cron never comes; [parseCron] makes one.
// spec: rollout-abort-timeout-retry-schedule.md#52-cron-form
type cron struct {
	minutes, hours, months uint64    // bit n is value n
	years                  [4]uint64 // bit n is the year firstYear + n
	// Days of a month, by any of these: of day of month and day of week, one
	// is "?" and names none.
	days         uint64 // bit n is day n
	weekdayNear  uint64 // nW: the weekday nearest to day n, in the month
	lastDay      bool   // L
	lastWorkday  bool   // LW
	weekdays     uint64 // bit n is day n of the week, 1 is Sunday
	lastWeekdays uint64 // nL: the last such day of the month
	ordinal      int    // n#m: m, 0 is absent
	ordinalDay   int    // n#m: n
}

// Next is the first instant after after at which the expression comes on the
// clocks of zone; ok is false if it never comes again. A local time that the
// clocks skip comes at the end of the gap, one that they show twice comes at
// the first. It looks at no more than the months up to the last year.
// spec: rollout-abort-timeout-retry-schedule.md#55-time-zone-extension
func (c cron) Next(after time.Time, zone *time.Location) (next time.Time, ok bool) {
	for local := localOf(after, zone); ; {
		if local, ok = c.nextLocal(local); !ok {
			return time.Time{}, false
		}
		// While clocks show an hour again, its times have come already.
		if next = instantOf(local, zone); next.After(after) {
			return next, true
		}
	}
}

// nextLocal is Next on clocks that never change.
func (c cron) nextLocal(after time.Time) (time.Time, bool) {
	from := after.Truncate(time.Minute).Add(time.Minute)
	for {
		day, ok := c.dayFrom(from)
		if !ok {
			return time.Time{}, false
		}
		if day.After(from) {
			from = day
		}
		if minute, ok := c.minuteFrom(from.Hour(), from.Minute()); ok {
			return day.Add(time.Duration(minute) * time.Minute), true
		}
		from = day.AddDate(0, 0, 1)
	}
}

// minuteFrom is the first minute of a day, counted from midnight, at or after
// that time of the day.
func (c cron) minuteFrom(hour, minute int) (int, bool) {
	if left := from(c.minutes, minute); left != 0 && c.hours&bit(hour) != 0 {
		return hour*60 + bits.TrailingZeros64(left), true
	}
	left := from(c.hours, hour+1)
	return bits.TrailingZeros64(left)*60 + bits.TrailingZeros64(c.minutes), left != 0
}

// dayFrom is the midnight of the first day at or after that of t.
func (c cron) dayFrom(t time.Time) (time.Time, bool) {
	year, month, day := t.Date()
	if year < firstYear {
		year, month, day = firstYear, time.January, 1
	}
	for year <= lastYear {
		if left := from(c.daysOf(year, month), day); left != 0 {
			return time.Date(year, month, bits.TrailingZeros64(left), 0, 0, 0, 0, time.UTC), true
		}
		day = 1
		if month++; month > time.December {
			year, month = year+1, time.January
		}
	}
	return time.Time{}, false
}

// daysOf is the days of a month at which the expression comes.
func (c cron) daysOf(year int, month time.Month) uint64 {
	y := year - firstYear
	if c.years[y/64]&bit(y%64) == 0 || c.months&bit(int(month)) == 0 {
		return 0
	}
	m := monthOf(year, month)
	found := c.days | c.weekdaysOf(m)
	if c.lastDay {
		found |= bit(m.length)
	}
	if c.lastWorkday {
		found |= bit(m.workdayNear(m.length))
	}
	for left := c.weekdayNear & m.all(); left != 0; left &= left - 1 {
		found |= bit(m.workdayNear(bits.TrailingZeros64(left)))
	}
	return found & m.all()
}

// weekdaysOf is the days of a month that the day of week names.
func (c cron) weekdaysOf(m month) (found uint64) {
	for weekday := 1; weekday <= 7; weekday++ {
		all := m.every(weekday)
		if c.weekdays&bit(weekday) != 0 {
			found |= all
		}
		if c.lastWeekdays&bit(weekday) != 0 {
			found |= bit(bits.Len64(all) - 1)
		}
		if c.ordinal != 0 && c.ordinalDay == weekday {
			found |= bit(bits.TrailingZeros64(all) + 7*(c.ordinal-1))
		}
	}
	return found
}

// month is a month of the calendar.
type month struct {
	length int
	first  int // day of the week of its first day, 1 is Sunday
}

func monthOf(year int, m time.Month) month {
	return month{
		length: time.Date(year, m+1, 0, 0, 0, 0, 0, time.UTC).Day(),
		first:  int(time.Date(year, m, 1, 0, 0, 0, 0, time.UTC).Weekday()) + 1,
	}
}

// all is all days of the month.
func (m month) all() uint64 { return bit(m.length+1) - 2 }

// every is the days of the month that are this day of the week.
func (m month) every(weekday int) uint64 {
	const weeks = 1 | 1<<7 | 1<<14 | 1<<21 | 1<<28
	return weeks << (1 + (weekday-m.first+7)%7) & m.all()
}

// workdayNear is the day from Monday to Friday that is nearest to a day of the
// month and in the month.
func (m month) workdayNear(day int) int {
	switch weekday := (m.first+day-2)%7 + 1; {
	case weekday == 7 && day == 1: // Saturday
		return day + 2
	case weekday == 7:
		return day - 1
	case weekday == 1 && day == m.length: // Sunday
		return day - 2
	case weekday == 1:
		return day + 1
	default:
		return day
	}
}

func bit(n int) uint64 { return 1 << n }

// from is the bits of set from bit n on.
func from(set uint64, n int) uint64 { return set >> n << n }
