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
	Pprof     string `toml:"pprof"`      // address of Go's profiles, on loopback; "" is none
	// MaxRolloutRate is the highest rate that a job may ask for, in things a
	// minute: LeastMaxRolloutRate to MostMaxRolloutRate.
	MaxRolloutRate int `toml:"max-rollout-rate"`
	// AWSLimits holds clients to AWS's quotas, for those who test against them.
	AWSLimits bool `toml:"aws-limits"`
	// Insecure allows addresses that others can reach, although nobody is
	// asked who he is.
	Insecure bool `toml:"insecure"`
	// Volatile gives up durability for speed: for tests.
	Volatile bool `toml:"-"`
	// Version is what the metrics say of the program.
	Version string `toml:"-"`
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

// SettingError is a setting that a node cannot run with.
type SettingError struct {
	Setting string // as the configuration file names it
	Problem string
}

func (e *SettingError) Error() string { return e.Setting + ": " + e.Problem }

// Check refuses what a node cannot run with: the error is a *SettingError.
func (c Config) Check() error {
	switch {
	case c.Data == "":
		return refuse("data", "a folder must be given")
	case !accountPattern.MatchString(c.Account):
		return refuse("account", "%q is not 12 digits", c.Account)
	case !regionPattern.MatchString(c.Region):
		return refuse("region", "%q is not a region such as us-east-1", c.Region)
	case c.Clock != "real" && c.Clock != "virtual":
		return refuse("clock", "%q is neither real nor virtual", c.Clock)
	case c.MaxRolloutRate < LeastMaxRolloutRate || c.MaxRolloutRate > MostMaxRolloutRate:
		return refuse("max-rollout-rate", "%d is not %d to %d", c.MaxRolloutRate, LeastMaxRolloutRate, MostMaxRolloutRate)
	case c.AWSLimits && c.MaxRolloutRate > LeastMaxRolloutRate:
		return refuse("max-rollout-rate", "%d is over %d, which is what aws-limits allow", c.MaxRolloutRate, LeastMaxRolloutRate)
	}
	return c.checkAddresses()
}

func refuse(setting, format string, args ...any) error {
	return &SettingError{setting, fmt.Sprintf(format, args...)}
}

// checkAddresses refuses addresses that others can reach as long as the node
// has no access control, and such an address of the profiles in any case.
func (c Config) checkAddresses() error {
	for _, a := range []struct{ setting, addr string }{{"http", c.HTTP}, {"mqtt", c.MQTT}, {"pprof", c.Pprof}} {
		local, err := isLocal(a.addr)
		switch {
		case a.setting == "pprof" && a.addr == "":
		case err != nil:
			return refuse(a.setting, "%v", err)
		case a.setting == "pprof" && !local:
			return refuse(a.setting, "%q can be reached by others, and a profile shows what the node has in memory: "+
				"it is for loopback alone, whatever --insecure says", a.addr)
		case !local && !c.Insecure:
			return refuse(a.setting, "%q can be reached by others, and this node asks nobody who they are: anyone could run jobs on the fleet; "+
				"listen on loopback, or accept that with --insecure", a.addr)
		}
	}
	return nil
}

// isLocal tells whether only this machine can reach an address.
func isLocal(addr string) (bool, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false, fmt.Errorf("%q is not HOST:PORT", addr)
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback(), nil
}

// Scope is what the node's ARNs begin with.
func (c Config) Scope() awsapi.Scope {
	return awsapi.Scope{Partition: "aws", Account: c.Account, Region: c.Region}
}
