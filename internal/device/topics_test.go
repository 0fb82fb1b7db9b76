package device_test

import (
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/drovertest"
)

// spec: device-api.md#21-routing-a-published-topic
func TestTopicsWithAnEmptyLevelAreRefusedByName(t *testing.T) {
	n := drovertest.Start(t, drovertest.Options{})
	n.CreateThings("press-01")
	d := n.Device(drovertest.MQTT5, "press-01")
	for topic, code := range map[string]string{
		"$aws/things/press-01/jobs/":     "InvalidTopic",
		"$aws/things/press-01/jobs//get": "InvalidRequest",
		"$aws/things//jobs/get":          "InvalidRequest",
	} {
		m := d.Conn.Request(topic, `{"clientToken":"t"}`)
		if m.Topic != topic+"/rejected" || !strings.Contains(string(m.Payload), `"clientToken":"t"`) ||
			!strings.Contains(string(m.Payload), `"code":"`+code+`"`) {
			t.Errorf("%s is answered on %s with %s, want %s", topic, m.Topic, m.Payload, code)
		}
	}
}
