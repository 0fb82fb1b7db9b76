package device_test

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/drovertest"
	"github.com/drover-iot/drover/internal/mqtt"
)

// eachDoorWithLimits runs a test for every door of a node with AWS's quotas.
func eachDoorWithLimits(t *testing.T, test func(t *testing.T, d testDevice)) {
	for _, door := range drovertest.Doors() {
		t.Run(string(door), func(t *testing.T) {
			t.Parallel()
			n := drovertest.Start(t, drovertest.Options{AWSLimits: true})
			n.CreateThings("press-01")
			test(t, testDevice{n.Device(door, "press-01"), t, n})
		})
	}
}

// spec: device-api.md#5-rejected
func TestRequestsBeyondTheRateAreThrottledInTheSpellingOfTheDoor(t *testing.T) {
	n := drovertest.Start(t, drovertest.Options{AWSLimits: true})
	n.CreateThings("press-01")
	var conns []*drovertest.Conn // none of which is over a rate of its own
	for range 8 {
		conns = append(conns, n.Connect(drovertest.Session{}))
	}
	flood := func() {
		for _, c := range conns {
			for range 90 {
				c.Send(&mqtt.Publish{Message: mqtt.Message{Topic: "$aws/things/press-01/jobs/get", Payload: []byte(`{"clientToken":"t"}`)}})
			}
		}
	}
	drain := func() (rejected string) {
		for _, c := range conns {
			c.Drain()
			for _, m := range c.Take() {
				if strings.HasSuffix(m.Topic, "/rejected") {
					rejected = string(m.Payload)
				}
			}
		}
		return rejected
	}
	told := ""
	for web := n.Device(drovertest.HTTPS, "press-01"); ; {
		flood()
		a := web.Get("")
		told = cmp.Or(drain(), told)
		if !a.Accepted {
			if a.Type != "ThrottlingException" || a.Status != 429 || a.Message != "Too many requests" {
				t.Errorf("over HTTPS it is told %d %s: %s", a.Status, a.Type, a.Message)
			}
			break
		}
	}
	for _, want := range []string{`"code":"RequestThrottled"`, `"message":"Too many requests"`, `"clientToken":"t"`} {
		if !strings.Contains(told, want) {
			t.Errorf("over MQTT it is told %s, want %s", told, want)
		}
	}
}

// spec: job-lifecycle.md#11-limits-and-quotas
func TestTenPairsOfDetailsWithLimitsOn(t *testing.T) {
	details := func(n int) string {
		var pairs []string
		for i := range n {
			pairs = append(pairs, fmt.Sprintf(`"k%d":"v"`, i))
		}
		return `{"status":"IN_PROGRESS","statusDetails":{` + strings.Join(pairs, ",") + `}}`
	}
	eachDoorWithLimits(t, func(t *testing.T, d testDevice) {
		d.queue("a")
		d.wantAccepted(d.Update("a", details(10)))
		d.wantRejected(d.Update("a", details(11)), "InvalidRequest")
		d.wantRejected(d.StartNext(strings.Replace(details(11), `"status":"IN_PROGRESS",`, "", 1)), "InvalidRequest")
	})
	eachDoor(t, func(t *testing.T, d testDevice) {
		d.queue("a")
		d.wantAccepted(d.Update("a", details(11)))
	})
}

func TestOneMoreJobThanTheRateIsThrottled(t *testing.T) {
	n := drovertest.Start(t, drovertest.Options{AWSLimits: true})
	for {
		err := n.Call(iot.ListJobs, iot.ListJobsRequest{}, nil)
		if err == nil {
			continue
		}
		if refused, ok := errors.AsType[*drovertest.Refusal](err); !ok || refused.Type != "ThrottlingException" || refused.Status != 400 {
			t.Errorf("it is told %v", err)
		}
		return
	}
}
