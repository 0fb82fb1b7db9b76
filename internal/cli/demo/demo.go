// Package demo shows a job on a fleet from its creation to its end, for somebody
// who sees Drover for the first time: a node on a virtual clock, simulated
// devices on MQTT connections of their own, and an operator who changes the job
// in flight.
//
// Begin with [Play]; a story is a demo that is being played. Everything goes
// over sockets but the start of the node, which runs in this process. Play
// starts the node's goroutines, one a connection, and some a step of the
// devices; all have ended when it returns. What the fleet does depends on its
// clock and on the seeds here, never on the machine's speed.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/server"
)

// MostDevices is how many devices a demo may have: what one machine connects in
// seconds.
const MostDevices = 5000

// Config is what a demo is to be.
type Config struct {
	Devices int       // 1 to MostDevices
	Keep    bool      // go on when the job has ended, until the context does, and keep the data folder
	Live    bool      // Out is a terminal that knows colours and cursor moves, and may have them
	Out     io.Writer // what the audience sees
	Err     io.Writer // what goes wrong in the node
}

// The clock moves by step for each tick of real time: 20 times faster.
const (
	step = 5 * time.Second
	tick = 250 * time.Millisecond
)

// Play shows a demo from its beginning to its end. A demo that ctx ends before
// is an error.
func Play(ctx context.Context, c Config) error {
	return stage{
		devices: c.Devices, keep: c.Keep, tick: tick, out: c.Out, screen: newScreen(c.Out, c.Live),
		log: nodeLog(c.Err),
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
	st := story{stage: s, place: at, control: client{awsapi.NewClient(at.http, atOnce)}, fleet: newFleet(s.devices)}
	defer st.control.Close()
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
