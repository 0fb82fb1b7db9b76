package bench

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/mqtt"
	"github.com/drover-iot/drover/internal/mqttclient"
)

// runChurn has all devices of a fleet come back at the same instant. While they
// were away each got a job, of which its session owes it a notice.
func runChurn(ctx context.Context, st *stand) (figures []figure, err error) {
	devices := st.num(5_000, 500)
	n, err := st.start(ctx, fleet{things: devices})
	if err != nil {
		return nil, err
	}
	defer st.closing(n, &err)
	away, err := connectDevices(ctx, n.mqtt, devices, true)
	if err != nil {
		return nil, err
	}
	closeAll(away)
	if err := n.createJob(ctx, releasedJob); err != nil {
		return nil, err
	}
	if err := n.awaitQueued(ctx, releasedJob, devices); err != nil {
		return nil, err
	}
	return st.comeBack(ctx, n.mqtt, devices)
}

// comeBack measures how devices come back, all at once.
func (st *stand) comeBack(ctx context.Context, url string, devices int) ([]figure, error) {
	all, lost := make([]returning, devices), make([]error, devices)
	within, cancel := context.WithTimeout(ctx, longAbsence)
	defer cancel()
	began := clock.Wall()
	var g sync.WaitGroup
	for i := range all {
		g.Go(func() {
			all[i] = returning{began: began, served: make(chan struct{})}
			lost[i] = all[i].comeBack(within, url, thing(i))
		})
	}
	g.Wait()
	defer leaveAll(all)
	if err := cmp.Or(lost...); err != nil {
		st.say("churn: the first that is lost: %v", err)
	}
	return returned(all, lost), ctx.Err()
}

// longAbsence is after how long a device that is not served is lost.
const longAbsence = 30 * time.Second

// returning is a device that comes back.
type returning struct {
	client *mqttclient.Client
	began  time.Time
	served chan struct{} // closed when it was answered and told

	mu             sync.Mutex // guards what follows
	answered, told time.Duration
}

// comeBack resumes the session, asks for the next job, and waits for the answer
// and for the notice that is owed.
func (d *returning) comeBack(ctx context.Context, url, name string) (err error) {
	d.client, err = mqttclient.Dial(ctx, mqttclient.Config{URL: url, Client: name, Resume: true, Handle: d.hear})
	if err != nil {
		return err
	}
	if !d.client.Resumed() {
		return fmt.Errorf("device %s: its session is gone", name)
	}
	if err := d.client.Send(mqtt.Message{Topic: "$aws/things/" + name + "/jobs/" + asks[0].topic, Payload: asks[0].payload, QoS: 1}); err != nil {
		return err
	}
	select {
	case <-d.served:
		return nil
	case <-d.client.Done():
		return d.client.Err()
	case <-ctx.Done():
		return fmt.Errorf("device %s: not served: %w", name, ctx.Err())
	}
}

// hear notes the first answer and the first notice.
func (d *returning) hear(_ *mqttclient.Client, m mqtt.Message) {
	after := clock.Wall().Sub(d.began)
	d.mu.Lock()
	defer d.mu.Unlock()
	before := d.answered > 0 && d.told > 0
	switch {
	case strings.HasSuffix(m.Topic, "/$next/get/accepted"):
		d.answered = cmp.Or(d.answered, after)
	case strings.HasSuffix(m.Topic, "/notify-next"):
		d.told = cmp.Or(d.told, after)
	}
	if !before && d.answered > 0 && d.told > 0 {
		close(d.served)
	}
}

// returned are the figures of those who came back, from the instant at which
// all set out.
func returned(all []returning, lost []error) []figure {
	var answered, told latencies
	for i := range all {
		if lost[i] == nil {
			answered, told = append(answered, all[i].answered), append(told, all[i].told)
		}
	}
	rate := 0.0
	if last := max(answered.at(1), told.at(1)); last > 0 {
		rate = float64(len(answered)) / last.Seconds()
	}
	figures := append([]figure{{Name: "churn", Value: rate, Unit: "devices/s"}}, answered.figures("churn")...)
	return append(figures,
		figure{Name: "churn.told-p99", Value: milliseconds(told.at(0.99)), Unit: "ms"},
		figure{Name: "churn.lost", Value: float64(len(all) - len(answered)), Unit: "devices"},
	)
}

func leaveAll(all []returning) {
	list := make([]*mqttclient.Client, len(all))
	for i := range all {
		list[i] = all[i].client
	}
	closeAll(list)
}
