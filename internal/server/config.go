package server

import (
	"fmt"
	"net"
	"net/netip"
	"regexp"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/job"
)

// Config is how a node runs. Begin with Defaults.
type Config struct {
	Data      string `toml:"data"`       // folder of the embedded store
	HTTP      string `toml:"http"`       // address of the control plane, the device plane over HTTPS, WebSocket and metrics
	MQTT      string `toml:"mqtt"`       // address of MQTT over TCP
	Account   string `toml:"account"`    // 12 digits, in every ARN
	Region    string `toml:"region"`     // in every ARN
	Clock     string `toml:"clock"`      // real, or virtual: moves only when told to
	LogFormat string `toml:"log-format"` // text or json
	LogLevel  string `toml:"log-level"`  // debug, info, warn or error
	// MaxRolloutRate is the highest rate that a job may ask for, in things a
	// minute: LeastMaxRolloutRate to MostMaxRolloutRate.
	MaxRolloutRate int `toml:"max-rollout-rate"`
	// Insecure allows addresses that others can reach, although nobody is
	// asked who he is.
	Insecure bool `toml:"insecure"`
	// Volatile gives up durability for speed: for tests.
	Volatile bool `toml:"-"`
}

// What Config.MaxRolloutRate may be: from what AWS allows to a million things a
// second.
const (
	LeastMaxRolloutRate = job.DefaultRate
	MostMaxRolloutRate  = 60_000_000
)

// Defaults is the configuration of a node that is told nothing.
func Defaults() Config {
	return Config{
		Data: "drover-data", HTTP: "127.0.0.1:7070", MQTT: "127.0.0.1:1883",
		Account: "000000000000", Region: "us-east-1",
		Clock: "real", LogFormat: "text", LogLevel: "info", MaxRolloutRate: LeastMaxRolloutRate,
	}
}

var (
	accountPattern = regexp.MustCompile(`^[0-9]{12}$`)
	regionPattern  = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]+$`)
)

// Check refuses what a node cannot run with, naming the setting.
func (c Config) Check() error {
	switch {
	case c.Data == "":
		return fmt.Errorf("data: a folder must be given")
	case !accountPattern.MatchString(c.Account):
		return fmt.Errorf("account: %q is not 12 digits", c.Account)
	case !regionPattern.MatchString(c.Region):
		return fmt.Errorf("region: %q is not a region such as us-east-1", c.Region)
	case c.Clock != "real" && c.Clock != "virtual":
		return fmt.Errorf("clock: %q is neither real nor virtual", c.Clock)
	}
	if c.MaxRolloutRate < LeastMaxRolloutRate || c.MaxRolloutRate > MostMaxRolloutRate {
		return fmt.Errorf("max-rollout-rate: %d is not %d to %d", c.MaxRolloutRate, LeastMaxRolloutRate, MostMaxRolloutRate)
	}
	if err := c.checkAddress(c.HTTP); err != nil {
		return fmt.Errorf("http: %w", err)
	}
	if err := c.checkAddress(c.MQTT); err != nil {
		return fmt.Errorf("mqtt: %w", err)
	}
	return nil
}

// checkAddress refuses an address that others can reach as long as the node
// has no access control.
func (c Config) checkAddress(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("%q is not HOST:PORT", addr)
	}
	if c.Insecure || host == "localhost" {
		return nil
	}
	if ip, err := netip.ParseAddr(host); err == nil && ip.IsLoopback() {
		return nil
	}
	return fmt.Errorf("%q can be reached by others, and this node asks nobody who they are: anyone could run jobs on the fleet; "+
		"listen on loopback, or accept that with --insecure", addr)
}

// Scope is what the node's ARNs begin with.
func (c Config) Scope() awsapi.Scope {
	return awsapi.Scope{Partition: "aws", Account: c.Account, Region: c.Region}
}
