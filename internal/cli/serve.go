package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"syscall"
	"text/template"

	"github.com/alecthomas/kong"
	"github.com/lmittmann/tint"
	"golang.org/x/term"

	"github.com/drover-iot/drover/internal/goruntime"
	"github.com/drover-iot/drover/internal/server"
)

// serve runs a node. What a flag does not say, the environment does, then the
// configuration file, then server.Defaults.
type serve struct {
	Config      string  `env:"DROVER_CONFIG" placeholder:"FILE" help:"Configuration file."`
	Data        *string `env:"DROVER_DATA" placeholder:"DIR" help:"Data folder; default drover-data."`
	HTTP        *string `name:"http" env:"DROVER_HTTP" placeholder:"ADDR" help:"Where to listen for HTTP; default 127.0.0.1:7070. Port 0 is any free one."`
	MQTT        *string `name:"mqtt" env:"DROVER_MQTT" placeholder:"ADDR" help:"Where to listen for MQTT; default 127.0.0.1:1883."`
	Account     *string `env:"DROVER_ACCOUNT" placeholder:"ID" help:"Account in all ARNs, 12 digits; default 000000000000."`
	Region      *string `env:"DROVER_REGION" placeholder:"NAME" help:"Region in all ARNs; default us-east-1."`
	Clock       *string `env:"DROVER_CLOCK" placeholder:"KIND" help:"real, or virtual: it moves only by POST /drover/v1/clock/advance; default real."`
	LogFormat   *string `env:"DROVER_LOG_FORMAT" placeholder:"FORMAT" help:"text or json; default text."`
	LogLevel    *string `env:"DROVER_LOG_LEVEL" placeholder:"LEVEL" help:"debug, info, warn or error; default info."`
	Pprof       *string `env:"DROVER_PPROF" placeholder:"ADDR" help:"Where to serve profiles of the process, on loopback only; default nowhere."`
	MaxRate     *int    `name:"max-rollout-rate" env:"DROVER_MAX_ROLLOUT_RATE" placeholder:"N" help:"The highest rate that a job may ask for, in things a minute, 1000 to 60000000; default 1000."`
	AWSLimits   *bool   `name:"aws-limits" env:"DROVER_AWS_LIMITS" help:"Hold clients to AWS's quotas: calls a second, numbers of jobs and templates, and the like."`
	S3Endpoint  *string `name:"s3-endpoint" env:"DROVER_S3_ENDPOINT" placeholder:"URL" help:"Another store of artifacts that speaks S3, path style; default the node's own, under /s3."`
	S3Region    *string `name:"s3-region" env:"DROVER_S3_REGION" placeholder:"NAME" help:"Region of the store of artifacts; default that of the node."`
	S3AccessKey *string `name:"s3-access-key" env:"DROVER_S3_ACCESS_KEY" placeholder:"KEY" help:"Access key of the other store."`
	S3SecretKey *string `name:"s3-secret-key" env:"DROVER_S3_SECRET_KEY" placeholder:"KEY" help:"Secret key of the other store."`
	S3URL       *string `name:"s3-url" env:"DROVER_S3_URL" placeholder:"URL" help:"What devices reach the node's own artifacts by; default http://ADDR/s3."`
	S3Document  *int    `name:"s3-document" env:"DROVER_S3_DOCUMENT" placeholder:"N" help:"Most bytes of a job document that lies in the store of artifacts, 32768 to 122880; default 32768."`
	// UntilStdinEnds is for who starts nodes and may be killed: they end with him.
	UntilStdinEnds bool  `hidden:""`
	Insecure       *bool `env:"DROVER_INSECURE" help:"Listen where others can reach the node, although it asks nobody who they are."`
}

// Help is the text under the summary of --help.
func (serve) Help() string {
	return `The node answers the control plane of AWS IoT Jobs and the devices, over HTTP and MQTT, until SIGINT or SIGTERM; then it
sends the answers that are in flight, for ten seconds at most. A second signal ends it at once.

A setting is a flag, or a variable of the environment, or a line of the configuration file such as http = "127.0.0.1:8080"
(TOML, named like the flag). The flag beats the variable, and the variable beats the file.`
}

// Run runs a node until ctx ends.
func (f serve) Run(ctx context.Context, k *kong.Context, s Streams) error {
	cfg, from, err := f.settle(k)
	if err != nil {
		return misuse{from.named(err)}
	}
	log, err := logger(s.Err, cfg.LogFormat, cfg.LogLevel)
	if err != nil {
		return misuse{from.named(err)}
	}
	defer goruntime.Tend()()
	node, err := server.New(ctx, cfg, log)
	if err != nil {
		return elsewhere(from.named(err), err)
	}
	log.Info("listening", "http", node.HTTPAddr(), "mqtt", node.MQTTAddr(), "data", cfg.Data, "clock", cfg.Clock, "version", Version)
	if cfg.Insecure {
		log.Warn("whoever reaches these addresses can run jobs on the fleet: nobody is asked who he is")
	}
	if err := greet(s.Out, cfg, node); err != nil {
		return errors.Join(fmt.Errorf("say where the node listens: %w", err), node.Close())
	}
	if f.UntilStdinEnds {
		ctx = untilEnd(ctx, os.Stdin)
	}
	if err := node.Run(ctx); err != nil {
		return err
	}
	log.Info("stopped")
	return nil
}

// untilEnd is ctx, ended by the end of r. Nobody stops the goroutine that reads:
// it ends with the process.
func untilEnd(ctx context.Context, r io.Reader) context.Context {
	ctx, end := context.WithCancel(ctx)
	go func() {
		defer end()
		_, _ = io.Copy(io.Discard, r) // an error is an end too
	}()
	return ctx
}

// elsewhere is said, and where the cause is an address that is taken, which flag
// chooses another.
func elsewhere(said, cause error) error {
	wrong := (*server.SettingError)(nil)
	if !errors.Is(cause, syscall.EADDRINUSE) || !errors.As(cause, &wrong) {
		return said
	}
	return fmt.Errorf("%w; choose another by --%s, port 0 for any free one", said, wrong.Setting)
}

// logger logs to w in a format and from a level on.
func logger(w io.Writer, format, level string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, &server.SettingError{Setting: "log-level", Err: fmt.Errorf("%q is none of debug, info, warn, error", level)}
	}
	switch format {
	case "json":
		return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: l})), nil
	case "text":
		if isTerminal(w) {
			return slog.New(tint.NewTextHandler(w, &tint.Options{Level: l})), nil
		}
		return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: l})), nil
	default:
		return nil, &server.SettingError{Setting: "log-format", Err: fmt.Errorf("%q is neither text nor json", format)}
	}
}

// isTerminal tells whether w is a terminal that knows colours and cursor
// moves: one that calls itself dumb does not.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb"
}

var greeting = template.Must(template.New("greeting").Parse(strings.TrimSpace(`
Drover {{.Version}} is listening
  HTTP  http://{{.HTTP}}   control plane, device plane, WebSocket /mqtt, /healthz, /readyz, /metrics
  MQTT  mqtt://{{.MQTT}}
  data  {{.Data}}{{if .Pprof}}
  pprof http://{{.Pprof}}/debug/pprof/{{end}}{{if .Virtual}}
  clock virtual: it moves only by POST /drover/v1/clock/advance{{end}}

Point the AWS CLI at it, with any credentials:
  export AWS_ACCESS_KEY_ID=drover AWS_SECRET_ACCESS_KEY=drover AWS_DEFAULT_REGION={{.Region}}
  aws iot list-jobs --endpoint-url http://{{.Endpoint}}
`) + "\n"))

// greet says where the node listens and how to talk to it.
func greet(w io.Writer, cfg server.Config, n *server.Node) error {
	return greeting.Execute(w, map[string]any{
		"Version": Version, "HTTP": n.HTTPAddr(), "Endpoint": server.Callable(n.HTTPAddr()), "MQTT": n.MQTTAddr(),
		"Data": cfg.Data, "Pprof": n.PprofAddr(), "Region": cfg.Region, "Virtual": cfg.Clock == "virtual",
	})
}
