package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"time"

	"github.com/drover-iot/drover/internal/mqtt"
	"github.com/drover-iot/drover/internal/mqttclient"
)

// patience is how long a device waits for an answer, in real time.
const patience = 30 * time.Second

// device is one simulated device on a connection of its own. It moves when the
// fleet calls step; what the server tells it in between waits in told.
type device struct {
	name    string
	kind    kind
	conn    *mqttclient.Client
	answers chan mqtt.Message // to the request under way
	told    atomic.Pointer[answer]
	news    chan<- struct{} // a notice is in told

	work *work
	last happening // how its latest execution ended
}

// work is an execution that the device is about.
type work struct {
	job    string
	number int64
	moves  []move
	next   time.Time // when the first of moves is due
	// deadline is when the server's timer ends it; zero: there is none.
	deadline time.Time
}

// answer is what the server says to a device: the members that the demo's
// devices look at. spec: device-api.md#6-shapes-on-mqtt
type answer struct {
	Execution *execution `json:"execution"`
	Code      string     `json:"code"`
	Message   string     `json:"message"`
}

// execution is what a device is told of an execution.
type execution struct {
	JobID       string `json:"jobId"`
	Number      int64  `json:"executionNumber"`
	SecondsLeft *int64 `json:"approximateSecondsBeforeTimedOut"` // nil: no timer runs
}

// deadline is when the server's timer will end it, as told at now.
func (e execution) deadline(now time.Time) time.Time {
	if e.SecondsLeft == nil {
		return time.Time{}
	}
	return now.Add(time.Duration(*e.SecondsLeft) * time.Second)
}

// refused is a request that the server rejected.
type refused struct{ code, message string }

func (r *refused) Error() string { return r.code + ": " + r.message }

// connect opens the device's connection and asks to be told what comes next.
func (d *device) connect(ctx context.Context, url string) error {
	var err error
	d.conn, err = mqttclient.Dial(ctx, mqttclient.Config{URL: url, Client: d.name, Handle: d.hear})
	if err != nil {
		return err
	}
	_, err = d.conn.Subscribe(ctx, mqtt.Wish{Filter: d.topic("notify-next"), QoS: 1})
	return err
}

func (d *device) topic(rest string) string { return "$aws/things/" + d.name + "/jobs/" + rest }

// hear takes a message from the server, on the connection's goroutine.
func (d *device) hear(_ *mqttclient.Client, m mqtt.Message) {
	if !strings.HasSuffix(m.Topic, "/notify-next") {
		select {
		case d.answers <- m:
		default: // nobody waits for it any more
		}
		return
	}
	var a answer
	if json.Unmarshal(m.Payload, &a) != nil {
		return // a server that sends no JSON has nothing to do for us
	}
	d.told.Store(&a)
	select {
	case d.news <- struct{}{}:
	default:
	}
}

// step does what is to be done at now: one notice, or one report.
func (d *device) step(ctx context.Context, now time.Time) ([]happening, error) {
	if err := d.conn.Err(); err != nil {
		return nil, err
	}
	if told := d.told.Swap(nil); told != nil {
		return d.look(ctx, told, now)
	}
	if w := d.work; w == nil || len(w.moves) == 0 || w.next.After(now) {
		return nil, nil
	}
	return d.report(ctx, now)
}

// silent tells whether the device has stopped reporting and lets its
// execution run into the timeout.
func (d *device) silent() bool { return d.work != nil && len(d.work.moves) == 0 }

// look reads a notice: another head of the list means that the execution
// before it is over, by the server's timer or by an operator.
func (d *device) look(ctx context.Context, told *answer, now time.Time) ([]happening, error) {
	next := told.Execution
	if w := d.work; w != nil && next != nil && w.job == next.JobID && w.number == next.Number {
		return nil, nil
	}
	var out []happening
	if w := d.work; w != nil && w.late(now) {
		out = append(out, d.end("TIMED_OUT"))
	} else if w != nil {
		out = append(out, d.end("CANCELED"))
	}
	if next == nil {
		return out, nil
	}
	return out, d.begin(ctx, *next, now)
}

// late tells whether the server's timer has run out; it is told in seconds.
func (w *work) late(now time.Time) bool {
	return !w.deadline.IsZero() && now.Add(time.Second).After(w.deadline)
}

// begin starts the head of the list, or makes up its mind to reject it.
func (d *device) begin(ctx context.Context, head execution, now time.Time) error {
	todo := d.kind.attempt(head.Number, d.dice(head.Number))
	if !todo.refuse {
		a, err := d.ask(ctx, "start-next", struct{}{})
		if err != nil || a.Execution == nil {
			return err
		}
		head = *a.Execution
	}
	d.work = &work{
		job: head.JobID, number: head.Number, deadline: head.deadline(now),
		moves: todo.moves, next: now.Add(todo.moves[0].after),
	}
	return nil
}

// dice differ from device to device and are the same in each run.
func (d *device) dice(number int64) *rand.Rand {
	var h uint64
	for _, c := range d.name {
		h = h*31 + uint64(c)
	}
	return rand.New(rand.NewPCG(demoSeed+h, uint64(number)))
}

// report makes the move that is due.
func (d *device) report(ctx context.Context, now time.Time) ([]happening, error) {
	w, m := d.work, d.work.moves[0]
	_, err := d.ask(ctx, w.job+"/update", map[string]any{"status": m.status, "statusDetails": m.details})
	if no := (*refused)(nil); errors.As(err, &no) { // an operator was faster
		return []happening{d.end("CANCELED")}, nil
	}
	if err != nil {
		return nil, err
	}
	if m.status != "IN_PROGRESS" {
		return []happening{d.end(m.status)}, nil
	}
	if w.moves = w.moves[1:]; len(w.moves) > 0 {
		w.next = now.Add(w.moves[0].after)
	}
	return nil, nil
}

// end is the end of the execution that the device was about.
func (d *device) end(status string) happening {
	h := happening{device: d.name, status: status, attempt: d.work.number}
	d.work, d.last = nil, h
	return h
}

// ask sends a request and waits for its answer, which comes without a
// subscription. spec: device-api.md#1-the-ten-rules-that-decide-whether-real-devices-work
func (d *device) ask(ctx context.Context, what string, in any) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var out answer
	payload, err := json.Marshal(in)
	if err != nil {
		return out, fmt.Errorf("write %s: %w", what, err)
	}
	d.forget()
	if err := d.conn.Publish(ctx, mqtt.Message{Topic: d.topic(what), Payload: payload, QoS: 1}); err != nil {
		return out, fmt.Errorf("ask %s: %w", what, err)
	}
	select {
	case m := <-d.answers:
		return readAnswer(m)
	case <-d.conn.Done():
		return out, fmt.Errorf("ask %s: %w", what, d.conn.Err())
	case <-ctx.Done():
		return out, fmt.Errorf("ask %s: %w", what, ctx.Err())
	}
}

// forget drops the answer to a request that was given up.
func (d *device) forget() {
	select {
	case <-d.answers:
	default:
	}
}

func readAnswer(m mqtt.Message) (answer, error) {
	var out answer
	if err := json.Unmarshal(m.Payload, &out); err != nil {
		return out, fmt.Errorf("read %s: %w", m.Topic, err)
	}
	if strings.HasSuffix(m.Topic, "/rejected") {
		return out, &refused{out.Code, out.Message}
	}
	return out, nil
}
