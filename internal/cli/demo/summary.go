package demo

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/clock"
)

// outcomes are the ways in which an execution of the demo's job may end.
func outcomes() []string { return []string{"SUCCEEDED", "FAILED", "TIMED_OUT", "REJECTED"} }

// tally counts devices that ended alike.
type tally struct {
	first    int // at their first attempt
	retried  int // after a retry
	attempts int // executions that these devices had
}

func (t tally) devices() int { return t.first + t.retried }

// with is the tally with one more device, which had that many attempts.
func (t tally) with(attempts int) tally {
	if attempts > 1 {
		t.retried++
	} else {
		t.first++
	}
	t.attempts += attempts
	return t
}

// tallies count devices by outcome.
type tallies map[string]tally

// total is the sum of all outcomes.
func (t tallies) total() tally {
	var sum tally
	for _, o := range t {
		sum.first += o.first
		sum.retried += o.retried
		sum.attempts += o.attempts
	}
	return sum
}

// seen is what the devices saw of the job.
func (f *fleet) seen() tallies {
	all := tallies{}
	for _, d := range f.devices {
		all[d.last.status] = all[d.last.status].with(int(d.last.attempt))
	}
	return all
}

// listed is what ListJobExecutionsForJob says: a device counts by its latest
// execution.
func listed(list []iot.JobExecutionSummaryForJob) tallies {
	latest, attempts := map[string]iot.JobExecutionSummary{}, map[string]int{}
	for _, e := range list {
		attempts[e.ThingARN]++
		if s := e.JobExecutionSummary; s.ExecutionNumber > latest[e.ThingARN].ExecutionNumber {
			latest[e.ThingARN] = s
		}
	}
	all := tallies{}
	for thing, s := range latest {
		all[s.Status] = all[s.Status].with(attempts[thing])
	}
	return all
}

// counted is what DescribeJob's counters say, by outcome.
func counted(d iot.JobProcessDetails) map[string]int {
	return map[string]int{
		"SUCCEEDED": d.NumberOfSucceededThings, "FAILED": d.NumberOfFailedThings,
		"TIMED_OUT": d.NumberOfTimedOutThings, "REJECTED": d.NumberOfRejectedThings,
	}
}

// addsUp tells whether three witnesses agree on n devices: the devices
// themselves, the list of executions, and the job's counters.
func addsUp(n int, seen, listed tallies, d iot.JobProcessDetails) error {
	counted := counted(d)
	switch {
	case seen.total().devices() != n:
		return fmt.Errorf("%d devices of %d have ended: %v", seen.total().devices(), n, seen)
	case !maps.Equal(seen, listed):
		return fmt.Errorf("the devices saw %v, ListJobExecutionsForJob says %v", seen, listed)
	case notified(d) != n:
		return fmt.Errorf("DescribeJob's counters make %d of %d", notified(d), n)
	}
	for _, o := range outcomes() {
		if counted[o] != seen[o].devices() {
			return fmt.Errorf("%d devices saw %s, DescribeJob says %d", seen[o].devices(), o, counted[o])
		}
	}
	return nil
}

// sumUp compares what the devices saw with what the control plane says, and
// shows it.
func (s *story) sumUp(ctx context.Context) error {
	list, err := s.control.executions(ctx, s.job.JobID)
	if err != nil {
		return err
	}
	seen := s.fleet.seen()
	if err := addsUp(s.devices, seen, listed(list), s.job.JobProcessDetails); err != nil {
		return fmt.Errorf("demo: the numbers do not add up: %w", err)
	}
	s.screen.close()
	took := clock.Wall().Sub(s.began).Round(100 * time.Millisecond)
	fmt.Fprintf(s.out, "\n%s\n\n", summaryTable(seen))
	fmt.Fprintf(s.out, "The numbers add up: the devices themselves, DescribeJob and ListJobExecutionsForJob agree.\n")
	fmt.Fprintf(s.out, "%s of the fleet's time took %s of real time.\n\n", s.at(), took)
	fmt.Fprint(s.out, s.recipe())
	return nil
}

// summaryTable shows tallies. Rows add up to DEVICES, columns to the last row.
func summaryTable(t tallies) string {
	w := table.NewWriter()
	w.SetStyle(table.StyleLight)
	w.Style().Format.Footer = text.FormatDefault
	w.AppendHeader(table.Row{"outcome", "first attempt", "after a retry", "devices", "executions"})
	for _, o := range outcomes() {
		w.AppendRow(row(o, t[o]))
	}
	w.AppendFooter(row("all", t.total()))
	return w.Render()
}

func row(name string, t tally) table.Row {
	return table.Row{name, t.first, t.retried, t.devices(), t.attempts}
}
