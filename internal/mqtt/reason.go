package mqtt

import "fmt"

// Reason is an MQTT 5 reason code. 3.1.1 has none of them but SUBACK's 0x80;
// its CONNACK has return codes of its own, see [Reason.ReturnCode].
type Reason byte

// The reason codes that are used or understood here.
const (
	Success             Reason = 0x00
	DisconnectWithWill  Reason = 0x04
	NoMatching          Reason = 0x10
	NoSubscription      Reason = 0x11
	Unspecified         Reason = 0x80
	Malformed           Reason = 0x81
	ProtocolError       Reason = 0x82
	UnsupportedVersion  Reason = 0x84
	BadClientID         Reason = 0x85
	NotAuthorized       Reason = 0x87
	ServerUnavailable   Reason = 0x88
	ServerBusy          Reason = 0x89
	ShuttingDown        Reason = 0x8B
	BadAuthMethod       Reason = 0x8C
	KeepAliveTimeout    Reason = 0x8D
	SessionTakenOver    Reason = 0x8E
	BadFilter           Reason = 0x8F
	BadTopic            Reason = 0x90
	ReceiveMaxExceeded  Reason = 0x93
	BadAlias            Reason = 0x94
	PacketTooLarge      Reason = 0x95
	QuotaExceeded       Reason = 0x97
	RetainNotSupported  Reason = 0x9A
	QoSNotSupported     Reason = 0x9B
	SubscriptionIDs     Reason = 0xA1
	grantedHighest      Reason = 0x02
	firstFailure        Reason = 0x80
	returnUnacceptable  byte   = 1
	returnBadClientID   byte   = 2
	returnUnavailable   byte   = 3
	returnNotAuthorized byte   = 5
)

// Failed tells whether r says that something was refused.
func (r Reason) Failed() bool { return r >= firstFailure }

// ReturnCode is r in a 3.1.1 CONNACK; 0 if 3.1.1 has no word for it and the
// connection is closed without one.
// spec: device-api.md#92-connect
func (r Reason) ReturnCode() byte {
	switch r {
	case UnsupportedVersion:
		return returnUnacceptable
	case BadClientID:
		return returnBadClientID
	case ServerBusy, ServerUnavailable:
		return returnUnavailable
	case NotAuthorized:
		return returnNotAuthorized
	default:
		return 0
	}
}

// Violation is what a peer did wrong: Reason is what MQTT 5 calls it.
type Violation struct {
	Reason Reason
	Text   string // for the log
	// Panic is set when the codec library panicked over the packet.
	Panic string
}

func (v *Violation) Error() string {
	return fmt.Sprintf("mqtt violation 0x%02X: %s", byte(v.Reason), v.Text)
}

func malformed(text string) *Violation { return &Violation{Reason: Malformed, Text: text} }

func protocolError(text string) *Violation { return &Violation{Reason: ProtocolError, Text: text} }
