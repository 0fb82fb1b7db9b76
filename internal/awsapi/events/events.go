// Package events has the topics and payloads of what is published on
// $aws/events/: of jobs and executions, of the registry, and of clients that come,
// go and subscribe. It is for the doors that publish them. Begin with [Head]. It is
// data: no goroutines, no state; what has happened is theirs to say.
package events

// Head is what all events begin with but those of clients.
// spec: device-api.md#11-events
type Head struct {
	EventType string `json:"eventType"`
	EventID   string `json:"eventId"`
	Timestamp int64  `json:"timestamp"`
	Operation string `json:"operation"`
}
