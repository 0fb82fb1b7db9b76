package server_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/mqtt"
	"github.com/drover-iot/drover/internal/mqttclient"
	"github.com/drover-iot/drover/internal/server"
)

// logged is a node whose log a test reads.
type logged struct {
	*server.Node
	*testing.T
	mu  sync.Mutex // guards out
	out bytes.Buffer
}

// Write is the end of the log.
func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(p)
}

func (l *logged) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.String()
}

// count is how many lines of the log match.
func (l *logged) count(pattern string) int {
	return len(regexp.MustCompile("(?m)^.*(?:"+pattern+").*$").FindAllString(l.text(), -1))
}

func newLogged(t *testing.T) *logged {
	l := &logged{T: t}
	cfg := server.Defaults()
	cfg.Data, cfg.HTTP, cfg.MQTT, cfg.Volatile = t.TempDir(), "127.0.0.1:0", "127.0.0.1:0", true
	n, err := server.New(t.Context(), cfg, slog.New(slog.NewTextHandler(l, nil)))
	if err != nil {
		t.Fatal(err)
	}
	l.Node = n
	run(t, n)
	return l
}

// run runs a node until the test ends.
func run(t *testing.T, n *server.Node) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- n.Run(ctx) }()
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// send sends a request over HTTP.
func (l *logged) send(method, path, body, service string) {
	l.Helper()
	r, err := http.NewRequest(method, "http://"+l.HTTPAddr()+path, strings.NewReader(body))
	if err != nil {
		l.Fatal(err)
	}
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/"+service+"/aws4_request, Signature=0")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		l.Fatal(err)
	}
	resp.Body.Close()
	http.DefaultClient.CloseIdleConnections()
}

// publish publishes requests over MQTT and waits until they are answered.
func (l *logged) publish(n int, topic, payload string) {
	l.Helper()
	c, err := mqttclient.Dial(l.Context(), mqttclient.Config{URL: "mqtt://" + l.MQTTAddr(), Client: "dev"})
	if err != nil {
		l.Fatal(err)
	}
	defer c.Close()
	for range n {
		if err := c.Publish(l.Context(), mqtt.Message{Topic: topic, Payload: []byte(payload), QoS: 1}); err != nil {
			l.Fatal(err)
		}
	}
}

func TestAControlRequestIsOneLineAndADeviceRequestNoneUnlessItFailed(t *testing.T) {
	const remote = ` remote=127\.0\.0\.1:\d+`
	cases := []struct {
		name string
		do   func(l *logged)
		want []string // lines about requests
	}{
		{
			"a control request", func(l *logged) { l.send("POST", "/things/press-01", "{}", "iot") },
			[]string{`level=INFO msg=request part=control op=CreateThing door=http path=/things/press-01` + remote + ` request=\S+ took=\S+$`},
		},
		{
			"a control request that is refused", func(l *logged) { l.send("GET", "/jobs/none", "", "iot") },
			[]string{`level=INFO msg="request refused" part=control op=DescribeJob door=http path=/jobs/none` + remote +
				` request=\S+ code=ResourceNotFoundException message=".*none.*"$`},
		},
		{"a device request over HTTP", func(l *logged) {
			l.send("POST", "/things/press-01", "{}", "iot")
			l.send("GET", "/things/press-01/jobs", "", "iot-jobs-data")
		}, []string{`op=CreateThing`}},
		{"a device request over MQTT", func(l *logged) {
			l.send("POST", "/things/press-01", "{}", "iot")
			l.publish(1, "$aws/things/press-01/jobs/get", "{}")
		}, []string{`op=CreateThing`}},
		{
			"one that is refused over HTTP", func(l *logged) { l.send("GET", "/things/nobody/jobs", "", "iot-jobs-data") },
			[]string{`level=INFO msg="request refused" part=device op=GetPendingJobExecutions thing=nobody door=http path=/things/nobody/jobs` + remote +
				` request=\S+ code=ResourceNotFoundException message=".*nobody.*"$`},
		},
		{
			"one that is refused over MQTT", func(l *logged) { l.publish(1, "$aws/things/nobody/jobs/get", "{}") },
			[]string{`level=INFO msg="request refused" part=device op=GetPendingJobExecutions thing=nobody door=mqtt topic=\$aws/things/nobody/jobs/get client=dev` + remote +
				` code=ResourceNotFound message=".*nobody.*"$`},
		},
		{
			"the clock of the node", func(l *logged) { l.send("POST", "/drover/v1/clock/advance", `{"by":"1m"}`, "iot") },
			[]string{`level=INFO msg="request refused" part=control op=AdvanceClock door=http path=/drover/v1/clock/advance` + remote +
				` request=\S+ code=InvalidStateTransitionException message=".*"$`},
		},
		{
			"a path that is no operation", func(l *logged) { l.send("GET", "/nowhere", "", "iot") },
			[]string{`level=INFO msg="request refused" part=control op=none door=http path=/nowhere` + remote + ` request=\S+ code=UnknownOperationException`},
		},
		{
			"a topic that is no operation", func(l *logged) { l.publish(1, "$aws/things/press-01/streams/s/get/json", "{}") },
			[]string{`level=INFO msg="request refused" part=device op=none thing="" door=mqtt topic=\S+ client=dev` + remote + ` code=ResourceNotFound`},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			l := newLogged(t)
			c.do(l)
			for _, want := range c.want {
				eventually(t, want, func() bool { return l.count(want) == 1 })
			}
			if n := l.count(`msg="?request`); n != len(c.want) {
				t.Errorf("%d lines, want %d:\n%s", n, len(c.want), l.text())
			}
		})
	}
}

func TestAFloodOfRefusalsDoesNotFloodTheLog(t *testing.T) {
	const (
		n       = 150 // of each kind
		refusal = "request refused|connection ended"
	)
	l := newLogged(t)
	for range n {
		l.publish(1, "$aws/things/nobody/jobs/get", "{}")
		l.violate()
	}
	eventually(t, "the word of what was left out", func() bool { return l.count("lines left out") > 0 })
	if lines := l.inFirstSecond(refusal); lines > 10 {
		t.Errorf("%d lines are logged within a second, want 10:\n%s", lines, l.text())
	}
	eventually(t, "each refusal logged or counted", func() bool {
		left := scrape(t, "http://"+l.HTTPAddr()).series[`drover_log_lines_left_out_total{level="INFO"}`]
		return int(left)+l.count(refusal) == 2*n
	})
}

func TestAFloodOfControlRequestsDoesNotFillTheDisk(t *testing.T) {
	const n = 100
	l := newLogged(t)
	l.send("POST", "/things/"+strings.Repeat("%01", 2_000), "{}", "iot")
	for range n {
		l.send("GET", "/things/"+strings.Repeat("b", 6_000), "", "iot")
	}
	eventually(t, "the word of what was left out", func() bool { return l.count("lines left out") > 0 })
	if bytes := len(l.text()); bytes > n*200 {
		t.Errorf("the log has %d bytes", bytes)
	}
	l.send("POST", "/things/press-01", "{}", "iot")
	eventually(t, "what is accepted", func() bool { return l.count("msg=request .*CreateThing.*press-01") == 1 })
}

// violate has a client cut for a publish that is not allowed.
func (l *logged) violate() {
	l.Helper()
	c, err := mqttclient.Dial(l.Context(), mqttclient.Config{URL: "mqtt://" + l.MQTTAddr()})
	if err != nil {
		l.Fatal(err)
	}
	defer c.Close()
	_ = c.Send(mqtt.Message{Topic: "$SYS/x"}) // it is cut for that
	<-c.Done()
}

// inFirstSecond is how many lines that match were written within a second of
// the first of them.
func (l *logged) inFirstSecond(pattern string) (n int) {
	l.Helper()
	var first time.Time
	for _, m := range regexp.MustCompile("(?m)^time=(\\S+) .*(?:"+pattern+")").FindAllStringSubmatch(l.text(), -1) {
		at, err := time.Parse(time.RFC3339, m[1])
		if err != nil {
			l.Fatal(err)
		}
		if first.IsZero() {
			first = at
		}
		if at.Sub(first) < time.Second {
			n++
		}
	}
	return n
}
