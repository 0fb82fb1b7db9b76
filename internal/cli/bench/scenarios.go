package bench

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// scenario is one measurement. To add one: a row in scenarios, and a function
// in a file of its name that
//
//   - starts a node, n, err := st.start(ctx, fleet{things: st.things(…)}), and
//     closes it, defer st.closing(n, &err),
//   - takes its other numbers and times from st.num and st.seconds, so that a
//     quick run has its own,
//   - and answers figures, the first of which bears the scenario's name; the
//     others are called NAME.WHAT.
type scenario struct {
	name string
	what string // in one line
	run  func(context.Context, *stand) ([]figure, error)
	size extent
}

// extent tells whether the user may say how many things a scenario has.
type extent bool

const (
	anySize extent = true
	ownSize extent = false // its name says it, or something else does
)

// scenarios are all there are, in the order in which they run.
func scenarios() []scenario {
	return []scenario{
		{"reports", "reports a second of 10,000 things over 256 MQTT connections, jobs following each other", runReports, anySize},
		{"reports-1m", "the same among 1,000,000 executions", runReports1M, ownSize},
		{"raw", "the same statements without a node around them: the ceiling of reports", runRaw, anySize},
		{"single", "reports a second of one device, each of which is a commit of its own", runSingle, ownSize},
		{"release", "a job for 1,000,000 things at an unlimited rate: until it is answered, until all have it", runRelease, anySize},
		{"update-job", "UpdateJob on a job that goes out so", runUpdateJob, anySize},
		{"describe", "DescribeJob of a job that 1,000,000 things have, against one that 1,000 have", runDescribe, anySize},
		{"next", "$next/get of random things among as many, over 256 MQTT connections", runNext, anySize},
		{"idle", "memory of a node for each of 5,000 MQTT connections at rest, and of mosquitto where installed", runIdle, ownSize},
		{"start", "start of a node with 1,000,000 executions, stopped in good order or killed under load", runStart, anySize},
		{"churn", "5,000 devices come back at once, each resumes its session and asks for its next job", runChurn, ownSize},
		{"crowd", "reports at a steady rate among 8,000 connections at rest, beside 2,000 that are slow, and beside 2,000 that behave badly in every way", runCrowd, ownSize},
		{"joins", "AddThingToThingGroup with a CONTINUOUS job, on a group of 100,000 against one of 10", runJoins, anySize},
	}
}

// chosen are the scenarios that are wanted.
func (c Config) chosen() []scenario {
	return slices.DeleteFunc(scenarios(), func(s scenario) bool {
		switch {
		case len(c.Names) > 0:
			return !slices.Contains(c.Names, s.name)
		default:
			return c.Growth && s.size == ownSize
		}
	})
}

func names() []string {
	var list []string
	for _, s := range scenarios() {
		list = append(list, s.name)
	}
	return list
}

// Help is the list of scenarios, a line each.
func Help() string {
	var b strings.Builder
	for _, s := range scenarios() {
		fmt.Fprintf(&b, "  %-11s %s\n", s.name, s.what)
	}
	return b.String()
}
