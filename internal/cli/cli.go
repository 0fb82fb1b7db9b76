// Package cli is the drover command: one file a verb. A verb is a struct of flags
// with a method Run; what is more than that has a package of its own below. main
// hands over the arguments and the streams, so that tests call verbs as main does.
//
// Begin with [Main]. A verb that starts goroutines ends them before Run
// returns.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/alecthomas/kong"
)

// Streams are where a verb writes: results to Out, logs and errors to Err.
type Streams struct{ Out, Err io.Writer }

// root is the tree of verbs.
type root struct {
	Serve   serve   `cmd:"" help:"Run a node."`
	Demo    show    `cmd:"" help:"See a job reach a fleet, and change it in flight."`
	Bench   measure `cmd:"" help:"Measure a node on this machine."`
	Version version `cmd:"" help:"Print the version."`

	VersionFlag kong.VersionFlag `name:"version" help:"Print the version."`
}

// misuse is an error in what the user asked for.
type misuse struct{ error }

func (m misuse) Unwrap() error { return m.error }

// Main runs one verb and answers the exit code: 0, 1 for a failure, 2 for
// arguments or settings that make no sense. The end of ctx is the wish to
// stop. Without arguments it is help that is wanted.
func Main(ctx context.Context, args []string, s Streams) int {
	code, exited := 0, false
	parser, err := kong.New(&root{},
		kong.Name("drover"),
		kong.Description("Runs jobs on fleets of devices, wire-compatible with AWS IoT Jobs."),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Writers(s.Out, s.Err),
		kong.Exit(func(c int) { code, exited = c, true }),
		kong.Vars{"version": build()},
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(s),
	)
	if err != nil {
		return fail(s.Err, err)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	if err := forgetEmpty(); err != nil {
		return fail(s.Err, err)
	}
	verb, err := parser.Parse(args)
	if exited { // help or the version was asked for
		return code
	}
	if err != nil {
		return fail(s.Err, misuse{hinted(err)})
	}
	if err := verb.Run(); err != nil && !errors.Is(err, context.Canceled) {
		return fail(s.Err, err)
	}
	return 0
}

// ofVariable is an error of the parser about a flag whose value a variable gives.
var ofVariable = regexp.MustCompile(`^--[a-z0-9-]+: (.*) \(from envar (DROVER_[A-Z0-9_]+)=.*\)$`)

// hinted is an error of the parser, and where to read what there is.
func hinted(err error) error {
	path := []string{"drover"}
	if p := (*kong.ParseError)(nil); errors.As(err, &p) {
		for n := p.Context.Selected(); n != nil && n.Parent != nil; n = n.Parent {
			path = append(path, n.Name)
		}
	}
	said := strings.ReplaceAll(err.Error(), `but got "EOL" (<EOL>)`, "after it") // the parser's word for an end
	said = ofVariable.ReplaceAllString(said, "$2: $1")
	return fmt.Errorf("%s\nRun \"%s --help\" to see what there is", said, strings.Join(path, " "))
}

// fail tells an error and answers the exit code that it means.
func fail(w io.Writer, err error) int {
	fmt.Fprintln(w, "drover:", err) // there is nobody else to tell
	if errors.As(err, &misuse{}) {
		return 2
	}
	return 1
}
