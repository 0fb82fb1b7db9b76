package device

import (
	"encoding/json"
	"strings"

	"github.com/drover-iot/drover/internal/broker"
	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/mqtt"
)

// unbuilt are the reserved topics of services that Drover does not have: a
// client that asks them gets an answer instead of silence.
// spec: device-api.md#96-topics-subscriptions-retained-will
var unbuilt = []struct {
	pattern string
	refuse  func(*Door, mqtt.Message) mqtt.Message
}{
	{things + "{}/streams/{}/describe/json", refuseStream},
	{things + "{}/streams/{}/describe/cbor", refuseStream},
	{things + "{}/streams/{}/get/json", refuseStream},
	{things + "{}/streams/{}/get/cbor", refuseStream},
	{"$aws/certificates/create/json", refuseProvisioning},
	{"$aws/certificates/create/cbor", refuseProvisioning},
	{"$aws/certificates/create-from-csr/json", refuseProvisioning},
	{"$aws/certificates/create-from-csr/cbor", refuseProvisioning},
	{"$aws/provisioning-templates/{}/provision/json", refuseProvisioning},
	{"$aws/provisioning-templates/{}/provision/cbor", refuseProvisioning},
	{"$aws/commands/things/{}/executions/{}/response/json", refuseCommand},
	{"$aws/commands/clients/{}/executions/{}/response/json", refuseCommand},
}

// errUnbuilt is why, for those who count.
var errUnbuilt = fault.New(fault.NotFound, "The topic is of a service that this server does not have")

// refuse answers a request of such a service.
func (d *Door) refuse(m mqtt.Message) broker.Reply {
	for _, u := range unbuilt {
		if mqtt.Matches(strings.ReplaceAll(u.pattern, mqtt.Hole, "+"), m.Topic) {
			refused := u.refuse(d, m)
			refused.QoS = m.QoS
			return broker.Reply{Messages: []mqtt.Message{refused}}
		}
	}
	return broker.Reply{}
}

// tokens are the client tokens of the services, by their member names.
type tokens struct {
	C any `json:"c,omitempty"`
}

func tokensOf(payload []byte) (t tokens) {
	if json.Unmarshal(payload, &t) != nil {
		return tokens{}
	}
	return t
}

// refusal is a message with v as JSON; v is made of strings and numbers.
func refusal(topic string, v any) mqtt.Message {
	body, err := json.Marshal(v)
	if err != nil {
		body = []byte("{}")
	}
	return mqtt.Message{Topic: topic, Payload: body}
}

// spec: device-api.md#14-streams-needed-by-freertos-ota-over-mqtt
func refuseStream(_ *Door, m mqtt.Message) mqtt.Message {
	const code, text = "ResourceNotFound", "Streams are not supported by this server"
	stream := m.Topic[:strings.LastIndexByte(m.Topic[:strings.LastIndexByte(m.Topic, '/')], '/')]
	if strings.HasSuffix(m.Topic, "/cbor") {
		return mqtt.Message{Topic: stream + "/rejected/cbor", Payload: cborText(cborText(cborText(cborText(cborMap(2), "o"), code), "m"), text)}
	}
	return refusal(stream+"/rejected/json", struct {
		Code    string `json:"o"`
		Message string `json:"m"`
		Token   any    `json:"c,omitempty"`
	}{code, text, tokensOf(m.Payload).C})
}

// cborText appends a CBOR text string shorter than 256 bytes.
func cborText(b []byte, t string) []byte { return append(append(b, 0x78, byte(len(t))), t...) }

// cborMap begins a CBOR map of so many pairs, at most 23.
func cborMap(pairs byte) []byte { return []byte{0xa0 | pairs} }

// spec: device-api.md#105-fleet-provisioning-topics
func refuseProvisioning(_ *Door, m mqtt.Message) mqtt.Message {
	const code, text = "ResourceNotFound", "Fleet provisioning is not supported by this server"
	if strings.HasSuffix(m.Topic, "/cbor") {
		b := append(cborText(cborMap(3), "statusCode"), 0x19, 404>>8, 404&0xff)
		b = cborText(cborText(b, "errorCode"), code)
		b = cborText(cborText(b, "errorMessage"), text)
		return mqtt.Message{Topic: m.Topic + rejects, Payload: b}
	}
	return refusal(m.Topic+rejects, struct {
		Status  int    `json:"statusCode"`
		Code    string `json:"errorCode"`
		Message string `json:"errorMessage"`
	}{404, code, text})
}

// spec: device-api.md#16-command-topics-startcommandexecution
func refuseCommand(_ *Door, m mqtt.Message) mqtt.Message {
	path := strings.Split(m.Topic, "/")
	return refusal(strings.TrimSuffix(m.Topic, "/json")+rejects+"/json", struct {
		Error     string `json:"error"`
		Message   string `json:"errorMessage"`
		Execution string `json:"executionId"`
	}{"ResourceNotFound", "Commands are not supported by this server", path[5]})
}
