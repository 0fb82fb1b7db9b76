package demo

import (
	"fmt"
	"strings"
	"time"
)

// patience is how long ends of executions are gathered for one line, so that a
// large fleet does not flood the screen.
func (s *story) patience() time.Duration {
	return step * time.Duration(s.devices/500)
}

// tellEnded tells what has ended since the last time, if that is long ago.
func (s *story) tellEnded(gather time.Duration) {
	if s.at()-s.toldAt < gather {
		return
	}
	for _, e := range summarize(s.ended) {
		s.tell(e)
	}
	s.ended, s.toldAt = nil, s.at()
}

// operator is an event that the operator made.
func operator(what, format string, args ...any) event {
	return event{who: what, what: fmt.Sprintf(format, args...), tone: operatorTone}
}

// things is a number of devices in words.
func things(n int) string {
	if n == 1 {
		return "1 device"
	}
	return fmt.Sprintf("%d devices", n)
}

// summarize makes a line of all ends that are alike.
func summarize(ended []happening) []event {
	var out []event
	for _, s := range []struct {
		status string
		first  bool
		what   string
		tone   tone
	}{
		{"FAILED", true, "FAILED, queued for a second attempt", badTone},
		{"FAILED", false, "FAILED again, for good", badTone},
		{"TIMED_OUT", true, "fell silent and TIMED_OUT, queued for a second attempt", lateTone},
		{"TIMED_OUT", false, "TIMED_OUT again, for good", lateTone},
		{"REJECTED", true, "REJECTED the job: hardware revision too old", refusedTone},
		{"SUCCEEDED", false, "SUCCEEDED at the second attempt", goodTone},
	} {
		alike := func(h happening) bool { return h.status == s.status && (h.attempt == 1) == s.first }
		if names := namesOf(ended, alike); len(names) > 0 {
			out = append(out, event{who: "devices", what: some(names) + " " + s.what, tone: s.tone})
		}
	}
	return out
}

// plainly makes a line of all ends with the same status, for jobs of which the
// demo does not know the settings.
func plainly(ended []happening) []event {
	var out []event
	for _, status := range append(outcomes(), "CANCELED") {
		if names := namesOf(ended, func(h happening) bool { return h.status == status }); len(names) > 0 {
			out = append(out, event{who: "devices", what: some(names) + " ended as " + status})
		}
	}
	return out
}

func namesOf(ended []happening, which func(happening) bool) []string {
	var names []string
	for _, h := range ended {
		if which(h) {
			names = append(names, h.device)
		}
	}
	return names
}

// some is a list of names, shortened.
func some(names []string) string {
	if len(names) <= 3 {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s, %s and %d more", names[0], names[1], len(names)-2)
}
