package drovertest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"strconv"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"github.com/drover-iot/drover/internal/cli"
)

var errNoProcess = errors.New("the node is not a process of its own: use Options.Process")

// asNode in the environment of a test binary makes it a node.
const asNode = "DROVERTEST_NODE"

// Main runs a package's tests and looks for goroutines that they leave behind.
// A test binary that was started as a node runs the drover command instead.
func Main(m *testing.M) {
	if os.Getenv(asNode) == "" {
		goleak.VerifyTestMain(m)
		return
	}
	ctx, restore := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	code := cli.Main(ctx, os.Args[1:], cli.Streams{Out: os.Stdout, Err: os.Stderr})
	restore()
	os.Exit(code)
}

// Process is `drover serve` in a process of its own. It is the test binary, so
// the package's TestMain must call [Main].
type Process struct {
	Cmd        *exec.Cmd
	HTTP, MQTT string // where it listens, HOST:PORT; empty until Greeting

	out *bufio.Reader
}

// NewProcess is a process over a data folder, on ports that are free, that is
// not started yet; its log goes where Cmd.Stderr is set to.
func NewProcess(dir string, flags ...string) (*Process, error) {
	binary, err := os.Executable()
	if err != nil {
		return nil, err
	}
	args := []string{"serve", "--data", dir, "--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:0", "--log-level", "warn"}
	p := &Process{Cmd: exec.Command(binary, append(args, flags...)...)}
	p.Cmd.Env = append(os.Environ(), asNode+"=1")
	return p, nil
}

// Start begins the process and does not wait until it listens.
func (p *Process) Start() error {
	out, err := p.Cmd.StdoutPipe()
	if err != nil {
		return err
	}
	p.out = bufio.NewReader(out)
	return p.Cmd.Start()
}

var addressOf = regexp.MustCompile(`(http|mqtt)://([0-9.]+:[0-9]+)`)

// Greeting waits until the node says where it listens, or has ended.
func (p *Process) Greeting() error {
	for p.HTTP == "" || p.MQTT == "" {
		line, err := p.out.ReadString('\n')
		if err != nil {
			return fmt.Errorf("read the greeting of the node: %w", err)
		}
		switch m := addressOf.FindStringSubmatch(line); {
		case m == nil:
		case m[1] == "http":
			p.HTTP = m[2]
		default:
			p.MQTT = m[2]
		}
	}
	return nil
}

// Wait waits until the process has ended, and answers as [exec.Cmd.Wait].
func (p *Process) Wait() error {
	_, _ = io.Copy(io.Discard, p.out) // until it closes; Wait says how it ended
	return p.Cmd.Wait()
}

// process is a node in a process of its own.
type process struct{ *Process }

func startProcess(t testing.TB, dir string, o Options) (*process, error) {
	var flags []string
	if o.MaxRolloutRate != 0 {
		flags = append(flags, "--max-rollout-rate", strconv.Itoa(o.MaxRolloutRate))
	}
	if o.S3Document != 0 {
		flags = append(flags, "--s3-document", strconv.Itoa(o.S3Document))
	}
	if o.AWSLimits {
		flags = append(flags, "--aws-limits")
	}
	if !o.RealClock {
		flags = append(flags, "--clock", "virtual")
	}
	inner, err := NewProcess(dir, flags...)
	if err != nil {
		return nil, err
	}
	p := &process{inner}
	p.Cmd.Stderr = t.Output()
	if err := p.Start(); err != nil {
		return nil, err
	}
	if err := p.Greeting(); err != nil {
		return nil, errors.Join(err, p.kill())
	}
	return p, nil
}

func (p *process) httpAddr() string { return p.HTTP }

func (p *process) mqttAddr() string { return p.MQTT }

func (p *process) stop() error {
	if err := p.Cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return p.Wait()
}

// kill sends SIGKILL, which the node cannot see coming.
func (p *process) kill() error {
	if err := p.Cmd.Process.Kill(); err != nil {
		return err
	}
	var ended *exec.ExitError
	if err := p.Wait(); !errors.As(err, &ended) {
		return err
	}
	return nil
}
