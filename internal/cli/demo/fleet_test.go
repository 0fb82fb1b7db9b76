package demo

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/mqttclient"
	"github.com/drover-iot/drover/internal/server"
)

// bench is a node with a fleet of two and a job for it, which both have begun.
type bench struct {
	control client
	fleet   *fleet
	now     time.Time
}

func newBench(t *testing.T) *bench {
	t.Helper()
	at := runNode(t)
	b := &bench{control: client{awsapi.NewClient(at.http, atOnce)}, fleet: newFleet(2)}
	t.Cleanup(b.control.Close)
	t.Cleanup(b.fleet.close)
	group, err := b.control.register(t.Context(), demoGroup, b.fleet.names())
	check(t, err)
	check(t, b.fleet.connect(t.Context(), at.mqtt))
	check(t, b.control.createJob(t.Context(), iot.CreateJobRequest{JobID: demoJob, Targets: []string{group}, Document: "{}"}))
	b.advance(t, step)
	b.told(t, "press-0001", "press-0002")
	b.step(t)
	return b
}

// runNode runs a node as the demo does.
func runNode(t *testing.T) place {
	t.Helper()
	node, err := server.New(t.Context(), nodeConfig(t.TempDir()), nodeLog(t.Output()))
	check(t, err)
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error)
	go func() { done <- node.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		check(t, <-done)
	})
	return place{http: "http://" + node.HTTPAddr(), mqtt: "mqtt://" + node.MQTTAddr()}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (b *bench) advance(t *testing.T, by time.Duration) {
	t.Helper()
	var err error
	b.now, err = b.control.advance(t.Context(), by)
	check(t, err)
}

func (b *bench) step(t *testing.T) []happening {
	t.Helper()
	ended, err := b.fleet.step(t.Context(), b.now)
	check(t, err)
	return ended
}

func (b *bench) device(name string) *device {
	return b.fleet.devices[slices.Index(b.fleet.names(), name)]
}

// told waits until notices have come to the devices.
func (b *bench) told(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		for b.device(name).told.Load() == nil {
			<-b.fleet.news
		}
	}
}

// takeAway does what an operator does who wants a device to stop.
func (b *bench) takeAway(t *testing.T, name string) {
	t.Helper()
	in := iot.CancelJobExecutionRequest{JobID: demoJob, ThingName: name, Force: true}
	_, err := awsapi.Call[iot.Empty](t.Context(), b.control.Client, iot.CancelJobExecution, in)
	check(t, err)
	b.told(t, name)
}

func TestADeviceStopsWhenAnOperatorTakesItsExecutionAway(t *testing.T) {
	b := newBench(t)
	b.takeAway(t, "press-0002")
	want := []happening{{"press-0002", "CANCELED", 1}}
	if got := b.step(t); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if b.device("press-0002").work != nil {
		t.Error("it is still at work")
	}
}

func TestAReportThatComesTooLateEndsTheWork(t *testing.T) {
	b := newBench(t)
	b.takeAway(t, "press-0002")
	b.device("press-0002").told.Store(nil) // as if the notice had been lost
	b.advance(t, time.Minute)
	want := []happening{{"press-0002", "CANCELED", 1}}
	if got := b.step(t); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestADeviceIsStartedOnceWhateverItIsTold(t *testing.T) {
	b := newBench(t)
	d := b.device("press-0002")
	before := d.work
	d.told.Store(&answer{Execution: &execution{JobID: before.job, Number: before.number}})
	if b.step(t); d.work != before {
		t.Error("a notice of what it is about made it begin again")
	}
}

func TestALostDeviceIsToldByItsName(t *testing.T) {
	b := newBench(t)
	d := b.device("press-0002")
	d.conn.Kill()
	<-d.conn.Done()
	_, err := b.fleet.step(t.Context(), b.now)
	var gone *lost
	if !errors.As(err, &gone) || gone.device != d {
		t.Fatalf("error = %v", err)
	}
	b.fleet.drop(d)
	if names := b.fleet.names(); !slices.Equal(names, []string{"press-0001"}) {
		t.Errorf("left: %v", names)
	}
	b.step(t)
}

func TestAKeptDemoGoesOnWithoutADeviceWhosePlaceIsTaken(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var taker *mqttclient.Client
	out := &audience{cue: "list-job-executions-for-job"}
	out.react = func(seen string) {
		out.cue, out.react = "press-0001 is gone", func(string) { stop() }
		var err error
		taker, err = mqttclient.Dial(ctx, mqttclient.Config{URL: regexp.MustCompile(`mqtt://[^, ]+`).FindString(seen), Client: "press-0001"})
		if err != nil {
			t.Error(err)
		}
	}
	_, err := rehearse(ctx, t, out, 2, true)
	check(t, err)
	<-taker.Done()
	wantText(t, out.String(), "press-0001 is gone")
}
