// Package drovertest gives tests a whole node of Drover, operators and devices
// that talk to it over the wire, and a language for what happens over time.
//
// Begin with [Start]: it runs a node on a virtual clock in a temporary folder
// until the test ends. [Node.Call] is an operator, [Node.Device] a device
// behind one of three doors, [Node.Connect] a bare MQTT connection. Scenario
// files are run by [Scenario].
//
// Nothing here sleeps or polls. [Node.Settle] and [Node.Advance] return when
// all that is due was done and every notice of it was written to its
// connection, so what has not come by then does not come.
//
// A node runs in goroutines that Start begins and the test's cleanup ends; all
// the rest happens on the goroutine of the test. With [Options.Process] the
// node is a process of its own that can be killed, and [Main] has to run the
// package's tests. [Process] is such a process by itself, for tests that start,
// load and end one in their own way.
package drovertest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/awsapi"
)

// patience is how long a test waits for what must come.
const patience = 30 * time.Second

// Options are how a node is to run. The zero value is a virtual clock, in
// this process, without durability.
type Options struct {
	// RealClock lets time pass by itself; Advance and Settle are not possible.
	RealClock bool
	// Process runs the node as a process of its own, which can be killed; it
	// is durable. The package's TestMain must call Main.
	Process bool
	// MaxRolloutRate is the highest rate a job may ask for; 0 is the default.
	MaxRolloutRate int
	// AWSLimits holds clients to AWS's quotas.
	AWSLimits bool
	// S3Document is how many bytes a document from S3 may have; 0 is the default.
	S3Document int
}

// Node is a running node, and an operator who talks to it.
type Node struct {
	// Scope is what the node's ARNs begin with.
	Scope awsapi.Scope
	// Began is where the node's clock stood when it first started.
	Began time.Time

	t       testing.TB
	opts    Options
	dir     string
	run     running
	client  *http.Client
	devices int // connections made so far, for client ids
}

// running is a node under way, in this process or another.
type running interface {
	httpAddr() string
	mqttAddr() string
	// stop ends it in good order.
	stop() error
	// kill ends it as a power cut would.
	kill() error
}

// Start runs a node until the test ends.
func Start(t testing.TB, o Options) *Node {
	t.Helper()
	n := &Node{
		Scope: awsapi.Scope{Partition: "aws", Account: "000000000000", Region: "us-east-1"},
		t:     t, opts: o, dir: t.TempDir(),
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: manyAtOnce}, Timeout: 10 * patience}, // to advance a week takes a while
	}
	n.open()
	t.Cleanup(n.close)
	n.Began = n.Now()
	return n
}

func (n *Node) open() {
	n.t.Helper()
	var err error
	if n.opts.Process {
		n.run, err = startProcess(n.t, n.dir, n.opts)
	} else {
		n.run, err = startInside(n.t, n.dir, n.opts)
	}
	if err != nil {
		n.t.Fatalf("start a node: %v", err)
	}
}

func (n *Node) close() {
	n.client.CloseIdleConnections()
	if n.run == nil {
		return
	}
	if err := n.run.stop(); err != nil {
		n.t.Errorf("stop the node: %v", err)
	}
	n.run = nil
}

// Restart stops the node in good order and starts it again over the same
// folder. Its addresses change, and every connection ends.
func (n *Node) Restart() {
	n.t.Helper()
	n.close()
	n.open()
}

// Kill ends the node as a power cut would and starts it again over the same
// folder. It needs Options.Process.
func (n *Node) Kill() {
	n.t.Helper()
	n.client.CloseIdleConnections()
	if err := n.run.kill(); err != nil {
		n.t.Fatalf("kill the node: %v", err)
	}
	n.run = nil
	n.open()
}

// URL is where the node listens for HTTP, without a path.
func (n *Node) URL() string { return "http://" + n.run.httpAddr() }

// MQTTAddr is where the node listens for MQTT over TCP, as HOST:PORT.
func (n *Node) MQTTAddr() string { return n.run.mqttAddr() }

// Advance moves the clock, and returns when nothing is due any more and all
// notices were written to their connections.
func (n *Node) Advance(by time.Duration) {
	n.t.Helper()
	n.clock(http.MethodPost, "/advance", fmt.Sprintf(`{"by":"%s"}`, by))
}

// Settle is Advance by nothing: by less than the clock's millisecond, to be
// exact.
func (n *Node) Settle() {
	n.t.Helper()
	n.Advance(time.Nanosecond)
}

// Now is where the node's clock stands.
func (n *Node) Now() time.Time {
	n.t.Helper()
	return n.clock(http.MethodGet, "", "")
}

// Elapsed is how far the clock has come since the node first started.
func (n *Node) Elapsed() time.Duration {
	n.t.Helper()
	return n.Now().Sub(n.Began)
}

func (n *Node) clock(method, path, body string) time.Time {
	n.t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, n.URL()+"/drover/v1/clock"+path, bytes.NewBufferString(body))
	if err != nil {
		n.t.Fatal(err)
	}
	answer, err := n.do(r)
	if err != nil {
		n.t.Fatalf("clock%s %s: %v", path, body, err)
	}
	var at struct{ Now time.Time }
	if err := json.Unmarshal(answer, &at); err != nil {
		n.t.Fatalf("clock%s answered %q: %v", path, answer, err)
	}
	return at.Now
}

// do sends a request; an answer that is not 200 is a *Refusal.
func (n *Node) do(r *http.Request) ([]byte, error) {
	resp, body, err := n.ask(r)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, refusal(resp, body)
	}
	return body, nil
}

// ask sends a request and reads the answer, whatever it is.
func (n *Node) ask(r *http.Request) (*http.Response, []byte, error) {
	resp, err := n.client.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp, body, err
}
