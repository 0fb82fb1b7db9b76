package bench

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/mqtt"
	"github.com/drover-iot/drover/internal/mqttclient"
)

// load is connections that report as fast as they are answered. Each speaks for
// many things, one request at a time, and goes on from the goroutine that took
// the answer: the client shares the machine and is to cost little of it.
type load struct {
	work     work
	script   []report // what each execution takes
	lines    []*line
	counting atomic.Bool // answers count
	stopping atomic.Bool // nobody goes on
	failed   chan error  // the first that went wrong
}

// line is one connection.
type line struct {
	load   *load
	number int
	client *mqttclient.Client

	mu   sync.Mutex // guards what follows
	on   execution
	step int  // of the script, the one under way
	idle bool // there was nothing to do
	sent time.Time
	took latencies // of the answers that count
	all  int       // answers
}

// dial opens the connections of a load.
func dial(ctx context.Context, url string, connections int, w work) (*load, error) {
	l := &load{work: w, script: reports, failed: make(chan error, 1)}
	for i := range connections {
		c := &line{load: l, number: i}
		var err error
		c.client, err = mqttclient.Dial(ctx, mqttclient.Config{URL: url, Client: fmt.Sprintf("bench-%d", i), Handle: c.hear})
		if err != nil {
			l.close()
			return nil, err
		}
		l.lines = append(l.lines, c)
	}
	return l, nil
}

// close ends the connections.
func (l *load) close() {
	var g errgroup.Group
	for _, c := range l.lines {
		g.Go(c.client.Close)
	}
	_ = g.Wait() // they are gone either way
}

// counted is what was answered in a time.
type counted struct {
	took latencies
	in   time.Duration
	all  int // answers, also those that did not count
}

func (c counted) rate() float64 { return float64(len(c.took)) / c.in.Seconds() }

// run reports for a time that does not count and one that does.
func (l *load) run(ctx context.Context, warm, count time.Duration) (counted, error) {
	beside, stop := context.WithCancel(ctx)
	var following sync.WaitGroup
	following.Go(func() { l.work.follow(beside, l) })
	c, err := l.measure(ctx, warm, count)
	stop()
	following.Wait()
	return c, err
}

func (l *load) measure(ctx context.Context, warm, count time.Duration) (c counted, err error) {
	defer l.stopping.Store(true)
	for _, c := range l.lines {
		c.begin()
	}
	if err := l.wait(ctx, warm); err != nil {
		return c, err
	}
	began := clock.Wall()
	l.counting.Store(true)
	err = l.wait(ctx, count)
	l.counting.Store(false)
	c.in = clock.Wall().Sub(began)
	for _, line := range l.lines {
		err = errors.Join(err, line.end(&c))
	}
	return c, err
}

// wait lets a time pass, or less if a report is refused.
func (l *load) wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case err := <-l.failed:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// fail implements crew.
func (l *load) fail(err error) {
	select {
	case l.failed <- err:
	default: // it was not the first
	}
}

// wake implements crew: it has the connections go on that had nothing to do.
func (l *load) wake() {
	for _, c := range l.lines {
		c.mu.Lock()
		if c.idle {
			c.take(c.sendNow)
		}
		c.mu.Unlock()
	}
}

func (c *line) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.take(c.sendNow)
}

// sendNow sends for those who are not at an answer.
func (c *line) sendNow(m mqtt.Message) {
	if err := c.client.Send(m); err != nil {
		c.load.fail(fmt.Errorf("send a report: %w", err))
	}
}

// end adds what was counted, and answers why the connection is lost, if it is.
func (c *line) end(to *counted) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	to.took = append(to.took, c.took...)
	to.all += c.all
	return c.client.Err()
}

// take begins the next execution. It is called under mu.
func (c *line) take(send func(mqtt.Message)) {
	on, ok := c.load.work.next(c.number)
	c.on, c.step, c.idle = on, 0, !ok
	if ok {
		c.report(send)
	} else if err := c.load.work.spent(); err != nil {
		c.load.fail(err)
	}
}

// report makes the report that is under way. It is called under mu.
func (c *line) report(send func(mqtt.Message)) {
	r := c.load.script[c.step]
	c.sent = clock.Wall()
	send(mqtt.Message{
		Topic: "$aws/things/" + c.on.thing + "/jobs/" + strings.Replace(r.topic, "JOB", c.on.job, 1), Payload: r.payload, QoS: 1,
	})
}

// hear takes an answer and goes on.
func (c *line) hear(_ *mqttclient.Client, m mqtt.Message) {
	now := clock.Wall()
	if !strings.HasSuffix(m.Topic, "/accepted") {
		c.load.fail(fmt.Errorf("%s: %s", m.Topic, m.Payload))
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all++
	if c.load.counting.Load() {
		c.took = append(c.took, now.Sub(c.sent))
	}
	if c.load.stopping.Load() {
		return
	}
	if c.step++; c.step < len(c.load.script) {
		c.report(c.client.Reply)
		return
	}
	c.take(c.client.Reply)
}
