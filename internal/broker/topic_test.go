package broker

import (
	"slices"
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

func TestMoreThan8FiltersInOneSubscribeAreAllRefused(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		p := start(t, Config{}).connect(version, "dev")
		p.subscribe(1, numbered("a", 8)...)
		s := &mqtt.Subscribe{ID: 9}
		for _, f := range numbered("a", 9) {
			s.Filters = append(s.Filters, mqtt.Wish{Filter: f})
		}
		p.send(s)
		r := map[byte]mqtt.Reason{mqtt.V311: mqtt.Unspecified, mqtt.V5: mqtt.QuotaExceeded}[version]
		p.wantSuback(r, r, r, r, r, r, r, r, r)
	})
}

func TestThe51stSubscriptionIsRefused(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		p := start(t, Config{}).connect(version, "dev")
		for _, f := range numbered("a", 49) {
			p.subscribe(1, f)
		}
		p.subscribe(1, "$aws/things/T/jobs/notify")
		p.send(&mqtt.Subscribe{ID: 1, Filters: []mqtt.Wish{{Filter: "b"}, {Filter: "a0"}, {Filter: "$aws/things/T/jobs/#"}}})
		r := map[byte]mqtt.Reason{mqtt.V311: mqtt.Unspecified, mqtt.V5: mqtt.QuotaExceeded}[version]
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

func TestPubackOfVersionFiveSaysWhetherAnybodyMatched(t *testing.T) {
	b := start(t, Config{})
	b.connect(mqtt.V5, "sub").subscribe(0, "a")
	p := b.connect(mqtt.V5, "pub")
	p.send(message("a", 1, false), message("b", 1, false), message("$aws/rules/r/b", 1, false))
	p.wantAck(7, mqtt.Success)
	p.wantAck(7, mqtt.NoMatching)
	p.wantAck(7, mqtt.Success)
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

func TestTheWillIsPublishedOnEveryEndButACleanOne(t *testing.T) {
	with := func(reason mqtt.Reason) func(b *testBroker, p *peer) {
		return func(_ *testBroker, p *peer) { p.send(&mqtt.Disconnect{Reason: reason}) }
	}
	cases := []struct {
		name     string
		end      func(b *testBroker, p *peer)
		sent     bool
		onlyFive bool
	}{
		{"the socket ends", func(_ *testBroker, p *peer) { p.nc.Close() }, true, false},
		{"a violation", func(_ *testBroker, p *peer) { p.raw([]byte{0, 0}) }, true, false},
		{"takeover", func(b *testBroker, p *peer) { b.connect(p.version, "dev") }, true, false},
		{"clean disconnect", with(mqtt.Success), false, false},
		{"disconnect with will", with(mqtt.DisconnectWithWill), true, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			eachVersion(t, func(t *testing.T, version byte) {
				if c.onlyFive && version != mqtt.V5 {
					t.Skip("no such thing in 3.1.1")
				}
				b := start(t, Config{})
				watcher := b.connect(version, "watcher")
				watcher.subscribe(1, "will")
				p := b.withWill(version, 0)
				c.end(b, p)
				b.eventually(func() bool { return slices.ContainsFunc(b.Stats().Ended, func(e Ended) bool { return e.N > 0 }) })
				if c.sent {
					watcher.wantMessage("will", "gone")
				}
				watcher.wantNothing()
			})
		})
	}
}

func (b *testBroker) withWill(version byte, delay time.Duration) *peer {
	b.t.Helper()
	p := b.dial(version)
	c := persistentConnect(version, "dev")
	c.Will = &mqtt.Will{Message: mqtt.Message{Topic: "will", Payload: []byte("gone"), QoS: 1, Retain: true}, Delay: delay}
	p.send(c)
	p.wantConnack(mqtt.Success)
	return p
}

func TestARetainedWillIsRetained(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		b := start(t, Config{})
		b.drop(b.withWill(version, 0), "dev")
		p := b.connect(version, "late")
		p.subscribe(1, "will")
		if m := p.wantMessage("will", "gone"); !m.Retain {
			t.Error("no RETAIN")
		}
	})
}

func TestADelayedWillIsNotSentWhenTheClientIsBackInTime(t *testing.T) {
	b := start(t, Config{})
	watcher := b.connect(mqtt.V5, "watcher")
	watcher.subscribe(1, "will")
	b.drop(b.withWill(mqtt.V5, time.Hour), "dev")
	b.persistent(mqtt.V5, "dev")
	watcher.wantNothing()
}

func TestADelayedWillIsSentWhenItsSessionEnds(t *testing.T) {
	b := start(t, Config{})
	watcher := b.connect(mqtt.V5, "watcher")
	watcher.subscribe(1, "will")
	b.drop(b.withWill(mqtt.V5, time.Hour), "dev")
	b.connect(mqtt.V5, "dev")
	watcher.wantMessage("will", "gone")
}

func TestADelayedWillIsSentAfterItsDelay(t *testing.T) {
	b := start(t, Config{})
	watcher := b.connect(mqtt.V5, "watcher")
	watcher.subscribe(1, "will")
	b.drop(b.withWill(mqtt.V5, time.Second), "dev")
	watcher.wantMessage("will", "gone")
	if _, resumed := b.persistent(mqtt.V5, "dev"); !resumed {
		t.Error("the session has ended with the delay")
	}
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

func TestRulesCoverTopics(t *testing.T) {
	cases := []struct {
		pattern, topic string
		want           bool
	}{
		{"$aws/things/{}/jobs/", "$aws/things/T/jobs/get", true},
		{"$aws/things/{}/jobs/", "$aws/things/T/jobs/J/update", true},
		{"$aws/things/{}/jobs/", "$aws/things/T/jobs/", true},
		{"$aws/things/{}/jobs/", "$aws/things/T/jobs", false},
		{"$aws/things/{}/jobs/", "$aws/things//jobs/get", true},
		{"$aws/things/{}/jobs/", "$aws/things/T/shadow/get", false},
		{"$aws/certificates/create/json", "$aws/certificates/create/json", true},
		{"$aws/certificates/create/json", "$aws/certificates/create/json/x", false},
	}
	for _, c := range cases {
		if got := (Rule{Pattern: c.pattern}).covers(c.topic); got != c.want {
			t.Errorf("%q covers %q: %v", c.pattern, c.topic, got)
		}
	}
}

func TestConfigIsChecked(t *testing.T) {
	sessions := newMemory(10)
	cases := map[string]struct {
		cfg  Config
		want string
	}{
		"no Sessions":                   {Config{}, "no Sessions"},
		"a rule that is not below $":    {Config{Sessions: sessions, Reserved: []Rule{{"a/", Request}}, Requests: echo{}}, "not below $"},
		"a request without Requests":    {Config{Sessions: sessions, Reserved: []Rule{{"$a/", Request}}}, "without Requests"},
		"a form that is none":           {Config{Sessions: sessions, Forms: []string{"a/b"}}, "a/b"},
		"unqueued that is not a filter": {Config{Sessions: sessions, Unqueued: []string{"a/#/b"}}, "not a filter"},
	}
	for name, c := range cases {
		if _, err := New(t.Context(), c.cfg); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
