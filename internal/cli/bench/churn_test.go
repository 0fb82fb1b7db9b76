package bench

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/mqtt"
)

func newReturning() *returning {
	return &returning{began: clock.Wall(), served: make(chan struct{})}
}

func TestADeviceIsServedWhenItWasAnsweredAndTold(t *testing.T) {
	for _, topics := range [][]string{
		{"notify-next", "$next/get/accepted"},
		{"$next/get/accepted", "notify-next"},
		{"$next/get/accepted", "$next/get/accepted", "notify", "notify-next", "notify-next"},
	} {
		d := newReturning()
		for _, topic := range topics {
			d.hear(nil, mqtt.Message{Topic: "$aws/things/press-01/jobs/" + topic})
		}
		select {
		case <-d.served:
		default:
			t.Errorf("not served by %v", topics)
		}
	}
}

func TestADeviceThatMissesSomethingIsNotServed(t *testing.T) {
	for _, topic := range []string{"notify-next", "$next/get/accepted", "$next/get/rejected"} {
		d := newReturning()
		d.hear(nil, mqtt.Message{Topic: "$aws/things/press-01/jobs/" + topic})
		select {
		case <-d.served:
			t.Errorf("served by %s alone", topic)
		default:
		}
	}
}

func TestADeviceWithoutItsSessionIsLost(t *testing.T) {
	st := newTestStand(t)
	dir, err := st.folder(t.Context(), fleet{things: 1})
	check(t, err)
	url, _ := serve(t, dir)
	d := newReturning()
	err = d.comeBack(t.Context(), url, thing(0))
	if err == nil || !strings.Contains(err.Error(), "session is gone") {
		t.Errorf("error = %v", err)
	}
	check(t, d.client.Close())
}

func TestADeviceThatIsNotToldIsLost(t *testing.T) {
	st := newTestStand(t)
	dir, err := st.folder(t.Context(), fleet{things: 1})
	check(t, err)
	url, _ := serve(t, dir)
	away, err := connectDevices(t.Context(), url, 1, true)
	check(t, err)
	closeAll(away)
	ctx, stop := context.WithCancel(t.Context())
	d := newReturning()
	lost := make(chan error)
	go func() { lost <- d.comeBack(ctx, url, thing(0)) }()
	stop()
	if err := <-lost; !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v", err)
	}
	if d.client != nil {
		check(t, d.client.Close())
	}
}

func TestWhatThoseWhoReturnAmountTo(t *testing.T) {
	all := []returning{
		{answered: 100 * time.Millisecond, told: 200 * time.Millisecond},
		{answered: 400 * time.Millisecond, told: 300 * time.Millisecond},
		{answered: time.Minute},
	}
	want := []figure{
		{Name: "churn", Value: 5, Unit: "devices/s"},
		{Name: "churn.p50", Value: 100, Unit: "ms"},
		{Name: "churn.p99", Value: 400, Unit: "ms"},
		{Name: "churn.told-p99", Value: 300, Unit: "ms"},
		{Name: "churn.lost", Value: 1, Unit: "devices"},
	}
	if got := returned(all, []error{nil, nil, context.DeadlineExceeded}); !slices.Equal(got, want) {
		t.Errorf("figures %v", got)
	}
	if got := returned(all, []error{errEnded, errEnded, errEnded})[0].Value; got != 0 {
		t.Errorf("nobody returns, %v a second", got)
	}
}
