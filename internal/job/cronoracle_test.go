package job

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// cronOracle tells of one minute on a clock whether an expression comes, by
// reading its text over again.
type cronOracle []string // the fields

func (o cronOracle) comes(local time.Time) bool {
	return some(o[0], local.Minute(), 59) && some(o[1], local.Hour(), 23) &&
		some(o[3], int(local.Month()), 12) && some(o[5], local.Year(), 2199) && o.isDay(local)
}

func (o cronOracle) isDay(local time.Time) bool {
	weekday := int(local.Weekday()) + 1
	last := local.AddDate(0, 0, 1).Month() != local.Month()
	lastOfKind := local.AddDate(0, 0, 7).Month() != local.Month()
	for item := range strings.SplitSeq(o[2], ",") {
		n, _ := strconv.Atoi(strings.TrimSuffix(item, "W"))
		if item == "L" && last || item == "LW" && isWorkday(local, lastOf(local)) || strings.HasSuffix(item, "W") && isWorkday(local, n) {
			return true
		}
	}
	for item := range strings.SplitSeq(o[4], ",") {
		kind := item == "L" && weekday == 7 || item == strconv.Itoa(weekday)+"L" && lastOfKind
		if kind || item == strconv.Itoa(weekday)+"#"+strconv.Itoa((local.Day()+6)/7) {
			return true
		}
	}
	return some(o[2], local.Day(), 31) || some(o[4], weekday, 7)
}

func lastOf(local time.Time) int {
	return time.Date(local.Year(), local.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// isWorkday tells whether local is the day from Monday to Friday of its month
// that is nearest to day n of it.
func isWorkday(local time.Time, n int) bool {
	nearest, least := 0, 100
	for day := 1; day <= lastOf(local); day++ {
		date := time.Date(local.Year(), local.Month(), day, 0, 0, 0, 0, time.UTC)
		if weekend := date.Weekday()%6 == 0; !weekend && max(day-n, n-day) < least {
			nearest, least = day, max(day-n, n-day)
		}
	}
	return n > 0 && n <= lastOf(local) && nearest == local.Day()
}

// some tells whether one of the plain items of a field holds n.
func some(field string, n, last int) bool {
	return slices.ContainsFunc(strings.Split(field, ","), func(item string) bool {
		span, step, stepped := strings.Cut(item, "/")
		by, _ := strconv.Atoi(step)
		from, to, isRange := strings.Cut(strings.Replace(span, "*", "0", 1), "-")
		low, err := strconv.Atoi(from)
		high, _ := strconv.Atoi(to)
		switch {
		case err != nil:
			return false
		case span == "*" && !stepped:
			return true
		case !isRange && !stepped:
			return n == low
		case !isRange:
			high = last
		}
		if span == "*" && (last == 12 || last == 7 || last == 31) {
			low = 1
		}
		return n >= low && n <= high && (!stepped || (n-low)%by == 0)
	})
}

// drawCron draws an expression that comes often enough to be looked for minute
// by minute.
func drawCron(t *rapid.T) cronOracle {
	clock := func(name string, last int) string {
		n := rapid.IntRange(0, last)
		low := n.Draw(t, name)
		high := rapid.IntRange(low, last).Draw(t, "to")
		step := rapid.IntRange(1, last).Draw(t, "step")
		l, h, s := strconv.Itoa(low), strconv.Itoa(high), strconv.Itoa(step)
		return rapid.SampledFrom([]string{"*", "*/" + s, l, l + "," + h, l + "-" + h, l + "/" + s, l + "-" + h + "/" + s}).Draw(t, "form")
	}
	day, weekday := "?", "?"
	if rapid.Bool().Draw(t, "by day of month") {
		day = rapid.SampledFrom([]string{"*", "*/3", "L", "LW", "1W", "15W", "31W,30W", "28-31", "1,29", "2/9"}).Draw(t, "day")
	} else {
		weekday = rapid.SampledFrom([]string{"*", "L", "1", "2-6", "6L", "1L,3", "3#2", "7#5,1", "2/2"}).Draw(t, "weekday")
	}
	month := rapid.SampledFrom([]string{"*", "*", "2", "3,10", "1-11/2", "4/3"}).Draw(t, "month")
	return cronOracle{clock("minute", 59), clock("hour", 23), day, month, weekday, rapid.SampledFrom([]string{"*", "*", "2027-2099"}).Draw(t, "year")}
}

// lookedAt are moments near which something is odd: ends of months and of
// February, and changes of clocks.
var lookedAt = []string{
	"2026-01-30 22:00Z", "2028-02-28 12:00Z", "2026-12-30 22:00Z",
	"2026-03-28 22:00Z", "2026-10-24 22:00Z", "2026-10-03 12:00Z", "2026-04-04 12:00Z", "2026-03-08 04:00Z", "2026-11-01 03:00Z", "2011-12-29 20:00Z",
}

var lookedIn = []string{"UTC", "UTC", "Europe/Berlin", "Europe/London", "Australia/Lord_Howe", "America/Havana", "Pacific/Apia", "Asia/Kolkata"}

// walked are the instants of some days at which an expression comes, found by
// going through all their minutes: one that clocks show again is passed over,
// those that they skip come at once.
func (o cronOracle) walked(from time.Time, days int, zone *time.Location) (list []time.Time) {
	shown := localOf(from, zone)
	for at := from.Add(time.Minute); at.Before(from.AddDate(0, 0, days)); at = at.Add(time.Minute) {
		come := false
		for local := localOf(at, zone); shown.Before(local); {
			shown = shown.Add(time.Minute)
			come = o.comes(shown) || come
		}
		if come {
			list = append(list, at)
		}
	}
	return list
}

func TestExpressionsComeWhenAWalkThroughAllMinutesSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := drawCron(t)
		text := strings.Join(o, " ")
		from := on(t, rapid.SampledFrom(lookedAt).Draw(t, "from"))
		zone, err := zoneOf(rapid.SampledFrom(lookedIn).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		c := cronOf(t, text)
		at, within := from, from.AddDate(0, 0, 4)
		for _, want := range o.walked(from, 4, zone) {
			var ok bool
			if at, ok = c.Next(at, zone); !ok || !at.Equal(want) {
				t.Fatalf("%s comes at %v, want %v", text, at.In(zone), want.In(zone))
			}
		}
		if next, ok := c.Next(at, zone); ok && next.Before(within) {
			t.Fatalf("%s comes at %v too", text, next.In(zone))
		}
	})
}

// Whatever is read comes in its years, at the same instants in letters of
// either case, and as often as it is asked.
func FuzzParseCron(f *testing.F) {
	for _, text := range []string{"cron(0 2 ? * * *)", "0 0 LW 2/3 ? 1970-2199/7", "*/5 0-23 ? JAN 3#5,6L 2096", "0 0 30 2 ? *", "cron( 0,5 * 31W,L * ? *)", "\xff", "1-2/3-4 , # ? L W"} {
		f.Add(text, int64(1_790_000_000))
	}
	zone, err := zoneOf("Europe/Berlin")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string, after int64) {
		c, err := parseCron(text)
		if err != nil {
			return
		}
		from := time.Unix(after%(1<<40), 0)
		if lower, err := parseCron(strings.ToLower(text)); err != nil || lower != c {
			t.Errorf("%q in small letters is %+v, %v", text, lower, err)
		}
		next, ok := c.Next(from, zone)
		if again, _ := c.Next(next.Add(-1), zone); ok && !again.Equal(next) {
			t.Errorf("%q comes at %v, and asked right before at %v", text, next, again)
		}
		switch year := localOf(next, zone).Year(); {
		case ok && (!next.After(from) || year < firstYear || year > lastYear):
			t.Errorf("%q comes at %v after %v", text, next, from)
		case !ok && c.minutes == 0:
			t.Errorf("%q has no minute", text)
		}
	})
}
