package bench

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/drover-iot/drover/internal/cli/bench/crowd"
	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/mqtt"
	"github.com/drover-iot/drover/internal/mqttclient"
)

// runCrowd measures what clients that behave badly cost those who behave: how
// long reports take at a steady rate far below what a node can do, first among
// connections at rest, then with slow clients beside them, then with rude ones
// among these.
func runCrowd(ctx context.Context, st *stand) (figures []figure, err error) {
	n, err := st.start(ctx, fleet{things: st.num(40_000, 4_000), queued: true})
	if err != nil {
		return nil, err
	}
	defer st.closing(n, &err)
	resting, err := connectDevices(ctx, n.mqtt, st.num(8_000, 400)-steadyLines, false)
	if err != nil {
		return nil, err
	}
	defer closeAll(resting)
	w := &steady{once: once{things: st.num(40_000, 4_000)}, perSecond: st.num(500, 200)}
	quiet, err := st.steadily(ctx, n, w)
	if err != nil {
		return nil, err
	}
	slow, err := st.amongTheBad(ctx, n, w, true)
	if err != nil {
		return nil, err
	}
	rude, err := st.amongTheBad(ctx, n, w, false)
	if err != nil {
		return nil, err
	}
	cut, err := n.cuts(ctx)
	if err != nil {
		return nil, err
	}
	return append(crowdFigures(quiet.took, slow.took, rude.took),
		append(st.memoryFigures("crowd", n),
			figure{Name: "crowd.cut", Value: cut, Unit: "connections"},
			figure{Name: "crowd.lost", Value: float64(lost(resting)), Unit: "connections"})...), nil
}

// crowdFigures have those of the crowds against those of the quiet.
func crowdFigures(quiet, slow, rude latencies) []figure {
	base := quiet.figures("crowd-quiet")
	slower := slow.figures("crowd")
	ruder := rude.figures("crowd-rude")
	for i, of := range base {
		slower[i], ruder[i] = slower[i].against(of), ruder[i].against(of)
	}
	return slices.Concat(slower, ruder, base)
}

// steadyLines is over how many connections the reports of runCrowd come.
const steadyLines = 64

// steadily reports at a steady rate.
func (st *stand) steadily(ctx context.Context, n *node, w work) (counted, error) {
	l, err := dial(ctx, n.mqtt, steadyLines, w)
	if err != nil {
		return counted{}, err
	}
	defer l.close()
	return l.run(ctx, st.seconds(3, 0.3), st.seconds(20, 0.7))
}

// amongTheBad does so beside a crowd, of slow ones alone or of all kinds, and
// much that is published to it.
func (st *stand) amongTheBad(ctx context.Context, n *node, w work, slow bool) (counted, error) {
	st.say("crowd: the bad ones come")
	ctx, stop := context.WithCancel(ctx)
	bad := crowd.Gather(ctx, crowd.Config{Addr: strings.TrimPrefix(n.mqtt, "mqtt://"), Size: st.num(2_000, 100), Busy: "busy/#", Slow: slow})
	defer bad.Close()
	var g sync.WaitGroup
	defer g.Wait()
	defer stop()
	talking := make(chan error, 1)
	g.Go(func() { talking <- talk(ctx, n.mqtt) })
	if err := clock.Rest(ctx, st.seconds(10, 0.3)); err != nil { // the first are cut by then
		return counted{}, err
	}
	c, err := st.steadily(ctx, n, w)
	select {
	case failed := <-talking:
		return c, fmt.Errorf("publish to the crowd: %w", failed)
	default:
		return c, err
	}
}

// talk publishes messages to the crowd until ctx ends.
func talk(ctx context.Context, url string) error {
	c, err := mqttclient.Dial(ctx, mqttclient.Config{URL: url, Client: "talker"})
	if err != nil {
		return err
	}
	defer closeAll([]*mqttclient.Client{c})
	for i := 0; clock.Rest(ctx, 125*time.Millisecond) == nil; i++ {
		m := mqtt.Message{Topic: "busy/" + fmt.Sprint(i%10), Payload: make([]byte, 8<<10), QoS: byte(i % 2)}
		if err := c.Publish(ctx, m); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// steady is executions at a steady rate.
type steady struct {
	once
	perSecond int
	due       atomic.Int64
}

// next implements work.
func (s *steady) next(i int) (execution, bool) {
	if s.due.Add(-1) < 0 {
		s.due.Add(1)
		return execution{}, false
	}
	return s.once.next(i)
}

// follow implements work: it makes some due every few milliseconds.
func (s *steady) follow(ctx context.Context, c crew) {
	const times = 100 // a second
	tick := time.NewTicker(time.Second / times)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.due.Store(int64(s.perSecond / times)) // what was not begun in time is not made up for
			c.wake()
		}
	}
}

// cuts is how many connections the node has ended for what their clients did.
func (n *node) cuts(ctx context.Context) (float64, error) {
	all, err := n.metrics(ctx)
	var cut float64
	for name, v := range all {
		for _, cause := range []string{"SLOW_READER", "THROTTLED", "NO_CONNECT", "DUPLICATE_CLIENTID", "MQTT_KEEP_ALIVE_TIMEOUT"} {
			if strings.HasPrefix(name, `drover_mqtt_connections_ended_total{cause="`+cause) {
				cut += v
			}
		}
	}
	return cut, err
}

// lost is how many connections have ended by themselves.
func lost(clients []*mqttclient.Client) (n int) {
	for _, c := range clients {
		if c.Err() != nil {
			n++
		}
	}
	return n
}
