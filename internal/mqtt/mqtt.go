// Package mqtt holds what both ends of an MQTT connection speak of: packets
// and the guarded codec for them, messages, topics, filters, and what is kept
// of a session. It is pure: no socket, no clock, no goroutine.
//
// Begin with [Message]; [Decode] and [Encode] turn packets into bytes and back
// for MQTT 3.1.1 and 5. The wire format itself is a library's; this package is
// the only one that imports it, refuses what the library lets pass, and turns
// its panics into errors. Everything a stranger can send ends in a [Packet] or
// a [Violation].
//
// What must stay out: who receives what, and what a topic means.
package mqtt

import "time"

// The protocol versions that exist here, as CONNECT's protocol level.
const (
	V311 byte = 4
	V5   byte = 5
)

// Message is an application message, on its way in or out. Payload and Props
// are shared by all receivers and never written to.
type Message struct {
	Topic   string
	Payload []byte
	QoS     byte // 0 or 1
	Retain  bool
	Props   *Properties // nil if there are none
	Expires time.Time   // not delivered from then on; zero: never
	// Receipt is the sender's own and never leaves the process: whoever is
	// told that the message was acknowledged finds it there again.
	Receipt int64
}

// Expired tells whether m must no longer be delivered at now.
func (m Message) Expired(now time.Time) bool {
	return !m.Expires.IsZero() && !now.Before(m.Expires)
}

// overhead is what a message takes beside its bytes, and a property of it.
const (
	overhead         = 192
	propertyOverhead = 64
)

// Weight is about how many bytes m takes in memory.
func (m *Message) Weight() int {
	n := overhead + len(m.Topic) + len(m.Payload)
	if m.Props == nil {
		return n
	}
	n += overhead + len(m.Props.ContentType) + len(m.Props.ResponseTopic) + len(m.Props.Correlation)
	for _, u := range m.Props.User {
		n += propertyOverhead + len(u.Name) + len(u.Value)
	}
	return n
}

// Properties are what passes from an MQTT 5 publisher to its subscribers
// beside the payload; message expiry is [Message.Expires].
// spec: device-api.md#93-mqtt-5-connack-properties
type Properties struct {
	Format        *byte          `json:"format,omitempty"` // Payload Format Indicator, nil if absent
	ContentType   string         `json:"contentType,omitempty"`
	ResponseTopic string         `json:"responseTopic,omitempty"`
	Correlation   []byte         `json:"correlation,omitempty"`
	User          []UserProperty `json:"user,omitempty"` // in the publisher's order
}

// UserProperty is one name and value of a publisher's own.
type UserProperty struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Filter is one granted subscription of a session.
type Filter struct {
	Text string // as the client gave it, with $share/GROUP/ if it did
	QoS  byte   // as granted: 0 or 1
	Form byte   // n: an instance of the n-th form, counted from 1; 0: of none
	Name string // what stands in the form's hole
	// NoLocal and AsPublished are MQTT 5's options of those names.
	NoLocal, AsPublished bool
}

// Session is what outlives the connection of a persistent session.
type Session struct {
	Client  string
	Version byte          // a session is resumed by its own version only
	Expiry  time.Duration // after the connection ended; whole seconds
	Filters []Filter
}

// Stored is a message that waits for a session, with its place in the order.
type Stored struct {
	Seq int64 // grows within a session
	Message
}

// Post is a message for the queues of persistent sessions.
type Post struct {
	Message
	Clients []string
}
