package device

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/mqtt"
)

// spec: wire-protocol.md#3-errors-on-http
func TestServicesThatAreNotBuiltRefuseInTheirOwnForm(t *testing.T) {
	text := func(s string) string { return string([]byte{0x78, byte(len(s))}) + s }
	const provisioning = "Fleet provisioning is not supported by this server"
	for _, c := range []struct {
		name, topic, payload, wantTopic, want string
	}{
		{
			"a stream in JSON, with its token", "$aws/things/T/streams/s/get/json", `{"c":"0:T"}`,
			"$aws/things/T/streams/s/rejected/json", `{"o":"ResourceNotFound","m":"Streams are not supported by this server","c":"0:T"}`,
		},
		{
			"a stream in CBOR", "$aws/things/T/streams/s/describe/cbor", "\xa0", "$aws/things/T/streams/s/rejected/cbor",
			"\xa2" + text("o") + text("ResourceNotFound") + text("m") + text("Streams are not supported by this server"),
		},
		{
			"provisioning in JSON", "$aws/certificates/create/json", `{}`, "$aws/certificates/create/json/rejected",
			`{"statusCode":404,"errorCode":"ResourceNotFound","errorMessage":"` + provisioning + `"}`,
		},
		{
			"provisioning in CBOR", "$aws/provisioning-templates/t/provision/cbor", "\xa0", "$aws/provisioning-templates/t/provision/cbor/rejected",
			"\xa3" + text("statusCode") + "\x19\x01\x94" + text("errorCode") + text("ResourceNotFound") + text("errorMessage") + text(provisioning),
		},
		{
			"a command", "$aws/commands/things/T/executions/e1/response/json", `{}`, "$aws/commands/things/T/executions/e1/response/rejected/json",
			`{"error":"ResourceNotFound","errorMessage":"Commands are not supported by this server","executionId":"e1"}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := (&Door{}).refuse(mqtt.Message{Topic: c.topic, Payload: []byte(c.payload), QoS: 1})
			if len(r.Messages) != 1 {
				t.Fatalf("%d messages", len(r.Messages))
			}
			m := r.Messages[0]
			if m.Topic != c.wantTopic || string(m.Payload) != c.want || m.QoS != 1 {
				t.Errorf("%s at QoS %d\n%s\nwant %s\n%s", m.Topic, m.QoS, hex.Dump(m.Payload), c.wantTopic, hex.Dump([]byte(c.want)))
			}
		})
	}
}

func TestEveryServiceThatIsNotBuiltMayBePublishedTo(t *testing.T) {
	rules := map[string]bool{}
	for _, r := range Rules() {
		rules[r.Pattern] = true
	}
	for _, u := range unbuilt {
		if !rules[u.pattern] || !strings.HasPrefix(u.pattern, "$aws/") {
			t.Errorf("no rule lets %s through", u.pattern)
		}
	}
}
