package load

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/drovertest"
	"github.com/drover-iot/drover/internal/server"
)

// patience is how long anything may take that must come.
const patience = 60 * time.Second

// node is a node in a process of its own.
type node struct {
	*drovertest.Process
	t     *testing.T
	log   bytes.Buffer // may be read when the node has ended
	api   *awsapi.Client
	ended bool
}

// start starts a node on an empty folder.
func start(t *testing.T) *node {
	t.Helper()
	return startOn(t, t.TempDir())
}

// startOn starts a node on a folder and stops it at the test's end.
func startOn(t *testing.T, dir string) *node {
	t.Helper()
	flags := []string{"--max-rollout-rate", "60000000"}
	if *profile != "" {
		flags = append(flags, "--pprof", *profile)
	}
	p, err := drovertest.NewProcess(dir, flags...)
	if err != nil {
		t.Fatal(err)
	}
	n := &node{Process: p, t: t}
	n.Cmd.Stderr = &n.log
	if err := n.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.stop)
	if err := n.Greeting(); err != nil {
		t.Fatal(err)
	}
	n.api = awsapi.NewClient("http://"+n.HTTP, 64)
	return n
}

// signalStop begins a stop.
func (n *node) signalStop() {
	n.t.Helper()
	if err := n.Cmd.Process.Signal(syscall.SIGTERM); err != nil {
		n.t.Fatal(err)
	}
}

// stop ends the node, if it has not ended: with code 0, in time, and without a
// complaint.
func (n *node) stop() {
	n.t.Helper()
	if n.ended {
		return
	}
	n.signalStop()
	n.wantEnd()
}

func (n *node) wantEnd() {
	n.t.Helper()
	n.ended = true
	if n.api != nil {
		n.api.Close()
	}
	late := time.AfterFunc(server.Grace+patience, func() { n.Cmd.Process.Kill() })
	defer late.Stop()
	err := n.Wait()
	if text := n.log.String(); strings.Contains(text, "level=ERROR") || strings.Contains(text, "panic") {
		err = errors.Join(err, fmt.Errorf("the node complained:\n%.4000s", text))
	}
	if err != nil {
		n.t.Errorf("the node ended: %v", err)
	}
}

// figures are what /metrics shows, by name and labels.
func (n *node) figures() map[string]float64 {
	n.t.Helper()
	resp, err := http.Get("http://" + n.HTTP + "/metrics")
	if err != nil {
		n.t.Fatalf("read the metrics: %v", err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer resp.Body.Close()
	all := map[string]float64{}
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), " ")
		if f, err := strconv.ParseFloat(value, 64); err == nil {
			all[name] = f
		}
	}
	return all
}

// wantFigure waits until a figure is right.
func (n *node) wantFigure(what string, right func(map[string]float64) bool) {
	n.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	var last map[string]float64
	for until := time.Now().Add(patience); time.Now().Before(until); <-tick.C {
		if last = n.figures(); right(last) {
			return
		}
	}
	n.t.Errorf("waited in vain: %s; there are %v goroutines, %v MQTT and %v HTTP connections", what,
		last["go_goroutines"], last["drover_mqtt_connections"], last["drover_http_connections"])
}

var residentOf = regexp.MustCompile(`(VmRSS|VmHWM):\s+(\d+) kB`)

// memory is what the node's process holds and held at most, in bytes; ok is
// false where the system does not tell.
func (n *node) memory() (now, peak int64, ok bool) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", n.Cmd.Process.Pid))
	if err != nil {
		return 0, 0, false
	}
	for _, m := range residentOf.FindAllStringSubmatch(string(status), -1) {
		kilobytes, _ := strconv.ParseInt(m[2], 10, 64) // it is digits
		if m[1] == "VmRSS" {
			now = kilobytes << 10
		} else {
			peak = kilobytes << 10
		}
	}
	return now, peak, true
}
