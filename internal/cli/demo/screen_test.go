package demo

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/awsapi/iot"
)

func statusAt(at time.Duration) status {
	return status{at: at, devices: 10, rate: 20, job: iot.JobProcessDetails{
		NumberOfQueuedThings: 1, NumberOfInProgressThings: 2, NumberOfSucceededThings: 3, NumberOfFailedThings: 1,
	}}
}

func TestAPlainScreenWritesALineForAnEventAndOneForAMinute(t *testing.T) {
	var out bytes.Buffer
	s := newScreen(&out, false)
	s.line("title")
	s.show(statusAt(5 * time.Second))
	s.event(65*time.Second, event{who: "UpdateJob", what: "20/min → 200/min", tone: operatorTone})
	s.show(statusAt(70 * time.Second))
	s.show(statusAt(75 * time.Second))
	s.show(statusAt(2 * time.Minute))
	s.close()
	want := `title
01:05  UpdateJob    20/min → 200/min
01:10  status       rate 20/min: 3 to come, 1 QUEUED, 2 IN_PROGRESS, 3 SUCCEEDED, 1 FAILED
02:00  status       rate 20/min: 3 to come, 1 QUEUED, 2 IN_PROGRESS, 3 SUCCEEDED, 1 FAILED
`
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// terminal is what a terminal shows: lines, of which those below the cursor
// can be cleared and written again.
type terminal struct{ lines []string }

func (m *terminal) Write(p []byte) (int, error) {
	s := strings.NewReplacer(hideCursor, "", showCursor, "").Replace(string(p))
	if before, rest, ok := strings.Cut(s, clearBelow); ok {
		up := 0
		_, _ = fmt.Sscanf(before, upLines, &up)
		m.lines, s = m.lines[:len(m.lines)-up], rest
	}
	for l := range strings.Lines(s) {
		m.lines = append(m.lines, strings.TrimSuffix(l, "\n"))
	}
	return len(p), nil
}

func uncoloured(out *terminal, width int) *panel {
	return &panel{out: out, width: func() int { return width }, paint: func(_ tone, s string) string { return s }}
}

func TestAPanelIsDrawnOverItselfBelowTheEvents(t *testing.T) {
	out := &terminal{}
	p := uncoloured(out, 40)
	p.line("title")
	p.show(statusAt(5 * time.Second))
	p.event(10*time.Second, event{who: "UpdateJob", what: "20/min → 200/min"})
	p.show(statusAt(15 * time.Second))
	want := `title
00:10  UpdateJob    20/min → 200/min

  00:15   rate 20/min   7 of 10 devices

  to come     ██████···········     3
  QUEUED      ██···············     1
  IN_PROGRESS ████·············     2
  SUCCEEDED   ██████···········     3
  FAILED      ██···············     1
  TIMED_OUT   ·················     0
  REJECTED    ·················     0`
	if got := strings.Join(out.lines, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	p.close()
	if got := strings.Join(out.lines, "\n"); got != "title\n00:10  UpdateJob    20/min → 200/min" {
		t.Errorf("after the end\n%s", got)
	}
}

func TestATerminalThatBecameNarrowerHasWrappedTheBlock(t *testing.T) {
	width := 40
	p := &panel{out: &terminal{}, width: func() int { return width }, paint: func(_ tone, s string) string { return s }}
	p.show(statusAt(time.Second))
	for _, c := range []struct{ width, want int }{{40, 10}, {20, 18}, {80, 10}} {
		if width = c.width; p.height() != c.want {
			t.Errorf("%d columns: %d lines, want %d", width, p.height(), c.want)
		}
	}
}

func TestNoLineOfAPanelWraps(t *testing.T) {
	for width := 1; width < 200; width++ {
		p := uncoloured(&terminal{}, width)
		s := statusAt(time.Hour)
		p.last = &s
		for _, l := range p.lines() {
			if n := len([]rune(l)); n >= max(width, 2) {
				t.Fatalf("%d columns, and a line of %d: %q", width, n, l)
			}
		}
	}
}

func TestTonesAreColoursUnlessTheyAreNotWanted(t *testing.T) {
	t.Setenv("NO_COLOR", "")
	if got := newPanel(&bytes.Buffer{}).paint(badTone, "x"); got == "x" || !strings.Contains(got, "x") {
		t.Errorf("painted %q", got)
	}
	t.Setenv("NO_COLOR", "1")
	if got := newPanel(&bytes.Buffer{}).paint(badTone, "x"); got != "x" {
		t.Errorf("painted %q", got)
	}
	if got := colour(plainTone, "x"); got != "x" {
		t.Errorf("painted %q", got)
	}
}

func TestEndsThatAreAlikeShareALine(t *testing.T) {
	ended := []happening{
		{"a", "FAILED", 1},
		{"b", "SUCCEEDED", 1},
		{"c", "FAILED", 1},
		{"d", "FAILED", 2},
		{"e", "FAILED", 1},
		{"f", "FAILED", 1},
		{"g", "TIMED_OUT", 1},
		{"h", "TIMED_OUT", 2},
		{"i", "REJECTED", 1},
		{"j", "SUCCEEDED", 2},
	}
	wantLines(t, summarize(ended),
		"a, c and 2 more FAILED, queued for a second attempt",
		"d FAILED again, for good",
		"g fell silent and TIMED_OUT, queued for a second attempt",
		"h TIMED_OUT again, for good",
		"i REJECTED the job: hardware revision too old",
		"j SUCCEEDED at the second attempt",
	)
	wantLines(t, plainly(append(ended, happening{"k", "CANCELED", 1})),
		"b, j ended as SUCCEEDED",
		"a, c and 3 more ended as FAILED",
		"g, h ended as TIMED_OUT",
		"i ended as REJECTED",
		"k ended as CANCELED",
	)
}

func wantLines(t *testing.T, got []event, want ...string) {
	t.Helper()
	var lines []string
	for _, e := range got {
		lines = append(lines, e.what)
	}
	if strings.Join(lines, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
}
