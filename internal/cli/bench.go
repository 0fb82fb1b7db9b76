package cli

import (
	"context"
	"fmt"

	"github.com/drover-iot/drover/internal/cli/bench"
	"github.com/drover-iot/drover/internal/goruntime"
)

// measure measures a node on this machine.
type measure struct {
	Names  []string `arg:"" optional:"" name:"name" help:"Which benchmarks; all if none is named."`
	Quick  bool     `help:"Seconds and small fleets: to see that it works, not to compare. All of them take less than a minute."`
	Things *int     `placeholder:"N" help:"How many things, where a benchmark's name or nature does not say it: to see how a figure grows with the fleet."`
	Growth bool     `help:"Run those that can have any number of things with 1,000, 10,000, 100,000 and 1,000,000 (--quick: the first two), and tell how their figures grow."`
	JSON   bool     `name:"json" help:"One JSON object a line, {\"name\",\"value\",\"unit\",\"ratio\",\"of\"}, instead of a table."`
}

// Help is the text under the summary of --help.
func (measure) Help() string {
	return `Each benchmark loads its things, runs a node as a process of its own and talks to it over sockets. Client and node
share this machine, so let it do nothing else, and compare figures of one run only. A ratio is of another figure of
the same run. What is on disk lies in the folder for temporary files (TMPDIR) and is deleted at the end.

` + bench.Help()
}

// Validate refuses benchmarks that do not exist.
func (f measure) Validate() error {
	if f.Things != nil && *f.Things == 0 { // which is no number to Config
		return fmt.Errorf("--things must be %d to %d, not 0", bench.LeastThings, bench.MostThings)
	}
	return f.config().Check()
}

// Run runs the benchmarks.
func (f measure) Run(ctx context.Context, s Streams) error {
	c := f.config()
	c.Out, c.Err = s.Out, s.Err
	defer goruntime.CollectSeldom()() // as a node does
	return bench.Run(ctx, c)
}

func (f measure) config() bench.Config {
	c := bench.Config{Names: f.Names, Quick: f.Quick, Growth: f.Growth, JSON: f.JSON}
	given(&c.Things, f.Things)
	return c
}
