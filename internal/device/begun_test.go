package device_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/drover-iot/drover/internal/broker"
	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/device"
	"github.com/drover-iot/drover/internal/engine"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/mqtt"
	"github.com/drover-iot/drover/internal/store"
	"github.com/drover-iot/drover/internal/store/sqlite"
)

// told is a notifier for nobody, which says that there was something to tell.
type told chan struct{}

func (c told) Changed([]engine.ListChange) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (told) Drain(context.Context) error { return nil }

// Answers wait for nothing, as few are sent side by side; but a document that is
// asked for the first time is read.
func TestAnAnswerSaysWhetherItsDocumentIsToBeRead(t *testing.T) {
	db, err := sqlite.Open(t.Context(), sqlite.Config{Dir: t.TempDir(), Volatile: true, Options: store.Options{Clock: clock.NewReal()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	e := engine.New(engine.Config{Store: db, Clock: clock.NewReal(), Log: slog.New(slog.DiscardHandler)})
	for _, thing := range []string{"press-01", "press-02"} {
		if _, err := e.CreateThing(t.Context(), fleet.Thing{Name: thing}); err != nil {
			t.Fatal(err)
		}
	}
	released, ended := make(told, 1), make(chan error)
	ctx, stop := context.WithCancel(t.Context())
	go func() { ended <- e.Run(ctx, released) }()
	_, err = e.CreateJob(t.Context(), engine.CreateJob{Name: "fw", Document: []byte(`{}`), Targets: []job.Target{{Name: "press-01"}}})
	if err != nil {
		t.Fatal(err)
	}
	<-released
	stop()
	<-ended

	d := device.New(device.Config{Engine: e, Sessions: db})
	waits := func(topic, payload string) bool {
		t.Helper()
		begun := d.Begin(broker.Requester{}, mqtt.Message{Topic: "$aws/things/" + topic, Payload: []byte(payload)})
		known := make(chan struct{})
		if !begun.Then(func() { close(known) }) {
			t.Fatal("nobody knows its outcome")
		}
		<-known
		waits := begun.Waits()
		begun.Finish(t.Context())
		return waits
	}
	for _, c := range []struct {
		topic, payload string
		waits          bool
	}{
		{"press-02/jobs/start-next", `{}`, false}, // there is none
		{"press-01/jobs/fw/update", `{"status":"IN_PROGRESS"}`, false},
		{"press-01/jobs/fw/update", `{"status":"IN_PROGRESS","includeJobDocument":true}`, true},
		{"press-01/jobs/fw/update", `{"status":"IN_PROGRESS","includeJobDocument":true}`, false},
		{"press-01/jobs/start-next", `{}`, false},
		{"press-01/jobs/start-next", `no JSON`, false},
	} {
		if got := waits(c.topic, c.payload); got != c.waits {
			t.Errorf("%s %s: %t, want %t", c.topic, c.payload, got, c.waits)
		}
	}
	d = device.New(device.Config{Engine: e, Sessions: db}) // which knows no document
	if !waits("press-01/jobs/start-next", `{}`) {
		t.Error("a start does not wait for a document that it has to read")
	}
}
