package announce

import (
	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iotdata"
	"github.com/drover-iot/drover/internal/mqtt"
	"github.com/drover-iot/drover/internal/store"
)

// shadowMessage tells of a shadow what an update by a device would be told of
// too, on the topics of the shadow. spec: device-api.md#13-device-shadows
func shadowMessage(e store.Event) mqtt.Message {
	s, at := e.Shadow, awsapi.SecondsAt(e.At)
	m := mqtt.Message{Topic: iotdata.ShadowTopic(e.Thing.Name, s.Name) + "update/" + word(e), QoS: 1}
	if e.Happened == store.HasDelta {
		m.Payload = iotdata.Delta(s.After, at, "")
	} else {
		m.Payload = iotdata.Documents(s.Before, s.After, at, "")
	}
	return m
}
