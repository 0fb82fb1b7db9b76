package mqtt

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"
)

// What the codec library lets pass is checked here first: that each property
// lies inside its section, is there once, and is not a forbidden zero; that
// nothing follows a packet's end; and the options of a SUBSCRIBE.

// The properties by number, as far as they are looked at by name.
const (
	propFormat         = 1
	propExpiry         = 2
	propSubscriptionID = 11
	propSessionExpiry  = 17
	propProblemInfo    = 23
	propResponseInfo   = 25
	propReceiveMaximum = 33
	propTopicAlias     = 35
	propUser           = 38
	propMaximumPacket  = 39
)

// shape is how a property's value is written.
type shape byte

const (
	shapeNone shape = iota // no such property
	shapeByte
	shapeUint16
	shapeUint32
	shapeLength
	shapeBytes
	shapePair
)

// shapeOf is how the value of property id is written.
func shapeOf(id byte) shape {
	switch id {
	case 1, 23, 25, 36, 37, 40, 41, 42:
		return shapeByte
	case 19, 33, 34, 35:
		return shapeUint16
	case 2, 17, 24, 39:
		return shapeUint32
	case 11:
		return shapeLength
	case 3, 8, 9, 18, 21, 22, 26, 28, 31:
		return shapeBytes
	case 38:
		return shapePair
	default:
		return shapeNone
	}
}

// seen is the set of properties in a section.
type seen uint64

func (s seen) has(id byte) bool { return s&(1<<id) != 0 }

// cursor walks over the bytes of a packet; once something is missing, bad is
// set and all that follows is empty.
type cursor struct {
	rest []byte
	bad  bool
}

func (c *cursor) take(n int) []byte {
	if c.bad || n > len(c.rest) {
		c.bad, c.rest = true, nil
		return nil
	}
	head := c.rest[:n]
	c.rest = c.rest[n:]
	return head
}

func (c *cursor) byte() byte {
	if b := c.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (c *cursor) uint16() uint16 {
	if b := c.take(2); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

func (c *cursor) bytes() []byte { return c.take(int(c.uint16())) }

// ReadByte lets readLength walk the cursor.
func (c *cursor) ReadByte() (byte, error) {
	b := c.byte()
	if c.bad {
		return 0, malformed("packet ends too early")
	}
	return b, nil
}

// properties walks one property section: its length, then the properties.
func (c *cursor) properties() (seen, *Violation) {
	n, err := readLength(c)
	if err != nil {
		return 0, malformed("property length")
	}
	section := cursor{rest: c.take(n)}
	if c.bad {
		return 0, malformed("properties end after the packet")
	}
	var s seen
	for len(section.rest) > 0 {
		id := section.byte()
		if v := section.property(id); v != nil {
			return 0, v
		}
		if s.has(id) && id != propUser && id != propSubscriptionID {
			return 0, protocolError("a property twice")
		}
		s |= 1 << id
	}
	return s, nil
}

// property walks the value of property id.
func (c *cursor) property(id byte) *Violation {
	value, v := c.value(shapeOf(id))
	switch {
	case v != nil:
		return v
	case c.bad:
		return malformed("a property ends after its section")
	}
	return checkValue(id, value)
}

func (c *cursor) value(s shape) (uint32, *Violation) {
	switch s {
	case shapeByte:
		return uint32(c.byte()), nil
	case shapeUint16:
		return uint32(c.uint16()), nil
	case shapeUint32:
		return uint32(c.uint16())<<16 | uint32(c.uint16()), nil
	case shapeLength:
		n, err := readLength(c)
		if err != nil {
			return 0, malformed("a property's variable byte integer")
		}
		return uint32(n), nil
	case shapeBytes:
		c.bytes()
	case shapePair:
		c.bytes()
		c.bytes()
	default:
		return 0, malformed("unknown property")
	}
	return 0, nil
}

// checkValue refuses numbers that MQTT 5 calls protocol errors.
func checkValue(id byte, value uint32) *Violation {
	switch id {
	case propReceiveMaximum, propMaximumPacket, propSubscriptionID:
		if value == 0 {
			return protocolError("a property is zero that must not be")
		}
	case propFormat, propProblemInfo, propResponseInfo:
		if value > 1 {
			return protocolError("a property is neither 0 nor 1")
		}
	case propTopicAlias:
		if value == 0 {
			return &Violation{Reason: BadAlias, Text: "topic alias 0"}
		}
	}
	return nil
}

// strict checks the body of a packet and tells which properties it has.
func strict(h Header, version byte, body []byte) (seen, *Violation) {
	if h.Remaining != len(body) {
		return 0, malformed("length of the body")
	}
	c := cursor{rest: body}
	switch h.Type() {
	case TypeConnect:
		return strictConnect(&c)
	case TypePublish:
		return strictPublish(&c, h, version)
	case TypeSubscribe, TypeUnsubscribe:
		return strictFilters(&c, h.Type(), version)
	case TypePuback, TypePubrec, TypePubrel, TypePubcomp:
		return strictOptional(&c, 2, version)
	case TypeDisconnect, TypeAuth:
		return strictOptional(&c, 0, version)
	case TypePingreq, TypePingresp:
		return 0, c.end()
	default:
		return 0, nil
	}
}

func (c *cursor) end() *Violation {
	if c.bad {
		return malformed("packet ends too early")
	}
	if len(c.rest) > 0 {
		return malformed("packet goes on after its end")
	}
	return nil
}

// strictConnect checks CONNECT. Its level has been checked: 4 or 5.
func strictConnect(c *cursor) (seen, *Violation) {
	c.bytes()
	version, flags := c.byte(), c.byte()
	c.uint16()
	var s seen
	if version == V5 {
		var v *Violation
		if s, v = c.properties(); v != nil {
			return 0, v
		}
	}
	c.bytes()
	if v := c.credentials(version, flags); v != nil {
		return 0, v
	}
	return s, checkConnectFlags(version, flags)
}

const (
	flagReserved   = 0x01
	flagWill       = 0x04
	flagWillQoS    = 0x18
	flagWillRetain = 0x20
	flagPassword   = 0x40
	flagUsername   = 0x80
)

// credentials walks what the flags of a CONNECT announce, to its end.
func (c *cursor) credentials(version, flags byte) *Violation {
	if flags&flagWill != 0 {
		if version == V5 {
			if _, v := c.properties(); v != nil {
				return v
			}
		}
		c.bytes()
		c.bytes()
	}
	if flags&flagUsername != 0 && !utf8.Valid(c.bytes()) {
		return malformed("user name is not UTF-8")
	}
	if flags&flagPassword != 0 {
		c.bytes()
	}
	return c.end()
}

func checkConnectFlags(version, flags byte) *Violation {
	switch {
	case flags&flagReserved != 0:
		return malformed("reserved flag of CONNECT")
	case flags&flagWillQoS == flagWillQoS:
		return malformed("will QoS 3")
	case flags&flagWill == 0 && flags&(flagWillQoS|flagWillRetain) != 0:
		return malformed("will flags without a will")
	case version == V311 && flags&flagPassword != 0 && flags&flagUsername == 0:
		return malformed("password without user name")
	}
	return nil
}

func strictPublish(c *cursor, h Header, version byte) (seen, *Violation) {
	c.bytes()
	if h.First&0x06 != 0 && c.uint16() == 0 {
		if c.bad {
			return 0, malformed("packet ends too early")
		}
		return 0, protocolError("packet identifier 0")
	}
	if c.bad {
		return 0, malformed("packet ends too early")
	}
	if version != V5 {
		return 0, nil
	}
	return c.properties()
}

// strictFilters checks SUBSCRIBE and UNSUBSCRIBE.
func strictFilters(c *cursor, kind Type, version byte) (seen, *Violation) {
	_, s, v := walkFilters(c, kind, version)
	return s, v
}

// named is what a SUBSCRIBE or UNSUBSCRIBE names.
type named struct {
	id      uint16
	filters int
	garbled bool // one of them is no text; Decode leaves that to the library
}

// walkFilters goes through them without a copy.
func walkFilters(c *cursor, kind Type, version byte) (n named, s seen, v *Violation) {
	n.id = c.uint16()
	if version == V5 {
		if s, v = c.properties(); v != nil {
			return n, 0, v
		}
	}
	if !c.bad && len(c.rest) == 0 {
		return n, 0, protocolError("no filter")
	}
	for ; len(c.rest) > 0; n.filters++ {
		text := c.bytes()
		n.garbled = n.garbled || !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0
		if kind == TypeSubscribe {
			if v := checkOptions(c.byte(), version); v != nil {
				return n, 0, v
			}
		}
	}
	if v := c.end(); v != nil {
		return n, 0, v
	}
	if n.id == 0 {
		return n, 0, protocolError("packet identifier 0")
	}
	return n, s, nil
}

// CountWishes tells the identifier of a SUBSCRIBE and how many filters it
// names, and copies none of them; 0 for other packets, and for one whose form or
// properties may end the connection, which Decode tells.
func CountWishes(h Header, version byte, body []byte) (id uint16, filters int) {
	if h.Type() != TypeSubscribe || h.Remaining != len(body) {
		return 0, 0
	}
	if _, v := h.fixed(); v != nil {
		return 0, 0
	}
	n, s, v := walkFilters(&cursor{rest: body}, TypeSubscribe, version)
	if v != nil || n.garbled || s&^(1<<propUser) != 0 {
		return 0, 0
	}
	return n.id, n.filters
}

func checkOptions(options, version byte) *Violation {
	reserved := byte(0xC0)
	if version != V5 {
		reserved = 0xFC
	}
	switch {
	case options&reserved != 0:
		return malformed("reserved bits of the subscription options")
	case options&0x03 == 0x03:
		return malformed("subscription QoS 3")
	case options&0x30 == 0x30:
		return protocolError("retain handling 3")
	}
	return nil
}

// strictOptional checks a packet of a head, then under MQTT 5 a reason and
// properties, both optional.
func strictOptional(c *cursor, head int, version byte) (seen, *Violation) {
	c.take(head)
	if version != V5 || len(c.rest) == 0 {
		return 0, c.end()
	}
	c.byte()
	if len(c.rest) == 0 {
		return 0, c.end()
	}
	s, v := c.properties()
	if v != nil {
		return 0, v
	}
	return s, c.end()
}
