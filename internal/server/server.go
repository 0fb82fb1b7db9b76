// Package server assembles a running node of one [Config]: it opens the store,
// puts the engine on it and the doors before it, and starts and stops them in
// the order of what they promise.
//
// Begin with [New] and [Node.Run]. Beside that it makes metrics and lines of the
// log of what the parts tell, bounds the lines that strangers cause, and keeps
// account of the HTTP connections; what a part does is the part's.
//
// Run owns a goroutine for each part that runs: the engine, the device door, the
// announcer of events, both listeners and, if wanted, the profiles; it returns
// when all have ended.
// While it stops, two more close the doors. A timer flushes the log's bound.
// Each lock is a small struct's own and is never held while a part is called:
// crowd.mu for the HTTP connections, taken before webConn.mu for the deadlines
// of one; one for new series of requests; one for each budget of lines.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/drover-iot/drover/internal/announce"
	"github.com/drover-iot/drover/internal/broker"
	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/control"
	"github.com/drover-iot/drover/internal/device"
	"github.com/drover-iot/drover/internal/engine"
	"github.com/drover-iot/drover/internal/s3"
	"github.com/drover-iot/drover/internal/store"
	"github.com/drover-iot/drover/internal/store/sqlite"
)

// Grace is how long a stop may take before what is left is cut.
const Grace = 10 * time.Second

// Node is a node of Drover, listening from New on and serving while Run runs.
type Node struct {
	cfg         Config
	log         *slog.Logger
	outside     *slog.Logger // the same, bounded: for what devices and peers cause
	meters      *meters
	quotas      *quotas // nil: none
	connections crowd
	unread      unread
	store       *sqlite.Store
	engine      *engine.Engine
	device      *device.Door
	broker      *broker.Broker
	announcer   *announce.Door
	artifacts   *s3.Door // nil: they lie elsewhere
	http        *http.Server
	web         net.Listener // HTTP
	tcp         net.Listener // MQTT
	profiles    net.Listener // pprof; nil: not wanted
	stops       []stop
}

// stop closes one part; they run in reverse order of their birth.
type stop struct {
	name  string
	close func() error
}

func (n *Node) onStop(name string, fn func() error) { n.stops = append(n.stops, stop{name, fn}) }

// New opens the store, restores what it holds and listens. A node that was
// made must be run or closed.
func New(ctx context.Context, cfg Config, log *slog.Logger) (*Node, error) {
	return newNode(ctx, cfg, log, quotasOf(cfg))
}

func newNode(ctx context.Context, cfg Config, log *slog.Logger, q *quotas) (*Node, error) {
	if err := cfg.Check(); err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	log = slog.New(clipped{log.Handler()})
	n := &Node{cfg: cfg, log: log, quotas: q, meters: newMeters(cfg.Version)}
	out, flush := bound(log, func(l slog.Level) { n.meters.leftOut.WithLabelValues(l.String()).Inc() })
	n.outside = out
	n.onStop("log", flush)
	if err := n.assemble(ctx); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return n, nil
}

func (n *Node) assemble(ctx context.Context) error {
	now, restore := n.clock()
	db, err := sqlite.Open(ctx, sqlite.Config{
		Dir: n.cfg.Data, Volatile: n.cfg.Volatile,
		Options: store.Options{
			Clock: now, Virtual: n.cfg.Clock == "virtual", Notices: device.Notices(), Spaced: device.Spaced, Log: n.log.With("part", "store"),
			Turned: n.meters.store.turned,
		},
		Checkpointed: n.meters.store.checkpointed,
	})
	if err != nil {
		return &SettingError{"data", err}
	}
	n.store = db
	n.onStop("store", db.Close)
	if err := restore(ctx, db); err != nil {
		return fmt.Errorf("restore the clock: %w", err)
	}

	bounds := boundsFor(openFiles())
	n.connections.limit = bounds.web
	if err := n.listen(); err != nil {
		return err
	}
	documents, err := n.documents(now)
	if err != nil {
		return err
	}
	n.engine = engine.New(n.quotas.limitEngine(engine.Config{
		Store: db, Clock: now, Log: n.log.With("part", "engine"), Artifacts: documents, Turned: n.meters.engine.turned,
	}))
	n.device = device.New(device.Config{
		Engine: n.engine, Sessions: db, Log: n.outside.With("part", "device"), Served: n.servedOverMQTT,
		Limits: n.quotas.limitDevices(), Spend: n.quotas.overMQTT, Shadows: n.quotas.shadows(),
	})
	n.broker, err = broker.New(ctx, broker.Config{
		Sessions: db, Requests: n.device, Debts: n.device, Presence: n.device,
		Reserved: device.Rules(), Forms: device.Forms(), Unqueued: device.Unqueued(),
		Limits: n.quotas.limitBroker(broker.Limits{Connections: bounds.mqtt}), Now: n.quotas.clock(),
		Log: n.outside.With("part", "broker"),
	})
	if err != nil {
		return fmt.Errorf("start the broker: %w", err)
	}
	n.onStop("broker", n.cut)
	n.device.Through(n.broker)
	n.announcer = announce.New(n.broker, n.cfg.Scope())
	// What the process before did not live to say.
	if err := n.engine.DisconnectAll(ctx, broker.ServerError.String()); err != nil {
		return err
	}
	n.registerFigures()
	n.http = n.webServer(control.New(control.Config{Engine: n.engine, Scope: n.cfg.Scope(), MaxRolloutRate: n.cfg.MaxRolloutRate, Served: n.servedOverHTTP}))
	return nil
}

// clock is the fleet's clock, and what puts a virtual one where it stood when
// the store was closed; a new one begins at the present second. A folder stays
// on the kind of clock that it was first served with: the times of a virtual one
// may lie far ahead, and would jump ahead of those of a real one.
func (n *Node) clock() (clock.Clock, func(context.Context, *sqlite.Store) error) {
	if n.cfg.Clock != "virtual" {
		return clock.NewReal(), func(ctx context.Context, db *sqlite.Store) error {
			kind, at, err := db.Clock(ctx)
			if err == nil && kind == store.VirtualClock {
				return refuse("clock", "the clock of %s is virtual and stands at %s: serve it with --clock virtual, or another folder with --data",
					n.cfg.Data, at.Format(time.RFC3339))
			}
			return err
		}
	}
	v := clock.NewVirtual(time.Unix(0, 0))
	return v, func(ctx context.Context, db *sqlite.Store) error {
		kind, at, err := db.Clock(ctx)
		switch kind {
		case store.RealClock:
			return refuse("clock", "what %s holds is of the real clock: serve it with --clock real, or another folder with --data", n.cfg.Data)
		case store.NoClock:
			at = clock.Wall().Truncate(time.Second)
		case store.VirtualClock:
			if at.After(clock.End()) {
				return refuse("clock", "the clock of %s stands in the year %d, beyond %s where a virtual clock ends: serve another folder with --data",
					n.cfg.Data, at.Year(), clock.End().Format(time.RFC3339))
			}
		}
		v.Set(at)
		return err
	}
}

func (n *Node) listen() error {
	var err error
	if n.web, err = listenWeb(n.cfg.HTTP); err != nil {
		return &SettingError{"http", fmt.Errorf("listen for HTTP: %w", err)}
	}
	n.onStop("HTTP listener", closing(n.web))
	if n.tcp, err = net.Listen("tcp", n.cfg.MQTT); err != nil {
		return &SettingError{"mqtt", fmt.Errorf("listen for MQTT: %w", err)}
	}
	n.onStop("MQTT listener", closing(n.tcp))
	return n.listenForProfiles()
}

// closing closes a listener that its server may have closed already.
func closing(l net.Listener) func() error {
	return func() error {
		if err := l.Close(); !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	}
}

// HTTPAddr is where the node listens for HTTP.
func (n *Node) HTTPAddr() string { return n.web.Addr().String() }

// MQTTAddr is where the node listens for MQTT.
func (n *Node) MQTTAddr() string { return n.tcp.Addr().String() }

// Run serves until ctx ends, then stops: no new requests, the answers in
// flight are sent within Grace, and the store closes last.
func (n *Node) Run(ctx context.Context) error {
	// The engine and the notices outlive the doors: what is answered while
	// they stop is still told.
	inner, halt := context.WithCancel(context.WithoutCancel(ctx))
	g, failed := errgroup.WithContext(ctx)
	g.Go(func() error { return n.engine.Run(inner, n.device) })
	g.Go(func() error { return n.device.Run(inner) })
	g.Go(func() error { return n.engine.Announce(inner, n.announcer) })
	g.Go(func() error { return n.broker.Serve(inner, n.tcp) })
	g.Go(func() error {
		if err := n.http.Serve(n.web); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve HTTP: %w", err)
		}
		return nil
	})
	pprof := profiles(n.log.With("part", "pprof"))
	if n.profiles != nil {
		g.Go(func() error { return n.serveProfiles(pprof) })
	}
	<-failed.Done()
	n.log.Info("stopping")
	err := errors.Join(n.stopDoors(), pprof.Close())
	halt()
	return errors.Join(err, g.Wait(), n.Close())
}

// lastCall is how long HTTP connections may take for what has come in before
// the stop. Then those at rest are closed, whatever comes.
const lastCall = Grace / 2

// stopDoors lets both doors finish what they have begun, and what has come in
// whole.
func (n *Node) stopDoors() error {
	ctx, cancel := context.WithTimeout(context.Background(), Grace)
	defer cancel()
	var g errgroup.Group
	g.Go(func() error { return n.broker.Shutdown(ctx) })
	g.Go(func() error {
		n.connections.lastCall(lastCall)
		return n.http.Shutdown(ctx)
	})
	if err := g.Wait(); err != nil { // a client that stalls is no failure of ours
		n.log.Warn("cut what was left", "err", err)
		return n.http.Close()
	}
	return nil
}

// cut ends what is left of the broker's work, if stopDoors has left any.
func (n *Node) cut() error {
	if err := n.broker.Shutdown(expired()); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// Close lets go of everything, the newest part first.
func (n *Node) Close() error {
	var all error
	for len(n.stops) > 0 {
		last := n.stops[len(n.stops)-1]
		n.stops = n.stops[:len(n.stops)-1]
		if err := last.close(); err != nil {
			all = errors.Join(all, fmt.Errorf("close %s: %w", last.name, err))
		}
	}
	return all
}

// expired is a context that waits for nothing.
func expired() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}
