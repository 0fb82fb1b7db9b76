package device_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/broker"
	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/device"
	"github.com/drover-iot/drover/internal/engine"
	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/mqtt"
	"github.com/drover-iot/drover/internal/store"
	"github.com/drover-iot/drover/internal/store/sqlite"
)

func TestEachRequestOverMQTTIsTold(t *testing.T) {
	db, err := sqlite.Open(t.Context(), sqlite.Config{Dir: t.TempDir(), Volatile: true, Options: store.Options{Clock: clock.NewReal()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	log := slog.New(slog.DiscardHandler)
	e := engine.New(engine.Config{Store: db, Clock: clock.NewReal(), Log: log})
	if _, err := e.CreateThing(t.Context(), fleet.Thing{Name: "press-01"}); err != nil {
		t.Fatal(err)
	}
	var told device.Served
	d := device.New(device.Config{Engine: e, Sessions: db, Log: log, Served: func(s device.Served) { told = s }})
	from := broker.Requester{Client: "dev", Version: mqtt.V5, Remote: "127.0.0.1:9"}

	const things = "$aws/things/press-01/"
	cases := []struct {
		topic, payload string
		operation      string
		refused        string // "" is accepted
		thing          string
	}{
		{"jobs/get", `{}`, "GetPendingJobExecutions", "", "press-01"},
		{"jobs/start-next", `{}`, "StartNextPendingJobExecution", "", "press-01"},
		{"jobs/$next/get", `{}`, "DescribeJobExecution", "", "press-01"},
		{"jobs/fw/update", `{"status":"FAILED"}`, "UpdateJobExecution", "ResourceNotFound", "press-01"},
		{"jobs/get", `[]`, "GetPendingJobExecutions", "InvalidJson", "press-01"},
		{"jobs/fw/get/get", `{}`, "", "InvalidTopic", "press-01"},
		{"shadow/get", `{}`, "GetThingShadow", "ResourceNotFound", "press-01"},
		{"streams/s/get/json", `{}`, "", "ResourceNotFound", ""},
	}
	for _, c := range cases {
		t.Run(c.topic+" "+c.payload, func(t *testing.T) {
			d.Begin(from, mqtt.Message{Topic: things + c.topic, Payload: []byte(c.payload)}).Finish(t.Context())
			service := awsapi.JobsData
			if strings.HasPrefix(c.topic, "shadow/") {
				service = awsapi.Data
			}
			want := device.Served{From: from, Service: service, Operation: c.operation, Thing: c.thing, Topic: things + c.topic}
			if told.Took <= 0 || told.Took > time.Minute {
				t.Errorf("took %s", told.Took)
			}
			if got := wordOf(told.Err); got != c.refused {
				t.Errorf("refused with %q, want %q", got, c.refused)
			}
			told.Took, told.Err = 0, nil
			if diff := cmp.Diff(want, told); diff != "" {
				t.Errorf("told (-want +got):\n%s", diff)
			}
		})
	}
}

// wordOf is the code of a refusal; "" of none.
func wordOf(err error) string {
	if err == nil {
		return ""
	}
	return awsapi.CodeWord(fault.KindOf(err))
}
