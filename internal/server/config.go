package server

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/tcp"
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
	// S3Endpoint is the URL of another store of artifacts, path style; "": the
	// node keeps them itself. S3AccessKey and S3SecretKey are for that one;
	// S3Region is for either, "" being Region.
	S3Endpoint  string `toml:"s3-endpoint"`
	S3Region    string `toml:"s3-region"`
	S3AccessKey string `toml:"s3-access-key"`
	S3SecretKey string `toml:"s3-secret-key"`
	// S3URL is what devices reach the node's own artifacts by; "": where it
	// listens for HTTP.
	S3URL string `toml:"s3-url"`
	// S3Document is how many bytes a document may have that lies there:
	// LeastS3Document to MostS3Document.
	S3Document int `toml:"s3-document"`
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

// What Config.S3Document may be: from what AWS allows to the longest document.
const (
	LeastS3Document = job.MaxDocumentRunes
	MostS3Document  = job.MaxDocumentBytes
)

// Defaults is the configuration of a node that is told nothing.
func Defaults() Config {
	return Config{
		Data: "drover-data", HTTP: "127.0.0.1:7070", MQTT: "127.0.0.1:1883",
		Account: "000000000000", Region: "us-east-1",
		Clock: "real", LogFormat: "text", LogLevel: "info", MaxRolloutRate: LeastMaxRolloutRate, S3Document: LeastS3Document,
	}
}

var (
	accountPattern = regexp.MustCompile(`^[0-9]{12}$`)
	regionPattern  = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]+$`)
)

// SettingError is a setting that a node cannot run with, here or at all.
type SettingError struct {
	Setting string // as the configuration file names it
	Err     error  // what is wrong with it, or came of it
}

func (e *SettingError) Error() string { return e.Setting + ": " + e.Err.Error() }

// Unwrap is what is wrong.
func (e *SettingError) Unwrap() error { return e.Err }

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
	if err := c.checkArtifacts(); err != nil {
		return err
	}
	return c.checkAddresses()
}

// checkArtifacts refuses a store of artifacts that cannot be meant.
func (c Config) checkArtifacts() error {
	switch {
	case c.S3Document < LeastS3Document || c.S3Document > MostS3Document:
		return refuse("s3-document", "%d is not %d to %d", c.S3Document, LeastS3Document, MostS3Document)
	case c.S3Endpoint != "" && !isBase(c.S3Endpoint):
		return refuse("s3-endpoint", "%q is not a URL such as https://s3.eu-central-1.amazonaws.com", c.S3Endpoint)
	case c.S3Endpoint != "" && (c.S3AccessKey == "" || c.S3SecretKey == ""):
		return refuse("s3-endpoint", "it needs s3-access-key and s3-secret-key")
	case c.S3Endpoint != "" && c.S3URL != "":
		return refuse("s3-url", "it is for the node's own artifacts, and s3-endpoint says that they lie elsewhere")
	case c.S3Endpoint == "" && (c.S3AccessKey != "" || c.S3SecretKey != ""):
		return refuse("s3-access-key", "it is for another store, which s3-endpoint has to name: the node makes its own keys")
	case c.S3URL != "" && !isBase(c.S3URL):
		return refuse("s3-url", "%q is not a URL such as http://drover.example.net:7070/s3", c.S3URL)
	}
	return nil
}

// isBase tells whether paths can be put behind a URL.
func isBase(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil && u.RawQuery == "" && u.Fragment == ""
}

func (c Config) s3Region() string { return cmp.Or(c.S3Region, c.Region) }

func refuse(setting, format string, args ...any) error {
	return &SettingError{setting, fmt.Errorf(format, args...)}
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
	return host == "localhost" || tcp.Local(host), nil
}

// Callable is an address as a client on this machine calls it: all addresses of
// a machine are none.
func Callable(addr string) string {
	if listening, err := netip.ParseAddrPort(addr); err == nil && listening.Addr().IsUnspecified() {
		return fmt.Sprintf("localhost:%d", listening.Port())
	}
	return addr
}

// Scope is what the node's ARNs begin with.
func (c Config) Scope() awsapi.Scope {
	return awsapi.Scope{Partition: "aws", Account: c.Account, Region: c.Region}
}
