package job

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// nightly is the window of the specification's example.
func nightly(minutes int) Schedule {
	return Schedule{Windows: []Window{{StartTime: "cron(0 2 ? * * *)", Minutes: minutes}}}
}

// spec: rollout-abort-timeout-retry-schedule.md#51-fields
func TestTimesOfASchedule(t *testing.T) {
	for _, c := range []struct{ text, want string }{ // "" is refused
		{"2026-03-01T14:30", "2026-03-01T14:30:00Z"},
		{"2026-03-01 14:30", "2026-03-01T14:30:00Z"},
		{"2026-03-01T14:30:15", "2026-03-01T14:30:15Z"},
		{"2026-03-01T14:30Z", "2026-03-01T14:30:00Z"},
		{"2026-03-01T14:30:15Z", "2026-03-01T14:30:15Z"},
		{"2026-03-01 14:30:15+02:00", "2026-03-01T12:30:15Z"},
		{"2026-03-01T14:30-0730", "2026-03-01T22:00:00Z"},
		{"2026-03-01T14:30:15.123456+00:00", "2026-03-01T14:30:15.123Z"},
		{"2028-02-29T00:00", "2028-02-29T00:00:00Z"},
		{"2026-02-29T00:00", ""},
		{"2026-03-01T24:00", ""},
		{"2026-03-01T14:60", ""},
		{"2026-13-01T14:30", ""},
		{"2026-03-01", ""},
		{"14:30", ""},
		{"2026-03-01T14", ""},
		{"2026-03-01  14:30", ""},
		{"2026-03-01T14:30 +02:00", ""},
		{"2026-03-01T14:30:15.123456 UTC", ""},
		{"1772375400", ""},
		{"tomorrow", ""},
		{"", ""},
	} {
		t.Run(c.text, func(t *testing.T) {
			got, ok := parseTime(c.text)
			if ok != (c.want != "") || ok && got.Format(time.RFC3339Nano) != c.want {
				t.Errorf("%v, %v; want %q", got, ok, c.want)
			}
		})
	}
}

// spec: rollout-abort-timeout-retry-schedule.md#51-fields
func TestWhatAScheduleMayBe(t *testing.T) {
	window := func(cron, zone string) Schedule {
		return Schedule{Windows: []Window{{StartTime: cron, Minutes: 60, TimeZone: zone}}}
	}
	span := func(start, end string) Schedule { return Schedule{StartTime: start, EndTime: end} }
	for _, c := range []struct {
		name  string
		of    Schedule // made at noon of 31 January 2026
		wrong string
	}{
		{"nothing", Schedule{}, ""},
		{"a start in half an hour", span("2026-01-31T12:30", ""), ""},
		{"a start before that", span("2026-01-31T12:29:59", ""), "Value '2026-01-31T12:29:59' at 'schedulingConfig.startTime' is not allowed: it must be at least 30 minutes from now"},
		{"a start in the past", span("2025-01-31T12:30", ""), "it must be at least 30 minutes from now"},
		{"a start in a year", span("2027-01-31T12:00", ""), ""},
		{"a start after that", span("2027-01-31T12:00:01", ""), "startTime' is not allowed: it must be at most 1 year from now"},
		{"a start that is none", span("soon", ""), "Value 'soon' at 'schedulingConfig.startTime' is not allowed: it must be a time like 2026-03-01T14:30"},
		{"an end in half an hour", span("", "2026-01-31T12:30"), ""},
		{"an end before that", span("", "2026-01-31T12:29"), "Value '2026-01-31T12:29' at 'schedulingConfig.endTime' is not allowed: it must be at least 30 minutes from now"},
		{"an end in two years", span("", "2028-01-31T12:00"), ""},
		{"an end after that", span("", "2028-01-31T12:01"), "endTime' is not allowed: it must be at most 2 years from now"},
		{"an end that is none", span("", "31.12.2026"), "Value '31.12.2026' at 'schedulingConfig.endTime'"},
		{"an end half an hour after the start", span("2026-02-01T12:00", "2026-02-01T12:30"), ""},
		{"an end sooner after the start", span("2026-02-01T12:00", "2026-02-01T12:29"), "endTime' is not allowed: it must be at least 30 minutes after startTime"},
		{"an end before the start", span("2026-02-01T12:00", "2026-01-31T13:00"), "it must be at least 30 minutes after startTime"},
		{"a late end of a late start", span("2027-01-31T12:00", "2028-01-31T12:00"), ""},
		{"an offset counts", span("2026-01-31T14:29+02:00", ""), "at least 30 minutes"},
		{"a behaviour without an end means nothing", Schedule{EndBehavior: CancelAll}, ""},
		{"a window", nightly(60), ""},
		{"a window beside a start and an end", Schedule{StartTime: "2026-02-01 00:00", EndTime: "2026-03-01 00:00", Windows: nightly(1430).Windows}, ""},
		{"two windows", Schedule{Windows: slices.Repeat(nightly(60).Windows, 2)}, "'schedulingConfig.maintenanceWindows' has 2 windows, at most 1 is allowed"},
		{"a window at no time", window("cron(61 2 ? * * *)", ""), `Value 'cron(61 2 ? * * *)' at 'schedulingConfig.maintenanceWindows.startTime' is not allowed: "61" at character 6 is no minute`},
		{"a window in a time zone", window("0 2 ? * * *", "Europe/Berlin"), ""},
		{"a window in no time zone", window("0 2 ? * * *", "Europe/Bonn"), `Value 'Europe/Bonn' at 'schedulingConfig.maintenanceWindows.timeZone' is not allowed: "Europe/Bonn" is no time zone of the IANA`},
		{"a window that never comes", window("0 2 30 2 ? *", ""), "maintenanceWindows.startTime' is not allowed: it never comes again"},
		{"a window that is open for the last time", window("30 11 31 1 ? 2026", ""), ""},
		{"a window that is over", window("0 11 31 1 ? 2026", ""), "it never comes again"},
		{"a window that is over before the start", Schedule{StartTime: "2027-01-01 00:00", Windows: window("0 2 * * ? 2026", "").Windows}, "it never comes again"},
		{"a window that the end comes before", Schedule{EndTime: "2026-01-31 12:30", Windows: nightly(60).Windows}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			wantRefused(t, c.of.Check(noon), c.wrong)
			_, err := New(Create{Settings: Settings{Schedule: c.of}}, noon)
			wantRefused(t, err, c.wrong)
		})
	}
}

// spec: rollout-abort-timeout-retry-schedule.md#5-schedule
func TestPhases(t *testing.T) {
	hourly := func(start, end string, minutes int) Schedule {
		return Schedule{StartTime: start, EndTime: end, Windows: []Window{{StartTime: "0 * * * ? *", Minutes: minutes}}}
	}
	berlin := Schedule{Windows: []Window{{StartTime: "cron(30 1 ? * * *)", Minutes: 120, TimeZone: "Europe/Berlin"}}}
	for _, c := range []struct {
		name  string
		of    Schedule
		now   string
		want  Phase
		until string // "" is for ever
	}{
		{"no schedule", Schedule{}, "2026-01-31 12:00Z", PhaseOpen, ""},
		{"before the start", Schedule{StartTime: "2026-02-01T00:00"}, "2026-01-31 23:59Z", PhaseNotBegun, "2026-02-01 00:00Z"},
		{"at the start", Schedule{StartTime: "2026-02-01T00:00"}, "2026-02-01 00:00Z", PhaseOpen, ""},
		{"before the end", Schedule{EndTime: "2026-02-01T00:00"}, "2026-01-31 23:59Z", PhaseOpen, "2026-02-01 00:00Z"},
		{"at the end", Schedule{EndTime: "2026-02-01T00:00"}, "2026-02-01 00:00Z", PhaseEnded, ""},
		{"behind the end, in a window", hourly("", "2026-02-01T00:00", 30), "2026-02-02 00:00Z", PhaseEnded, ""},
		{"before the window of the night", nightly(60), "2026-01-31 01:59Z", PhaseClosed, "2026-01-31 02:00Z"},
		{"at its beginning", nightly(60), "2026-01-31 02:00Z", PhaseOpen, "2026-01-31 03:00Z"},
		{"in its last minute", nightly(60), "2026-01-31 02:59Z", PhaseOpen, "2026-01-31 03:00Z"},
		{"at its end", nightly(60), "2026-01-31 03:00Z", PhaseClosed, "2026-02-01 02:00Z"},
		{"a daily window leaves ten minutes", nightly(1430), "2026-02-01 01:50Z", PhaseClosed, "2026-02-01 02:00Z"},
		{"the start waits for the window", hourly("2026-01-31T12:40", "", 30), "2026-01-31 12:40Z", PhaseClosed, "2026-01-31 13:00Z"},
		{"the start falls into a window", hourly("2026-01-31T12:10", "", 30), "2026-01-31 12:10Z", PhaseOpen, "2026-01-31 12:30Z"},
		{"in a window before the start", hourly("2026-01-31T12:10", "", 30), "2026-01-31 12:05Z", PhaseNotBegun, "2026-01-31 12:10Z"},
		{"the end falls into a window", hourly("", "2026-01-31T12:10", 30), "2026-01-31 12:05Z", PhaseOpen, "2026-01-31 12:10Z"},
		{"the end falls between windows", hourly("", "2026-01-31T12:40", 30), "2026-01-31 12:35Z", PhaseClosed, "2026-01-31 12:40Z"},
		{"windows that touch are one", Schedule{Windows: []Window{{StartTime: "0 1,2,3,9 * * ? *", Minutes: 60}}}, "2026-01-31 01:30Z", PhaseOpen, "2026-01-31 04:00Z"},
		{"windows that overlap are one", Schedule{Windows: []Window{{StartTime: "0 1,2 * * ? *", Minutes: 90}}}, "2026-01-31 01:30Z", PhaseOpen, "2026-01-31 03:30Z"},
		{"windows that always overlap are looked along for a day", hourly("", "", 60), "2026-01-31 12:30Z", PhaseOpen, "2026-02-01 14:00Z"},
		{"behind the last window", Schedule{Windows: []Window{{StartTime: "0 2 * * ? 2026", Minutes: 60}}}, "2026-12-31 12:00Z", PhaseClosed, ""},
		{"an end behind the last window", Schedule{EndTime: "2027-06-01 00:00", Windows: []Window{{StartTime: "0 2 * * ? 2026", Minutes: 60}}}, "2026-12-31 12:00Z", PhaseClosed, "2027-06-01 00:00Z"},
		{"a window over the end of the calendar", Schedule{Windows: []Window{{StartTime: "30 23 * * ? *", Minutes: 60}}}, "2200-01-01 00:15Z", PhaseOpen, "2200-01-01 00:30Z"},
		{"clocks put forward: a window is as long as ever", berlin, "2026-03-29 00:45Z", PhaseOpen, "2026-03-29 02:30Z"},
		{"clocks put back: a window is no longer", berlin, "2026-10-25 00:45Z", PhaseOpen, "2026-10-25 01:30Z"},
		{"clocks put back: the hour shown again opens none", berlin, "2026-10-25 01:30Z", PhaseClosed, "2026-10-26 00:30Z"},
		{"a time zone that this node lacks", Schedule{Windows: []Window{{StartTime: "* * * * ? *", Minutes: 60, TimeZone: "Moon/Sea"}}}, "2026-01-31 12:00Z", PhaseClosed, "2026-02-01 12:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			phase, until := c.of.At(on(t, c.now))
			if phase != c.want || until.IsZero() != (c.until == "") || c.until != "" && !until.Equal(on(t, c.until)) {
				t.Errorf("phase %d until %v, want %d until %q", phase, until, c.want, c.until)
			}
		})
	}
}

// Minute by minute, a window is open exactly while one of its beginnings lies
// less than its length behind; and what At says lasts to the instant it names.
func TestPhasesAreThoseOfAWalkThroughAllMinutes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, s := drawPlan(t)
		now := noon.Add(time.Duration(rapid.IntRange(0, 100_000).Draw(t, "ms")) * time.Millisecond)
		phase, until := s.At(now)
		for at := now; at.Before(noon.Add(3 * time.Hour)); at = at.Add(17 * time.Second) {
			if !until.IsZero() && !at.Before(until) {
				before := phase
				if phase, until = s.At(at); phase == before && (p.period == 0 || p.minutes < p.period) {
					t.Fatalf("at %v it is still %d", at, phase)
				}
			}
			if want := p.phase(at); phase != want {
				t.Fatalf("at %v phase %d until %v, want %d", at, phase, until, want)
			}
		}
	})
}

// spec: rollout-abort-timeout-retry-schedule.md#51-fields
func TestTheWindowsToCome(t *testing.T) {
	for _, c := range []struct {
		name string
		of   Schedule
		now  string
		want []string
	}{
		{"no windows", Schedule{StartTime: "2026-02-01T00:00"}, "2026-01-31 12:00Z", nil},
		{"seven", nightly(60), "2026-02-25 12:00Z", []string{"02-26 02:00", "02-27 02:00", "02-28 02:00", "03-01 02:00", "03-02 02:00", "03-03 02:00", "03-04 02:00"}},
		{"not the one that is open", Schedule{Windows: []Window{{StartTime: "0 2 31 1 ? 2026-2027", Minutes: 60}}}, "2026-01-31 02:00Z", []string{"01-31 02:00"}},
		{"from the start on", Schedule{StartTime: "2026-02-01 02:00", EndTime: "2026-02-03 02:00", Windows: nightly(60).Windows}, "2026-01-31 12:00Z", []string{"02-01 02:00", "02-02 02:00"}},
		{"the start within a window", Schedule{StartTime: "2026-02-01 02:30", EndTime: "2026-02-03 02:00", Windows: nightly(60).Windows}, "2026-01-31 12:00Z", []string{"02-01 02:30", "02-02 02:00"}},
		{"the start behind a window", Schedule{StartTime: "2026-02-01 03:00", EndTime: "2026-02-03 02:00", Windows: nightly(60).Windows}, "2026-01-31 12:00Z", []string{"02-02 02:00"}},
		{"up to the end", Schedule{EndTime: "2026-02-02 02:01", Windows: nightly(60).Windows}, "2026-01-31 12:00Z", []string{"02-01 02:00", "02-02 02:00"}},
		{"in UTC", Schedule{Windows: []Window{{StartTime: "0 2 1 2,7 ? 2026", Minutes: 60, TimeZone: "America/New_York"}}}, "2026-01-31 12:00Z", []string{"02-01 07:00", "07-01 06:00"}},
		{"none in a time zone that this node lacks", Schedule{Windows: []Window{{StartTime: "* * * * ? *", Minutes: 60, TimeZone: "Moon/Sea"}}}, "2026-01-31 12:00Z", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, at := range c.of.upcoming(on(t, c.now)) {
				got = append(got, at.Format("01-02 15:04"))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("windows at %q, want %q", got, c.want)
			}
		})
	}
}

// What is accepted is followed from edge to edge, each behind the one before.
func FuzzSchedule(f *testing.F) {
	f.Add("2026-03-01T14:30", "2027-03-01 00:00Z", "cron(0 2 ? * * *)", "Europe/Berlin", 60)
	f.Add("", "", "* * * * ? *", "", 1430)
	f.Add("2026-02-01T00:00:00.5+01:00", "", "0 0 L * ? 2026", "Etc/UTC", 1)
	f.Add("x", "y", "z", "Local", -1)
	f.Fuzz(func(t *testing.T, start, end, cron, zone string, minutes int) {
		s := Schedule{StartTime: start, EndTime: end, Windows: []Window{{StartTime: cron, Minutes: min(max(minutes, 1), 1430), TimeZone: zone}}}
		if s.Check(noon) != nil {
			return
		}
		for now, n := noon, 0; n < 20; n++ {
			phase, until := s.At(now)
			if until.IsZero() {
				break
			}
			if before, _ := s.At(until.Add(-time.Millisecond)); !until.After(now) || before != phase {
				t.Fatalf("%+v at %v: phase %d until %v, and right before that %d", s, now, phase, until, before)
			}
			now = until
		}
	})
}
