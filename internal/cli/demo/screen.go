package demo

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/drover-iot/drover/internal/awsapi/iot"
)

// screen is what the audience of the demo sees.
type screen interface {
	// line writes one line.
	line(text string)
	// event writes a line about something that happened at a time since
	// CreateJob.
	event(at time.Duration, e event)
	// show tells how the job stands now.
	show(s status)
	// close ends what is live, so that plain text may follow.
	close()
}

// event is something worth a line: who did what.
type event struct {
	who  string // an operation, or "devices"
	what string
	tone tone
}

// tone is how an event or a count of devices looks.
type tone uint8

const (
	plainTone tone = iota
	operatorTone
	goodTone
	busyTone
	badTone
	lateTone
	refusedTone
	quietTone
)

// status is how the job stands, as DescribeJob says it.
type status struct {
	at      time.Duration // since CreateJob
	devices int
	rate    int // in force, a minute; 0: everyone has the job
	job     iot.JobProcessDetails
}

// count is how many devices are in one state.
type count struct {
	state string
	n     int
	tone  tone
}

// counts are the states of all devices, in the order in which they pass
// through them. They add up to the devices.
func (s status) counts() []count {
	d := s.job
	return []count{
		{"to come", s.devices - notified(d), quietTone},
		{"QUEUED", d.NumberOfQueuedThings, plainTone},
		{"IN_PROGRESS", d.NumberOfInProgressThings, busyTone},
		{"SUCCEEDED", d.NumberOfSucceededThings, goodTone},
		{"FAILED", d.NumberOfFailedThings, badTone},
		{"TIMED_OUT", d.NumberOfTimedOutThings, lateTone},
		{"REJECTED", d.NumberOfRejectedThings, refusedTone},
	}
}

// rateText is the rate in force in words.
func (s status) rateText() string {
	if s.rate == 0 {
		return "rollout done"
	}
	return fmt.Sprintf("rate %d/min", s.rate)
}

// notified is how many things have got an execution of the job: a thing is
// counted once, by its latest one.
func notified(d iot.JobProcessDetails) int {
	return d.NumberOfQueuedThings + d.NumberOfInProgressThings + d.NumberOfSucceededThings + d.NumberOfFailedThings +
		d.NumberOfTimedOutThings + d.NumberOfRejectedThings + d.NumberOfCanceledThings + d.NumberOfRemovedThings
}

// newScreen is a live screen or a plain one.
func newScreen(out io.Writer, live bool) screen {
	if live {
		return newPanel(out)
	}
	return &plainScreen{out: out, next: statusEvery}
}

// statusEvery is how often a plain screen says how the job stands, in the
// fleet's time.
const statusEvery = time.Minute

// plainScreen writes lines and nothing else: for logs, pipes and readers who
// listen.
type plainScreen struct {
	out  io.Writer
	next time.Duration // of the line that show writes
}

func (p *plainScreen) line(text string) {
	fmt.Fprintln(p.out, text) // an audience that has left misses nothing
}

func (p *plainScreen) event(at time.Duration, e event) {
	p.line(fmt.Sprintf("%s  %-12s %s", stamp(at), e.who, e.what))
}

func (p *plainScreen) show(s status) {
	if s.at < p.next {
		return
	}
	p.next = s.at.Truncate(statusEvery) + statusEvery
	var states []string
	for _, c := range s.counts() {
		if c.n > 0 {
			states = append(states, fmt.Sprintf("%d %s", c.n, c.state))
		}
	}
	p.event(s.at, event{who: "status", what: s.rateText() + ": " + strings.Join(states, ", ")})
}

func (p *plainScreen) close() {}

// stamp is a time of the demo as minutes and seconds.
func stamp(at time.Duration) string {
	return fmt.Sprintf("%02d:%02d", int(at.Minutes()), int(at.Seconds())%60)
}
