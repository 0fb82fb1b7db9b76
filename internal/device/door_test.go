package device_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/drovertest"
)

func TestMain(m *testing.M) { drovertest.Main(m) }

// testDevice is the device of thing press-01 behind one door of a node of its
// own.
type testDevice struct {
	*drovertest.Device
	t    *testing.T
	node *drovertest.Node
}

// eachDoor runs a test once for every door.
func eachDoor(t *testing.T, test func(t *testing.T, d testDevice)) {
	for _, door := range drovertest.Doors() {
		t.Run(string(door), func(t *testing.T) {
			t.Parallel()
			n := drovertest.Start(t, drovertest.Options{})
			n.CreateThings("press-01")
			test(t, testDevice{n.Device(door, "press-01"), t, n})
		})
	}
}

// eachMQTT runs a test for both versions of MQTT.
func eachMQTT(t *testing.T, test func(t *testing.T, d testDevice)) {
	eachDoor(t, func(t *testing.T, d testDevice) {
		if d.Door != drovertest.HTTPS {
			test(t, d)
		}
	})
}

// queue gives the device jobs, each behind the one before.
func (d testDevice) queue(jobs ...string) {
	d.t.Helper()
	for _, id := range jobs {
		d.node.CreateJob(iot.CreateJobRequest{JobID: id}, d.Thing)
		d.node.Settle()
	}
}

// report sends an update that must be accepted.
func (d testDevice) report(job, status string) {
	d.t.Helper()
	d.wantAccepted(d.Update(job, `{"status":"`+status+`"}`))
}

func (d testDevice) wantAccepted(a drovertest.Answer) drovertest.Answer {
	d.t.Helper()
	if !a.Accepted {
		d.t.Fatalf("refused: %s %s %s", a.Type, a.Message, a.Raw)
	}
	return a
}

// wantNotices asserts what the device was told since it was last asked, and
// that it was told nothing else.
func (d testDevice) wantNotices(want ...string) {
	d.t.Helper()
	d.Conn.Await(len(want))
	var got []string
	for _, n := range d.Notices() {
		got = append(got, n.String())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		d.t.Errorf("notices (-want +got):\n%s", diff)
	}
}

// twin is how HTTPS spells a refusal.
type twin struct {
	exception string
	status    int
}

// spec: device-api.md#5-rejected
var twins = map[string]twin{
	"InvalidJson":            {"InvalidRequestException", 400},
	"InvalidRequest":         {"InvalidRequestException", 400},
	"ResourceNotFound":       {"ResourceNotFoundException", 404},
	"VersionMismatch":        {"InvalidStateTransitionException", 409},
	"InvalidStateTransition": {"InvalidStateTransitionException", 409},
	"TerminalStateReached":   {"TerminalStateException", 410},
}

// wantRejected asserts a refusal in the spelling of its door.
func (d testDevice) wantRejected(a drovertest.Answer, code string) {
	d.t.Helper()
	if a.Accepted || a.Message == "" {
		d.t.Fatalf("not refused with %s: %+v", code, a)
	}
	if d.Door == drovertest.HTTPS {
		if got := (twin{a.Type, a.Status}); got != twins[code] {
			d.t.Errorf("refused with %v, want %v: %s", got, twins[code], a.Message)
		}
		return
	}
	if a.Code != code || a.Timestamp == 0 {
		d.t.Errorf("refused with %s, want %s and a timestamp: %s", a.Code, code, a.Raw)
	}
	carries := slices.Contains([]string{"VersionMismatch", "InvalidStateTransition"}, code)
	if carries != (a.ExecutionState != nil) {
		d.t.Errorf("%s with executionState %v: %s", code, a.ExecutionState, a.Raw)
	}
}

// wantWire asserts a payload or body, byte by byte but for its times.
func (d testDevice) wantWire(payload, want string) {
	d.t.Helper()
	if got := d.node.Timeless(payload); got != want {
		d.t.Errorf("wire\n got %s\nwant %s", got, want)
	}
}

func (d testDevice) wantTopics(got []string, want ...string) {
	d.t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		d.t.Errorf("topics (-want +got):\n%s", diff)
	}
}
