package mqtt

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// versions runs f once as 3.1.1 and once as 5.
func versions(t *testing.T, f func(t *testing.T, version byte)) {
	t.Run("3.1.1", func(t *testing.T) { f(t, V311) })
	t.Run("5", func(t *testing.T) { f(t, V5) })
}

func read(t testing.TB, version byte, raw []byte) (Packet, error) {
	t.Helper()
	r := bytes.NewReader(raw)
	h, err := ReadHeader(r, 1<<20)
	if err != nil {
		return nil, err
	}
	body := raw[len(raw)-r.Len():]
	if len(body) == h.Remaining && len(raw) != h.Size() {
		t.Errorf("size %d of a packet of %d bytes", h.Size(), len(raw))
	}
	return Decode(h, version, body)
}

// countWishes counts the filters of the packet at the beginning of raw.
func countWishes(version byte, raw []byte) (id uint16, filters int) {
	r := bytes.NewReader(raw)
	h, err := ReadHeader(r, 1<<20)
	if err != nil {
		return 0, 0
	}
	return CountWishes(h, version, raw[len(raw)-r.Len():])
}

func seconds(n uint32) *uint32 { return new(n) }

func one() *byte { b := byte(1); return &b }

// both can be sent in either version.
func both(version byte) []Packet {
	return []Packet{
		&Connect{Version: version, Client: "dev", Clean: true, KeepAlive: 30, Username: []byte("?SDK=x"), Password: []byte{}},
		&Connect{Version: version, Client: "dev", Will: &Will{Message: Message{Topic: "will", Payload: []byte{}, QoS: 1, Retain: true}}},
		&Publish{Message: Message{Topic: "a/b", Payload: []byte("hello"), QoS: 1, Retain: true}, ID: 7, Dup: true},
		&Publish{Message: Message{Topic: "a/b", Payload: []byte{}}},
		&Ack{Kind: TypePuback, ID: 9},
		&Subscribe{ID: 3, Filters: []Wish{{Filter: "a/#", QoS: 1}, {Filter: "b", QoS: 2}}},
		&Suback{ID: 3, Reasons: []Reason{1, Unspecified}},
		&Unsubscribe{ID: 4, Filters: []string{"a/#", "b"}},
		&Ping{}, &Ping{Response: true}, &Disconnect{},
	}
}

func onlyFive() []Packet {
	return []Packet{
		&Connect{
			Version: V5, Client: "dev", SessionExpiry: 60, ReceiveMaximum: 10, MaximumPacket: 512, AuthMethod: "x",
			Will: &Will{
				Message: Message{Topic: "will", Payload: []byte("x"), Props: &Properties{ContentType: "text"}},
				Delay:   5 * time.Second, Expiry: seconds(8),
			},
		},
		&Connack{SessionPresent: true, Offers: &Offers{
			SessionExpiry: seconds(7), ReceiveMaximum: 100, MaximumPacket: 149504,
			AssignedClient: "$GEN/x", TopicAliasMaximum: 8, KeepAlive: 30,
		}},
		&Publish{Message: Message{Topic: "a", Payload: []byte("x"), Props: &Properties{
			Format: one(), ContentType: "text", ResponseTopic: "r", Correlation: []byte{1},
			User: []UserProperty{{"k", "1"}, {"k", "2"}},
		}}, Alias: 3, Expiry: seconds(60)},
		&Ack{Kind: TypePuback, ID: 9, Reason: NoMatching},
		&Ack{Kind: TypePuback, ID: 9, Reason: BadTopic},
		&Subscribe{ID: 3, Filters: []Wish{{Filter: "a", QoS: 1, NoLocal: true, AsPublished: true, RetainHandling: 2}}},
		&Unsuback{ID: 4, Reasons: []Reason{Success, NoSubscription}},
		&Disconnect{Reason: ShuttingDown},
		&Disconnect{Reason: DisconnectWithWill, SessionExpiry: seconds(0)},
	}
}

func TestWhatIsEncodedDecodesToTheSame(t *testing.T) {
	versions(t, func(t *testing.T, version byte) {
		for _, p := range both(version) {
			roundTrip(t, version, p)
		}
	})
	t.Run("only 5", func(t *testing.T) {
		for _, p := range onlyFive() {
			roundTrip(t, V5, p)
		}
	})
}

func roundTrip(t *testing.T, version byte, p Packet) {
	t.Helper()
	var buf bytes.Buffer
	if err := Encode(&buf, version, p); err != nil {
		t.Fatalf("encode %#v: %v", p, err)
	}
	got, err := read(t, version, buf.Bytes())
	if err != nil {
		t.Fatalf("decode %#v (% x): %v", p, buf.Bytes(), err)
	}
	if diff := cmp.Diff(p, got); diff != "" {
		t.Errorf("%T as %d differs (-sent +got):\n%s", p, version, diff)
	}
}

func TestExpiryOfZeroIsNotNone(t *testing.T) {
	p, err := read(t, V5, []byte{0x30, 9, 0, 1, 'a', 5, 2, 0, 0, 0, 0})
	if err != nil {
		t.Fatal(err)
	}
	if got := p.(*Publish).Expiry; got == nil || *got != 0 {
		t.Errorf("expiry = %v", got)
	}
}

func TestDisconnectWithAReasonAlone(t *testing.T) {
	p, err := read(t, V5, []byte{0xE0, 1, 4})
	if err != nil {
		t.Fatal(err)
	}
	if got := p.(*Disconnect).Reason; got != DisconnectWithWill {
		t.Errorf("reason = %#x", got)
	}
}

func TestViolationsAreNamed(t *testing.T) {
	connect := func(level, flags byte, rest string) string {
		head := "\x00\x04MQTT" + string([]byte{level, flags}) + "\x00\x1e"
		return string([]byte{0x10, byte(len(head) + len(rest))}) + head + rest
	}
	cases := []struct {
		name    string
		version byte
		raw     string
		want    Reason
	}{
		{"packet type 0", V311, "\x00\x00", Malformed},
		{"publish of QoS 3", V311, "\x36\x05\x00\x01a\x00\x01", ProtocolError},
		{"authentication data without a method", V5, "\x10\x12\x00\x04MQTT\x05\x02\x00\x1e\x04\x16\x00\x01x\x00\x01d", ProtocolError},
		{"remaining length with a byte too many", V311, "\xc0\x80\x00", Malformed},
		{"remaining length of five bytes", V311, "\x30\xff\xff\xff\xff\x01", Malformed},
		{"subscribe with wrong flags", V311, "\x80\x06\x00\x01\x00\x01a\x00", Malformed},
		{"subscribe without its options byte, which panics in the library", V5, "\x82\x06\x00\x01\x00\x00\x01a", Malformed},
		{"subscribe with reserved option bits", V5, "\x82\x07\x00\x01\x00\x00\x01a\xc0", Malformed},
		{"subscribe with the options of 5", V311, "\x82\x06\x00\x01\x00\x01a\x04", Malformed},
		{"subscribe of QoS 3", V311, "\x82\x06\x00\x01\x00\x01a\x03", Malformed},
		{"subscribe with retain handling 3", V5, "\x82\x07\x00\x01\x00\x00\x01a\x30", ProtocolError},
		{"subscribe without filters", V311, "\x82\x02\x00\x01", ProtocolError},
		{"subscribe with identifier 0", V311, "\x82\x06\x00\x00\x00\x01a\x00", ProtocolError},
		{"unsubscribe without filters", V5, "\xa2\x03\x00\x01\x00", ProtocolError},
		{"publish with identifier 0", V311, "\x32\x05\x00\x01a\x00\x00", ProtocolError},
		{"publish without its identifier", V311, "\x32\x03\x00\x01a", Malformed},
		{"topic that ends after the packet", V311, "\x30\x03\x00\x09a", Malformed},
		{"topic that is not UTF-8", V311, "\x30\x03\x00\x01\xff", Malformed},
		{"topic with NUL", V311, "\x30\x03\x00\x01\x00", Malformed},
		{"property twice", V5, "\x30\x08\x00\x01a\x04\x01\x01\x01\x01", ProtocolError},
		{"property of another packet", V5, "\x30\x07\x00\x01a\x03\x21\x00\x01", Malformed},
		{"unknown property", V5, "\x30\x06\x00\x01a\x02\x7f\x00", Malformed},
		{"property that ends after its section", V5, "\x30\x09\x00\x01a\x02\x23\x00\x01xx", Malformed},
		{"topic alias 0", V5, "\x30\x07\x00\x01a\x03\x23\x00\x00", BadAlias},
		{"payload format 2", V5, "\x30\x06\x00\x01a\x02\x01\x02", ProtocolError},
		{"subscription identifier in a publish", V5, "\x30\x06\x00\x01a\x02\x0b\x01", ProtocolError},
		{"ping with a body", V311, "\xc0\x01x", Malformed},
		{"puback with a tail", V311, "\x40\x03\x00\x01\x00", Malformed},
		{"disconnect with a body", V311, "\xe0\x01\x00", Malformed},
		{"auth", V311, "\xf0\x00", Malformed},
		{"connect of level 3", V311, connect(3, 2, "\x00\x01a"), UnsupportedVersion},
		{"connect of level 6", V311, connect(6, 2, "\x00\x01a"), UnsupportedVersion},
		{"connect with the reserved flag", V311, connect(4, 3, "\x00\x01a"), Malformed},
		{"connect with will QoS 3", V311, connect(4, 0x1e, "\x00\x01a\x00\x01w\x00\x00"), Malformed},
		{"connect with will retain and no will", V311, connect(4, 0x22, "\x00\x01a"), Malformed},
		{"connect with a password and no user name", V311, connect(4, 0x42, "\x00\x01a\x00\x00"), Malformed},
		{"connect that goes on", V311, connect(4, 2, "\x00\x01ax"), Malformed},
		{"connect with receive maximum 0", V5, connect(5, 2, "\x03\x21\x00\x00\x00\x01a"), ProtocolError},
		{"connect with maximum packet size 0", V5, connect(5, 2, "\x05\x27\x00\x00\x00\x00\x00\x01a"), ProtocolError},
		{"connect of another protocol", V311, "\x10\x05\x00\x03FTP", Malformed},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := read(t, c.version, []byte(c.raw))
			var v *Violation
			if !errors.As(err, &v) || v.Reason != c.want {
				t.Errorf("error = %v, want reason %#x", err, c.want)
			}
		})
	}
}

func TestAPacketOverTheLimitIsRefusedByItsHeader(t *testing.T) {
	_, err := ReadHeader(strings.NewReader("\x30\xff\xff\xff\x7f"), 149504)
	var v *Violation
	if !errors.As(err, &v) || v.Reason != PacketTooLarge {
		t.Errorf("error = %v", err)
	}
}

func TestEncodeRefusesWhatIsNeverSent(t *testing.T) {
	for _, p := range []Packet{&Auth{}, &Publish{Message: Message{Topic: "a", QoS: 1}}, &Subscribe{}, &Unsubscribe{}} {
		if err := Encode(&bytes.Buffer{}, V5, p); err == nil {
			t.Errorf("%T is encoded", p)
		}
	}
}

// FuzzDecode feeds any bytes as a packet of either version. A library's panic
// is an error for a client, but a fault here: it is to be checked for before.
func FuzzDecode(f *testing.F) {
	for _, version := range []byte{V311, V5} {
		for _, p := range append(both(version), onlyFive()...) {
			var buf bytes.Buffer
			if err := Encode(&buf, version, p); err != nil {
				f.Fatal(err)
			}
			f.Add(version == V5, buf.Bytes())
		}
	}
	for kind := byte(1); kind < 16; kind++ {
		f.Add(true, []byte{kind << 4, 2, 0, 1})
	}
	f.Add(true, []byte("\x82\x06\x00\x01\x00\x00\x01a"))
	f.Fuzz(func(t *testing.T, five bool, raw []byte) {
		version := V311
		if five {
			version = V5
		}
		p, err := read(t, version, raw)
		var v *Violation
		if errors.As(err, &v) && v.Panic != "" {
			t.Fatalf("the library panicked: %s", v.Panic)
		}
		id, filters := countWishes(version, raw)
		if s, ok := p.(*Subscribe); ok && (s.ID != id || len(s.Filters) != filters) || !ok && filters > 0 {
			t.Errorf("%d filters were counted in packet %d, but it is %#v, %v", filters, id, p, err)
		}
		if err != nil || p.Type() == TypeAuth {
			return
		}
		if err := Encode(&bytes.Buffer{}, version, p); err != nil {
			t.Errorf("%#v was decoded, but does not encode: %v", p, err)
		}
	})
}

func BenchmarkDecodePublish(b *testing.B) {
	raw := []byte("\x32\x28\x00\x1e$aws/things/T/jobs/$next/get/x\x00\x01{\"a\":1")
	raw[1] = byte(len(raw) - 2)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(Header{First: raw[0], Remaining: len(raw) - 2}, V311, raw[2:]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncodePublish(b *testing.B) {
	var buf bytes.Buffer
	p := &Publish{Message: Message{Topic: "$aws/things/T/jobs/$next/get/accepted", Payload: make([]byte, 200), QoS: 1}, ID: 1}
	b.ReportAllocs()
	for b.Loop() {
		buf.Reset()
		if err := Encode(&buf, V311, p); err != nil {
			b.Fatal(err)
		}
	}
}
