package mqtt

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/mochi-mqtt/server/v2/packets"
)

// Decode reads the body of a packet whose header was read, on a connection of
// the given version (of no matter for CONNECT). The packet keeps parts of
// body, which the caller must leave alone; client ids and filters are copies.
// The error is always a *Violation.
func Decode(h Header, version byte, body []byte) (p Packet, err error) {
	defer func() {
		if r := recover(); r != nil {
			p, err = nil, &Violation{Reason: Malformed, Text: "codec panic", Panic: fmt.Sprint(r)}
		}
	}()
	p, v := decode(h, version, body)
	if v != nil {
		return nil, v
	}
	return p, nil
}

func decode(h Header, version byte, body []byte) (Packet, *Violation) {
	fixed, v := h.fixed()
	if v != nil {
		return nil, v
	}
	if h.Type() == TypeConnect {
		if version, v = level(body); v != nil {
			return nil, v
		}
	}
	if h.Type() == TypeAuth && version != V5 {
		return nil, malformed("AUTH in 3.1.1")
	}
	props, v := strict(h, version, body)
	if v != nil {
		return nil, v
	}
	pk := packets.Packet{FixedHeader: fixed, ProtocolVersion: version}
	return convert(&pk, props, body)
}

// level is the protocol level of a CONNECT, read before anything else since
// what follows depends on it.
func level(body []byte) (byte, *Violation) {
	c := cursor{rest: body}
	name, version := string(c.bytes()), c.byte()
	switch {
	case c.bad:
		return 0, malformed("protocol name")
	case name == "MQTT" && (version == V311 || version == V5):
		return version, nil
	case name == "MQTT" && version > V5:
		return 0, &Violation{Reason: UnsupportedVersion, Text: "protocol level over 5"}
	case name == "MQTT", name == "MQIsdp":
		return 0, &Violation{Reason: UnsupportedVersion, Text: "protocol level under 4"}
	default:
		return 0, malformed("protocol name")
	}
}

// Level is the protocol level that a CONNECT's body asks for; 0 if it is not
// to be made out. It is for telling a refusal in the right form.
func Level(body []byte) byte {
	c := cursor{rest: body}
	c.bytes()
	return c.byte()
}

// convert lets the library decode body into pk, and makes our packet of it.
func convert(pk *packets.Packet, props seen, body []byte) (Packet, *Violation) {
	switch Type(pk.FixedHeader.Type) {
	case TypeConnect:
		return toConnect(pk, pk.ConnectDecode(body), body)
	case TypeConnack:
		return toConnack(pk, pk.ConnackDecode(body))
	case TypePublish:
		return toPublish(pk, pk.PublishDecode(body), props)
	case TypePuback, TypePubrec, TypePubrel, TypePubcomp:
		return toAck(pk, pk.PubackDecode(body))
	case TypeSubscribe:
		return toSubscribe(pk, pk.SubscribeDecode(body), props)
	case TypeSuback:
		err := pk.SubackDecode(body)
		return &Suback{ID: pk.PacketID, Reasons: toReasons(pk.ReasonCodes)}, violation(err)
	case TypeUnsubscribe:
		return toUnsubscribe(pk, pk.UnsubscribeDecode(body))
	case TypeUnsuback:
		err := pk.UnsubackDecode(body)
		return &Unsuback{ID: pk.PacketID, Reasons: toReasons(pk.ReasonCodes)}, violation(err)
	case TypePingreq, TypePingresp:
		return &Ping{Response: pk.FixedHeader.Type == packets.Pingresp}, nil
	case TypeDisconnect:
		return toDisconnect(pk, pk.DisconnectDecode(body), body)
	case TypeAuth:
		return toAuth(body), nil
	default:
		return nil, malformed("packet type")
	}
}

// violation is the library's error in our terms; nil stays nil.
func violation(err error) *Violation {
	if err == nil {
		return nil
	}
	var code packets.Code
	if errors.As(err, &code) && Reason(code.Code) == ProtocolError {
		return protocolError(err.Error())
	}
	return malformed(err.Error())
}

func toConnect(pk *packets.Packet, err error, body []byte) (Packet, *Violation) {
	if err != nil {
		return nil, violation(err)
	}
	if len(pk.Properties.AuthenticationData) > 0 && pk.Properties.AuthenticationMethod == "" {
		return nil, protocolError("authentication data without a method")
	}
	c := &Connect{
		Version: pk.ProtocolVersion, Client: strings.Clone(pk.Connect.ClientIdentifier),
		Clean: pk.Connect.Clean, KeepAlive: pk.Connect.Keepalive,
		SessionExpiry: pk.Properties.SessionExpiryInterval, ReceiveMaximum: pk.Properties.ReceiveMaximum,
		MaximumPacket: pk.Properties.MaximumPacketSize, AuthMethod: pk.Properties.AuthenticationMethod,
	}
	if pk.Connect.UsernameFlag {
		c.Username = pk.Connect.Username
	}
	if pk.Connect.PasswordFlag {
		c.Password = pk.Connect.Password
	}
	if pk.Connect.WillFlag {
		c.Will = toWill(pk, body)
	}
	return c, nil
}

func toWill(pk *packets.Packet, body []byte) *Will {
	w := &Will{
		Message: Message{
			Topic: pk.Connect.WillTopic, Payload: pk.Connect.WillPayload,
			QoS: pk.Connect.WillQos, Retain: pk.Connect.WillRetain,
		},
		Delay: time.Duration(pk.Connect.WillProperties.WillDelayInterval) * time.Second,
	}
	if pk.ProtocolVersion == V5 {
		props := willProperties(body)
		w.Props = toProperties(&pk.Connect.WillProperties, props)
		w.Expiry = toExpiry(&pk.Connect.WillProperties, props)
	}
	return w
}

// willProperties tells which properties the will of a sound MQTT 5 CONNECT has.
func willProperties(body []byte) seen {
	c := cursor{rest: body}
	c.bytes()
	c.take(4)
	if _, v := c.properties(); v != nil {
		return 0
	}
	c.bytes()
	s, v := c.properties()
	if v != nil {
		return 0
	}
	return s
}

func toConnack(pk *packets.Packet, err error) (Packet, *Violation) {
	if err != nil {
		return nil, violation(err)
	}
	c := &Connack{SessionPresent: pk.SessionPresent, Reason: Reason(pk.ReasonCode)}
	if pk.ProtocolVersion != V5 {
		return c, nil
	}
	p := &pk.Properties
	c.Offers = &Offers{
		ReceiveMaximum: p.ReceiveMaximum, MaximumPacket: p.MaximumPacketSize,
		AssignedClient: strings.Clone(p.AssignedClientID), TopicAliasMaximum: p.TopicAliasMaximum, KeepAlive: p.ServerKeepAlive,
	}
	if p.SessionExpiryIntervalFlag {
		expiry := p.SessionExpiryInterval // a copy: pk stays on the stack
		c.Offers.SessionExpiry = &expiry
	}
	return c, nil
}

func toPublish(pk *packets.Packet, err error, props seen) (Packet, *Violation) {
	if err != nil {
		return nil, violation(err)
	}
	p := &Publish{
		Message: Message{Topic: pk.TopicName, Payload: pk.Payload, QoS: pk.FixedHeader.Qos, Retain: pk.FixedHeader.Retain},
		ID:      pk.PacketID, Dup: pk.FixedHeader.Dup, Alias: pk.Properties.TopicAlias,
	}
	if props == 0 {
		return p, nil
	}
	if props.has(propSubscriptionID) {
		return nil, protocolError("subscription identifier in a PUBLISH")
	}
	p.Props = toProperties(&pk.Properties, props)
	p.Expiry = toExpiry(&pk.Properties, props)
	return p, nil
}

// toExpiry tells an expiry of 0 from none, which the library does not.
func toExpiry(p *packets.Properties, props seen) *uint32 {
	if !props.has(propExpiry) {
		return nil
	}
	seconds := p.MessageExpiryInterval
	return &seconds
}

func toProperties(p *packets.Properties, props seen) *Properties {
	own := Properties{ContentType: p.ContentType, ResponseTopic: p.ResponseTopic, Correlation: p.CorrelationData}
	if p.PayloadFormatFlag {
		format := p.PayloadFormat
		own.Format = &format
	}
	for _, u := range p.User {
		own.User = append(own.User, UserProperty{Name: u.Key, Value: u.Val})
	}
	if props&^(1<<propExpiry|1<<propTopicAlias) == 0 {
		return nil
	}
	return &own
}

func toAck(pk *packets.Packet, err error) (Packet, *Violation) {
	if err != nil {
		return nil, violation(err)
	}
	return &Ack{Kind: Type(pk.FixedHeader.Type), ID: pk.PacketID, Reason: Reason(pk.ReasonCode)}, nil
}

func toSubscribe(pk *packets.Packet, err error, props seen) (Packet, *Violation) {
	if err != nil {
		return nil, violation(err)
	}
	s := &Subscribe{ID: pk.PacketID, Filters: make([]Wish, len(pk.Filters)), Identified: props.has(propSubscriptionID)}
	for i, f := range pk.Filters {
		s.Filters[i] = Wish{
			Filter: strings.Clone(f.Filter), QoS: f.Qos, NoLocal: f.NoLocal,
			AsPublished: f.RetainAsPublished, RetainHandling: f.RetainHandling,
		}
	}
	return s, nil
}

func toUnsubscribe(pk *packets.Packet, err error) (Packet, *Violation) {
	if err != nil {
		return nil, violation(err)
	}
	u := &Unsubscribe{ID: pk.PacketID, Filters: make([]string, len(pk.Filters))}
	for i, f := range pk.Filters {
		u.Filters[i] = f.Filter
	}
	return u, nil
}

func toReasons(codes []byte) []Reason {
	reasons := make([]Reason, len(codes))
	for i, c := range codes {
		reasons[i] = Reason(c)
	}
	return reasons
}

// toDisconnect reads the reason itself where it stands alone: the library
// overlooks it there.
func toDisconnect(pk *packets.Packet, err error, body []byte) (Packet, *Violation) {
	if err != nil {
		return nil, violation(err)
	}
	d := &Disconnect{Reason: Reason(pk.ReasonCode)}
	if len(body) == 1 {
		d.Reason = Reason(body[0])
	}
	if pk.Properties.SessionExpiryIntervalFlag {
		expiry := pk.Properties.SessionExpiryInterval
		d.SessionExpiry = &expiry
	}
	return d, nil
}

// toAuth does without the library, which refuses the short form.
func toAuth(body []byte) Packet {
	if len(body) == 0 {
		return &Auth{}
	}
	return &Auth{Reason: Reason(body[0])}
}
