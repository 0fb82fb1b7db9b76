package broker

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/mqtt"
)

func TestMessagesCrossFromOneVersionToTheOther(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		b := start(t, Config{})
		p := b.connect(version, "sub")
		p.subscribe(1, "a/+")
		pub := b.connect(other(version), "pub")
		pub.publish(1, "a/b", "x")
		if m := p.wantMessage("a/b", "x"); m.QoS != 1 || m.Retain || m.Dup {
			t.Errorf("QoS %d, RETAIN %v, DUP %v", m.QoS, m.Retain, m.Dup)
		}
	})
}

func TestPubackOfVersionFiveSaysWhetherAnybodyMatched(t *testing.T) {
	b := start(t, Config{})
	b.connect(mqtt.V5, "sub").subscribe(0, "a")
	p := b.connect(mqtt.V5, "pub")
	p.send(message("a", 1, false), message("b", 1, false), message("$aws/rules/r/b", 1, false))
	p.wantAck(7, mqtt.Success)
	p.wantAck(7, mqtt.NoMatching)
	p.wantAck(7, mqtt.Success)
}

func TestPropertiesOfThePublisherReachTheSubscriber(t *testing.T) {
	format := byte(1)
	props := &mqtt.Properties{
		Format: &format, ContentType: "text", ResponseTopic: "r", Correlation: []byte("c"),
		User: []mqtt.UserProperty{{Name: "k", Value: "1"}, {Name: "k", Value: "2"}},
	}
	for _, persistent := range []bool{false, true} {
		b := start(t, Config{})
		p := b.open(mqtt.V5, "dev", persistent)
		p.subscribe(1, "a")
		b.connect(mqtt.V5, "pub").publishPacket(&mqtt.Publish{Message: mqtt.Message{Topic: "a", QoS: 1, Props: props}})
		if diff := cmp.Diff(props, p.wantMessage("a", "").Props); diff != "" {
			t.Errorf("properties (-sent +got):\n%s", diff)
		}
	}
}

func TestMessageExpiryIsReducedAndBounded(t *testing.T) {
	cases := []struct {
		name       string
		sent       uint32
		least, top uint32
	}{
		{"60 is passed on", 60, 58, 60},
		{"more than a week is a week", 1 << 30, 604798, 604800},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := start(t, Config{})
			p := b.connect(mqtt.V5, "dev")
			p.subscribe(1, "a")
			b.connect(mqtt.V5, "pub").publishPacket(&mqtt.Publish{Message: mqtt.Message{Topic: "a", QoS: 1}, Expiry: &c.sent})
			got := p.wantMessage("a", "").Expiry
			if got == nil || *got < c.least || *got > c.top {
				t.Errorf("expiry %v", got)
			}
		})
	}
}

func TestMessageExpiryOf0CountsAs1(t *testing.T) {
	b := start(t, Config{})
	p := b.connect(mqtt.V5, "dev")
	p.subscribe(1, "a")
	b.connect(mqtt.V5, "pub").raw([]byte("\x32\x0b\x00\x01a\x00\x01\x05\x02\x00\x00\x00\x00"))
	if got := p.wantMessage("a", "").Expiry; got == nil || *got != 1 {
		t.Errorf("expiry %v", got)
	}
}

func TestWhatHasExpiredIsNotDelivered(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		memory := newMemory(10)
		b := start(t, Config{Sessions: memory})
		p, _ := b.persistent(version, "dev")
		p.subscribe(1, "a")
		b.drop(p, "dev")
		past := time.Now().Add(-time.Second)
		if err := b.Publish(t.Context(), mqtt.Message{Topic: "a", Payload: []byte("old"), QoS: 1, Expires: past}); err != nil {
			t.Fatal(err)
		}
		b.connect(version, "pub").publish(1, "a", "new")
		p, _ = b.persistent(version, "dev")
		p.wantMessage("a", "new")
		p.wantNothing()
		if left, _ := memory.Stored(t.Context(), "dev", 0, 10); len(left) > 0 {
			t.Errorf("stored %v", left)
		}
	})
}

func TestAMessageOverTheClientsMaximumIsNotSent(t *testing.T) {
	for _, persistent := range []bool{false, true} {
		b := start(t, Config{})
		p := b.dial(mqtt.V5)
		c := &mqtt.Connect{Version: mqtt.V5, Client: "dev", Clean: true, MaximumPacket: 512}
		if persistent {
			c.SessionExpiry = 60
		}
		p.send(c)
		p.wantConnack(mqtt.Success)
		p.subscribe(1, "a")
		pub := b.connect(mqtt.V5, "pub")
		pub.publish(1, "a", long(600))
		pub.publish(1, "a", "small")
		p.wantMessage("a", "small")
		p.wantNothing()
	}
}

func TestTheLargestMessageIsDelivered(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		b := start(t, Config{})
		p := b.connect(version, "dev")
		p.subscribe(1, long(256))
		b.connect(version, "pub").publish(1, long(256), long(131072))
		p.wantMessage(long(256), long(131072))
	})
}

func TestPublishOfTheServer(t *testing.T) {
	b := start(t, Config{})
	p := b.connect(mqtt.V5, "dev")
	p.subscribe(1, "a", getTopic+"/accepted")
	cases := []struct {
		name string
		m    mqtt.Message
		want fault.Kind
	}{
		{"a wildcard", mqtt.Message{Topic: "a/+"}, fault.InvalidRequest},
		{"no topic", mqtt.Message{}, fault.InvalidRequest},
		{"a topic over the limits", mqtt.Message{Topic: strings.Repeat("a/", 9)}, fault.InvalidRequest},
		{"QoS 2", mqtt.Message{Topic: "a", QoS: 2}, fault.InvalidRequest},
		{"a payload over the limit", mqtt.Message{Topic: "a", Payload: make([]byte, 131073)}, fault.InvalidRequest},
		{"RETAIN on a reserved topic", mqtt.Message{Topic: getTopic, Retain: true}, fault.InvalidRequest},
	}
	for _, c := range cases {
		if err := b.Publish(t.Context(), c.m); !fault.Is(err, c.want) {
			t.Errorf("%s: error %v", c.name, err)
		}
	}
	for _, topic := range []string{getTopic, "$aws/rules/r/x", "a"} {
		if err := b.Publish(t.Context(), mqtt.Message{Topic: topic, QoS: 1}); err != nil {
			t.Errorf("%s: %v", topic, err)
		}
	}
	p.wantMessage("a", "")
	p.wantNothing()
}
