package drovertest

import (
	"strings"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/mqtt"
)

// eachMQTTDoor runs a test for both versions of MQTT.
func eachMQTTDoor(t *testing.T, test func(*testing.T, Door)) {
	for _, door := range []Door{MQTT311, MQTT5} {
		t.Run(string(door), func(t *testing.T) {
			t.Parallel()
			test(t, door)
		})
	}
}

// Case 4 from the field: made while the device was off, and a server that is
// killed. spec: cases.md
func TestCaseMadeWhileTheDeviceWasOffAndTheServerKilled(t *testing.T) {
	eachMQTTDoor(t, func(t *testing.T, door Door) {
		n := Start(t, Options{Process: true})
		n.CreateThings("press-01")
		n.CreateJob(iot.CreateJobRequest{JobID: "fw-1", Document: `{"op":"flash","url":"https://files.example.net/1"}`}, "press-01")
		n.Kill()

		d := n.Device(door, "press-01")
		n.Settle()
		d.Conn.Subscribe(base("press-01") + "notify-next")
		x := d.Describe("$next", "{}").Execution
		if x == nil || x.Name() != "fw-1#1" || x.Status != "QUEUED" || string(x.JobDocument) != `{"op":"flash","url":"https://files.example.net/1"}` {
			t.Fatalf("described %+v", x)
		}
		n.Advance(time.Minute)
		started := d.StartNext("{}").Execution.StartedAt
		if a := d.Update("fw-1", `{"status":"IN_PROGRESS","statusDetails":{"self_test":"ready","updatedBy":"0x90002"}}`); !a.Accepted {
			t.Fatalf("refused: %s", a.Raw)
		}
		d.Conn.Drop()
		n.Advance(time.Minute)

		for _, again := range []func(){func() {}, n.Kill} {
			again()
			d.Reconnect()
			x := d.Describe("$next", "{}").Execution
			if x == nil || x.Name() != "fw-1#1" || x.Status != "IN_PROGRESS" || x.VersionNumber != 3 || x.StartedAt != started ||
				x.StatusDetails["self_test"] != "ready" || x.StatusDetails["updatedBy"] != "0x90002" ||
				string(x.JobDocument) != `{"op":"flash","url":"https://files.example.net/1"}` {
				t.Errorf("described %+v, started at %d", x, started)
			}
		}
	})
}

// Case 12 from the field: long names and tokens. spec: cases.md
func TestCaseLongNamesAndTokens(t *testing.T) {
	thing := strings.Repeat("line:a_b", 16) // 128 characters
	token := "0:" + thing
	id := strings.Repeat("j-_9", 16) // 64 characters
	eachMQTTDoor(t, func(t *testing.T, door Door) {
		n := Start(t, Options{})
		n.CreateThings(thing)
		n.CreateJob(iot.CreateJobRequest{JobID: id}, thing)
		n.Settle()
		d := n.Device(door, thing)
		payload := `{"clientToken":"` + token + `"}`
		if a := d.Get(payload); !a.Accepted || a.ClientToken == nil || *a.ClientToken != token {
			t.Errorf("get: %s", a.Raw)
		}
		if a := d.Describe(id, payload); a.Topic != id+"/get/accepted" || *a.ClientToken != token || a.Execution.JobID != id {
			t.Errorf("describe: %s", a.Raw)
		}
		if a := d.Update(id, `{"status":"SUCCEEDED","clientToken":"`+token+`"}`); a.Topic != id+"/update/accepted" || *a.ClientToken != token {
			t.Errorf("update: %s", a.Raw)
		}
		if a := d.Update(id, `{"status":"SUCCEEDED"}`); a.Topic != id+"/update/rejected" {
			t.Errorf("update: %s", a.Raw)
		}
		if a := d.Describe(id, payload); a.Topic != id+"/get/rejected" || a.Code != "TerminalStateReached" {
			t.Errorf("describe: %s", a.Raw)
		}
	})
}

// Case 12 from the field: a stream that cannot be had is refused, not passed
// over in silence. spec: cases.md
func TestCaseStreamsAreRefusedAloud(t *testing.T) {
	thing := strings.Repeat("t", 128)
	eachMQTTDoor(t, func(t *testing.T, door Door) {
		n := Start(t, Options{})
		n.CreateThings(thing)
		c := n.Device(door, thing).Conn
		c.Publish("$aws/things/"+thing+"/streams/s/get/json", `{"c":"0:`+thing+`","f":0,"l":4096}`)
		c.Sync()
		got := c.Take()
		if len(got) != 1 || got[0].Topic != "$aws/things/"+thing+"/streams/s/rejected/json" {
			t.Fatalf("answers %+v", got)
		}
		if text := string(got[0].Payload); !strings.Contains(text, `"o":"ResourceNotFound"`) || !strings.Contains(text, `"c":"0:`+thing+`"`) {
			t.Errorf("refused with %s", text)
		}
	})
}

// Case 12 from the field: a topic of 256 bytes works, one of 257 does not.
// spec: cases.md
func TestCaseTopicsAreLimitedTo256Bytes(t *testing.T) {
	eachMQTTDoor(t, func(t *testing.T, door Door) {
		n := Start(t, Options{})
		n.CreateThings("press-01")
		c := n.Device(door, "press-01").Conn
		longest := strings.Repeat("x", 256)
		c.Subscribe(longest)
		if reason := c.Publish(longest, "hello"); reason != mqtt.Success {
			t.Errorf("PUBACK %#x", reason)
		}
		c.Sync()
		if got := c.Take(); len(got) != 1 || string(got[0].Payload) != "hello" {
			t.Errorf("got %+v", got)
		}
		if door == MQTT5 {
			if reason := c.Publish(longest+"x", "hello"); reason != mqtt.BadTopic {
				t.Errorf("PUBACK %#x", reason)
			}
			c.Sync()
			return
		}
		c.Send(&mqtt.Publish{ID: 900, Message: mqtt.Message{Topic: longest + "x", QoS: 1}})
		c.WantEnd(mqtt.Success)
	})
}
