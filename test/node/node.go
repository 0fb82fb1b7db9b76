// Package node runs a drover binary as a process of its own, for suites that
// drive it through clients which others wrote.
//
// Begin with [Main] in the package's TestMain, which builds the binary, and
// [Start] in a test. A node runs on a virtual clock in a temporary folder
// until its test ends; it listens on two free ports of loopback and keeps them
// over [Node.Kill]. Beside the process there is one goroutine, which carries
// the node's log to the test.
//
// What a suite only needs as a setting, it gets by [Node.Things], [Node.Job],
// [Node.StartNext] and [Node.Report]; what it is about, it does through its
// clients.
package node

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Patience is how long a test waits for what must come.
const Patience = 30 * time.Second

// Node is a running node. Its methods fail the test if the node does not do
// what they ask for.
type Node struct {
	URL  string // where it listens for HTTP, without a path
	MQTT string // where it listens for MQTT over TCP, as HOST:PORT

	t     testing.TB
	dir   string
	flags []string
	cmd   *exec.Cmd
	out   *bufio.Reader
}

// Start runs a node until the test ends, with more flags if some are given.
func Start(t testing.TB, flags ...string) *Node {
	t.Helper()
	n := &Node{t: t, dir: t.TempDir(), flags: flags}
	n.run("127.0.0.1:0", "127.0.0.1:0")
	t.Cleanup(n.stop)
	return n
}

// Kill ends the node as a power cut would and starts it again over the same
// folder and on the same ports.
func (n *Node) Kill() {
	n.t.Helper()
	if err := n.cmd.Process.Kill(); err != nil {
		n.t.Fatalf("kill the node: %v", err)
	}
	_ = n.wait() // it says that it was killed
	n.run(strings.TrimPrefix(n.URL, "http://"), n.MQTT)
}

// Credentials is the file of the keys of the node's store of artifacts, in the
// form of AWS_SHARED_CREDENTIALS_FILE.
func (n *Node) Credentials() string { return filepath.Join(n.dir, "artifacts", "credentials") }

// Object puts an object into a bucket of the node's store of artifacts, which is
// made if it is not there.
func (n *Node) Object(bucket, key, body string) {
	n.t.Helper()
	for _, path := range []string{bucket, bucket + "/" + key} {
		r, err := http.NewRequestWithContext(n.t.Context(), http.MethodPut, n.URL+"/s3/"+path, strings.NewReader(body))
		if err != nil {
			n.t.Fatal(err)
		}
		if path == bucket {
			r.Body, r.ContentLength = http.NoBody, 0
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			n.t.Fatalf("put %s: %v", path, err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK && path != bucket {
			n.t.Fatalf("put %s: %s", path, resp.Status)
		}
	}
}

func (n *Node) run(http, mqtt string) {
	n.t.Helper()
	args := []string{"serve", "--data", n.dir, "--http", http, "--mqtt", mqtt, "--clock", "virtual", "--log-level", "warn"}
	n.cmd = exec.Command(os.Getenv(binary), append(args, n.flags...)...)
	n.cmd.Stderr = n.t.Output()
	out, err := n.cmd.StdoutPipe()
	if err != nil {
		n.t.Fatal(err)
	}
	if err := n.cmd.Start(); err != nil {
		n.t.Fatalf("start the node: %v", err)
	}
	n.out = bufio.NewReader(out)
	if err := n.greeting(); err != nil {
		n.stop()
		n.t.Fatal(err)
	}
}

// greeting reads where the node listens from its first lines.
func (n *Node) greeting() error {
	listens := regexp.MustCompile(`(http|mqtt)://(\S+:[0-9]+)`)
	n.URL, n.MQTT = "", ""
	for n.URL == "" || n.MQTT == "" {
		line, err := n.out.ReadString('\n')
		if err != nil {
			return fmt.Errorf("read the greeting of the node: %w", err)
		}
		switch m := listens.FindStringSubmatch(line); {
		case m == nil:
		case m[1] == "http":
			n.URL = m[0]
		default:
			n.MQTT = m[2]
		}
	}
	return nil
}

func (n *Node) stop() {
	if err := n.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		n.t.Errorf("stop the node: %v", err)
	}
	if err := n.wait(); err != nil {
		n.t.Errorf("the node stopped with %v", err)
	}
}

func (n *Node) wait() error {
	_, _ = io.Copy(io.Discard, n.out) // until it closes; Wait says how it ended
	return n.cmd.Wait()
}

// Advance moves the node's clock; when it returns nothing is due any more.
func (n *Node) Advance(by time.Duration) {
	n.t.Helper()
	n.send(http.MethodPost, "/drover/v1/clock/advance", fmt.Sprintf(`{"by":"%s"}`, by), nil)
}

// Now is where the node's clock stands.
func (n *Node) Now() time.Time {
	n.t.Helper()
	var clock struct{ Now time.Time }
	n.send(http.MethodGet, "/drover/v1/clock", "", &clock)
	return clock.Now
}

// Things registers things.
func (n *Node) Things(names ...string) {
	n.t.Helper()
	for _, name := range names {
		n.send(http.MethodPost, "/things/"+name, "{}", nil)
	}
}

// Job creates a job on things and waits until it has reached them.
func (n *Node) Job(id, document string, things ...string) {
	n.t.Helper()
	n.JobIn("", id, document, things...)
}

// JobIn is Job in a namespace.
func (n *Node) JobIn(namespace, id, document string, things ...string) {
	n.t.Helper()
	in := struct {
		Document  string   `json:"document"`
		Targets   []string `json:"targets"`
		Namespace string   `json:"namespaceId,omitempty"`
	}{Document: document, Namespace: namespace}
	for _, thing := range things {
		in.Targets = append(in.Targets, ThingARN(thing))
	}
	body, err := json.Marshal(in)
	if err != nil {
		n.t.Fatal(err)
	}
	n.send(http.MethodPut, "/jobs/"+id, string(body), nil)
	n.Advance(time.Minute)
}

// Pause has a job release nothing.
func (n *Node) Pause(job string) {
	n.t.Helper()
	n.send(http.MethodPost, "/drover/v1/jobs/"+job+"/pause", "", nil)
}

// Resume lets a paused job go on.
func (n *Node) Resume(job string) {
	n.t.Helper()
	n.send(http.MethodPost, "/drover/v1/jobs/"+job+"/resume", "", nil)
}

// AnnounceEvents switches kinds of event on.
func (n *Node) AnnounceEvents(kinds ...string) {
	n.t.Helper()
	for _, kind := range kinds {
		n.send(http.MethodPatch, "/event-configurations", `{"eventConfigurations":{"`+kind+`":{"Enabled":true}}}`, nil)
	}
}

// Status is the status of a thing's latest execution of a job, as the control
// plane shows it.
func (n *Node) Status(thing, job string) string {
	n.t.Helper()
	var out struct{ Execution struct{ Status string } }
	n.send(http.MethodGet, "/things/"+thing+"/jobs/"+job, "", &out)
	return out.Execution.Status
}

// StartNext lets a device start its next execution, over HTTPS; it answers the
// job's id, or "" if nothing is pending.
func (n *Node) StartNext(thing string) string {
	n.t.Helper()
	var out struct{ Execution struct{ JobID string } }
	n.send(http.MethodPut, "/things/"+thing+"/jobs/$next", "{}", &out)
	return out.Execution.JobID
}

// Report lets a device report a status, over HTTPS.
func (n *Node) Report(thing, job, status string) {
	n.t.Helper()
	n.send(http.MethodPost, "/things/"+thing+"/jobs/"+job, `{"status":"`+status+`"}`, nil)
}

// send reads the answer into out unless that is nil.
func (n *Node) send(method, path, body string, out any) {
	n.t.Helper()
	r, err := http.NewRequestWithContext(n.t.Context(), method, n.URL+path, bytes.NewBufferString(body))
	if err != nil {
		n.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		n.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		n.t.Fatalf("%s %s %s: %s %s %v", method, path, body, resp.Status, answer, err)
	}
	if out == nil {
		return
	}
	if err := json.Unmarshal(answer, out); err != nil {
		n.t.Fatalf("%s %s answered %q: %v", method, path, answer, err)
	}
}

// ThingARN is the ARN of a thing.
func ThingARN(name string) string { return arn("thing", name) }

// GroupARN is the ARN of a thing group.
func GroupARN(name string) string { return arn("thinggroup", name) }

// JobARN is the ARN of a job.
func JobARN(id string) string { return arn("job", id) }

// TypeARN is the ARN of a thing type.
func TypeARN(name string) string { return arn("thingtype", name) }

// TemplateARN is the ARN of a job template.
func TemplateARN(id string) string { return arn("jobtemplate", id) }

func arn(kind, name string) string { return "arn:aws:iot:us-east-1:000000000000:" + kind + "/" + name }
