package device_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/drovertest"
	"github.com/drover-iot/drover/internal/mqtt"
)

// spec: device-api.md#99-custom-authorizers-https-publish
func TestWhatIsPublishedOverHTTPSReachesWhoSubscribes(t *testing.T) {
	for _, c := range []struct{ name, path, topic string }{
		{"slashes that are encoded", "/topics/line-a%2Fpress%2Fü?qos=1", "line-a/press/ü"},
		{"slashes that are not", "/topics/line-a/press/x?qos=1", "line-a/press/x"},
		{"an empty level", "/topics/line-a%2F%2Fx", "line-a//x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := drovertest.Start(t, drovertest.Options{})
			back := n.Connect(drovertest.Session{})
			back.Subscribe("line-a/#")
			body, err := n.CallRaw(awsapi.Data, http.MethodPost, c.path, "\x00 any bytes \xff")
			if err != nil {
				t.Fatal(err)
			}
			if got := n.Timeless(body); got != `{"message":"OK","traceId":"UUID"}` {
				t.Errorf("answered %s", got)
			}
			back.Await(1)
			m := back.Take()[0]
			if m.Topic != c.topic || string(m.Payload) != "\x00 any bytes \xff" || m.Retain {
				t.Errorf("got %+v", m)
			}
			if wantQoS := byte(strings.Count(c.path, "qos=1")); m.QoS != wantQoS {
				t.Errorf("QoS %d, want %d", m.QoS, wantQoS)
			}
		})
	}
}

func TestAPublishedMessageMayHaveTheProperties(t *testing.T) {
	n := drovertest.Start(t, drovertest.Options{})
	back := n.Connect(drovertest.Session{})
	back.Subscribe("a")
	encoded := base64.StdEncoding.EncodeToString([]byte(`[{"b":"1"},{"a":"2"},{"b":"3"}]`))
	_, err := n.CallRaw(awsapi.Data, http.MethodPost, "/topics/a?contentType=text%2Fplain&responseTopic=r&messageExpiry=60", "x",
		"x-amz-mqtt5-user-properties", encoded, "x-amz-mqtt5-payload-format-indicator", "UTF8_DATA", "x-amz-mqtt5-correlation-data", "AAE=")
	if err != nil {
		t.Fatal(err)
	}
	back.Await(1)
	m := back.Take()[0]
	want := &mqtt.Properties{
		Format: &[]byte{1}[0], ContentType: "text/plain", ResponseTopic: "r", Correlation: []byte{0, 1},
		User: []mqtt.UserProperty{{Name: "b", Value: "1"}, {Name: "a", Value: "2"}, {Name: "b", Value: "3"}},
	}
	if diff := cmp.Diff(want, m.Props); diff != "" {
		t.Errorf("properties (-want +got):\n%s", diff)
	}
	if m.Expiry == nil || *m.Expiry == 0 || *m.Expiry > 60 {
		t.Errorf("expires in %v", m.Expiry)
	}
}

func TestWhatCannotBePublishedOverHTTPS(t *testing.T) {
	n := drovertest.Start(t, drovertest.Options{})
	for _, c := range []struct {
		name, path, payload string
		header              []string
		status              int
		exception           string
		message             string
	}{
		{"no topic", "/topics/", "", nil, 400, "InvalidRequestException", "Value null at 'topic' is not allowed"},
		{"a wildcard", "/topics/a%2F%23", "", nil, 400, "InvalidRequestException", "topic is not valid"},
		{"a topic that is too deep", "/topics/1/2/3/4/5/6/7/8/9", "", nil, 400, "InvalidRequestException", "topic is not valid"},
		{"QoS 2", "/topics/a?qos=2", "", nil, 400, "InvalidRequestException", "Value 2 at 'qos' failed to satisfy constraint: must be 0 to 1"},
		{"a reserved topic", "/topics/$aws%2Fevents%2Fx", "", nil, 403, "ForbiddenException", "Topic $aws/events/x is reserved"},
		{"retained on a reserved topic", "/topics/$aws%2Fthings%2FT%2Fshadow%2Fget?retain=true", "", nil, 400, "InvalidRequestException", "a topic that begins with $ cannot be retained"},
		{"a payload that is too large", "/topics/a", strings.Repeat("x", 131073), nil, 400, "InvalidRequestException", "Body is larger than 131072 bytes"},
		{
			"properties that are no JSON", "/topics/a", "",
			[]string{"x-amz-mqtt5-user-properties", "e30="},
			400, "InvalidRequestException",
			"Value at 'userProperties' failed to satisfy constraint: must be a JSON array of objects with one string each, in base64",
		},
		{"correlation that is no base64", "/topics/a", "", []string{"x-amz-mqtt5-correlation-data", "!"}, 400, "InvalidRequestException", "Value at 'correlationData' failed to satisfy constraint: must be base64"},
		{"a response topic with wildcards", "/topics/a?responseTopic=%2B", "", nil, 400, "InvalidRequestException", "Value at 'responseTopic' failed to satisfy constraint: must have no wildcards"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := n.CallRaw(awsapi.Data, http.MethodPost, c.path, c.payload, c.header...)
			var refused *drovertest.Refusal
			want := &drovertest.Refusal{Status: c.status, Type: c.exception, Message: c.message}
			if !errors.As(err, &refused) || *refused != *want {
				t.Errorf("answered %v, want %v", err, want)
			}
		})
	}
}

// A request that comes by HTTPS is executed; its answer has no receiver.
// spec: device-api.md#22-subscriptions-and-what-reaches-them
func TestARequestMayBePublishedOverHTTPS(t *testing.T) {
	d := httpsDevice(t)
	back := d.listener()
	if _, err := d.node.CallRaw(awsapi.Data, http.MethodPost, "/topics/"+strings.ReplaceAll(pressShadow, "/", "%2F")+"update", `{"state":{"reported":{"a":1}}}`); err != nil {
		t.Fatal(err)
	}
	back.Await(2)
	d.wantHeard(back,
		`update/accepted {"state":{"reported":{"a":1}},"metadata":{"reported":{"a":{"timestamp":T}}},"version":1,"timestamp":T}`,
		`update/documents {"previous":null,"current":{"state":{"reported":{"a":1}},"metadata":{"reported":{"a":{"timestamp":T}}},"version":1},"timestamp":T}`)
}

func TestRetainedMessagesAreListedAndRead(t *testing.T) {
	n := drovertest.Start(t, drovertest.Options{})
	publish := func(path, payload string) {
		t.Helper()
		if _, err := n.CallRaw(awsapi.Data, http.MethodPost, path, payload,
			"x-amz-mqtt5-user-properties", base64.StdEncoding.EncodeToString([]byte(`[{"k":"v"}]`))); err != nil {
			t.Fatal(err)
		}
	}
	for _, topic := range []string{"b", "a%2Fx", "c"} {
		publish("/topics/"+topic+"?retain=true&qos=1", "of "+topic)
	}
	publish("/topics/c?retain=true", "")
	n.Restart()

	var topics []string
	for token := ""; ; {
		path := "/retainedMessage?maxResults=1"
		if token != "" {
			path += "&nextToken=" + token
		}
		body, err := n.CallRaw(awsapi.Data, http.MethodGet, path, "")
		if err != nil {
			t.Fatal(err)
		}
		var page struct {
			RetainedTopics []struct {
				Topic            string
				PayloadSize, QoS int
				LastModifiedTime int64
			}
			NextToken string
		}
		if err := json.Unmarshal([]byte(body), &page); err != nil {
			t.Fatal(err)
		}
		for _, r := range page.RetainedTopics {
			topics = append(topics, r.Topic)
			if r.QoS != 1 || r.PayloadSize == 0 || r.LastModifiedTime != n.Began.UnixMilli() {
				t.Errorf("%+v", r)
			}
		}
		if token = page.NextToken; token == "" {
			break
		}
	}
	if diff := cmp.Diff([]string{"a/x", "b"}, topics); diff != "" {
		t.Errorf("topics (-want +got):\n%s", diff)
	}

	for _, path := range []string{"/retainedMessage/a%2Fx", "/retainedMessage/a/x"} {
		body, err := n.CallRaw(awsapi.Data, http.MethodGet, path, "")
		if err != nil {
			t.Fatal(err)
		}
		var m struct {
			Topic                   string
			Payload, UserProperties []byte
			QoS                     int
			LastModifiedTime        int64
		}
		if err := json.Unmarshal([]byte(body), &m); err != nil {
			t.Fatal(err)
		}
		if m.Topic != "a/x" || string(m.Payload) != "of a%2Fx" || m.QoS != 1 || m.LastModifiedTime != n.Began.UnixMilli() || string(m.UserProperties) != `[{"k":"v"}]` {
			t.Errorf("%s: %s", path, body)
		}
	}
	_, err := n.CallRaw(awsapi.Data, http.MethodGet, "/retainedMessage/c", "")
	if err == nil || err.Error() != "ResourceNotFoundException: No message is retained on c" {
		t.Errorf("a topic without one: %v", err)
	}
}
