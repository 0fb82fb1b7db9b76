package cli

import (
	"context"
	"fmt"

	"github.com/drover-iot/drover/internal/cli/demo"
)

// show shows a job on a fleet from its creation to its end.
type show struct {
	Devices int  `default:"300" placeholder:"N" help:"How many simulated devices, 1 to 5000 (300)."`
	Keep    bool `help:"Leave the node and its devices running afterwards, the clock at the pace of real time, and keep the data folder."`
	Plain   bool `help:"No colours and no cursor moves; so it is without being asked when the output is no terminal, or TERM is dumb."`
}

// Help is the text under the summary of --help.
func (show) Help() string {
	return `A whole node on a temporary data folder and on free ports, and a group of simulated devices on MQTT connections of
their own. A job is created and changed twice in flight, while some devices fail, fall silent or reject it. The node
is on a virtual clock, which the demo moves about 20 times faster than real time, so that ten minutes of the fleet
take half a minute.`
}

// Validate refuses arguments that make no sense.
func (f show) Validate() error {
	if f.Devices < 1 || f.Devices > demo.MostDevices {
		return fmt.Errorf("--devices must be 1 to %d, not %d", demo.MostDevices, f.Devices)
	}
	return nil
}

// Run runs the demo.
func (f show) Run(ctx context.Context, s Streams) error {
	return demo.Play(ctx, demo.Config{
		Devices: f.Devices, Keep: f.Keep, Live: !f.Plain && isTerminal(s.Out), Out: s.Out, Err: s.Err,
	})
}
