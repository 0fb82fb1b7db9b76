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

// process is a node in a process of its own.
type process struct {
	cmd        *exec.Cmd
	out        *bufio.Reader
	http, mqtt string
}

func startProcess(t testing.TB, dir string, o Options) (*process, error) {
	binary, err := os.Executable()
	if err != nil {
		return nil, err
	}
	args := []string{"serve", "--data", dir, "--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:0", "--log-level", "warn"}
	if o.MaxRolloutRate != 0 {
		args = append(args, "--max-rollout-rate", strconv.Itoa(o.MaxRolloutRate))
	}
	if !o.RealClock {
		args = append(args, "--clock", "virtual")
	}
	p := &process{cmd: exec.Command(binary, args...)}
	p.cmd.Env = append(os.Environ(), asNode+"=1")
	p.cmd.Stderr = t.Output()
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	p.out = bufio.NewReader(out)
	if err := p.addresses(); err != nil {
		return nil, errors.Join(err, p.kill())
	}
	return p, nil
}

var addressOf = regexp.MustCompile(`(http|mqtt)://([0-9.]+:[0-9]+)`)

// addresses reads from the node's greeting where it listens.
func (p *process) addresses() error {
	for p.http == "" || p.mqtt == "" {
		line, err := p.out.ReadString('\n')
		if err != nil {
			return fmt.Errorf("read the greeting of the node: %w", err)
		}
		switch m := addressOf.FindStringSubmatch(line); {
		case m == nil:
		case m[1] == "http":
			p.http = m[2]
		default:
			p.mqtt = m[2]
		}
	}
	return nil
}

func (p *process) httpAddr() string { return p.http }

func (p *process) mqttAddr() string { return p.mqtt }

func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return p.wait()
}

// kill sends SIGKILL, which the node cannot see coming.
func (p *process) kill() error {
	if err := p.cmd.Process.Kill(); err != nil {
		return err
	}
	var ended *exec.ExitError
	if err := p.wait(); !errors.As(err, &ended) {
		return err
	}
	return nil
}

func (p *process) wait() error {
	_, _ = io.Copy(io.Discard, p.out) // until it closes; Wait says how it ended
	return p.cmd.Wait()
}
