package mqtt

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/mochi-mqtt/server/v2/packets"
)

// Encode appends p to buf as bytes of the given version. It fails only on
// what must not be sent: a QoS 1 PUBLISH, SUBSCRIBE or UNSUBSCRIBE without a
// packet identifier, and a packet type that is only ever received.
func Encode(buf *bytes.Buffer, version byte, p Packet) error {
	pk := packets.Packet{ProtocolVersion: version}
	pk.FixedHeader.Type = byte(p.Type())
	pk.Mods.AllowResponseInfo = true // or Response Topic and Correlation Data are left out
	switch p := p.(type) {
	case *Connect:
		return encodeConnect(buf, &pk, p)
	case *Connack:
		return encodeConnack(buf, &pk, p)
	case *Publish:
		return encodePublish(buf, &pk, p)
	case *Ack:
		return encodeAck(buf, &pk, p)
	case *Subscribe:
		return encodeSubscribe(buf, &pk, p)
	case *Suback:
		pk.PacketID, pk.ReasonCodes = p.ID, toCodes(p.Reasons)
		return pk.SubackEncode(buf)
	case *Unsubscribe:
		return encodeUnsubscribe(buf, &pk, p)
	case *Unsuback:
		pk.PacketID, pk.ReasonCodes = p.ID, toCodes(p.Reasons)
		return pk.UnsubackEncode(buf)
	case *Ping:
		return pk.PingreqEncode(buf) // the header alone, as PINGRESP is
	case *Disconnect:
		return encodeDisconnect(buf, &pk, p)
	default:
		return fmt.Errorf("encode packet type %d: never sent", p.Type())
	}
}

func encodeConnect(buf *bytes.Buffer, pk *packets.Packet, c *Connect) error {
	pk.ProtocolVersion = c.Version
	pk.Connect = packets.ConnectParams{
		ProtocolName: []byte("MQTT"), ClientIdentifier: c.Client, Clean: c.Clean, Keepalive: c.KeepAlive,
		UsernameFlag: c.Username != nil, Username: c.Username, PasswordFlag: c.Password != nil, Password: c.Password,
	}
	pk.Properties = packets.Properties{
		SessionExpiryInterval: c.SessionExpiry, SessionExpiryIntervalFlag: c.SessionExpiry > 0,
		ReceiveMaximum: c.ReceiveMaximum, MaximumPacketSize: c.MaximumPacket, AuthenticationMethod: c.AuthMethod,
	}
	if w := c.Will; w != nil {
		pk.Connect.WillFlag = true
		pk.Connect.WillTopic, pk.Connect.WillPayload = w.Topic, w.Payload
		pk.Connect.WillQos, pk.Connect.WillRetain = w.QoS, w.Retain
		setProperties(&pk.Connect.WillProperties, w.Props, w.Expiry)
		pk.Connect.WillProperties.WillDelayInterval = uint32(w.Delay.Seconds())
	}
	return pk.ConnectEncode(buf)
}

func encodeConnack(buf *bytes.Buffer, pk *packets.Packet, c *Connack) error {
	pk.SessionPresent, pk.ReasonCode = c.SessionPresent, byte(c.Reason)
	if o := c.Offers; o != nil {
		pk.Properties = packets.Properties{
			ReceiveMaximum: o.ReceiveMaximum, MaximumQos: 1, MaximumQosFlag: true,
			RetainAvailable: 1, RetainAvailableFlag: true, MaximumPacketSize: o.MaximumPacket,
			AssignedClientID: o.AssignedClient, TopicAliasMaximum: o.TopicAliasMaximum,
			WildcardSubAvailable: 1, WildcardSubAvailableFlag: true, SubIDAvailable: 0, SubIDAvailableFlag: true,
			SharedSubAvailable: 1, SharedSubAvailableFlag: true,
			ServerKeepAlive: o.KeepAlive, ServerKeepAliveFlag: o.KeepAlive > 0,
		}
		if o.SessionExpiry != nil {
			pk.Properties.SessionExpiryInterval, pk.Properties.SessionExpiryIntervalFlag = *o.SessionExpiry, true
		}
	}
	return pk.ConnackEncode(buf)
}

func encodePublish(buf *bytes.Buffer, pk *packets.Packet, p *Publish) error {
	pk.FixedHeader.Qos, pk.FixedHeader.Retain, pk.FixedHeader.Dup = p.QoS, p.Retain, p.Dup
	pk.TopicName, pk.Payload, pk.PacketID = p.Topic, p.Payload, p.ID
	if pk.ProtocolVersion == V5 {
		setProperties(&pk.Properties, p.Props, p.Expiry)
		pk.Properties.TopicAlias, pk.Properties.TopicAliasFlag = p.Alias, p.Alias > 0
	}
	return pk.PublishEncode(buf)
}

func setProperties(to *packets.Properties, from *Properties, expiry *uint32) {
	if expiry != nil {
		to.MessageExpiryInterval = *expiry
	}
	if from == nil {
		return
	}
	to.ContentType, to.ResponseTopic, to.CorrelationData = from.ContentType, from.ResponseTopic, from.Correlation
	if from.Format != nil {
		to.PayloadFormat, to.PayloadFormatFlag = *from.Format, true
	}
	for _, u := range from.User {
		to.User = append(to.User, packets.UserProperty{Key: u.Name, Val: u.Value})
	}
}

// encodeAck writes a reason under 0x80 itself: the library leaves it out, and
// "no matching subscribers" would become plain success.
func encodeAck(buf *bytes.Buffer, pk *packets.Packet, a *Ack) error {
	if pk.ProtocolVersion == V5 && a.Reason != Success && !a.Reason.Failed() {
		head := []byte{byte(a.Kind) << 4, 3}
		buf.Write(append(binary.BigEndian.AppendUint16(head, a.ID), byte(a.Reason)))
		return nil
	}
	pk.PacketID, pk.ReasonCode = a.ID, byte(a.Reason)
	return pk.PubackEncode(buf)
}

func encodeSubscribe(buf *bytes.Buffer, pk *packets.Packet, s *Subscribe) error {
	pk.PacketID, pk.FixedHeader.Qos = s.ID, 1
	for _, f := range s.Filters {
		pk.Filters = append(pk.Filters, packets.Subscription{
			Filter: f.Filter, Qos: f.QoS, NoLocal: f.NoLocal, RetainAsPublished: f.AsPublished, RetainHandling: f.RetainHandling,
		})
	}
	return pk.SubscribeEncode(buf)
}

func encodeUnsubscribe(buf *bytes.Buffer, pk *packets.Packet, u *Unsubscribe) error {
	pk.PacketID, pk.FixedHeader.Qos = u.ID, 1
	for _, f := range u.Filters {
		pk.Filters = append(pk.Filters, packets.Subscription{Filter: f})
	}
	return pk.UnsubscribeEncode(buf)
}

func encodeDisconnect(buf *bytes.Buffer, pk *packets.Packet, d *Disconnect) error {
	pk.ReasonCode = byte(d.Reason)
	if d.SessionExpiry != nil {
		pk.Properties.SessionExpiryInterval, pk.Properties.SessionExpiryIntervalFlag = *d.SessionExpiry, true
	}
	return pk.DisconnectEncode(buf)
}

func toCodes(reasons []Reason) []byte {
	codes := make([]byte, len(reasons))
	for i, r := range reasons {
		codes[i] = byte(r)
	}
	return codes
}
