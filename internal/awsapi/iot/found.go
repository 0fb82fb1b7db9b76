package iot

import (
	"github.com/drover-iot/drover/internal/fleet/query"
	"github.com/drover-iot/drover/internal/fleet/shadow"
)

// ThingDocumentOf is a thing with its shadows as SearchIndex shows it.
func ThingDocumentOf(d query.Document, shadows map[string]shadow.Shadow) ThingDocument {
	shown := ThingDocument{
		ThingName: d.Thing.Name, ThingID: d.Thing.UID, ThingTypeName: d.Thing.Type,
		ThingGroupNames: d.Groups, Attributes: d.Thing.Attributes,
	}
	if len(shadows) > 0 {
		shown.Shadow = string(shadow.Append(nil, shadowText(shadows)))
	}
	if c := d.Connection; c != nil {
		shown.Connectivity = &ThingConnectivity{Connected: c.Connected, Timestamp: c.At, DisconnectReason: c.Reason}
	}
	return shown
}

// shadowText is the classic shadow, and the named ones as a member of it.
func shadowText(shadows map[string]shadow.Shadow) map[string]any {
	text, named := map[string]any{}, map[string]any{}
	for name, s := range shadows {
		if name == "" {
			text = oneShadow(s)
		} else {
			named[name] = oneShadow(s)
		}
	}
	if len(named) > 0 {
		text["name"] = named
	}
	return text
}

// oneShadow is a shadow as the index shows it: its sections, what differs
// between them, when each value was set, and its version.
func oneShadow(s shadow.Shadow) map[string]any {
	text := s.States()
	delta := s.Delta().State
	if len(delta) > 0 {
		text["delta"] = delta
	}
	text["hasDelta"] = len(delta) > 0
	text["metadata"] = s.Metadata()
	text["version"] = s.Version
	text["timestamp"] = s.UpdatedAt.Unix()
	return text
}

// Size is about what the thing takes in an answer.
func (d ThingDocument) Size() int {
	n := len(d.Shadow)
	for name, value := range d.Attributes {
		n += len(name) + len(value)
	}
	return n
}
