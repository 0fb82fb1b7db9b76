// Package mosquitto drives a node's broker through mosquitto_pub and
// mosquitto_sub, as somebody at a prompt would.
package mosquitto

import (
	"bufio"
	"io"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/drover-iot/drover/test/node"
)

func TestMain(m *testing.M) { node.Main(m) }

// versions are the versions of MQTT that the clients speak, as -V names them.
func versions() []string { return []string{"mqttv311", "mqttv5"} }

// inEachVersion runs a test with a node of its own for each version.
func inEachVersion(t *testing.T, test func(*testing.T, *shell)) {
	for _, tool := range []string{"mosquitto_pub", "mosquitto_sub", "mosquitto_rr", "stdbuf"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	for _, version := range versions() {
		t.Run(version, func(t *testing.T) {
			test(t, &shell{t: t, node: node.Start(t), version: version})
		})
	}
}

// shell is a prompt at which the clients are run.
type shell struct {
	t       *testing.T
	node    *node.Node
	version string
}

func (s *shell) command(tool string, args ...string) *exec.Cmd {
	s.t.Helper()
	host, port, err := net.SplitHostPort(s.node.MQTT)
	if err != nil {
		s.t.Fatal(err)
	}
	return exec.CommandContext(s.t.Context(), tool, append([]string{"-h", host, "-p", port, "-V", s.version}, args...)...)
}

// publish publishes at QoS 1 and returns when the node has acknowledged.
func (s *shell) publish(args ...string) {
	s.t.Helper()
	if out, err := s.command("mosquitto_pub", append([]string{"-q", "1"}, args...)...).CombinedOutput(); err != nil {
		s.t.Fatalf("mosquitto_pub %q: %v %s", args, err, out)
	}
}

// subscribeAndLeave makes a persistent session that subscribes at QoS 1.
func (s *shell) subscribeAndLeave(client, topic string) {
	s.t.Helper()
	if out, err := s.command("mosquitto_sub", "-i", client, "-c", "-q", "1", "-E", "-t", topic).CombinedOutput(); err != nil {
		s.t.Fatalf("mosquitto_sub -t %s: %v %s", topic, err, out)
	}
}

// request runs a client that publishes a request and prints the answer, which
// must contain a text. The client subscribes to the answer, since mosquitto_sub
// prints nothing else.
func (s *shell) request(topic, payload, text string) {
	s.t.Helper()
	out, err := s.command("mosquitto_rr", "-q", "1", "-t", topic, "-e", topic+"/accepted", "-m", payload).CombinedOutput()
	if err != nil || !strings.Contains(string(out), text) {
		s.t.Errorf("mosquitto_rr -t %s: %v %q, want %s", topic, err, out, text)
	}
}

// subscriber is a mosquitto_sub that is connected and subscribed.
type subscriber struct {
	t        *testing.T
	messages chan string // as "TOPIC PAYLOAD"
}

// subscribe runs mosquitto_sub at QoS 1 until the test ends. It returns when
// the node has granted the subscription.
func (s *shell) subscribe(args ...string) *subscriber {
	s.t.Helper()
	cmd := s.command("mosquitto_sub", append([]string{"-q", "1", "-d", "-F", "> %t %p"}, args...)...)
	cmd = exec.CommandContext(s.t.Context(), "stdbuf", append([]string{"-oL"}, cmd.Args...)...) // else lines wait for a message
	out, err := cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	sub := &subscriber{t: s.t, messages: make(chan string, 100)}
	subscribed, ended := make(chan struct{}, 10), make(chan struct{})
	go func() { sub.read(out, subscribed); close(ended) }()
	s.t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
		_ = cmd.Wait() // it says that it was killed
	})
	select {
	case <-subscribed:
	case <-time.After(node.Patience):
		s.t.Fatalf("mosquitto_sub %q did not subscribe", args)
	}
	return sub
}

// read sorts the lines that a mosquitto_sub prints, up to its end. A resumed
// session may get messages before it is subscribed again.
func (s *subscriber) read(out io.Reader, subscribed chan<- struct{}) {
	for lines := bufio.NewScanner(out); lines.Scan(); {
		line := lines.Text()
		if message, ok := strings.CutPrefix(line, "> "); ok {
			s.messages <- message
		} else if strings.HasPrefix(line, "Subscribed ") {
			subscribed <- struct{}{}
		}
	}
}

// next is the next message.
func (s *subscriber) next() string {
	s.t.Helper()
	select {
	case message := <-s.messages:
		return message
	case <-time.After(node.Patience):
		s.t.Fatal("no message came")
		return ""
	}
}

// gets takes the next message, which must be the one wanted.
func (s *subscriber) gets(topic, payload string) {
	s.t.Helper()
	if got := s.next(); got != topic+" "+payload {
		s.t.Errorf("got %q, want %q", got, topic+" "+payload)
	}
}

// has takes the next message, which must be on a topic and contain a text.
func (s *subscriber) has(topic, text string) {
	s.t.Helper()
	got, payload, _ := strings.Cut(s.next(), " ")
	if got != topic || !strings.Contains(payload, text) {
		s.t.Errorf("got %s on %s, want a message on %s with %s", payload, got, topic, text)
	}
}
