// Package iotdata holds the wire shapes of iot-data: device shadows, publishing
// over HTTPS, and retained messages; and the documents that shadows are shown
// in, which are the same over MQTT and HTTPS.
//
// Begin with [UpdateThingShadowRequest] and [Accepted]. Nothing here has state,
// locks or goroutines.
//
// spec: device-api.md#13-device-shadows
package iotdata
