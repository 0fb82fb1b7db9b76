package broker

import (
	"slices"
	"testing"

	"github.com/drover-iot/drover/internal/mqtt"
)

func message(topic string, qos byte, retain bool) *mqtt.Publish {
	m := &mqtt.Publish{Message: mqtt.Message{Topic: topic, QoS: qos, Retain: retain}}
	if qos > 0 {
		m.ID = 7
	}
	return m
}

func TestViolationsEndTheConnection(t *testing.T) {
	cases := []struct {
		name string
		do   func(p *peer)
		want mqtt.Reason // of the DISCONNECT under MQTT 5
	}{
		{"publish at QoS 0 to a reserved topic that takes none", func(p *peer) { p.send(message("$aws/things/T/jobs", 0, false)) }, mqtt.BadTopic},
		{"publish at QoS 0 to $SYS", func(p *peer) { p.send(message("$SYS/x", 0, false)) }, mqtt.BadTopic},
		{"retain on a request", func(p *peer) { p.send(message(getTopic, 1, true)) }, mqtt.RetainNotSupported},
		{"retain on a swallowed topic", func(p *peer) { p.send(message("$aws/rules/r/a", 0, true)) }, mqtt.RetainNotSupported},
		{"publish at QoS 2", func(p *peer) { p.send(message("a", 2, false)) }, mqtt.QoSNotSupported},
		{"payload over 128 KiB", func(p *peer) {
			p.send(&mqtt.Publish{Message: mqtt.Message{Topic: "a", Payload: make([]byte, 131073)}})
		}, mqtt.PacketTooLarge},
		{"packet over the limit, by its header alone", func(p *peer) { p.raw([]byte("\x30\xff\xff\xff\x7f")) }, mqtt.PacketTooLarge},
		{"topic of 257 bytes at QoS 0", func(p *peer) { p.send(message(long(257), 0, false)) }, mqtt.BadTopic},
		{"topic of nine levels at QoS 0", func(p *peer) { p.send(message("1/2/3/4/5/6/7/8/9", 0, false)) }, mqtt.BadTopic},
		{"topic with a wildcard", func(p *peer) { p.send(message("a/+", 1, false)) }, mqtt.BadTopic},
		{"empty topic", func(p *peer) { p.send(message("", 1, false)) }, mqtt.BadTopic},
		{"topic that ends after the packet", func(p *peer) { p.raw([]byte("\x30\x03\x00\x09a")) }, mqtt.Malformed},
		{"subscribe with wrong flags", func(p *peer) { p.raw([]byte("\x80\x02\x00\x01")) }, mqtt.Malformed},
		{"packet type 0", func(p *peer) { p.raw([]byte("\x00\x00")) }, mqtt.Malformed},
		{"a packet that only servers send", func(p *peer) { p.raw([]byte("\xd0\x00")) }, mqtt.ProtocolError},
		{"a packet of QoS 2's exchange", func(p *peer) { p.raw([]byte("\x62\x02\x00\x01")) }, mqtt.ProtocolError},
		{"publish with identifier 0", func(p *peer) { p.raw([]byte("\x32\x06\x00\x01a\x00\x00\x00")) }, mqtt.ProtocolError},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			eachVersion(t, func(t *testing.T, version byte) {
				b := start(t, Config{})
				p := b.connect(version, "dev")
				c.do(p)
				p.wantEnd(c.want)
				b.wantEnded(ClientError, 1)
			})
		})
	}
}

func TestViolationsThatOnlyVersionFiveCanCommit(t *testing.T) {
	cases := []struct {
		name string
		do   func(p *peer)
		want mqtt.Reason
	}{
		{"topic alias over 8", func(p *peer) { p.send(&mqtt.Publish{Message: mqtt.Message{Topic: "a"}, Alias: 9}) }, mqtt.BadAlias},
		{"topic alias 0", func(p *peer) { p.raw([]byte("\x30\x07\x00\x01a\x03\x23\x00\x00")) }, mqtt.BadAlias},
		{"unknown topic alias", func(p *peer) { p.send(&mqtt.Publish{Alias: 3}) }, mqtt.ProtocolError},
		{"subscription identifier", func(p *peer) { p.raw([]byte("\x82\x09\x00\x01\x02\x0b\x01\x00\x01a\x00")) }, mqtt.SubscriptionIDs},
		{"no local on a shared subscription", func(p *peer) {
			p.send(&mqtt.Subscribe{ID: 1, Filters: []mqtt.Wish{{Filter: "$share/g/a", NoLocal: true}}})
		}, mqtt.ProtocolError},
		{"retain handling 3", func(p *peer) { p.raw([]byte("\x82\x07\x00\x01\x00\x00\x01a\x30")) }, mqtt.ProtocolError},
		{"authentication", func(p *peer) { p.raw([]byte("\xf0\x00")) }, mqtt.ProtocolError},
		{"response topic with a wildcard", func(p *peer) {
			p.send(&mqtt.Publish{Message: mqtt.Message{Topic: "a", Props: &mqtt.Properties{ContentType: "t"}}})
			p.raw([]byte("\x30\x08\x00\x01a\x04\x08\x00\x01#"))
		}, mqtt.ProtocolError},
		{"session expiry from 0 to more", func(p *peer) {
			expiry := uint32(60)
			p.send(&mqtt.Disconnect{SessionExpiry: &expiry})
		}, mqtt.ProtocolError},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := start(t, Config{}).connect(mqtt.V5, "dev")
			c.do(p)
			p.wantEnd(c.want)
		})
	}
}

func TestARefusedTopicAtQoS1IsAnsweredByVersionFiveAndCutIn311(t *testing.T) {
	topics := map[string]string{
		"reserved topic that takes none": "$aws/things/T/shadow/unknown",
		"topic of 257 bytes":             long(257),
		"topic of nine levels":           "1/2/3/4/5/6/7/8/9",
		"request topic over the limits":  "$aws/things/T/jobs/1/2/3/4/5",
	}
	for name, topic := range topics {
		t.Run(name, func(t *testing.T) {
			eachVersion(t, func(t *testing.T, version byte) {
				p := start(t, Config{}).connect(version, "dev")
				p.send(message(topic, 1, false))
				if version == mqtt.V311 {
					p.wantEnd(0)
					return
				}
				p.wantAck(7, mqtt.BadTopic)
				p.wantNothing()
			})
		})
	}
}

func TestSwallowedTopicsAreAcknowledgedAndReachNobody(t *testing.T) {
	for _, topic := range []string{"$aws/rules/r/a/b", "$aws/things/T/defender/metrics/json"} {
		eachVersion(t, func(t *testing.T, version byte) {
			p := start(t, Config{}).connect(version, "dev")
			p.subscribe(1, "$aws/#")
			p.send(message(topic, 1, false))
			p.wantAck(7, mqtt.Success)
			p.wantNothing()
		})
	}
}

func TestOver100UnacknowledgedFromAClient(t *testing.T) {
	g := newGate()
	p := start(t, Config{Requests: g}).connect(mqtt.V5, "dev")
	for i := range 101 {
		m := message(getTopic, 1, false)
		m.ID = uint16(i + 1)
		p.send(m)
	}
	p.wantEnd(mqtt.ReceiveMaxExceeded)
	for range 100 {
		g.open <- struct{}{}
	}
}

func TestATopicAliasStandsForItsTopic(t *testing.T) {
	p := start(t, Config{}).connect(mqtt.V5, "dev")
	p.subscribe(0, "a/+")
	p.send(&mqtt.Publish{Message: mqtt.Message{Topic: "a/1", Payload: []byte("x")}, Alias: 8})
	p.wantMessage("a/1", "x")
	p.send(&mqtt.Publish{Message: mqtt.Message{Payload: []byte("y")}, Alias: 8})
	p.wantMessage("a/1", "y")
	p.send(&mqtt.Publish{Message: mqtt.Message{Topic: "a/2", Payload: []byte("z")}, Alias: 8})
	p.wantMessage("a/2", "z")
	p.send(&mqtt.Publish{Message: mqtt.Message{Payload: []byte("z")}, Alias: 8})
	if m := p.wantMessage("a/2", "z"); m.Alias != 0 {
		t.Errorf("the alias is passed on")
	}
}

// owing is a transport that notes how many PUBACKs are owed as one is written.
type owing struct {
	transport
	c    *conn
	owed []int
}

func (*owing) Own(owner) {}

func (o *owing) Write(p []byte) (int, error) {
	o.owed = append(o.owed, o.c.line.acksOwed())
	return len(p), nil
}

// A client that has as many unacknowledged as it may sends the next one as soon
// as it has a PUBACK.
func TestAPubackThatIsWrittenIsOwedNoMore(t *testing.T) {
	b := start(t, Config{})
	for name, s := range map[string]step{
		"a request": &answering{id: 9, qos: 1},
		"a message": &publishing{Publish: &mqtt.Publish{Message: mqtt.Message{Topic: "a", QoS: 1}, ID: 9}},
		"a refusal": &acknowledging{id: 9, reason: mqtt.BadTopic},
	} {
		o := &owing{}
		c := newConn(b.Broker, o)
		c.watch.Stop()
		o.c, c.session = c, newSession("dev", mqtt.V5, 0)
		c.session.live = c
		c.line.put(s)
		s.do(c)
		if want := []int{0}; !slices.Equal(o.owed, want) {
			t.Errorf("%s: while PUBACKs are written %v are owed, want %v", name, o.owed, want)
		}
	}
}
