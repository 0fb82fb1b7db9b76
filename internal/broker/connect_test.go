package broker

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/drover-iot/drover/internal/mqtt"
)

func TestConnectIsRefusedByReason(t *testing.T) {
	will := func(topic string, qos byte, size int) *mqtt.Will {
		return &mqtt.Will{Message: mqtt.Message{Topic: topic, QoS: qos, Payload: make([]byte, size)}}
	}
	const closed = 0
	cases := []struct {
		name      string
		c         mqtt.Connect
		v311, v5  mqtt.Reason // closed: no CONNACK
		onlyFive  bool
		onlyThree bool
	}{
		{name: "client id of 129 bytes", c: mqtt.Connect{Client: long(129), Clean: true}, v311: 2, v5: mqtt.BadClientID},
		{name: "no client id and a session to keep", c: mqtt.Connect{}, v311: 2, onlyThree: true},
		{name: "will on a reserved topic", c: mqtt.Connect{Client: "a", Clean: true, Will: will("$aws/x", 0, 1)}, v311: closed, v5: mqtt.BadTopic},
		{name: "will with a wildcard", c: mqtt.Connect{Client: "a", Clean: true, Will: will("a/#", 0, 1)}, v311: closed, v5: mqtt.BadTopic},
		{name: "will without a topic", c: mqtt.Connect{Client: "a", Clean: true, Will: will("", 0, 1)}, v311: closed, v5: mqtt.BadTopic},
		{name: "will too deep", c: mqtt.Connect{Client: "a", Clean: true, Will: will("1/2/3/4/5/6/7/8/9", 0, 1)}, v311: closed, v5: mqtt.BadTopic},
		{name: "will of QoS 2", c: mqtt.Connect{Client: "a", Clean: true, Will: will("w", 2, 1)}, v311: closed, v5: mqtt.QoSNotSupported},
		{name: "authentication method", c: mqtt.Connect{Client: "a", Clean: true, AuthMethod: "SCRAM"}, v5: mqtt.BadAuthMethod, onlyFive: true},
		{name: "maximum packet size of 511", c: mqtt.Connect{Client: "a", Clean: true, MaximumPacket: 511}, v5: mqtt.PacketTooLarge, onlyFive: true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			eachVersion(t, func(t *testing.T, version byte) {
				want := map[byte]mqtt.Reason{mqtt.V311: c.v311, mqtt.V5: c.v5}[version]
				if c.onlyFive && version != mqtt.V5 || c.onlyThree && version != mqtt.V311 {
					t.Skip("no such thing in this version")
				}
				p := start(t, Config{}).dial(version)
				packet := c.c
				packet.Version = version
				p.send(&packet)
				if want != closed {
					p.wantConnack(want)
				}
				p.wantEnd(0)
			})
		})
	}
}

func TestAWillPayloadOverTheLimitIsRefused(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		p := start(t, Config{Limits: Limits{Payload: 1000}}).dial(version)
		p.send(&mqtt.Connect{
			Version: version, Client: "a", Clean: true,
			Will: &mqtt.Will{Message: mqtt.Message{Topic: "w", Payload: make([]byte, 1001)}},
		})
		if version == mqtt.V5 {
			p.wantConnack(mqtt.PacketTooLarge)
		}
		p.wantEnd(0)
	})
}

func TestOtherProtocolLevelsAreRefusedInTheFormTheyKnow(t *testing.T) {
	cases := []struct {
		name, raw string
		version   byte // of the CONNACK
		want      mqtt.Reason
	}{
		{"level 3", "\x10\x0f\x00\x06MQIsdp\x03\x02\x00\x1e\x00\x01a", mqtt.V311, 1},
		{"level 2 of MQTT", "\x10\x0d\x00\x04MQTT\x02\x02\x00\x1e\x00\x01a", mqtt.V311, 1},
		{"level 6", "\x10\x0e\x00\x04MQTT\x06\x02\x00\x1e\x00\x00\x01a", mqtt.V5, mqtt.UnsupportedVersion},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := start(t, Config{}).dial(c.version)
			p.raw([]byte(c.raw))
			p.wantConnack(c.want)
			p.wantEnd(0)
		})
	}
}

func TestAMalformedConnectIsToldToVersionFive(t *testing.T) {
	p := start(t, Config{}).dial(mqtt.V5)
	p.raw([]byte("\x10\x0f\x00\x04MQTT\x05\x03\x00\x1e\x00\x00\x02ab"))
	p.wantConnack(mqtt.Malformed)
	p.wantEnd(0)
}

func TestAClientIDOf128BytesIsAccepted(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		start(t, Config{}).connect(version, long(128)).wantNothing()
	})
}

func TestAnEmptyClientIDIsAssigned(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		p := start(t, Config{}).dial(version)
		p.send(&mqtt.Connect{Version: version, Clean: true})
		c := p.wantConnack(mqtt.Success)
		if version == mqtt.V5 && !strings.HasPrefix(c.Offers.AssignedClient, "$GEN/") {
			t.Errorf("assigned %q", c.Offers.AssignedClient)
		}
	})
}

func TestUserNameAndPasswordAreIgnored(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		p := start(t, Config{}).dial(version)
		p.send(&mqtt.Connect{Version: version, Client: "a", Clean: true, Username: []byte("?SDK=Go&Version=1"), Password: []byte("x")})
		p.wantConnack(mqtt.Success)
	})
}

func TestTheFirstPacketMustBeConnectAndTheOnlyOne(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		b := start(t, Config{})
		p := b.dial(version)
		p.send(&mqtt.Ping{})
		p.wantEnd(0)
		p = b.connect(version, "a")
		p.send(&mqtt.Connect{Version: version, Client: "a", Clean: true})
		p.wantEnd(mqtt.ProtocolError)
	})
}

func TestPacketsSentBeforeConnackAreProcessedAfterIt(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		p := start(t, Config{}).dial(version)
		p.send(
			&mqtt.Connect{Version: version, Client: "a", Clean: true},
			&mqtt.Publish{Message: mqtt.Message{Topic: getTopic, QoS: 1}, ID: 1},
		)
		p.wantConnack(mqtt.Success)
		p.wantAck(1, mqtt.Success)
		p.wantMessage(getTopic+"/accepted", "")
	})
}

func TestConnectMustComeInTime(t *testing.T) {
	b := start(t, Config{Limits: Limits{ConnectTimeout: 20 * time.Millisecond}})
	p := b.dial(mqtt.V311)
	p.raw([]byte{0x10})
	p.wantEnd(0)
	b.wantEnded(NoConnect, 1)
}

// wantEnded waits until n connections have ended by cause.
func (b *testBroker) wantEnded(cause Cause, n int64) {
	b.t.Helper()
	b.eventually(func() bool {
		var by int64
		for _, e := range b.Stats().Ended {
			if e.Why.Cause() == cause {
				by += e.N
			}
		}
		return by >= n
	})
}

func TestTheSameClientIDTakesTheConnectionOver(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		eachVersion(t, func(t *testing.T, other byte) {
			b := start(t, Config{})
			watcher := b.connect(mqtt.V311, "watcher")
			watcher.subscribe(0, "will")
			old := b.dial(version)
			old.send(&mqtt.Connect{Version: version, Client: "dev", Clean: true, Will: &mqtt.Will{
				Message: mqtt.Message{Topic: "will", Payload: []byte("gone")},
			}})
			old.wantConnack(mqtt.Success)
			p := b.connect(other, "dev")
			old.wantEnd(mqtt.SessionTakenOver)
			watcher.wantMessage("will", "gone")
			p.publish(1, getTopic, "x")
			p.wantMessage(getTopic+"/accepted", "x")
			b.wantEnded(Duplicate, 1)
		})
	})
}

func TestConnackOffersWhatTheServerGrants(t *testing.T) {
	expiry := uint32(7 * 24 * 3600)
	cases := []struct {
		name string
		c    mqtt.Connect
		want mqtt.Offers
	}{
		{"what is as asked is not repeated", mqtt.Connect{Client: "a", KeepAlive: 60, SessionExpiry: 60}, mqtt.Offers{KeepAlive: 60}},
		{"a session expiry over the maximum is lowered and told", mqtt.Connect{Client: "a", KeepAlive: 60, SessionExpiry: 1 << 31}, mqtt.Offers{KeepAlive: 60, SessionExpiry: &expiry}},
		{"keep alive 0 becomes 1200", mqtt.Connect{Client: "a"}, mqtt.Offers{KeepAlive: 1200}},
		{"keep alive 29 becomes 30", mqtt.Connect{Client: "a", KeepAlive: 29}, mqtt.Offers{KeepAlive: 30}},
		{"keep alive 1200 stays", mqtt.Connect{Client: "a", KeepAlive: 1200}, mqtt.Offers{KeepAlive: 1200}},
		{"keep alive 1201 becomes 1200", mqtt.Connect{Client: "a", KeepAlive: 1201}, mqtt.Offers{KeepAlive: 1200}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := start(t, Config{}).dial(mqtt.V5)
			c.c.Version = mqtt.V5
			p.send(&c.c)
			c.want.ReceiveMaximum, c.want.MaximumPacket, c.want.TopicAliasMaximum = 100, 149504, 8
			if diff := cmp.Diff(&c.want, p.wantConnack(mqtt.Success).Offers); diff != "" {
				t.Errorf("offers (-want +got):\n%s", diff)
			}
		})
	}
}

func TestConnackFlagsOfVersionFive(t *testing.T) {
	p := start(t, Config{}).dial(mqtt.V5)
	p.send(&mqtt.Connect{Version: mqtt.V5, Client: "a", Clean: true, KeepAlive: 60})
	raw := make([]byte, 64)
	n, err := p.nc.Read(raw)
	if err != nil {
		t.Fatal(err)
	}
	for name, property := range map[string]string{
		"maximum QoS 1": "\x24\x01", "retain available": "\x25\x01", "wildcards available": "\x28\x01",
		"no subscription identifiers": "\x29\x00", "shared available": "\x2a\x01",
	} {
		if !strings.Contains(string(raw[:n]), property) {
			t.Errorf("%s is missing in % x", name, raw[:n])
		}
	}
}

func TestGraceOfKeepAlive(t *testing.T) {
	cases := []struct {
		name     string
		asked    int
		v311, v5 time.Duration
	}{
		{"0 is 1200", 0, 1800 * time.Second, 1800 * time.Second},
		{"1 is 30", 1, 45 * time.Second, 45 * time.Second},
		{"100 is 100", 100, 150 * time.Second, 150 * time.Second},
		{"more than 1200 cannot be told to 3.1.1", 4000, 6000 * time.Second, 1800 * time.Second},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			eachVersion(t, func(t *testing.T, version byte) {
				_, grace := Limits{}.withDefaults().keepAlive(version, time.Duration(c.asked)*time.Second)
				if want := map[byte]time.Duration{mqtt.V311: c.v311, mqtt.V5: c.v5}[version]; grace != want {
					t.Errorf("grace %v, want %v", grace, want)
				}
			})
		})
	}
}

func TestASilentClientIsCutAndItsWillSent(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		b := start(t, Config{Limits: Limits{MinKeepAlive: 20 * time.Millisecond, MaxKeepAlive: 20 * time.Millisecond}})
		p := b.dial(version)
		p.send(&mqtt.Connect{Version: version, Client: "dev", Clean: true, KeepAlive: 1})
		p.wantConnack(mqtt.Success)
		p.wantEnd(mqtt.KeepAliveTimeout)
		b.wantEnded(KeepAliveTimeout, 1)
	})
}

func TestShutdownSendsTheAnswersInFlight(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		eachGate(t, func(t *testing.T, g *gate) {
			b := start(t, Config{Requests: g})
			p := b.connect(version, "dev")
			p.send(&mqtt.Publish{Message: mqtt.Message{Topic: getTopic, Payload: []byte("x"), QoS: 1}, ID: 1})
			<-g.begun
			stopped := make(chan error, 1)
			go func() { stopped <- b.Shutdown(context.Background()) }()
			b.eventually(func() bool {
				b.mu.Lock()
				defer b.mu.Unlock()
				return b.stopping
			})
			g.open <- struct{}{}
			p.wantAck(1, mqtt.Success)
			p.unacknowledged(getTopic+"/accepted", "x")
			p.wantEnd(mqtt.ShuttingDown)
			if err := <-stopped; err != nil {
				t.Error(err)
			}
		})
	})
}

func TestShutdownCutsWhatDoesNotEnd(t *testing.T) {
	eachGate(t, func(t *testing.T, g *gate) {
		b := start(t, Config{Requests: g})
		p := b.connect(mqtt.V311, "dev")
		p.publish(0, getTopic, "x")
		<-g.begun
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		if err := b.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error = %v", err)
		}
		g.open <- struct{}{} // it is late
	})
}

func TestConnectDuringShutdownIsRefused(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		b := start(t, Config{})
		p := b.dial(version)
		b.eventually(func() bool { return b.Stats().Connections == 1 })
		b.mu.Lock()
		b.stopping = true
		b.mu.Unlock()
		p.send(&mqtt.Connect{Version: version, Client: "a", Clean: true})
		p.wantConnack(map[byte]mqtt.Reason{mqtt.V311: 3, mqtt.V5: mqtt.ServerBusy}[version])
		p.wantEnd(0)
	})
}
