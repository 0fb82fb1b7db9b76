package job

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// on reads an instant as its tables write it.
func on(t rapid.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02 15:04Z07:00", s)
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC()
}

func cronOf(t rapid.TB, text string) cron {
	t.Helper()
	c, err := parseCron(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return c
}

// comes is the times of an expression in a zone after an instant, as that
// zone's clocks show them; the last is "" if it never comes again.
func comes(t rapid.TB, text, zone, after string, n int) (list []string) {
	t.Helper()
	c, at := cronOf(t, text), on(t, after)
	z, err := zoneOf(zone)
	if err != nil {
		t.Fatal(err)
	}
	for range n {
		next, ok := c.Next(at, z)
		if !ok {
			return append(list, "")
		}
		list, at = append(list, next.In(z).Format("2006-01-02 15:04Z07:00")), next
	}
	return list
}

// spec: rollout-abort-timeout-retry-schedule.md#52-cron-form
func TestWhenAnExpressionComes(t *testing.T) {
	for _, c := range []struct {
		name, cron, after string
		want              []string
	}{
		{"the example: every night at two", "cron(0 2 ? * * *)", "2026-01-31 12:00Z", []string{"2026-02-01 02:00Z", "2026-02-02 02:00Z"}},
		{"strictly after", "cron(0 2 ? * * *)", "2026-01-31 02:00Z", []string{"2026-02-01 02:00Z"}},
		{"without its wrapper", "0 2 ? * * *", "2026-01-31 12:00Z", []string{"2026-02-01 02:00Z"}},
		{"every minute", "* * * * ? *", "2026-12-31 23:58Z", []string{"2026-12-31 23:59Z", "2027-01-01 00:00Z"}},
		{"a list", "0,30 8,20 * * ? *", "2026-01-31 08:00Z", []string{"2026-01-31 08:30Z", "2026-01-31 20:00Z", "2026-01-31 20:30Z", "2026-02-01 08:00Z"}},
		{"a range", "0 22-23 * * ? *", "2026-01-31 12:00Z", []string{"2026-01-31 22:00Z", "2026-01-31 23:00Z", "2026-02-01 22:00Z"}},
		{"a step over all", "*/20 * * * ? *", "2026-01-31 23:00Z", []string{"2026-01-31 23:20Z", "2026-01-31 23:40Z", "2026-02-01 00:00Z"}},
		{"a step from a value on", "50/4 12 * * ? *", "2026-01-31 12:00Z", []string{"2026-01-31 12:50Z", "2026-01-31 12:54Z", "2026-01-31 12:58Z", "2026-02-01 12:50Z"}},
		{"a step in a range", "0 8-12/2 * * ? *", "2026-01-31 08:00Z", []string{"2026-01-31 10:00Z", "2026-01-31 12:00Z", "2026-02-01 08:00Z"}},
		{"day 1 of the week is Sunday", "0 0 ? * 1 *", "2026-01-31 12:00Z", []string{"2026-02-01 00:00Z", "2026-02-08 00:00Z"}},
		{"days of the week by name", "0 0 ? * MON-wed,Sat *", "2026-01-31 12:00Z", []string{"2026-02-02 00:00Z", "2026-02-03 00:00Z", "2026-02-04 00:00Z", "2026-02-07 00:00Z"}},
		{"every other day of the week", "0 0 ? * 2/2 *", "2026-01-31 12:00Z", []string{"2026-02-02 00:00Z", "2026-02-04 00:00Z", "2026-02-06 00:00Z", "2026-02-09 00:00Z"}},
		{"months by name", "0 0 1 JAN,jul-AUG ? *", "2026-01-31 12:00Z", []string{"2026-07-01 00:00Z", "2026-08-01 00:00Z", "2027-01-01 00:00Z"}},
		{"a day that some months lack", "0 0 31 * ? *", "2026-01-31 12:00Z", []string{"2026-03-31 00:00Z", "2026-05-31 00:00Z"}},
		{"the last day of the month", "0 0 L * ? *", "2027-12-31 12:00Z", []string{"2028-01-31 00:00Z", "2028-02-29 00:00Z", "2028-03-31 00:00Z", "2028-04-30 00:00Z"}},
		{"the last day of the week", "0 0 ? * L *", "2026-01-31 12:00Z", []string{"2026-02-07 00:00Z"}},
		{"the last Friday of the month", "0 0 ? * 6L *", "2026-01-31 12:00Z", []string{"2026-02-27 00:00Z", "2026-03-27 00:00Z", "2026-04-24 00:00Z"}},
		{"the second Tuesday of the month", "0 0 ? * 3#2 *", "2026-01-31 12:00Z", []string{"2026-02-10 00:00Z", "2026-03-10 00:00Z", "2026-04-14 00:00Z"}},
		{"a fifth Sunday, where there is one", "0 0 ? * SUN#5 *", "2026-01-31 12:00Z", []string{"2026-03-29 00:00Z", "2026-05-31 00:00Z"}},
		{"an ordinal beside other days", "0 0 ? * 3#1,6L *", "2026-01-31 12:00Z", []string{"2026-02-03 00:00Z", "2026-02-27 00:00Z"}},
		{"the weekday nearest to a Saturday is the Friday", "0 0 14W 2 ? *", "2026-01-31 12:00Z", []string{"2026-02-13 00:00Z"}},
		{"the weekday nearest to a Sunday is the Monday", "0 0 15W 2 ? *", "2026-01-31 12:00Z", []string{"2026-02-16 00:00Z"}},
		{"a weekday is the nearest to itself", "0 0 16W 2 ? *", "2026-01-31 12:00Z", []string{"2026-02-16 00:00Z"}},
		{"the weekday nearest to the first stays in the month", "0 0 1W 8 ? *", "2026-01-31 12:00Z", []string{"2026-08-03 00:00Z"}},
		{"the weekday nearest to the last stays in the month", "0 0 31W 5 ? *", "2026-01-31 12:00Z", []string{"2026-05-29 00:00Z"}},
		{"no weekday is nearest to a day that the month lacks", "0 0 31W 4-6 ? *", "2026-01-31 12:00Z", []string{"2026-05-29 00:00Z", "2027-05-31 00:00Z"}},
		{"the last weekday of the month", "0 0 LW * ? *", "2026-01-31 12:00Z", []string{"2026-02-27 00:00Z", "2026-03-31 00:00Z", "2026-04-30 00:00Z", "2026-05-29 00:00Z"}},
		{"the leap day", "0 0 29 2 ? *", "2026-01-31 12:00Z", []string{"2028-02-29 00:00Z", "2032-02-29 00:00Z"}},
		{"no leap day in 2100", "0 0 29 2 ? *", "2096-03-01 12:00Z", []string{"2104-02-29 00:00Z"}},
		{"years", "0 0 1 1 ? 2030-2040/5,2033", "2026-01-31 12:00Z", []string{"2030-01-01 00:00Z", "2033-01-01 00:00Z", "2035-01-01 00:00Z", "2040-01-01 00:00Z", ""}},
		{"the first year there is", "0 0 * * ? *", "1903-05-05 00:00Z", []string{"1970-01-01 00:00Z", "1970-01-02 00:00Z"}},
		{"the end of the calendar", "58/1 23 * * ? *", "2199-12-31 12:00Z", []string{"2199-12-31 23:58Z", "2199-12-31 23:59Z", ""}},
		{"a year that is over", "0 0 * * ? 2025", "2026-01-31 12:00Z", []string{""}},
		{"a day that never is", "0 0 30 2 ? *", "2026-01-31 12:00Z", []string{""}},
		{"a fifth Monday of a February", "0 0 ? 2 2#5 2027", "2026-01-31 12:00Z", []string{""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := comes(t, c.cron, "", c.after, len(c.want)); !slices.Equal(got, c.want) {
				t.Errorf("%s comes at %q, want %q", c.cron, got, c.want)
			}
		})
	}
}

// spec: rollout-abort-timeout-retry-schedule.md#55-time-zone-extension
func TestWhenAnExpressionComesInATimeZone(t *testing.T) {
	for _, c := range []struct {
		name, cron, zone, after string
		want                    []string
	}{
		{"east of Greenwich", "0 2 ? * * *", "Asia/Kolkata", "2026-01-31 12:00Z", []string{"2026-02-01 02:00+05:30"}},
		{"west of Greenwich, the day before", "0 22 31 1 ? *", "America/Los_Angeles", "2026-02-01 00:00Z", []string{"2026-01-31 22:00-08:00"}},
		{"the same hour in summer and winter", "0 2 1 * ? *", "Europe/Berlin", "2026-03-15 00:00Z", []string{"2026-04-01 02:00+02:00", "2026-05-01 02:00+02:00"}},
		{
			"a time that is skipped comes at the end of the gap", "30 2 * * ? *", "Europe/Berlin", "2026-03-28 00:00Z",
			[]string{"2026-03-28 02:30+01:00", "2026-03-29 03:00+02:00", "2026-03-30 02:30+02:00"},
		},
		{
			"all times that are skipped come once", "*/20 2-3 29 3 ? 2026", "Europe/Berlin", "2026-03-28 00:00Z",
			[]string{"2026-03-29 03:00+02:00", "2026-03-29 03:20+02:00", "2026-03-29 03:40+02:00", ""},
		},
		{
			"a time that is twice comes first only", "30 2 * * ? *", "Europe/Berlin", "2026-10-24 12:00Z",
			[]string{"2026-10-25 02:30+02:00", "2026-10-26 02:30+01:00"},
		},
		{
			"an hour that is shown again is passed over", "*/30 1-3 25 10 ? 2026", "Europe/Berlin", "2026-10-24 12:00Z",
			[]string{"2026-10-25 01:00+02:00", "2026-10-25 01:30+02:00", "2026-10-25 02:00+02:00", "2026-10-25 02:30+02:00", "2026-10-25 03:00+01:00", "2026-10-25 03:30+01:00", ""},
		},
		{"asked in the hour that is shown again", "30 2 * * ? *", "Europe/Berlin", "2026-10-25 01:05Z", []string{"2026-10-26 02:30+01:00"}},
		{"clocks that change by half an hour", "15 2 * * ? *", "Australia/Lord_Howe", "2026-10-03 00:00Z", []string{"2026-10-04 02:30+11:00", "2026-10-05 02:15+11:00"}},
		{"clocks that change at midnight", "0 0 * * ? *", "America/Havana", "2026-03-07 12:00Z", []string{"2026-03-08 01:00-04:00", "2026-03-09 00:00-04:00"}},
		{"a day that was left out", "0 12 30 12 ? 2011", "Pacific/Apia", "2011-12-28 00:00Z", []string{"2011-12-31 00:00+14:00", ""}},
		{"summers to come", "30 2 29-31 3 ? *", "Europe/Berlin", "2100-01-01 00:00Z", []string{"2100-03-29 02:30+02:00", "2100-03-30 02:30+02:00"}},
		{"the end of the calendar", "0 23 31 12 ? *", "Etc/GMT+12", "2199-01-02 00:00Z", []string{"2199-12-31 23:00-12:00", ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := comes(t, c.cron, c.zone, c.after, len(c.want)); !slices.Equal(got, c.want) {
				t.Errorf("%s in %s comes at %q, want %q", c.cron, c.zone, got, c.want)
			}
		})
	}
}

// spec: rollout-abort-timeout-retry-schedule.md#52-cron-form
func TestExpressionsThatAreRefused(t *testing.T) {
	for _, c := range []struct{ cron, wrong string }{
		{"", "it has 0 fields, not the six minute, hour, day of month, month, day of week and year"},
		{"cron()", "it has 0 fields"},
		{"0 2 * * *", "it has 5 fields"},
		{"0 0 2 * * ? *", "it has 7 fields"},
		{"rate(5 minutes)", "it has 2 fields"},
		{"cron(0 2 ? * * *", `the ) of "cron(" is missing`},
		{"0 2 ? * * *)", `"*)" at character 11 is no year: 1970 to 2199`},
		{"0 2 ? * * ä", "character 11 is 'ä'"},
		{"0 2 ? * ſun *", "character 9 is 'ſ'"},
		{"0 2 ?\n* * *", `character 6 is '\n'`},
		{"0 2 * * * *", `one of day of month "*" and day of week "*" must be ?`},
		{"0 2 1 * MON *", `one of day of month "1" and day of week "MON" must be ?`},
		{"0 2 ? * ? *", "day of month and day of week are both ?"},
		{"cron(60 2 ? * * *)", `"60" at character 6 is no minute: 0 to 59`},
		{" cron(  0 \t 24 ? * * * )", `"24" at character 13 is no hour: 0 to 23`},
		{"-1 2 ? * * *", `"" at character 1 is no minute`},
		{"+1 2 ? * * *", `"+1" at character 1 is no minute`},
		{"0 ? ? * * *", `"?" at character 3 is no hour`},
		{"0 2 0 * ? *", `"0" at character 5 is no day of month: 1 to 31`},
		{"0 2 ? 13 * *", `"13" at character 7 is no month: 1 to 12 or JAN to DEC`},
		{"0 2 ? JANUARY * *", `"JANUARY" at character 7 is no month`},
		{"0 2 ? * 0 *", `"0" at character 9 is no day of week: 1 to 7 or SUN to SAT`},
		{"0 2 ? * * 1969", `"1969" at character 11 is no year: 1970 to 2199`},
		{"0 2 ? * * 2200", `"2200" at character 11 is no year`},
		{"0 99999999999999999999 ? * * *", "is no hour"},
		{"0,,5 2 ? * * *", `"" at character 3 is no minute`},
		{"0,61 2 ? * * *", `"61" at character 3 is no minute`},
		{"5-1 2 ? * * *", `"5-1" at character 1 runs backwards`},
		{"0 2 ? * SAT-SUN *", `"SAT-SUN" at character 9 runs backwards`},
		{"5- 2 ? * * *", `"" at character 3 is no minute`},
		{"1-2-3 2 ? * * *", `"2-3" at character 3 is no minute`},
		{"*-3 2 ? * * *", `"*" at character 1 is no minute`},
		{"*/0 2 ? * * *", `"0" at character 3 is no step of a minute: 1 to 59`},
		{"*/60 2 ? * * *", `"60" at character 3 is no step of a minute`},
		{"*/x 2 ? * * *", `"X" at character 3 is no step of a minute`},
		{"/5 2 ? * * *", `"" at character 1 is no minute`},
		{"L 2 ? * * *", `"L" at character 1 is no minute`},
		{"0 2 L-3 * ? *", `"L" at character 5 is no day of month`},
		{"0 2 W * ? *", `"" at character 5 is no day of month`},
		{"0 2 32W * ? *", `"32" at character 5 is no day of month`},
		{"0 2 1#2 * ? *", `"1#2" at character 5 is no day of month`},
		{"0 2 1,? * ? *", `"?" at character 7 is no day of month`},
		{"0 2 ? * 3W *", `"3W" at character 9 is no day of week`},
		{"0 2 ? * 8L *", `"8" at character 9 is no day of week`},
		{"0 2 ? * 3#0 *", `"0" at character 11 is no week of a month: 1 to 5`},
		{"0 2 ? * 3#6 *", `"6" at character 11 is no week of a month`},
		{"0 2 ? * 8#1 *", `"8" at character 9 is no day of week`},
		{"0 2 ? * 3#1,6#3 *", `"6" at character 13 is followed by a second #`},
	} {
		t.Run(c.cron, func(t *testing.T) {
			_, err := parseCron(c.cron)
			wantText(t, err, c.wrong)
		})
	}
}

func TestTimeZonesThatAreRefused(t *testing.T) {
	for _, name := range []string{"Berlin", "local", "Local", "localtime", "posixrules", "posix/Europe/Berlin", "right/UTC", "../zoneinfo/UTC", "/usr/share/zoneinfo/UTC", "Europe", "CET-1", "zone.tab", "\x00"} {
		t.Run(name, func(t *testing.T) {
			_, err := zoneOf(name)
			wantText(t, err, "is no time zone of the IANA")
		})
	}
}

func wantText(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want one with %q", err, want)
	}
}
