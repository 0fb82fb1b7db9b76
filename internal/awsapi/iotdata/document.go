package iotdata

import (
	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet/shadow"
)

// document is a shadow as an answer or message shows it.
type document struct {
	State     map[string]any `json:"state"`
	Metadata  map[string]any `json:"metadata"`
	Version   int64          `json:"version"`
	Timestamp awsapi.Seconds `json:"timestamp,omitempty"`
	Token     string         `json:"clientToken,omitempty"`
}

// Shown is the whole of a shadow, with what is desired and not reported.
func Shown(s shadow.Shadow, at awsapi.Seconds, token string) []byte {
	state := s.States()
	if d := s.Delta(); d.State != nil {
		state["delta"] = d.State
	}
	return shadow.Append(nil, document{state, s.Metadata(), s.Version, at, token})
}

// Accepted is the answer to an update that made s: what it named, and no more.
func Accepted(u shadow.Update, s shadow.Shadow, at awsapi.Seconds) []byte {
	return shadow.Append(nil, document{u.State, u.Metadata(s.UpdatedAt), s.Version, at, u.Token})
}

// Delta is the message that tells what is desired and not reported; nil if
// nothing is.
func Delta(s shadow.Shadow, at awsapi.Seconds, token string) []byte {
	d := s.Delta()
	if d.State == nil {
		return nil
	}
	return shadow.Append(nil, document{d.State, shadow.Timestamps(d.Times), s.Version, at, token})
}

// Documents is the message that tells a shadow before and after an update.
func Documents(before, after shadow.Shadow, at awsapi.Seconds, token string) []byte {
	var previous *document
	if !before.None() {
		previous = &document{State: before.States(), Metadata: before.Metadata(), Version: before.Version}
	}
	return shadow.Append(nil, struct {
		Previous  *document      `json:"previous"`
		Current   document       `json:"current"`
		Timestamp awsapi.Seconds `json:"timestamp"`
		Token     string         `json:"clientToken,omitempty"`
	}{previous, document{State: after.States(), Metadata: after.Metadata(), Version: after.Version}, at, token})
}

// ShadowTopic is what all topics of a shadow begin with; name "" is the classic
// one. spec: device-api.md#13-device-shadows
func ShadowTopic(thing, name string) string {
	topic := "$aws/things/" + thing + "/shadow/"
	if name != "" {
		topic += "name/" + name + "/"
	}
	return topic
}

// Deleted is the answer to a deletion.
func Deleted(s shadow.Shadow, at awsapi.Seconds, token string) []byte {
	return shadow.Append(nil, struct {
		Version   int64          `json:"version"`
		Timestamp awsapi.Seconds `json:"timestamp"`
		Token     string         `json:"clientToken,omitempty"`
	}{s.Version, at, token})
}

// Rejected is the refusal of a request over MQTT: the code is the status that
// HTTPS has. err has a kind, or is an internal error.
func Rejected(err error, at awsapi.Seconds, token string) []byte {
	return shadow.Append(nil, struct {
		Code      int            `json:"code"`
		Message   string         `json:"message"`
		Timestamp awsapi.Seconds `json:"timestamp"`
		Token     string         `json:"clientToken,omitempty"`
	}{awsapi.CodeNumber(fault.KindOf(err)), awsapi.MessageOf(err), at, token})
}

// Payload is an answer over HTTPS that is a document.
type Payload []byte

// AppendJSON implements awsapi.Appender.
func (p Payload) AppendJSON(dst []byte) []byte { return append(dst, p...) }
