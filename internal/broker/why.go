package broker

import "github.com/drover-iot/drover/internal/mqtt"

// Why is the reason a connection ended for, finer than its [Cause]. Each
// belongs to one cause.
type Why byte

// The reasons, in the order of their causes.
const (
	notEnded Why = iota

	disconnected // DISCONNECT
	closeFrame   // a WebSocket Close frame

	malformed
	protocolError
	packetTooLarge // or its payload
	tooManyInFlight
	badAlias
	badTopic
	badFilter
	badRetain
	badQoS
	subscriptionID

	peerGone

	takenOver

	silent

	shutdown

	storeFailed
	panicked

	outboundFull // more waited for it than may
	writeTimeout // it took nothing in time

	heldMost // the node held too much, and most of it for this one

	connectTimeout
	connectRefused     // its CONNECT asks for what it cannot have
	connectInvalid     // its first packet is not a sound CONNECT
	connectUnavailable // we are stopping, or the store failed
	connectLost
	connectCrowded // room was needed for others
	connectTooFast // over Limits.Connects

	whys
)

// reasons is the cause of each reason, and its word for logs and figures.
var reasons = [whys]struct {
	cause Cause
	word  string
}{
	notEnded:     {noCause, "none"},
	disconnected: {ClientInitiated, "disconnect"},
	closeFrame:   {ClientInitiated, "websocket_close"},

	malformed:       {ClientError, "malformed"},
	protocolError:   {ClientError, "protocol_error"},
	packetTooLarge:  {ClientError, "packet_too_large"},
	tooManyInFlight: {ClientError, "receive_maximum"},
	badAlias:        {ClientError, "topic_alias"},
	badTopic:        {ClientError, "topic"},
	badFilter:       {ClientError, "filter"},
	badRetain:       {ClientError, "retain"},
	badQoS:          {ClientError, "qos"},
	subscriptionID:  {ClientError, "subscription_identifier"},

	peerGone:     {ConnectionLost, "peer_gone"},
	takenOver:    {Duplicate, "taken_over"},
	silent:       {KeepAliveTimeout, "keep_alive"},
	shutdown:     {ServerInitiated, "shutdown"},
	storeFailed:  {ServerError, "store"},
	panicked:     {ServerError, "panic"},
	outboundFull: {SlowReader, "outbound_full"},
	writeTimeout: {SlowReader, "write_timeout"},
	heldMost:     {Throttled, "held_most"},

	connectTimeout:     {NoConnect, "connect_timeout"},
	connectRefused:     {NoConnect, "connect_refused"},
	connectInvalid:     {NoConnect, "connect_invalid"},
	connectUnavailable: {NoConnect, "connect_unavailable"},
	connectLost:        {NoConnect, "connect_lost"},
	connectCrowded:     {NoConnect, "connect_crowded"},
	connectTooFast:     {NoConnect, "connect_rate"},
}

// Cause is the cause that the reason belongs to.
func (w Why) Cause() Cause { return reasons[w].cause }

// String is the reason's word: lower case, of a fixed set.
func (w Why) String() string { return reasons[w].word }

// peersFault tells whether we ended the connection for what the peer did.
func (w Why) peersFault() bool {
	switch w {
	case connectLost, connectUnavailable:
		return false
	default:
		c := w.Cause()
		return c == ClientError || c == SlowReader || c == Throttled || c == NoConnect
	}
}

// whyOf is the reason for a violation.
func whyOf(r mqtt.Reason) Why {
	switch r {
	case mqtt.Malformed:
		return malformed
	case mqtt.PacketTooLarge:
		return packetTooLarge
	case mqtt.ReceiveMaxExceeded:
		return tooManyInFlight
	case mqtt.BadAlias:
		return badAlias
	case mqtt.BadTopic:
		return badTopic
	case mqtt.BadFilter:
		return badFilter
	case mqtt.RetainNotSupported:
		return badRetain
	case mqtt.QoSNotSupported:
		return badQoS
	case mqtt.SubscriptionIDs:
		return subscriptionID
	default:
		return protocolError
	}
}
