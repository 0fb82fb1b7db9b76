package server

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/store"
	"github.com/drover-iot/drover/internal/store/sqlite"
)

func TestAFolderOfAVirtualClockIsNotServedOnTheRealOne(t *testing.T) {
	cfg := Defaults()
	cfg.Data, cfg.HTTP, cfg.MQTT, cfg.Clock, cfg.Volatile = t.TempDir(), "127.0.0.1:0", "127.0.0.1:0", "virtual", true
	log := slog.New(slog.DiscardHandler)
	n, err := New(t.Context(), cfg, log)
	if err != nil {
		t.Fatal(err)
	}
	if err := n.engine.DeleteGroup(t.Context(), "none", nil); err != nil { // a commit stores the time
		t.Fatal(err)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}

	cfg.Clock = "real"
	if n, err = New(t.Context(), cfg, log); err == nil {
		_ = n.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "serve it with --clock virtual") {
		t.Errorf("error = %v", err)
	}
}

func TestAFolderBeyondTheEndOfTheClockIsNotServed(t *testing.T) {
	cfg := Defaults()
	cfg.Data, cfg.HTTP, cfg.MQTT, cfg.Clock, cfg.Volatile = t.TempDir(), "127.0.0.1:0", "127.0.0.1:0", "virtual", true
	db, err := sqlite.Open(t.Context(), sqlite.Config{Dir: cfg.Data, Volatile: true, Options: store.Options{
		Clock: clock.NewVirtual(clock.End().AddDate(100, 0, 0)), Virtual: true, Log: slog.New(slog.DiscardHandler),
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Write(t.Context(), func(store.Tx) error { return nil }), db.Close()); err != nil {
		t.Fatal(err)
	}
	n, err := New(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err == nil {
		_ = n.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "stands in the year 10090, beyond 9990-01-01T00:00:00Z") {
		t.Errorf("error = %v", err)
	}
}

func TestAFolderOfTheRealClockIsNotServedOnAVirtualOne(t *testing.T) {
	cfg := Defaults()
	cfg.Data, cfg.HTTP, cfg.MQTT, cfg.Volatile = t.TempDir(), "127.0.0.1:0", "127.0.0.1:0", true
	served := func(clock string) error {
		cfg.Clock = clock
		n, err := New(t.Context(), cfg, slog.New(slog.DiscardHandler))
		if err != nil {
			return err
		}
		return n.Close()
	}
	if err := served("real"); err != nil {
		t.Fatal(err)
	}
	wrong := (*SettingError)(nil)
	if err := served("virtual"); !errors.As(err, &wrong) || wrong.Setting != "clock" || !strings.Contains(err.Error(), "serve it with --clock real") {
		t.Errorf("error = %v", err)
	}
	if err := served("real"); err != nil {
		t.Error(err)
	}
}

func TestTheNewestPartClosesFirst(t *testing.T) {
	var order []string
	n := &Node{}
	for _, name := range []string{"store", "broker", "listener"} {
		n.onStop(name, func() error { order = append(order, name); return nil })
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(order, " "); got != "listener broker store" {
		t.Errorf("closed %s", got)
	}
}

func TestConfigurationsThatAreRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"no folder", func(c *Config) { c.Data = "" }, "data:"},
		{"an account of letters", func(c *Config) { c.Account = "abc" }, "account:"},
		{"no region", func(c *Config) { c.Region = "here" }, "region:"},
		{"another clock", func(c *Config) { c.Clock = "sun" }, "clock:"},
		{"an address for all", func(c *Config) { c.HTTP = "0.0.0.0:80" }, "http:"},
		{"every address", func(c *Config) { c.MQTT = ":1883" }, "mqtt:"},
		{"a rate that AWS would allow", func(c *Config) { c.MaxRolloutRate = 999 }, "max-rollout-rate: 999 is not 1000 to 60000000"},
		{"a rate beyond all bounds", func(c *Config) { c.MaxRolloutRate = 60_000_001 }, "max-rollout-rate: 60000001 is not"},
		{"a rate beyond AWS's with its limits", func(c *Config) { c.MaxRolloutRate, c.AWSLimits = 1001, true }, "max-rollout-rate: 1001 is over 1000, which is what aws-limits allow"},
		{"no port", func(c *Config) { c.MQTT = "127.0.0.1" }, "mqtt:"},
		{"profiles for all", func(c *Config) { c.Pprof = "0.0.0.0:6060" }, "pprof:"},
		{"profiles for all, insecure", func(c *Config) { c.Pprof, c.Insecure = "[::]:6060", true }, "pprof:"},
		{"profiles without a port", func(c *Config) { c.Pprof = "127.0.0.1" }, "pprof:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := Defaults()
			c.change(&cfg)
			if err := cfg.Check(); err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("error = %v, want it to begin with %q", err, c.want)
			}
		})
	}
}
