package mqtt

import "time"

// Type is the kind of a control packet, as the high bits of its first byte.
type Type byte

// The control packets.
const (
	TypeConnect     Type = 1
	TypeConnack     Type = 2
	TypePublish     Type = 3
	TypePuback      Type = 4
	TypePubrec      Type = 5
	TypePubrel      Type = 6
	TypePubcomp     Type = 7
	TypeSubscribe   Type = 8
	TypeSuback      Type = 9
	TypeUnsubscribe Type = 10
	TypeUnsuback    Type = 11
	TypePingreq     Type = 12
	TypePingresp    Type = 13
	TypeDisconnect  Type = 14
	TypeAuth        Type = 15
)

// Packet is one of the packet types below, as a pointer.
type Packet interface {
	// Type is what kind of packet it is.
	Type() Type
}

// Connect opens a connection.
type Connect struct {
	Version   byte
	Client    string
	Clean     bool   // Clean Session of 3.1.1, Clean Start of 5
	KeepAlive uint16 // seconds, as asked
	Username  []byte // nil if absent
	Password  []byte // nil if absent
	Will      *Will  // nil if there is none

	// MQTT 5 only. Zero means absent; where the protocol forbids zero, Decode
	// has refused it.
	SessionExpiry  uint32 // seconds
	ReceiveMaximum uint16
	MaximumPacket  uint32 // bytes
	AuthMethod     string
}

// Will is the message that a broker publishes for a client that went away
// without saying so.
type Will struct {
	Message
	Expiry *uint32       // seconds from its publication; nil: none
	Delay  time.Duration // MQTT 5: between the end of the connection and it
}

// Connack answers Connect. What is zero is not sent but for the flags of
// [Connack.Offers].
type Connack struct {
	SessionPresent bool
	Reason         Reason  // in a 3.1.1 packet: its ReturnCode
	Offers         *Offers // MQTT 5 only; nil when refused
}

// Offers are the properties of a CONNACK: what the server grants.
// spec: device-api.md#93-mqtt-5-connack-properties
type Offers struct {
	SessionExpiry     *uint32 // seconds, when not as asked
	ReceiveMaximum    uint16
	MaximumPacket     uint32
	AssignedClient    string
	TopicAliasMaximum uint16
	KeepAlive         uint16 // seconds; 0: as the client asked
}

// Publish carries a message. Expiry is in seconds from now; Message.Expires
// is left to whoever has a clock.
type Publish struct {
	Message
	ID     uint16  // of QoS 1 and 2
	Dup    bool    // sent before
	Alias  uint16  // MQTT 5 Topic Alias; 0: absent
	Expiry *uint32 // MQTT 5 Message Expiry Interval; nil: absent
}

// Ack is PUBACK, or one of the three packets of QoS 2, which are decoded only
// to be refused.
type Ack struct {
	Kind   Type
	ID     uint16
	Reason Reason
}

// Subscribe asks for subscriptions.
type Subscribe struct {
	ID      uint16
	Filters []Wish // at least one
	// Identified: an MQTT 5 Subscription Identifier was given.
	Identified bool
}

// Wish is one filter of a Subscribe, with the options asked for.
type Wish struct {
	Filter               string
	QoS                  byte // 0 to 2
	NoLocal, AsPublished bool
	RetainHandling       byte // 0: send retained, 1: only if it is new, 2: do not
}

// Suback answers Subscribe, a reason for each filter.
type Suback struct {
	ID      uint16
	Reasons []Reason
}

// Unsubscribe takes subscriptions back.
type Unsubscribe struct {
	ID      uint16
	Filters []string // at least one
}

// Unsuback answers Unsubscribe; 3.1.1 carries no reasons.
type Unsuback struct {
	ID      uint16
	Reasons []Reason
}

// Ping is PINGREQ and, as Response, PINGRESP.
type Ping struct{ Response bool }

// Disconnect ends a connection.
type Disconnect struct {
	Reason        Reason
	SessionExpiry *uint32 // MQTT 5: seconds, a change of what CONNECT said
}

// Auth is MQTT 5's extended authentication, decoded only to be refused.
type Auth struct{ Reason Reason }

// Type implements Packet.
func (*Connect) Type() Type { return TypeConnect }

// Type implements Packet.
func (*Connack) Type() Type { return TypeConnack }

// Type implements Packet.
func (*Publish) Type() Type { return TypePublish }

// Type implements Packet.
func (a *Ack) Type() Type { return a.Kind }

// Type implements Packet.
func (*Subscribe) Type() Type { return TypeSubscribe }

// Type implements Packet.
func (*Suback) Type() Type { return TypeSuback }

// Type implements Packet.
func (*Unsubscribe) Type() Type { return TypeUnsubscribe }

// Type implements Packet.
func (*Unsuback) Type() Type { return TypeUnsuback }

// Type implements Packet.
func (p *Ping) Type() Type {
	if p.Response {
		return TypePingresp
	}
	return TypePingreq
}

// Type implements Packet.
func (*Disconnect) Type() Type { return TypeDisconnect }

// Type implements Packet.
func (*Auth) Type() Type { return TypeAuth }
