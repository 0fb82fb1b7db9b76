// Package cli is the drover command: one file a verb. A verb is a struct of
// flags with a method Run; main hands over the arguments and the streams, so
// that tests call verbs as main does.
//
// Begin with [Main].
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"
)

// Streams are where a verb writes: results to Out, logs and errors to Err.
type Streams struct{ Out, Err io.Writer }

// root is the tree of verbs.
type root struct {
	Serve   serve   `cmd:"" help:"Run a node."`
	Demo    demo    `cmd:"" help:"See a job reach a fleet, and change it in flight."`
	Version version `cmd:"" help:"Print the version."`
}

// Main runs one verb and answers the exit code: 0, 1 for a failure, 2 for
// arguments that make no sense. The end of ctx is the wish to stop.
func Main(ctx context.Context, args []string, s Streams) int {
	code, exited := 0, false
	parser, err := kong.New(&root{},
		kong.Name("drover"),
		kong.Description("Runs jobs on fleets of devices, wire-compatible with AWS IoT Jobs."),
		kong.UsageOnError(),
		kong.Writers(s.Out, s.Err),
		kong.Exit(func(c int) { code, exited = c, true }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(s),
	)
	if err != nil {
		fmt.Fprintln(s.Err, "drover:", err)
		return 1
	}
	verb, err := parser.Parse(args)
	if exited { // help was asked for
		return code
	}
	if err != nil {
		fmt.Fprintln(s.Err, "drover:", err)
		return 2
	}
	if err := verb.Run(); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(s.Err, "drover:", err)
		return 1
	}
	return 0
}
