package broker

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/drover-iot/drover/internal/mqtt"
)

func TestOverlappingFiltersGiveOneCopyAtTheHighestQoS(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		b := start(t, Config{})
		p := b.connect(version, "sub")
		p.subscribe(0, "a/#")
		p.subscribe(1, "a/+")
		p.subscribe(0, "a/b")
		b.connect(version, "pub").publish(1, "a/b", "x")
		if m := p.wantMessage("a/b", "x"); m.QoS != 1 {
			t.Errorf("QoS %d", m.QoS)
		}
		p.wantNothing()
	})
}

func TestHashDoesNotMatchTheParentNorReservedTopics(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		b := start(t, Config{})
		p := b.connect(version, "sub")
		p.subscribe(0, "#", "+/things/T/jobs/notify", "a/#")
		b.Deliver(mqtt.Message{Topic: "$aws/things/T/jobs/notify"})
		p.wantNothing()
		q := b.connect(version, "sub2")
		q.subscribe(0, "a/#")
		b.connect(version, "pub").publish(0, "a", "x")
		q.wantNothing()
		p.wantMessage("a", "x")
	})
}

func TestSubscribeAnswersEachFilter(t *testing.T) {
	cases := []struct {
		name, filter string
		qos          byte
		v311, v5     mqtt.Reason
	}{
		{"QoS 2 is granted as 1", "a", 2, 1, 1},
		{"QoS 1 is granted", "a/+", 1, 1, 1},
		{"any filter below $aws is granted", "$aws/things/+/jobs/#", 0, 0, 0},
		{"a request topic is granted", getTopic, 1, 1, 1},
		{"a shared one is granted", "$share/g/a/#", 1, 1, 1},
		{"$SYS is refused", "$SYS/#", 0, mqtt.Unspecified, mqtt.BadFilter},
		{"$SYS is refused in a share", "$share/g/$SYS/#", 0, mqtt.Unspecified, mqtt.BadFilter},
		{"a share without a group is refused", "$share//a", 0, mqtt.Unspecified, mqtt.BadFilter},
		{"a share whose group has a wildcard is refused", "$share/+/a", 0, mqtt.Unspecified, mqtt.BadFilter},
		{"a hash in the middle is refused", "a/#/b", 0, mqtt.Unspecified, mqtt.BadFilter},
		{"an empty filter is refused", "", 0, mqtt.Unspecified, mqtt.BadFilter},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			eachVersion(t, func(t *testing.T, version byte) {
				p := start(t, Config{}).connect(version, "dev")
				p.send(&mqtt.Subscribe{ID: 1, Filters: []mqtt.Wish{{Filter: "first"}, {Filter: c.filter, QoS: c.qos}}})
				p.wantSuback(0, map[byte]mqtt.Reason{mqtt.V311: c.v311, mqtt.V5: c.v5}[version])
			})
		})
	}
}

func TestAFilterOverTheLimitsIsRefusedByVersionFiveAndCutIn311(t *testing.T) {
	for _, filter := range []string{long(257), "1/2/3/4/5/6/7/8/9", "$share/g/1/2/3/4/5/6/7/8/9"} {
		eachVersion(t, func(t *testing.T, version byte) {
			p := start(t, Config{}).connect(version, "dev")
			p.send(&mqtt.Subscribe{ID: 1, Filters: []mqtt.Wish{{Filter: filter}}})
			if version == mqtt.V311 {
				p.wantEnd(0)
				return
			}
			p.wantSuback(mqtt.BadFilter)
		})
	}
}

// overQuota is how a version is told that something is one too many.
func overQuota(version byte) mqtt.Reason {
	return map[byte]mqtt.Reason{mqtt.V311: mqtt.Unspecified, mqtt.V5: mqtt.QuotaExceeded}[version]
}

func TestMoreThan8FiltersInOneSubscribeAreAllRefused(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		p := start(t, Config{}).connect(version, "dev")
		p.subscribe(1, numbered("a", 8)...)
		s := &mqtt.Subscribe{ID: 9}
		for _, f := range numbered("a", 9) {
			s.Filters = append(s.Filters, mqtt.Wish{Filter: f})
		}
		p.send(s)
		r := overQuota(version)
		p.wantSuback(r, r, r, r, r, r, r, r, r)
	})
}

func TestWhatASubscribeWithTooManyFiltersNamesIsNotJudged(t *testing.T) {
	cases := map[string]struct {
		version byte
		s       mqtt.Subscribe
	}{
		"a filter over the limits":      {mqtt.V311, mqtt.Subscribe{Filters: []mqtt.Wish{{Filter: long(300)}}}},
		"no local on a shared one":      {mqtt.V5, mqtt.Subscribe{Filters: []mqtt.Wish{{Filter: "$share/g/a", NoLocal: true}}}},
		"a filter that nobody may have": {mqtt.V5, mqtt.Subscribe{Filters: []mqtt.Wish{{Filter: "$SYS/#"}}}},
		"a filter that is not one":      {mqtt.V311, mqtt.Subscribe{Filters: []mqtt.Wish{{Filter: "a/#/b"}}}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := start(t, Config{}).connect(c.version, "dev")
			for _, f := range numbered("a", 8) {
				c.s.Filters = append(c.s.Filters, mqtt.Wish{Filter: f})
			}
			c.s.ID = 9
			p.send(&c.s)
			r := overQuota(c.version)
			p.wantSuback(r, r, r, r, r, r, r, r, r)
			p.send(&mqtt.Ping{})
			next[*mqtt.Ping](p)
		})
	}
}

func TestASubscriptionIdentifierEndsTheConnectionHoweverManyFiltersThereAre(t *testing.T) {
	p := start(t, Config{}).connect(mqtt.V5, "dev")
	body := []byte("\x00\x09\x02\x0b\x01")
	for _, f := range numbered("a", 9) {
		body = append(body, 0, byte(len(f)))
		body = append(append(body, f...), 0)
	}
	p.raw(append([]byte{0x82, byte(len(body))}, body...))
	p.wantEnd(mqtt.SubscriptionIDs)
}

func TestThe51stSubscriptionIsRefused(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		p := start(t, Config{}).connect(version, "dev")
		for _, f := range numbered("a", 49) {
			p.subscribe(1, f)
		}
		p.subscribe(1, "$aws/things/T/jobs/notify")
		p.send(&mqtt.Subscribe{ID: 1, Filters: []mqtt.Wish{{Filter: "b"}, {Filter: "a0"}, {Filter: "$aws/things/T/jobs/#"}}})
		r := overQuota(version)
		p.wantSuback(r, 0, r)
		p.send(&mqtt.Unsubscribe{ID: 2, Filters: []string{"a0"}})
		next[*mqtt.Unsuback](p)
		p.subscribe(1, "b")
	})
}

func TestUnsubscribeIsAlwaysAcknowledged(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		b := start(t, Config{})
		p := b.connect(version, "dev")
		filters := []string{"a", "$share/g/b", "$aws/things/T/jobs/notify"}
		p.subscribe(1, filters...)
		p.send(&mqtt.Unsubscribe{ID: 5, Filters: append(filters, "never")})
		got := next[*mqtt.Unsuback](p)
		want := map[byte][]mqtt.Reason{mqtt.V311: {}, mqtt.V5: {0, 0, 0, mqtt.NoSubscription}}[version]
		if diff := cmp.Diff(want, got.Reasons); diff != "" || got.ID != 5 {
			t.Errorf("UNSUBACK %d (-want +got):\n%s", got.ID, diff)
		}
		pub := b.connect(version, "pub")
		pub.publish(1, "a", "x")
		pub.publish(1, "b", "x")
		b.Deliver(mqtt.Message{Topic: "$aws/things/T/jobs/notify"})
		p.wantNothing()
		if !b.index.root.bare() || len(b.index.holes) > 0 {
			t.Error("the index keeps something")
		}
	})
}

func TestASharedSubscriptionGivesEachMessageToOneMember(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		b := start(t, Config{})
		one, two, all := b.connect(version, "one"), b.connect(version, "two"), b.connect(version, "all")
		one.subscribe(1, "$share/g/a/+")
		two.subscribe(1, "$share/g/a/+")
		all.subscribe(1, "a/#")
		pub := b.connect(version, "pub")
		for _, payload := range numbered("m", 4) {
			pub.publish(1, "a/b", payload)
			all.wantMessage("a/b", payload)
		}
		for _, p := range []*peer{one, two} {
			next[*mqtt.Publish](p)
			next[*mqtt.Publish](p)
			p.wantNothing()
		}
	})
}

func TestASharedSubscriptionPrefersTheConnectedAndQueuesForThePersistent(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		b := start(t, Config{})
		p, _ := b.persistent(version, "dev")
		p.subscribe(1, "$share/g/a")
		b.drop(p, "dev")
		online := b.connect(version, "online")
		online.subscribe(1, "$share/g/a")
		pub := b.connect(version, "pub")
		pub.publish(1, "a", "m0")
		pub.publish(1, "a", "m1")
		online.wantMessage("a", "m0")
		online.wantMessage("a", "m1")
		online.leave()
		b.eventually(func() bool { return b.Stats().Sessions == 2 })
		pub.publish(1, "a", "m2")
		p, _ = b.persistent(version, "dev")
		p.wantMessage("a", "m2")
		p.wantNothing()
	})
}

func TestRetainedMessagesAreSentForExactFiltersOnly(t *testing.T) {
	for _, persistent := range []bool{false, true} {
		eachVersion(t, func(t *testing.T, version byte) {
			b := start(t, Config{})
			pub := b.connect(version, "pub")
			pub.publishPacket(&mqtt.Publish{Message: mqtt.Message{Topic: "a/b", Payload: []byte("kept"), QoS: 1, Retain: true}})
			p := b.open(version, "dev", persistent)
			p.subscribe(1, "a/+", "a/#", "#", "$share/g/a/b")
			p.wantNothing()
			p.subscribe(1, "a/b")
			if m := p.wantMessage("a/b", "kept"); !m.Retain || m.QoS != 1 {
				t.Errorf("RETAIN %v, QoS %d", m.Retain, m.QoS)
			}
			pub.publishPacket(&mqtt.Publish{Message: mqtt.Message{Topic: "a/b", QoS: 1, Retain: true}})
			if m := p.wantMessage("a/b", ""); m.Retain {
				t.Error("RETAIN on a live message")
			}
			p.subscribe(1, "a/b")
			p.wantNothing()
		})
	}
}

func TestSubscriptionOptionsOfVersionFive(t *testing.T) {
	for _, persistent := range []bool{false, true} {
		b := start(t, Config{})
		b.connect(mqtt.V5, "pub").publishPacket(&mqtt.Publish{Message: mqtt.Message{Topic: "a", Payload: []byte("kept"), QoS: 1, Retain: true}})
		p := b.open(mqtt.V5, "dev", persistent)
		ask := func(w mqtt.Wish) {
			w.Filter, w.QoS = "a", 1
			p.send(&mqtt.Subscribe{ID: 1, Filters: []mqtt.Wish{w}})
			p.wantSuback(1)
		}
		ask(mqtt.Wish{RetainHandling: 2})
		p.wantNothing()
		ask(mqtt.Wish{RetainHandling: 1})
		p.wantNothing()
		ask(mqtt.Wish{AsPublished: true, RetainHandling: 2})
		b.connect(mqtt.V5, "pub2").publishPacket(&mqtt.Publish{Message: mqtt.Message{Topic: "a", Payload: []byte("live"), QoS: 1, Retain: true}})
		if m := p.wantMessage("a", "live"); !m.Retain {
			t.Error("Retain As Published is not honoured")
		}
		ask(mqtt.Wish{NoLocal: true, RetainHandling: 2})
		p.publish(1, "a", "own")
		p.wantNothing()
	}
}
