package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/drover-iot/drover/internal/server"
)

// demo shows a job on a fleet from its creation to its end.
type demo struct {
	Devices int  `default:"300" placeholder:"N" help:"How many simulated devices, 1 to 5000 (300)."`
	Keep    bool `help:"Leave the node and its devices running afterwards, the clock at the pace of real time, and keep the data folder."`
	Plain   bool `help:"No colours and no cursor moves; so it is without being asked when the output is no terminal, or TERM is dumb."`
}

// Help is the text under the summary of --help.
func (demo) Help() string {
	return `A whole node on a temporary data folder and on free ports, and a group of simulated devices on MQTT connections of
their own. A job is created and changed twice in flight, while some devices fail, fall silent or reject it. The node
is on a virtual clock, which the demo moves about 20 times faster than real time, so that ten minutes of the fleet
take half a minute.`
}

// mostDevices is how many devices a demo may have: what one machine connects
// in seconds.
const mostDevices = 5000

// Validate refuses arguments that make no sense.
func (f demo) Validate() error {
	if f.Devices < 1 || f.Devices > mostDevices {
		return fmt.Errorf("--devices must be 1 to %d, not %d", mostDevices, f.Devices)
	}
	return nil
}

// The clock moves by step for each tick of real time: 20 times faster.
const (
	step = 5 * time.Second
	tick = 250 * time.Millisecond
)

// Run runs the demo.
func (f demo) Run(ctx context.Context, s Streams) error {
	return stage{
		devices: f.Devices, keep: f.Keep, tick: tick, out: s.Out, screen: newScreen(s.Out, f.Plain),
		log: nodeLog(s.Err),
	}.run(ctx)
}

// nodeLog is the log of the demo's node: what goes well would only spoil the
// screen.
func nodeLog(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelError}))
}

// stage is what one run of the demo needs.
type stage struct {
	devices int
	keep    bool
	tick    time.Duration // real time between two steps of the clock
	out     io.Writer
	screen  screen
	log     *slog.Logger // of the node
}

// errLeft is a demo that was stopped before its end.
var errLeft = errors.New("demo: stopped before its end")

// run starts a node, plays the story on it and clears up.
func (s stage) run(ctx context.Context) (err error) {
	defer s.screen.close()
	if limit, known := openFiles(); known {
		if err := enough(s.devices, limit); err != nil {
			return err
		}
	}
	dir, err := os.MkdirTemp("", "drover-demo-")
	if err != nil {
		return fmt.Errorf("make the demo's data folder: %w", err)
	}
	defer func() { err = errors.Join(err, s.leave(dir)) }()
	node, err := server.New(ctx, nodeConfig(dir), s.log)
	if err != nil {
		return fmt.Errorf("start the demo's node: %w", err)
	}
	return s.serve(ctx, node, dir)
}

// leave deletes the data folder, or says how to open it again.
func (s stage) leave(dir string) error {
	if !s.keep {
		return os.RemoveAll(dir)
	}
	s.screen.close()
	_, err := fmt.Fprintf(s.out, "\nThe data folder is kept: open it again by `drover serve --clock virtual --data %s`, or delete it.\n", quoted(dir))
	return err
}

// spareFiles is what a node opens beside the devices' connections.
const spareFiles = 300

// enough refuses a fleet whose connections this process cannot open; each has
// both its ends here.
func enough(devices int, limit uint64) error {
	if need := 2*uint64(devices) + spareFiles; need > limit {
		return fmt.Errorf("%d devices need %d open files and this process may have %d: "+
			"raise the limit (ulimit -n %d), or ask for fewer with --devices", devices, need, limit, need)
	}
	return nil
}

// nodeConfig is a node on free ports and a virtual clock.
func nodeConfig(dir string) server.Config {
	cfg := server.Defaults()
	cfg.Data, cfg.Clock = dir, "virtual"
	cfg.HTTP, cfg.MQTT = "127.0.0.1:0", "127.0.0.1:0"
	return cfg
}

// serve runs the node until the story is over: the devices take their leave
// before it stops.
func (s stage) serve(ctx context.Context, node *server.Node, dir string) error {
	serving, halt := context.WithCancel(context.WithoutCancel(ctx))
	g, playing := errgroup.WithContext(ctx)
	g.Go(func() error { return node.Run(serving) })
	g.Go(func() error {
		defer halt()
		return s.play(playing, place{http: "http://" + node.HTTPAddr(), mqtt: "mqtt://" + node.MQTTAddr(), data: dir})
	})
	err := g.Wait()
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return errLeft
	}
	return err
}

// place is where the demo's node is.
type place struct{ http, mqtt, data string }

// play connects the fleet, runs the job and says how it went.
func (s stage) play(ctx context.Context, at place) error {
	st := story{stage: s, place: at, control: newClient(at.http, atOnce), fleet: newFleet(s.devices)}
	defer st.control.close()
	defer st.fleet.close()
	if err := st.begin(ctx); err != nil {
		return err
	}
	if err := st.runJob(ctx); err != nil {
		return err
	}
	if err := st.sumUp(ctx); err != nil {
		return err
	}
	if s.keep {
		return st.goOn(ctx)
	}
	return nil
}
