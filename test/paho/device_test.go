// Package paho drives the device plane through Eclipse Paho's clients for MQTT
// 3.1.1 and 5, each over TCP and over WebSocket: one body a behaviour, run
// through every door.
package paho

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/drover-iot/drover/test/node"
)

func TestMain(m *testing.M) { node.Main(m) }

// thing is the name of every device here.
const thing = "press:07"

// below is what the topics of the thing's jobs begin with.
const below = "$aws/things/" + thing + "/jobs/"

// message is what came on a topic. A copy is one that was sent before.
type message struct {
	topic, payload string
	copy           bool
}

// session is how a client connects. A persistent one is kept by the node when
// the client has left.
type session struct {
	id         string
	persistent bool
}

// client is what both of Paho's clients can do, at QoS 1. Its functions return
// when the node has acknowledged.
type client struct {
	t         *testing.T
	subscribe func(filter string) error
	publish   func(topic, payload string, retain bool) error
	leave     func() error
	got       chan message
}

// door is a way into a node.
type door struct {
	name    string
	connect func(t *testing.T, url string, s session) *client
	url     func(*node.Node) string
}

func overTCP(n *node.Node) string { return "mqtt://" + n.MQTT }

func overWebSocket(n *node.Node) string { return "ws" + strings.TrimPrefix(n.URL, "http") + "/mqtt" }

// throughEachDoor runs a test with a node of its own for each door.
func throughEachDoor(t *testing.T, test func(*testing.T, *node.Node, func(session) *client)) {
	for _, d := range []door{
		{"3.1.1 over TCP", connect311, overTCP},
		{"3.1.1 over WebSocket", connect311, overWebSocket},
		{"5 over TCP", connect5, overTCP},
		{"5 over WebSocket", connect5, overWebSocket},
	} {
		t.Run(d.name, func(t *testing.T) {
			n := node.Start(t)
			n.Things(thing)
			test(t, n, func(s session) *client { return d.connect(t, d.url(n), s) })
		})
	}
}

func (c *client) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// listen subscribes to what devices are told.
func (c *client) listen() {
	c.t.Helper()
	c.must(c.subscribe(below + "notify"))
	c.must(c.subscribe(below + "notify-next"))
}

// next is the next message, which must come on a topic. A client that leaves can
// overtake its own last acknowledgement: such a message comes again, as a copy.
func (c *client) next(topic string) message {
	c.t.Helper()
	patience := time.After(node.Patience)
	for {
		select {
		case m := <-c.got:
			if m.topic == topic {
				return m
			}
			if !m.copy {
				c.t.Fatalf("got %s on %s, want a message on %s", m.payload, m.topic, topic)
			}
		case <-patience:
			c.t.Fatalf("nothing came on %s", topic)
		}
	}
}

// answer is what a device reads of answers and notices.
type answer struct {
	ClientToken string
	Code        string
	Jobs        map[string][]execution
	QueuedJobs  []execution
	Execution   *execution
	State       *execution `json:"executionState"`
}

type execution struct {
	JobID         string
	Status        string
	VersionNumber int64
	JobDocument   json.RawMessage
}

// read takes the next message, which must come on a topic of the thing's jobs.
func (c *client) read(topic string) answer {
	c.t.Helper()
	m := c.next(below + topic)
	var a answer
	if err := json.Unmarshal([]byte(m.payload), &a); err != nil {
		c.t.Fatalf("%s: %q: %v", topic, m.payload, err)
	}
	return a
}

// ask publishes a request and takes its answer, which must be the next message.
func (c *client) ask(request, payload, outcome string) answer {
	c.t.Helper()
	c.must(c.publish(below+request, payload, false))
	return c.read(request + "/" + outcome)
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
