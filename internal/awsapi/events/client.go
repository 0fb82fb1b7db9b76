package events

// What a client does, a level of its topic.
// spec: device-api.md#113-presence-and-subscription-events-always-on
const (
	Connected    = "connected"
	Disconnected = "disconnected"
	Subscribed   = "subscribed"
	Unsubscribed = "unsubscribed"
)

// Client is an event of a client; members that another event has are left
// out.
type Client struct {
	ID        string   `json:"clientId"`
	Timestamp int64    `json:"timestamp"` // milliseconds
	Type      string   `json:"eventType"`
	Session   string   `json:"sessionIdentifier"`
	Principal string   `json:"principalIdentifier"`
	Address   string   `json:"ipAddress,omitempty"`
	Initiated *bool    `json:"clientInitiatedDisconnect,omitempty"`
	Reason    string   `json:"disconnectReason,omitempty"`
	Version   *int64   `json:"versionNumber,omitempty"`
	Topics    []string `json:"topics,omitempty"`
}
