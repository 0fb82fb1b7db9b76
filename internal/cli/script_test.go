package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"
)

// TestMain lets the test binary be the drover command for the scripts, and
// holds every other test to leaving no goroutine.
func TestMain(m *testing.M) {
	testscript.Main(leakless{m}, map[string]func(){"drover": drover})
}

// drover is what cmd/drover does.
func drover() {
	ctx, restore := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, restore)
	os.Exit(Main(ctx, os.Args[1:], Streams{Out: os.Stdout, Err: os.Stderr}))
}

type leakless struct{ m *testing.M }

func (l leakless) Run() int {
	code := l.m.Run()
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:   "testdata",
		Setup: func(e *testscript.Env) error { e.Values[nodeKey{}] = &node{}; return nil },
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"node": startNode, "terminate": terminate, "get": get,
		},
	})
}

// node is the node that a script has started, a process of its own.
type node struct {
	cmd *exec.Cmd
	log strings.Builder
}

type nodeKey struct{}

func nodeOf(ts *testscript.TestScript) *node { return ts.Value(nodeKey{}).(*node) }

// startNode runs "drover serve ARGS" until the end of its greeting, which it
// writes to the file greeting, and sets HTTP and MQTT to where it listens.
func startNode(ts *testscript.TestScript, _ bool, args []string) {
	n := nodeOf(ts)
	ts.Check(n.start(ts, args))
	ts.Defer(func() { _ = n.cmd.Process.Kill() })
}

func (n *node) start(ts *testscript.TestScript, args []string) error {
	n.log.Reset()
	path, err := find("drover", ts.Getenv("PATH"))
	if err != nil {
		return err
	}
	n.cmd = exec.Command(path, append([]string{"serve"}, args...)...)
	n.cmd.Dir, n.cmd.Env, n.cmd.Stderr = ts.MkAbs("."), environ(ts), &n.log
	out, err := n.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := n.cmd.Start(); err != nil {
		return err
	}
	greeting, err := readGreeting(out)
	if err != nil {
		return fmt.Errorf("%w: %s", err, n.log.String())
	}
	ts.Setenv("HTTP", address(`http://(\S+)`, greeting))
	ts.Setenv("MQTT", address(`mqtt://(\S+)`, greeting))
	ts.Setenv("PPROF", address(`(?:pprof http://(\S+)/debug|$)`, greeting))
	return os.WriteFile(ts.MkAbs("greeting"), []byte(greeting), 0o600)
}

// environ is the environment of a script, as far as a node looks at it.
func environ(ts *testscript.TestScript) []string {
	var env []string
	for _, name := range []string{"PATH", "HOME", "DROVER_REGION", "DROVER_DATA", "DROVER_CONFIG", "GOCOVERDIR"} {
		if v := ts.Getenv(name); v != "" {
			env = append(env, name+"="+v)
		}
	}
	return env
}

func find(name, path string) (string, error) {
	for dir := range strings.SplitSeq(path, string(os.PathListSeparator)) {
		if found, err := exec.LookPath(dir + string(os.PathSeparator) + name); err == nil {
			return found, nil
		}
	}
	return "", fmt.Errorf("no %s in %s", name, path)
}

func readGreeting(r io.Reader) (string, error) {
	var greeting strings.Builder
	for lines := bufio.NewScanner(r); lines.Scan(); {
		greeting.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), "list-jobs") {
			return greeting.String(), nil
		}
	}
	return "", errors.New("the node ended before its greeting did")
}

func address(pattern, text string) string {
	return regexp.MustCompile(pattern).FindStringSubmatch(text)[1]
}

// terminate sends the node SIGTERM; it must end with exit code 0. Its log is
// in the file log.
func terminate(ts *testscript.TestScript, _ bool, _ []string) {
	n := nodeOf(ts)
	ts.Check(n.cmd.Process.Signal(syscall.SIGTERM))
	ts.Check(n.cmd.Wait())
	ts.Check(os.WriteFile(ts.MkAbs("log"), []byte(n.log.String()), 0o600))
}

// get asks for a URL and writes status and body to the file answer.
func get(ts *testscript.TestScript, _ bool, args []string) {
	resp, err := http.Get(args[0])
	ts.Check(err)
	defer http.DefaultClient.CloseIdleConnections()
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("answer"), fmt.Appendf(nil, "%d\n%s\n", resp.StatusCode, body), 0o600))
}
