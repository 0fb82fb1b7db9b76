package server_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/mqtt"
	"github.com/drover-iot/drover/internal/mqttclient"
	"github.com/drover-iot/drover/internal/quota"
	"github.com/drover-iot/drover/internal/server"
)

// limited is a node with AWS's quotas on a virtual clock. For the rates time
// stands, unless calls are free.
type limited struct {
	*server.Node
	*testing.T
	arn   func(kind, name string) string
	calls atomic.Int64
	free  atomic.Bool
}

func newLimited(t *testing.T) *limited {
	t.Helper()
	return newLowered(t, func(*quota.Numbers) {})
}

// newLowered is one whose numbers are low enough to be reached.
func newLowered(t *testing.T, lower func(*quota.Numbers)) *limited {
	t.Helper()
	l := &limited{T: t}
	cfg := server.Defaults()
	cfg.Data, cfg.HTTP, cfg.MQTT, cfg.Volatile, cfg.Clock, cfg.AWSLimits = t.TempDir(), "127.0.0.1:0", "127.0.0.1:0", true, "virtual", true
	l.arn = func(kind, name string) string {
		return fmt.Sprintf("arn:aws:iot:%s:%s:%s/%s", cfg.Region, cfg.Account, kind, name)
	}
	n, err := server.NewWithin(t.Context(), cfg, slog.New(slog.DiscardHandler), lower, l.time)
	if err != nil {
		t.Fatal(err)
	}
	l.Node = n
	run(t, n)
	return l
}

// time is what calls are counted by.
func (l *limited) time() time.Time {
	at := time.Unix(1_800_000_000, 0)
	if l.free.Load() {
		return at.Add(time.Duration(l.calls.Add(1)) * time.Second)
	}
	return at
}

// told is an answer over HTTP.
type told struct {
	status     int
	kind, body string
}

// ask sends a request over HTTP.
func (l *limited) ask(s awsapi.Service, method, path, body string) told {
	l.Helper()
	r, err := http.NewRequestWithContext(l.Context(), method, "http://"+l.HTTPAddr()+path, strings.NewReader(body))
	if err != nil {
		l.Fatal(err)
	}
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/"+s.String()+"/aws4_request, Signature=0")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		l.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		l.Fatal(err)
	}
	return told{resp.StatusCode, resp.Header.Get("X-Amzn-Errortype"), string(text)}
}

// do asks the control plane for what must succeed.
func (l *limited) do(method, path, body string) string {
	l.Helper()
	a := l.ask(awsapi.IoT, method, path, body)
	if a.status != http.StatusOK {
		l.Fatalf("%s %s: %+v", method, path, a)
	}
	return a.body
}

// wantRefused asks the control plane for what must be refused.
func (l *limited) wantRefused(method, path, body, operation string, want told) {
	l.Helper()
	if a := l.ask(awsapi.IoT, method, path, body); a.status != want.status || a.kind != want.kind {
		l.Errorf("%s is told %+v, want %d %s", operation, a, want.status, want.kind)
	}
	l.wantCounted("iot", operation, "http", want.kind)
}

// wantCounted waits until the metrics tell of one such answer, or more.
func (l *limited) wantCounted(service, operation, door, outcome string) {
	l.Helper()
	l.wantFigure(fmt.Sprintf("drover_requests_total{door=%q,operation=%q,outcome=%q,service=%q}", door, operation, outcome, service))
}

func (l *limited) wantFigure(series string) {
	l.Helper()
	eventually(l.T, series, func() bool { return scrape(l.T, "http://"+l.HTTPAddr()).series[series] > 0 })
}

var labels = regexp.MustCompile(`{[^}]+}`)

// call calls an operation, whatever its answer.
func (l *limited) call(s awsapi.Service, name string) told {
	l.Helper()
	op, ok := awsapi.Lookup(s, name)
	if !ok {
		l.Fatalf("%s has no %s", s, name)
	}
	return l.ask(s, op.Method, labels.ReplaceAllString(op.Path, "x"), "")
}

const throttled = "ThrottlingException"

// wantCalls calls an operation as often as the rate allows, and once more.
func (l *limited) wantCalls(rate int, name string) {
	l.Helper()
	for range rate {
		if a := l.call(awsapi.IoT, name); a.kind == throttled {
			l.Fatalf("%s is throttled below %d a second", name, rate)
		}
	}
	if a := l.call(awsapi.IoT, name); a.status != 400 || a.kind != throttled || !strings.Contains(a.body, `"message":"Too many requests"`) {
		l.Errorf("%s over %d a second is told %+v", name, rate, a)
	}
	l.wantCounted("iot", name, "http", throttled)
}

// deviceTopics are the topics of requests of thing x.
var deviceTopics = map[string]string{
	"DescribeJobExecution": "$aws/things/x/jobs/j/get", "GetPendingJobExecutions": "$aws/things/x/jobs/get",
	"StartNextPendingJobExecution": "$aws/things/x/jobs/start-next", "UpdateJobExecution": "$aws/things/x/jobs/j/update",
}

// wantCallsOfDevices spends the rate of two operations over both doors.
func (l *limited) wantCallsOfDevices(rate int, operations []string) {
	l.Helper()
	c := l.dial(mqtt.V311)
	for i := range rate {
		name := operations[i/2%2]
		if i < 80 { // the publishes of a connection have a rate too
			c.publish(deviceTopics[name], "{}")
		} else if a := l.call(awsapi.JobsData, name); a.kind == throttled {
			l.Fatalf("%s is throttled after %d calls", name, i)
		}
	}
	if heard := c.heard("RequestThrottled"); heard != "" {
		l.Fatalf("below %d a second, a device is told %s", rate, heard)
	}
	for _, name := range operations {
		c.publish(deviceTopics[name], `{"clientToken":"t"}`)
		if a := l.call(awsapi.JobsData, name); a.status != 429 || a.kind != throttled {
			l.Errorf("%s over HTTP is told %+v", name, a)
		}
		l.wantCounted("iot-jobs-data", name, "http", throttled)
		l.wantCounted("iot-jobs-data", name, "mqtt", "RequestThrottled")
	}
	eventually(l.T, "the refusal over MQTT", func() bool { return c.heard(`"code":"RequestThrottled"`) != "" })
	if heard := c.heard("RequestThrottled"); !strings.Contains(heard, `"message":"Too many requests"`) || !strings.Contains(heard, `"clientToken":"t"`) {
		l.Errorf("over MQTT a device is told %s", heard)
	}
}

// listener is a client over MQTT that keeps what it hears.
type listener struct {
	*limited
	c    *mqttclient.Client
	mu   sync.Mutex // guards said
	said []string
}

func (l *limited) dial(version byte) *listener {
	l.Helper()
	n := &listener{limited: l}
	c, err := mqttclient.Dial(l.Context(), mqttclient.Config{URL: "mqtt://" + l.MQTTAddr(), Version: version, Handle: n.keep})
	if err != nil {
		l.Fatal(err)
	}
	l.Cleanup(func() { _ = c.Close() })
	n.c = c
	return n
}

func (n *listener) keep(_ *mqttclient.Client, m mqtt.Message) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.said = append(n.said, string(m.Payload))
}

// heard is the first message that has a word in it; "": there is none.
func (n *listener) heard(word string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, said := range n.said {
		if strings.Contains(said, word) {
			return said
		}
	}
	return ""
}

// send publishes and waits for nothing.
func (n *listener) send(m mqtt.Message) {
	n.Helper()
	if err := n.c.Send(m); err != nil {
		n.Fatal(err)
	}
}

// publish publishes at QoS 1 and waits for the PUBACK.
func (n *listener) publish(topic, payload string) {
	n.Helper()
	if err := n.c.Publish(n.Context(), mqtt.Message{Topic: topic, Payload: []byte(payload), QoS: 1}); err != nil {
		n.Fatal(err)
	}
}
