package drovertest

import (
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/awsapi/iot"
)

func TestMain(m *testing.M) { Main(m) }

func TestADeviceRunsAJobThroughEachDoor(t *testing.T) {
	for _, door := range Doors() {
		t.Run(string(door), func(t *testing.T) {
			n := Start(t, Options{})
			n.CreateThings("press-01")
			dev := n.Device(door, "press-01")
			dev.Listen()
			n.CreateJob(iot.CreateJobRequest{JobID: "fw-1"}, "press-01")
			if told := dev.Notices(); len(told) != 2 {
				t.Fatalf("told %+v", told)
			}
			if x := dev.StartNext("{}").Execution; x == nil || x.Name() != "fw-1#1" || string(x.JobDocument) != `{"op":"fw-1"}` {
				t.Fatalf("started %+v", x)
			}
			if a := dev.Update("fw-1", `{"status":"SUCCEEDED"}`); !a.Accepted {
				t.Fatalf("refused %s %s", a.Raw, a.Message)
			}
			if j := n.Job("fw-1"); j.Status != "COMPLETED" {
				t.Errorf("job is %s", j.Status)
			}
		})
	}
}

func TestANodeComesBackAsItWas(t *testing.T) {
	again := map[string]struct {
		opts Options
		do   func(*Node)
	}{
		"restarted":                  {Options{}, (*Node).Restart},
		"restarted in its process":   {Options{Process: true}, (*Node).Restart},
		"killed without any warning": {Options{Process: true}, (*Node).Kill},
	}
	for name, how := range again {
		t.Run(name, func(t *testing.T) {
			n := Start(t, how.opts)
			n.CreateThings("press-01")
			n.CreateJob(iot.CreateJobRequest{JobID: "fw-1"}, "press-01")
			n.Advance(time.Minute)
			how.do(n)
			if at := n.Elapsed(); at != time.Minute {
				t.Errorf("the clock stands at %s", at)
			}
			if x := n.Execution("press-01", "fw-1"); x.Status != "QUEUED" {
				t.Errorf("execution is %s", x.Status)
			}
		})
	}
}
