package device_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/drover-iot/drover/internal/drovertest"
	"github.com/drover-iot/drover/internal/mqtt"
)

const base = "$aws/things/press-01/jobs/"

// spec: device-api.md#1-the-ten-rules-that-decide-whether-real-devices-work
func TestAnAnswerReachesItsRequesterAloneSubscribedOrNot(t *testing.T) {
	eachMQTT(t, func(t *testing.T, d testDevice) {
		spies := []*drovertest.Conn{
			d.node.Connect(drovertest.Session{Version: mqtt.V311}),
			d.node.Connect(drovertest.Session{Version: mqtt.V5}),
			d.node.Connect(drovertest.Session{Version: mqtt.V5, Persistent: true, Client: "kept"}),
		}
		for _, spy := range spies {
			spy.Subscribe("#", "$aws/#", "$aws/things/+/jobs/#", base+"#", base+"+/get/accepted", base+"$next/get/accepted", base+"get/+", base+"+/update")
			spy.Sync() // the event of it is told
		}
		d.Conn.Sync()     // and that it has come
		spies[2].Await(1) // but for what is stored for it
		for _, spy := range spies {
			topicsOf(d, spy)
		}
		d.queue("a")
		for _, spy := range spies {
			d.wantTopics(topicsOf(d, spy), base+"notify", base+"notify-next")
		}
		d.wantAccepted(d.Get("{}"))
		d.wantAccepted(d.Describe("$next", "{}"))
		d.wantAccepted(d.StartNext("{}"))
		d.wantAccepted(d.Update("a", `{"status":"IN_PROGRESS"}`))
		d.wantRejected(d.Update("b", `{}`), "InvalidRequest")
		for _, spy := range spies {
			d.wantTopics(topicsOf(d, spy))
		}
	})
}

// topicsOf is what a connection got until the node had nothing more to tell.
func topicsOf(d testDevice, c *drovertest.Conn) []string {
	d.t.Helper()
	d.node.Settle()
	c.Sync()
	var topics []string
	for _, m := range c.Take() {
		topics = append(topics, m.Topic)
	}
	return topics
}

// spec: device-api.md#22-subscriptions-and-what-reaches-them
func TestOneCopyOfAnAnswerHoweverManyFiltersMatch(t *testing.T) {
	eachMQTT(t, func(t *testing.T, d testDevice) {
		d.Conn.Subscribe(base+"#", base+"+/get/accepted", base+"$next/get/accepted", base+"$next/get/+", "$aws/things/+/jobs/$next/get/accepted")
		d.Conn.Publish(base+"$next/get", "{}")
		d.wantTopics(topicsOf(d, d.Conn), base+"$next/get/accepted")
	})
}

// spec: device-api.md#22-subscriptions-and-what-reaches-them
func TestAnswersHaveTheQoSOfTheirRequestLoweredToTheSubscription(t *testing.T) {
	rows := []struct {
		name          string
		request       byte
		filter        string
		granted, want byte
	}{
		{"QoS 1 without a subscription", 1, "", 0, 1},
		{"QoS 0 without a subscription", 0, "", 0, 0},
		{"QoS 1, granted 1", 1, base + "get/accepted", 1, 1},
		{"QoS 1, granted 0", 1, base + "get/+", 0, 0},
		{"QoS 0, granted 1", 0, base + "#", 1, 0},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			eachMQTT(t, func(t *testing.T, d testDevice) {
				if row.filter != "" {
					d.Conn.Send(&mqtt.Subscribe{ID: 900, Filters: []mqtt.Wish{{Filter: row.filter, QoS: row.granted}}})
				}
				m := &mqtt.Publish{Message: mqtt.Message{Topic: base + "get", Payload: []byte("{}"), QoS: row.request}}
				if row.request == 1 {
					m.ID = 901
				}
				d.Conn.Drain(m)
				got := d.Conn.Take()
				if len(got) != 1 || got[0].QoS != row.want || got[0].Retain || got[0].Dup {
					t.Errorf("answers %+v, want one at QoS %d", got, row.want)
				}
			})
		})
	}
}

// spec: device-api.md#22-subscriptions-and-what-reaches-them
func TestCorrelationDataIsCopiedAndTheResponseTopicIgnored(t *testing.T) {
	n := drovertest.Start(t, drovertest.Options{})
	n.CreateThings("press-01")
	c := n.Connect(drovertest.Session{Client: "press-01"})
	props := &mqtt.Properties{Correlation: []byte("c-1"), ResponseTopic: "elsewhere", ContentType: "application/json"}
	c.Drain(&mqtt.Publish{ID: 900, Message: mqtt.Message{Topic: base + "get", Payload: []byte("{}"), QoS: 1, Props: props}})
	got := c.Take()
	if len(got) != 1 || got[0].Topic != base+"get/accepted" {
		t.Fatalf("answers %+v", got)
	}
	if diff := cmp.Diff(&mqtt.Properties{Correlation: []byte("c-1")}, got[0].Props); diff != "" {
		t.Errorf("properties (-want +got):\n%s", diff)
	}
}

// spec: device-api.md#21-routing-a-published-topic
func TestTopicsThatAreNoRequestAreRefused(t *testing.T) {
	rows := []struct{ topic, code string }{
		{"foo", "InvalidTopic"},
		{"J/foo", "InvalidTopic"},
		{"notify", "InvalidTopic"},
		{"notify-next", "InvalidTopic"},
		{"update", "InvalidTopic"},
		{"get/accepted", "InvalidTopic"},
		{"J/update/accepted", "InvalidTopic"},
		{"J/get/more", "InvalidTopic"},
		{"$next/update", "InvalidRequest"},
		{"bad!id/get", "InvalidRequest"},
		{strings.Repeat("x", 65) + "/update", "InvalidRequest"},
		{"/get", "InvalidRequest"},
	}
	eachMQTT(t, func(t *testing.T, d testDevice) {
		for _, row := range rows {
			m := d.Conn.Request(base+row.topic, `{"status":"SUCCEEDED","clientToken":"t1"}`)
			if m.Topic != base+row.topic+"/rejected" || !strings.Contains(string(m.Payload), `"code":"`+row.code+`"`) ||
				!strings.HasPrefix(string(m.Payload), `{"clientToken":"t1",`) {
				t.Errorf("%s: %s %s, want %s", row.topic, m.Topic, m.Payload, row.code)
			}
		}
		thing := strings.Repeat("t", 129)
		if m := d.Conn.Request("$aws/things/"+thing+"/jobs/get", "{}"); !strings.Contains(string(m.Payload), `"code":"InvalidRequest"`) {
			t.Errorf("a thing's name of 129: %s %s", m.Topic, m.Payload)
		}
	})
}

// spec: device-api.md#21-routing-a-published-topic
func TestAJobMayBearTheNameOfARequest(t *testing.T) {
	eachDoor(t, func(t *testing.T, d testDevice) {
		names := []string{"get", "start-next", "notify", "update", "accepted"}
		d.queue(names...)
		for _, name := range names {
			if x := d.wantAccepted(d.Describe(name, "{}")).Execution; x.Name() != name+"#1" {
				t.Errorf("%s describes %s", name, x.Name())
			}
			d.report(name, "SUCCEEDED")
		}
		if left := d.Get("{}").QueuedJobs; len(left) != 0 {
			t.Errorf("left %+v", left)
		}
	})
}

// spec: device-api.md#97-violations
func TestViolationsEndTheConnection(t *testing.T) {
	rows := []struct {
		name   string
		packet *mqtt.Publish
		reason mqtt.Reason
	}{
		{"QoS 2", &mqtt.Publish{ID: 9, Message: mqtt.Message{Topic: base + "get", QoS: 2}}, mqtt.QoSNotSupported},
		{"RETAIN on a request", &mqtt.Publish{ID: 9, Message: mqtt.Message{Topic: base + "start-next", QoS: 1, Retain: true}}, mqtt.RetainNotSupported},
		{"a payload over 128 KiB", &mqtt.Publish{ID: 9, Message: mqtt.Message{Topic: base + "get", QoS: 1, Payload: make([]byte, 128<<10+1)}}, mqtt.PacketTooLarge},
		{"a reserved topic that takes none, QoS 0", &mqtt.Publish{Message: mqtt.Message{Topic: "$aws/events/x"}}, mqtt.BadTopic},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			eachMQTT(t, func(t *testing.T, d testDevice) {
				d.queue("a")
				d.Conn.Send(row.packet)
				d.Conn.WantEnd(row.reason)
				if x := d.node.Execution("press-01", "a"); x.Status != "QUEUED" {
					t.Errorf("it was handled: execution is %s", x.Status)
				}
			})
		})
	}
}

// spec: device-api.md#96-topics-subscriptions-retained-will
func TestAPayloadOfAll128KiBIsARequest(t *testing.T) {
	eachMQTT(t, func(t *testing.T, d testDevice) {
		d.queue("a")
		payload := `{"status":"IN_PROGRESS","pad":"`
		payload += strings.Repeat("x", 128<<10-len(payload)-2) + `"}`
		d.wantAccepted(d.Update("a", payload))
	})
}

// spec: device-api.md#92-connect
func TestASecondConnectionWithTheSameClientTakesOver(t *testing.T) {
	eachMQTT(t, func(t *testing.T, d testDevice) {
		d.queue("a")
		old := d.Conn
		second := testDevice{d.node.Device(d.Door, "press-01"), t, d.node}
		old.WantEnd(mqtt.SessionTakenOver)
		if x := second.wantAccepted(second.StartNext("{}")).Execution; x.Name() != "a#1" {
			t.Errorf("started %s", x.Name())
		}
	})
}

// spec: device-api.md#42-startnextpendingjobexecution
func TestTwoClientsOfOneThingStartTheSameExecution(t *testing.T) {
	eachDoor(t, func(t *testing.T, d testDevice) {
		d.queue("a", "b")
		other := testDevice{d.node.Device(drovertest.HTTPS, "press-01"), t, d.node}
		first := d.wantAccepted(d.StartNext("{}")).Execution
		second := other.wantAccepted(other.StartNext("{}")).Execution
		if first.Name() != "a#1" || second.Name() != "a#1" || second.VersionNumber != first.VersionNumber {
			t.Errorf("started %+v and %+v", first, second)
		}
	})
}
