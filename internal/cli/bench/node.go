package bench

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"

	"github.com/drover-iot/drover/internal/awsapi"
)

// node is a node in a process of its own, on a folder of its own.
type node struct {
	cmd  *exec.Cmd
	dir  string
	log  string         // its file
	http string         // URL
	mqtt string         // URL
	api  *awsapi.Client // the control plane
	out  io.Reader
}

// atOnce is how many requests of an operator may be under way.
const atOnce = 64

// start starts a node on a fleet and waits until it listens.
func (st *stand) start(ctx context.Context, f fleet) (*node, error) {
	dir, err := st.folder(ctx, f)
	if err != nil {
		return nil, err
	}
	return st.startOn(ctx, dir)
}

// startOn starts a node on a folder.
func (st *stand) startOn(ctx context.Context, dir string) (*node, error) {
	n := &node{dir: dir, log: dir + ".log"}
	if err := n.start(ctx); err != nil {
		return nil, fmt.Errorf("start a node: %w", err)
	}
	n.api = awsapi.NewClient(n.http, atOnce)
	return n, nil
}

func (n *node) start(ctx context.Context) error {
	binary, err := os.Executable()
	if err != nil {
		return err
	}
	log, err := os.Create(n.log)
	if err != nil {
		return err
	}
	defer log.Close() // the process has it too
	n.cmd = exec.CommandContext(ctx, binary, "serve", "--data", n.dir, "--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:0",
		"--log-level", "warn", "--until-stdin-ends", "--max-rollout-rate", strconv.Itoa(unlimited))
	n.cmd.Env = withoutSettings(os.Environ())
	n.cmd.Stderr = log
	if _, err := n.cmd.StdinPipe(); err != nil { // which ends with this process, however that ends
		return err
	}
	out, err := n.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := n.cmd.Start(); err != nil {
		return err
	}
	if err := n.readAddresses(bufio.NewReader(out)); err != nil {
		return errors.Join(err, n.stop())
	}
	return nil
}

// withoutSettings is an environment that configures no node.
func withoutSettings(environ []string) []string {
	var rest []string
	for _, v := range environ {
		if !strings.HasPrefix(v, "DROVER_") {
			rest = append(rest, v)
		}
	}
	return rest
}

var addressPattern = regexp.MustCompile(`(http|mqtt)://[0-9.]+:[0-9]+`)

// readAddresses reads from a node's greeting where it listens.
func (n *node) readAddresses(out *bufio.Reader) error {
	n.out = out
	for n.http == "" || n.mqtt == "" {
		line, err := out.ReadString('\n')
		if err != nil {
			return fmt.Errorf("read where it listens: %w", err)
		}
		switch url := addressPattern.FindString(line); {
		case strings.HasPrefix(url, "http"):
			n.http = cmp.Or(n.http, url)
		case url != "":
			n.mqtt = url
		}
	}
	return nil
}

// stop ends a node in good order. If it did not end so, its log says why.
func (n *node) stop() error {
	if n.api != nil {
		n.api.Close()
	}
	if n.cmd.Process.Signal(syscall.SIGTERM) != nil {
		_ = n.cmd.Process.Kill() // it has ended, or the system has no SIGTERM
	}
	_, _ = io.Copy(io.Discard, n.out) // Wait wants all of it read
	err := n.cmd.Wait()
	if err == nil {
		return nil
	}
	said, _ := os.ReadFile(n.log)
	return fmt.Errorf("the node ended with %w: %s", err, lastLines(string(said)))
}

// lastLines is the end of a log.
func lastLines(log string) string {
	lines := strings.Split(strings.TrimSpace(log), "\n")
	return strings.Join(lines[max(0, len(lines)-5):], "\n")
}

// closing stops a node and deletes its folder; defer it.
func (st *stand) closing(n *node, err *error) {
	*err = errors.Join(*err, n.stop(), os.RemoveAll(n.dir))
}

// walSize is how long the log of the node's store has become, in bytes. It
// never shrinks while the node runs.
func (n *node) walSize() (float64, error) { return size(filepath.Join(n.dir, "drover.db-wal")) }

// metrics reads the node's figures, by name and labels as they are written.
func (n *node) metrics(ctx context.Context) (map[string]float64, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, n.http+"/metrics", nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return readMetrics(resp.Body)
}

func readMetrics(text io.Reader) (map[string]float64, error) {
	all := map[string]float64{}
	lines := bufio.NewScanner(text)
	for lines.Scan() {
		name, value, found := strings.Cut(lines.Text(), " ")
		if n, err := strconv.ParseFloat(value, 64); found && err == nil {
			all[name] = n
		}
	}
	return all, lines.Err()
}
