package bench

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/mqtt"
	"github.com/drover-iot/drover/internal/mqttclient"
)

func runIdle(ctx context.Context, st *stand) ([]figure, error) {
	devices := st.num(5_000, 500)
	figures, err := st.restOnNode(ctx, devices)
	if err != nil {
		return nil, err
	}
	other, err := st.restOnMosquitto(ctx, devices)
	if len(figures) > 0 && len(other) > 0 {
		figures[0] = figures[0].against(other[0])
	}
	return append(figures, other...), err
}

// restOnNode measures what connections at rest cost a node.
func (st *stand) restOnNode(ctx context.Context, devices int) (figures []figure, err error) {
	n, err := st.start(ctx, fleet{things: devices})
	if err != nil {
		return nil, err
	}
	defer st.closing(n, &err)
	before, err := n.metrics(ctx)
	if err != nil {
		return nil, err
	}
	idle, err := st.rest(ctx, "idle", n.mqtt, n.cmd.Process.Pid, devices)
	if err != nil {
		return nil, err
	}
	defer idle.close()
	after, err := n.metrics(ctx)
	if err != nil {
		return nil, err
	}
	grown := func(name string) float64 { return (after[name] - before[name]) / float64(devices) / 1024 }
	return append(idle.figures,
		figure{Name: "idle.heap", Value: grown("go_memstats_heap_inuse_bytes"), Unit: perConnection},
		figure{Name: "idle.stacks", Value: grown("go_memstats_stack_inuse_bytes"), Unit: perConnection},
	), nil
}

const perConnection = "KiB/connection"

// resting is connections at rest, and what the figures of them are.
type resting struct {
	devices []*mqttclient.Client
	figures []figure // none where the system does not tell
}

func (r resting) close() { closeAll(r.devices) }

// rest opens connections to a broker, of which the process id is given, and
// lets them rest: the resident memory that the process has more is theirs.
func (st *stand) rest(ctx context.Context, name, url string, pid, devices int) (r resting, err error) {
	first, err := connectDevices(ctx, url, min(devices, dialling), false)
	if err != nil {
		return r, err
	}
	closeAll(first) // what the first of all need is not what each needs
	if err := clock.Rest(ctx, st.seconds(10, 0.3)); err != nil {
		return r, err
	}
	before, ok := processMemory(pid)
	if r.devices, err = connectDevices(ctx, url, devices, false); err != nil {
		return r, err
	}
	if err := clock.Rest(ctx, st.seconds(10, 0.3)); err != nil {
		r.close()
		return r, err
	}
	if !ok {
		st.say("%s: the memory of a process is not measured on this system", name)
		return r, nil
	}
	after, _ := processMemory(pid)
	each := (after.now - before.now) / float64(devices) / 1024
	r.figures = []figure{{Name: name, Value: each, Unit: perConnection}}
	return r, nil
}

// dialling is how many connections are opened at once where it is not this that
// is measured.
const dialling = 64

// connectDevices connects each thing as a device with the subscriptions that
// devices have.
func connectDevices(ctx context.Context, url string, devices int, resume bool) ([]*mqttclient.Client, error) {
	list := make([]*mqttclient.Client, devices)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(dialling)
	for i := range list {
		g.Go(func() (err error) {
			list[i], err = connectDevice(ctx, url, thing(i), resume)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		closeAll(list)
		return nil, err
	}
	return list, nil
}

func connectDevice(ctx context.Context, url, name string, resume bool) (*mqttclient.Client, error) {
	c, err := mqttclient.Dial(ctx, mqttclient.Config{URL: url, Client: name, Resume: resume, KeepAlive: 20 * time.Minute})
	if err != nil {
		return nil, err
	}
	if _, err := c.Subscribe(ctx, jobsOf(name)...); err != nil {
		return c, fmt.Errorf("device %s: %w", name, err)
	}
	return c, nil
}

// jobsOf is what a device subscribes to.
func jobsOf(name string) []mqtt.Wish {
	var list []mqtt.Wish
	for _, filter := range []string{"notify-next", "start-next/accepted", "+/update/accepted", "+/update/rejected"} {
		list = append(list, mqtt.Wish{Filter: "$aws/things/" + name + "/jobs/" + filter, QoS: 1})
	}
	return list
}

// closeAll ends connections; those that are nil were none.
func closeAll(list []*mqttclient.Client) {
	var g errgroup.Group
	for _, c := range list {
		if c != nil {
			g.Go(c.Close)
		}
	}
	_ = g.Wait() // they are gone either way
}
