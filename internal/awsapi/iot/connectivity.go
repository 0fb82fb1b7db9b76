package iot

import (
	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/fleet"
)

// GetThingConnectivityData asks whether a thing is connected.
var GetThingConnectivityData = awsapi.MustLookup(awsapi.IoT, "GetThingConnectivityData")

// GetThingConnectivityDataRequest is what GetThingConnectivityData takes.
type GetThingConnectivityDataRequest struct {
	ThingName string `json:"thingName"`
}

// Shape implements awsapi.Shaped.
func (GetThingConnectivityDataRequest) Shape() awsapi.Shape { return awsapi.Shape{thingNameLabel} }

// ThingConnectivityAnswer is whether a thing is connected, and since when.
type ThingConnectivityAnswer struct {
	ThingName        string      `json:"thingName"`
	Connected        bool        `json:"connected"`
	Timestamp        awsapi.Time `json:"timestamp,omitzero"`
	DisconnectReason string      `json:"disconnectReason"`
}

// ConnectivityOf is the connection of a thing. The model's NONE is the reason
// of one that is connected, and UNKNOWN that of one that never was.
func ConnectivityOf(thing string, c fleet.Connection) *ThingConnectivityAnswer {
	a := &ThingConnectivityAnswer{ThingName: thing, Connected: c.Connected, Timestamp: awsapi.At(c.At), DisconnectReason: c.Reason}
	switch {
	case c.Connected:
		a.DisconnectReason = "NONE"
	case c.At.IsZero():
		a.DisconnectReason = "UNKNOWN"
	}
	return a
}
