package mqtt

import (
	"io"

	"github.com/mochi-mqtt/server/v2/packets"
)

// Header is a packet's fixed header.
type Header struct {
	First     byte // type and flags
	Remaining int  // bytes that follow
}

// Type is the kind of packet that follows.
func (h Header) Type() Type { return Type(h.First >> 4) }

// Size is the length of the whole packet.
func (h Header) Size() int {
	n := 2 + h.Remaining
	for rest := h.Remaining >> 7; rest > 0; rest >>= 7 {
		n++
	}
	return n
}

// OtherProtocol names the protocol that a connection speaks whose first packet
// seems to have this header: TLS, HTTP, or none.
func OtherProtocol(h Header) string {
	switch h.First {
	case 0x16: // a record of its handshake
		return "TLS"
	case 'G', 'P', 'H', 'D', 'O', 'C': // of the method
		return "HTTP"
	default:
		return ""
	}
}

const maxLengthBytes = 4

// ReadHeader reads a fixed header. A packet of more than most bytes after its
// header is refused before anything is allocated for it. An error of r is
// returned as it is.
func ReadHeader(r io.ByteReader, most int) (Header, error) {
	first, err := r.ReadByte()
	if err != nil {
		return Header{}, err
	}
	h := Header{First: first}
	if h.Remaining, err = readLength(r); err != nil {
		return h, err
	}
	if h.Remaining > most {
		return h, &Violation{Reason: PacketTooLarge, Text: "packet over the limit"}
	}
	return h, nil
}

// readLength reads a variable byte integer. The library's goes on for as long
// as the peer says so.
func readLength(r io.ByteReader) (int, error) {
	n := 0
	for i := range maxLengthBytes {
		b, err := r.ReadByte()
		if err != nil {
			return 0, err
		}
		n |= int(b&0x7f) << (7 * i)
		if b == 0 && i > 0 {
			return 0, malformed("length with a byte too many")
		}
		if b&0x80 == 0 {
			return n, nil
		}
	}
	return 0, malformed("remaining length of more than four bytes")
}

// fixed is h in the library's terms.
func (h Header) fixed() (packets.FixedHeader, *Violation) {
	f := packets.FixedHeader{Remaining: h.Remaining}
	if err := f.Decode(h.First); err != nil {
		return f, violation(err)
	}
	if f.Type == packets.Reserved {
		return f, malformed("packet type 0")
	}
	return f, nil
}
