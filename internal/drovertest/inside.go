package drovertest

import (
	"cmp"
	"context"
	"log/slog"
	"testing"

	"github.com/drover-iot/drover/internal/server"
)

// inside is a node in this process.
type inside struct {
	node  *server.Node
	end   context.CancelFunc
	ended chan error
}

func startInside(t testing.TB, dir string, o Options) (*inside, error) {
	cfg := server.Defaults()
	cfg.Data, cfg.HTTP, cfg.MQTT = dir, "127.0.0.1:0", "127.0.0.1:0"
	cfg.Volatile = true
	cfg.MaxRolloutRate = cmp.Or(o.MaxRolloutRate, cfg.MaxRolloutRate)
	cfg.S3Document = cmp.Or(o.S3Document, cfg.S3Document)
	cfg.AWSLimits = o.AWSLimits
	if !o.RealClock {
		cfg.Clock = "virtual"
	}
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	ctx, end := context.WithCancel(context.Background())
	node, err := server.New(ctx, cfg, log)
	if err != nil {
		end()
		return nil, err
	}
	r := &inside{node: node, end: end, ended: make(chan error, 1)}
	go func() { r.ended <- node.Run(ctx) }()
	return r, nil
}

func (r *inside) httpAddr() string { return r.node.HTTPAddr() }

func (r *inside) mqttAddr() string { return r.node.MQTTAddr() }

func (r *inside) stop() error {
	r.end()
	return <-r.ended
}

func (*inside) kill() error { return errNoProcess }
