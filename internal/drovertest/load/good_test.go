package load

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/mqtt"
	"github.com/drover-iot/drover/internal/mqttclient"
)

// busy is where much is published.
const busy = "busy/#"

// good are clients who behave well.
type good struct {
	t       *testing.T
	n       *node
	clients []*mqttclient.Client
	workers []*worker
	jobs    []string
}

// worker is a device that works off what it is told. Its client's goroutine has
// it, but for what is guarded.
type worker struct {
	s      *good
	thing  string
	asking bool // a request is under way
	again  bool // it was told of something meanwhile

	mu   sync.Mutex // guards done
	done map[string]bool
}

const workers = 32

// gather connects the good, in this order: some who work, the others who only
// listen.
func gather(t *testing.T, n *node, size int) *good {
	t.Helper()
	s := &good{t: t, n: n, clients: make([]*mqttclient.Client, size)}
	var g sync.WaitGroup
	slots := make(chan struct{}, 64)
	for i := range workers {
		w := &worker{s: s, thing: fmt.Sprintf("press-%d", i), done: map[string]bool{}}
		s.workers = append(s.workers, w)
		call(t, n, iot.CreateThing, iot.CreateThingRequest{ThingName: w.thing})
	}
	for i := range size {
		slots <- struct{}{}
		g.Go(func() {
			defer func() { <-slots }()
			s.clients[i] = s.connect(i)
		})
	}
	g.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return s
}

func call(t *testing.T, n *node, op awsapi.Operation, in awsapi.Shaped) {
	t.Helper()
	if _, err := awsapi.Call[struct{}](t.Context(), n.api, op, in); err != nil {
		t.Fatal(err)
	}
}

// connect opens the i-th connection with the subscriptions of a Jobs client.
func (s *good) connect(i int) *mqttclient.Client {
	thing, handle := fmt.Sprintf("idle-%d", i), (func(*mqttclient.Client, mqtt.Message))(nil)
	if i < len(s.workers) {
		thing, handle = s.workers[i].thing, s.workers[i].hear
	}
	c, err := mqttclient.Dial(s.t.Context(), mqttclient.Config{
		URL: "tcp://" + s.n.MQTT, Client: thing, KeepAlive: 20 * time.Minute, Handle: handle, Timeout: patience,
	})
	if err == nil {
		below := "$aws/things/" + thing + "/jobs/"
		_, err = c.Subscribe(s.t.Context(), mqtt.Wish{Filter: below + "notify-next", QoS: 1}, mqtt.Wish{Filter: below + "notify", QoS: 1},
			mqtt.Wish{Filter: below + "$next/get/accepted", QoS: 1}, mqtt.Wish{Filter: below + "+/update/accepted", QoS: 1})
	}
	if err != nil {
		s.t.Errorf("good client %d: %v", i, err)
	}
	return c
}

// hear goes on with what there is to do: each job is started, reported on and
// ended.
func (w *worker) hear(c *mqttclient.Client, m mqtt.Message) {
	var said struct {
		ClientToken string
		Execution   *struct{ JobID string }
	}
	if err := json.Unmarshal(m.Payload, &said); err != nil {
		w.s.t.Errorf("%s: %q: %v", w.thing, m.Payload, err)
	}
	_, what, _ := strings.Cut(m.Topic, "/jobs/")
	job, kind, _ := strings.Cut(what, "/")
	switch {
	case what == "notify":
	case what == "notify-next" && said.Execution == nil:
	case what == "notify-next" && w.asking:
		w.again = true
	case what == "notify-next":
		w.ask(c, "start-next", "")
	case what == "start-next/accepted" && said.Execution != nil:
		w.ask(c, said.Execution.JobID+"/update", "IN_PROGRESS")
	case what == "start-next/accepted" && w.again:
		w.ask(c, "start-next", "")
	case what == "start-next/accepted":
		w.asking = false
	case kind == "update/accepted" && said.ClientToken == "IN_PROGRESS":
		w.ask(c, job+"/update", "SUCCEEDED")
	case kind == "update/accepted":
		w.finish(job)
		w.ask(c, "start-next", "")
	default:
		w.s.t.Errorf("%s: %s: %s", w.thing, m.Topic, m.Payload)
	}
}

// ask sends a request, with its status for a token.
func (w *worker) ask(c *mqttclient.Client, what, status string) {
	w.asking, w.again = true, false
	payload := `{"clientToken":"start"}`
	if status != "" {
		payload = fmt.Sprintf(`{"status":%q,"clientToken":%q}`, status, status)
	}
	c.Reply(mqtt.Message{Topic: "$aws/things/" + w.thing + "/jobs/" + what, Payload: []byte(payload), QoS: 1})
}

func (w *worker) finish(job string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.done[job] = true
}

func (w *worker) finished() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.done)
}

// serve gives the workers a job a second, and publishes to the busy topics so
// much that whoever does not read is cut, for a while.
func (s *good) serve(d time.Duration, bad int) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), d)
	defer cancel()
	var g sync.WaitGroup
	g.Go(func() { s.publish(ctx, max(100*time.Millisecond, time.Duration(bad)*250*time.Microsecond)) })
	for tick := time.NewTicker(time.Second); ctx.Err() == nil; <-tick.C {
		s.createJob()
		if held := s.n.figures()["drover_mqtt_held_bytes"]; held > heldBytes+spill {
			s.t.Errorf("the node holds %v MiB", int64(held)>>20)
		}
	}
	g.Wait()
}

func (s *good) createJob() {
	s.t.Helper()
	job := fmt.Sprintf("job-%d", len(s.jobs))
	in := iot.CreateJobRequest{JobID: job, Document: `{"op":"flash"}`}
	for _, w := range s.workers {
		in.Targets = append(in.Targets, "arn:aws:iot:us-east-1:000000000000:thing/"+w.thing)
	}
	call(s.t, s.n, iot.CreateJob, in)
	s.jobs = append(s.jobs, job)
}

// publish publishes large messages to the busy topics, each acknowledged.
func (s *good) publish(ctx context.Context, every time.Duration) {
	c := s.connect(len(s.clients))
	if c == nil {
		return
	}
	defer c.Close()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for i := 0; ctx.Err() == nil; i++ {
		<-tick.C
		within, cancel := context.WithTimeout(s.t.Context(), patience)
		err := c.Publish(within, mqtt.Message{Topic: fmt.Sprint("busy/", i%10), Payload: make([]byte, 64<<10), QoS: byte(i % 2)})
		cancel()
		if err != nil {
			s.t.Errorf("publish: %v", err)
			return
		}
	}
}

// wantServed holds the node to have served the good: whoever listens is
// connected, and each job was done by each worker, who was told of it.
func (s *good) wantServed() {
	s.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for until := time.Now().Add(patience); s.undone() > 0 && time.Now().Before(until); {
		<-tick.C
	}
	if n := s.undone(); n > 0 {
		s.t.Errorf("%d executions of %d jobs were not done", n, len(s.jobs))
	}
	for i, c := range s.clients {
		if err := c.Err(); err != nil {
			s.t.Errorf("good client %d: %v", i, err)
		}
	}
	for _, job := range s.jobs {
		got, err := awsapi.Call[iot.DescribeJobAnswer](s.t.Context(), s.n.api, iot.DescribeJob, iot.DescribeJobRequest{JobID: job})
		if err != nil || got.Job.JobProcessDetails.NumberOfSucceededThings != workers {
			s.t.Errorf("%s: %+v, %v", job, got.Job.JobProcessDetails, err)
		}
	}
}

func (s *good) undone() int {
	n := len(s.jobs) * len(s.workers)
	for _, w := range s.workers {
		n -= w.finished()
	}
	return n
}

// leave ends the connections of the good.
func (s *good) leave() {
	var g sync.WaitGroup
	for _, c := range s.clients {
		g.Go(func() { _ = c.Close() })
	}
	g.Wait()
}
