package device_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/drovertest"
	"github.com/drover-iot/drover/internal/mqtt"
)

const pressShadow = "$aws/things/press-01/shadow/"

// listener is a client that hears all of the shadows of press-01.
func (d testDevice) listener() *drovertest.Conn {
	d.t.Helper()
	c := d.node.Connect(drovertest.Session{})
	c.Subscribe(pressShadow + "#")
	return c
}

// askShadow asks by its door, and answers what came back over HTTPS, else "".
func (d testDevice) askShadow(verb, name, payload string) (string, error) {
	d.t.Helper()
	if d.Door == drovertest.HTTPS {
		method := map[string]string{"get": http.MethodGet, "update": http.MethodPost, "delete": http.MethodDelete}[verb]
		path := "/things/press-01/shadow"
		if name != "" {
			path += "?name=" + name
		}
		return d.node.CallRaw(awsapi.Data, method, path, payload)
	}
	if name != "" {
		name = "name/" + name + "/"
	}
	d.Conn.Publish(pressShadow+name+verb, payload)
	return "", nil
}

// updateShadow sends an update that must be accepted.
func (d testDevice) updateShadow(name, payload string) string {
	d.t.Helper()
	body, err := d.askShadow("update", name, payload)
	if err != nil {
		d.t.Fatal(err)
	}
	return body
}

// wantHeard asserts what a client was told below the shadows of press-01.
func (d testDevice) wantHeard(c *drovertest.Conn, want ...string) {
	d.t.Helper()
	c.Sync()
	var got []string
	for _, m := range c.Take() {
		got = append(got, strings.TrimPrefix(m.Topic, pressShadow)+" "+d.node.Timeless(string(m.Payload)))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		d.t.Errorf("heard (-want +got):\n%s", diff)
	}
}

// spec: device-api.md#13-device-shadows
func TestAnUpdateOfAShadowIsToldToAllWhoListen(t *testing.T) {
	eachDoor(t, func(t *testing.T, d testDevice) {
		back := d.listener()
		d.updateShadow("", `{"state":{"desired":{"fw":"3.0"}},"clientToken":"c8"}`)
		d.wantHeard(back,
			`update/accepted {"state":{"desired":{"fw":"3.0"}},"metadata":{"desired":{"fw":{"timestamp":T}}},"version":1,"timestamp":T,"clientToken":"c8"}`,
			`update/delta {"state":{"fw":"3.0"},"metadata":{"fw":{"timestamp":T}},"version":1,"timestamp":T,"clientToken":"c8"}`,
			`update/documents {"previous":null,"current":{"state":{"desired":{"fw":"3.0"}},"metadata":{"desired":{"fw":{"timestamp":T}}},"version":1},"timestamp":T,"clientToken":"c8"}`)

		d.node.Advance(5 * time.Second)
		body := d.updateShadow("", `{"state":{"reported":{"fw":"2.0"}},"clientToken":"c9","version":1}`)
		const accepted = `{"state":{"reported":{"fw":"2.0"}},"metadata":{"reported":{"fw":{"timestamp":T+5}}},"version":2,"timestamp":T+5,"clientToken":"c9"}`
		d.wantHeard(back, "update/accepted "+accepted,
			`update/delta {"state":{"fw":"3.0"},"metadata":{"fw":{"timestamp":T}},"version":2,"timestamp":T+5,"clientToken":"c9"}`,
			`update/documents {"previous":{"state":{"desired":{"fw":"3.0"}},"metadata":{"desired":{"fw":{"timestamp":T}}},"version":1},`+
				`"current":{"state":{"desired":{"fw":"3.0"},"reported":{"fw":"2.0"}},"metadata":{"desired":{"fw":{"timestamp":T}},"reported":{"fw":{"timestamp":T+5}}},"version":2},`+
				`"timestamp":T+5,"clientToken":"c9"}`)
		if d.Door == drovertest.HTTPS {
			d.wantWire(body, accepted)
		}

		d.updateShadow("", `{"state":{"reported":{"fw":"3.0"}}}`)
		back.Sync()
		var topics []string
		for _, m := range back.Take() {
			topics = append(topics, strings.TrimPrefix(m.Topic, pressShadow))
		}
		d.wantTopics(topics, "update/accepted", "update/documents")
	})
}

func TestAShadowIsReadAndDeletedByEveryDoor(t *testing.T) {
	eachDoor(t, func(t *testing.T, d testDevice) {
		d.updateShadow("config", `{"state":{"desired":{"a":1,"b":2},"reported":{"a":1}}}`)
		back := d.listener()
		const whole = `{"state":{"delta":{"b":2},"desired":{"a":1,"b":2},"reported":{"a":1}},` +
			`"metadata":{"desired":{"a":{"timestamp":T},"b":{"timestamp":T}},"reported":{"a":{"timestamp":T}}},"version":1,"timestamp":T`
		body, err := d.askShadow("get", "config", `{"clientToken":"g"}`)
		if d.Door == drovertest.HTTPS {
			if err != nil {
				t.Fatal(err)
			}
			d.wantWire(body, whole+"}")
			d.wantHeard(back)
		} else {
			d.wantHeard(back, "name/config/get/accepted "+whole+`,"clientToken":"g"}`)
		}

		body, err = d.askShadow("delete", "config", "")
		if err != nil {
			t.Fatal(err)
		}
		d.wantHeard(back, `name/config/delete/accepted {"version":1,"timestamp":T}`)
		if d.Door == drovertest.HTTPS {
			d.wantWire(body, `{"version":1,"timestamp":T}`)
		}
		d.updateShadow("config", `{"state":{"reported":{"a":1}}}`)
		d.wantHeard(back,
			`name/config/update/accepted {"state":{"reported":{"a":1}},"metadata":{"reported":{"a":{"timestamp":T}}},"version":2,"timestamp":T}`,
			`name/config/update/documents {"previous":null,"current":{"state":{"reported":{"a":1}},"metadata":{"reported":{"a":{"timestamp":T}}},"version":2},"timestamp":T}`)
	})
}

// spec: device-api.md#13-device-shadows
func TestRequestsForShadowsThatAreRefused(t *testing.T) {
	type refusal struct {
		code      int
		exception string
	}
	invalid, notFound := refusal{400, "InvalidRequestException"}, refusal{404, "ResourceNotFoundException"}
	for _, c := range []struct {
		name, verb, shadow, payload string
		want                        refusal
		message                     string
	}{
		{"no JSON", "update", "", `{"state"`, invalid, "Invalid JSON"},
		{"no state", "update", "", `{}`, invalid, "Missing required node: state"},
		{"no body", "update", "", ``, invalid, "Invalid JSON"},
		{"another version", "update", "", `{"state":{},"version":7}`, refusal{409, "ConflictException"}, "Version conflict"},
		{"no UTF-8", "update", "", "\xff", refusal{415, "UnsupportedDocumentEncodingException"}, "Unsupported documented encoding; supported encoding is UTF-8"},
		{
			"too large", "update", "", `{"state":{"desired":{"a":"` + strings.Repeat("x", 9000) + `"}}}`,
			refusal{413, "RequestEntityTooLargeException"},
			"The payload exceeds the maximum size allowed",
		},
		{"no classic shadow", "get", "", "", notFound, "No shadow exists for the thing"},
		{"no named shadow", "get", "x", "", notFound, "No shadow exists with name: 'x'"},
		{"nothing to delete", "delete", "x", "", notFound, "No shadow exists with name: 'x'"},
	} {
		t.Run(c.name, func(t *testing.T) {
			eachDoor(t, func(t *testing.T, d testDevice) {
				back := d.listener()
				_, err := d.askShadow(c.verb, c.shadow, c.payload)
				if d.Door == drovertest.HTTPS {
					var refused *drovertest.Refusal
					if !errors.As(err, &refused) || refused.Status != c.want.code || refused.Type != c.want.exception || refused.Message != c.message {
						t.Errorf("refused with %v, want %+v: %s", err, c.want, c.message)
					}
					d.wantHeard(back)
					return
				}
				path := ""
				if c.shadow != "" {
					path = "name/" + c.shadow + "/"
				}
				d.wantHeard(back, fmt.Sprintf(`%s/rejected {"code":%d,"message":"%s","timestamp":T}`, path+c.verb, c.want.code, c.message))
			})
		})
	}
}

func TestTopicsOfShadowsThatCannotBe(t *testing.T) {
	eachMQTT(t, func(t *testing.T, d testDevice) {
		d.Conn.Subscribe("$aws/things/#")
		for topic, want := range map[string]string{
			"$aws/things/nobody/shadow/update":            `{"code":404,"message":"Thing nobody does not exist","timestamp":T,"clientToken":"t"}`,
			"$aws/things/a b/shadow/get":                  `{"code":400,"message":"Value \"a b\" at 'thingName' failed to satisfy constraint: must match [a-zA-Z0-9:_-]+","timestamp":T,"clientToken":"t"}`,
			"$aws/things/press-01/shadow/name//get":       `{"code":400,"message":"Value null at 'shadowName' is not allowed","timestamp":T,"clientToken":"t"}`,
			"$aws/things/press-01/shadow/name/a.b/delete": `{"code":400,"message":"Value \"a.b\" at 'shadowName' failed to satisfy constraint: must match [$a-zA-Z0-9:_-]+","timestamp":T,"clientToken":"t"}`,
		} {
			d.Conn.Publish(topic, `{"state":{},"clientToken":"t"}`)
			d.Conn.Sync()
			heard := d.Conn.Take()
			if len(heard) != 1 || heard[0].Topic != topic+"/rejected" || d.node.Timeless(string(heard[0].Payload)) != want {
				t.Errorf("%s: heard %d messages, want %s", topic, len(heard), want)
				for _, m := range heard {
					t.Logf("%s %s", m.Topic, m.Payload)
				}
			}
		}
	})
}

func TestOnlyWhoSubscribesHearsOfAShadow(t *testing.T) {
	eachMQTT(t, func(t *testing.T, d testDevice) {
		d.updateShadow("", `{"state":{"desired":{"a":1}}}`)
		d.Conn.Sync()
		if heard := d.Conn.Take(); len(heard) > 0 {
			t.Errorf("heard %s without asking for it", heard[0].Topic)
		}
	})
}

func TestAPersistentSessionMissesNothingOfAShadow(t *testing.T) {
	eachMQTT(t, func(t *testing.T, d testDevice) {
		app := d.node.Connect(drovertest.Session{Client: "app", Version: d.Conn.Version, Persistent: true})
		app.Subscribe(pressShadow + "update/delta")
		app.Leave()
		for i := range 3 {
			d.updateShadow("", fmt.Sprintf(`{"state":{"desired":{"n":%d}}}`, i))
		}
		d.node.Restart()
		app = d.node.Connect(drovertest.Session{Client: "app", Version: d.Conn.Version, Persistent: true})
		app.Await(3)
		d.wantHeard(app,
			`update/delta {"state":{"n":0},"metadata":{"n":{"timestamp":T}},"version":1,"timestamp":T}`,
			`update/delta {"state":{"n":1},"metadata":{"n":{"timestamp":T}},"version":2,"timestamp":T}`,
			`update/delta {"state":{"n":2},"metadata":{"n":{"timestamp":T}},"version":3,"timestamp":T}`)
		body, err := d.node.CallRaw(awsapi.Data, http.MethodGet, "/things/press-01/shadow", "")
		if err != nil || !strings.Contains(body, `"version":3`) {
			t.Errorf("after a restart: %s, %v", body, err)
		}
	})
}

func TestPipelinedUpdatesAreAnsweredInOrder(t *testing.T) {
	eachMQTT(t, func(t *testing.T, d testDevice) {
		d.Conn.Subscribe(pressShadow+"update/accepted", pressShadow+"get/accepted")
		var packets []mqtt.Packet
		for i := range 40 {
			packets = append(packets, message(i+1, "update", fmt.Sprintf(`{"state":{"reported":{"n":%d}},"version":%d}`, i, i)))
		}
		d.Conn.Drain(append(packets, message(41, "get", ""))...)
		heard := d.Conn.Take()
		if len(heard) != 41 {
			t.Fatalf("%d answers", len(heard))
		}
		for i, m := range heard[:40] {
			if !strings.Contains(string(m.Payload), fmt.Sprintf(`"version":%d,`, i+1)) {
				t.Errorf("answer %d is %s", i, m.Payload)
			}
		}
		if got := string(heard[40].Payload); !strings.Contains(got, `"n":39`) {
			t.Errorf("a get behind them: %s", got)
		}
	})
}

// message is a request for the classic shadow.
func message(id int, verb, payload string) mqtt.Packet {
	return &mqtt.Publish{Message: mqtt.Message{Topic: pressShadow + verb, Payload: []byte(payload), QoS: 1}, ID: uint16(1000 + id)}
}

func TestAShadowGoesWithItsThing(t *testing.T) {
	d := httpsDevice(t)
	d.updateShadow("", `{"state":{"desired":{"a":1}}}`)
	d.updateShadow("x", `{"state":{"desired":{"a":1}}}`)
	d.node.Do(iot.DeleteThing, iot.DeleteThingRequest{ThingName: "press-01"}, nil)
	for _, verb := range []string{"get", "update", "delete"} {
		if _, err := d.askShadow(verb, "", `{"state":{}}`); err == nil || !strings.Contains(err.Error(), "Thing press-01 does not exist") {
			t.Errorf("%s: %v", verb, err)
		}
	}
	d.node.CreateThings("press-01")
	if body := d.updateShadow("x", `{"state":{}}`); !strings.Contains(body, `"version":1,`) {
		t.Errorf("a new thing's shadow goes on from the old one's: %s", body)
	}
}

func TestNamedShadowsAreListedInPages(t *testing.T) {
	d := httpsDevice(t)
	for _, name := range []string{"", "c", "a", "$package", "b"} {
		d.updateShadow(name, `{"state":{}}`)
	}
	if _, err := d.askShadow("delete", "b", ""); err != nil {
		t.Fatal(err)
	}
	var names []string
	for token := ""; ; {
		var page struct {
			Results   []string
			NextToken string
			Timestamp int64
		}
		query := map[string][]string{"pageSize": {"2"}}
		if token != "" {
			query["nextToken"] = []string{token}
		}
		op := awsapi.MustLookup(awsapi.Data, "ListNamedShadowsForThing")
		if err := d.node.CallJSON(op, map[string]string{"thingName": "press-01"}, query, nil, &page); err != nil {
			t.Fatal(err)
		}
		names = append(names, page.Results...)
		if page.Timestamp != d.node.Began.Unix() {
			t.Errorf("timestamp %d", page.Timestamp)
		}
		if token = page.NextToken; token == "" {
			break
		}
	}
	if diff := cmp.Diff([]string{"$package", "a", "c"}, names); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	_, err := d.node.CallRaw(awsapi.Data, http.MethodGet, "/api/things/shadow/ListNamedShadowsForThing/nobody", "")
	if err == nil || !strings.Contains(err.Error(), "ResourceNotFound") {
		t.Errorf("of no thing: %v", err)
	}
}

// httpsDevice is press-01 behind HTTPS alone.
func httpsDevice(t *testing.T) testDevice {
	t.Helper()
	n := drovertest.Start(t, drovertest.Options{})
	n.CreateThings("press-01")
	return testDevice{n.Device(drovertest.HTTPS, "press-01"), t, n}
}
