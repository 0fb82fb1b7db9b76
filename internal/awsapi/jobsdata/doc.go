// Package jobsdata holds the wire shapes of the device plane of Jobs: the
// four requests, which a device sends over MQTT or HTTPS, their answers on
// both, rejections and notifications.
//
// Begin with [Reader], which reads payloads, and [UpdateAnswer], which
// writes one. A request has the same struct on both doors. What is sent is
// appended to a buffer by hand, in the member order of the specification's
// examples: it is the hot path, and a job document must travel untouched. On
// MQTT a document is a JSON value, on HTTP a string that holds it.
//
// Nothing here has state, locks or goroutines.
//
// spec: device-api.md#4-the-four-requests
package jobsdata
