package broker

import (
	"context"
	"errors"
	"testing"

	"github.com/drover-iot/drover/internal/mqtt"
)

const getTopic = "$aws/things/T/jobs/$next/get"

func TestAnAnswerGoesToTheRequesterAloneSubscribedOrNot(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		b := start(t, Config{})
		other := b.connect(version, "other")
		other.subscribe(1, "$aws/things/T/jobs/#", "#", "$aws/things/+/jobs/+/get/accepted", getTopic)
		p := b.connect(version, "dev")
		p.publish(0, getTopic, "hello")
		p.wantMessage(getTopic+"/accepted", "hello")
		other.wantNothing()
	})
}

func TestTheRequesterGetsPubackThenTheAnswer(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		p := start(t, Config{}).connect(version, "dev")
		p.send(&mqtt.Publish{Message: mqtt.Message{Topic: getTopic, Payload: []byte("x"), QoS: 1}, ID: 9})
		p.wantAck(9, mqtt.Success)
		if m := p.wantMessage(getTopic+"/accepted", "x"); m.QoS != 1 {
			t.Errorf("answer at QoS %d", m.QoS)
		}
	})
}

func TestTheAnswersQoSIsTheRequestsLoweredToASubscription(t *testing.T) {
	cases := []struct {
		name             string
		filters          []string
		granted, request byte
		want             byte
	}{
		{"a request at QoS 0 is answered at 0", nil, 0, 0, 0},
		{"a request at QoS 0 is answered at 0 in spite of a subscription at 1", []string{"$aws/things/T/jobs/#"}, 1, 0, 0},
		{"a request at QoS 1 is answered at 1", nil, 0, 1, 1},
		{"a matching form at QoS 0 lowers it", []string{"$aws/things/T/jobs/+/get/accepted"}, 0, 1, 0},
		{"a matching filter at QoS 0 lowers it", []string{"$aws/things/+/jobs/#"}, 0, 1, 0},
		{"a subscription that does not match leaves it", []string{"$aws/things/U/jobs/#"}, 0, 1, 1},
		{"a shared subscription leaves it", []string{"$share/g/$aws/things/T/jobs/#"}, 0, 1, 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			eachVersion(t, func(t *testing.T, version byte) {
				p := start(t, Config{}).connect(version, "dev")
				for _, f := range c.filters {
					p.subscribe(c.granted, f)
				}
				p.publish(c.request, getTopic, "x")
				if m := p.wantMessage(getTopic+"/accepted", "x"); m.QoS != c.want {
					t.Errorf("answer at QoS %d, want %d", m.QoS, c.want)
				}
			})
		})
	}
}

func TestCorrelationDataIsCopiedToTheAnswer(t *testing.T) {
	p := start(t, Config{}).connect(mqtt.V5, "dev")
	props := &mqtt.Properties{Correlation: []byte("c1"), ResponseTopic: "elsewhere", ContentType: "text"}
	p.publishPacket(&mqtt.Publish{Message: mqtt.Message{Topic: getTopic, Props: props}})
	m := p.wantMessage(getTopic+"/accepted", "")
	if m.Props == nil || string(m.Props.Correlation) != "c1" || m.Props.ResponseTopic != "" || m.Props.ContentType != "" {
		t.Errorf("properties %+v", m.Props)
	}
}

// gate is a Requests whose answers wait for the test.
type gate struct {
	begun chan string   // payloads
	open  chan struct{} // one for each finish
	after chan struct{}
	told  chan func() // what to call as they open; nil: they wait when they are finished
}

// eachGate runs f with a gate whose requests wait when they are finished, and
// with one that tells when they are to be.
func eachGate(t *testing.T, f func(t *testing.T, g *gate)) {
	for name, told := range map[string]chan func(){"waits": nil, "tells": make(chan func(), 1000)} {
		t.Run(name, func(t *testing.T) {
			g := newGate()
			g.told = told
			f(t, g)
		})
	}
}

func newGate() *gate {
	return &gate{begun: make(chan string, 1000), open: make(chan struct{}, 1000), after: make(chan struct{}, 1000)}
}

func (g *gate) Begin(_ Requester, m mqtt.Message) Begun {
	g.begun <- string(m.Payload)
	return &passing{g, m, make(chan struct{})}
}

// passing is a request that waits for the gate.
type passing struct {
	gate    *gate
	message mqtt.Message
	open    chan struct{} // closed when the gate was
}

func (p *passing) Then(ready func()) bool {
	if p.gate.told == nil {
		return false
	}
	p.gate.told <- func() { close(p.open); ready() }
	go func() {
		<-p.gate.open
		(<-p.gate.told)()
	}()
	return true
}

func (p *passing) Waits() bool { return false }

func (p *passing) Finish(ctx context.Context) Reply {
	open := p.open
	if p.gate.told == nil {
		open = p.gate.open
	}
	select {
	case <-open:
	case <-ctx.Done():
	}
	return Reply{
		Messages: []mqtt.Message{{Topic: p.message.Topic + "/accepted", Payload: p.message.Payload}},
		After:    func() { p.gate.after <- struct{}{} },
	}
}

func TestTheReaderGoesOnWhileRequestsAreInFlightAndAnswersKeepTheirOrder(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		eachGate(t, func(t *testing.T, g *gate) {
			p := start(t, Config{Requests: g}).connect(version, "dev")
			payloads := numbered("r", 100)
			for i, payload := range payloads {
				p.send(&mqtt.Publish{Message: mqtt.Message{Topic: getTopic, Payload: []byte(payload), QoS: 1}, ID: uint16(i + 1)})
				if got := <-g.begun; got != payload {
					t.Fatalf("begun %q, want %q", got, payload)
				}
			}
			p.wantNothing()
			for i, payload := range payloads {
				g.open <- struct{}{}
				p.wantAck(uint16(i+1), mqtt.Success)
				p.wantMessage(getTopic+"/accepted", payload)
				<-g.after
			}
		})
	})
}

func TestMoreThanARoomOfRequestsIsNotBegun(t *testing.T) {
	cases := []struct {
		name  string
		size  int
		begun int
	}{
		{"100 requests", 1, 100},
		{"256 KiB", 100 << 10, 2},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			eachVersion(t, func(t *testing.T, version byte) {
				eachGate(t, func(t *testing.T, g *gate) {
					p := start(t, Config{Requests: g}).connect(version, "dev")
					go func() {
						var m mqtt.Publish
						m.Topic, m.Payload = getTopic, make([]byte, c.size)
						for range c.begun + 1 {
							p.send(&m)
						}
					}()
					for range c.begun {
						<-g.begun
					}
					select {
					case <-g.begun:
						t.Error("one too many was begun")
					default:
					}
					g.open <- struct{}{}
					<-g.begun
					for range c.begun {
						g.open <- struct{}{}
					}
					for range c.begun + 1 {
						p.wantMessage(getTopic+"/accepted", string(make([]byte, c.size)))
					}
				})
			})
		})
	}
}

func TestARequestIsFinishedWhenItsConnectionIsGone(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		eachGate(t, func(t *testing.T, g *gate) {
			b := start(t, Config{Requests: g})
			p := b.connect(version, "dev")
			p.publish(0, getTopic, "x")
			<-g.begun
			p.nc.Close()
			g.open <- struct{}{}
			<-g.after
		})
	})
}

func TestAPanicOfADoorEndsOneConnectionOnly(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		b := start(t, Config{Requests: panicking{}})
		other, p := b.connect(version, "other"), b.connect(version, "dev")
		p.send(&mqtt.Publish{Message: mqtt.Message{Topic: getTopic}})
		p.wantEnd(mqtt.Unspecified)
		other.wantNothing()
		if n := b.Stats().Faults; n != 1 {
			t.Errorf("%d faults are counted, want 1", n)
		}
	})
}

func TestPanicsOfTheCodecAreCounted(t *testing.T) {
	b := start(t, Config{})
	c := &conn{b: b.Broker}
	c.countPanic(&mqtt.Violation{Reason: mqtt.Malformed, Text: "codec panic", Panic: "index out of range"})
	c.countPanic(&mqtt.Violation{Reason: mqtt.Malformed, Text: "too short"})
	if n := b.Stats().Panics; n != 1 {
		t.Errorf("%d panics are counted, want 1", n)
	}
}

type panicking struct{}

func (panicking) Begin(Requester, mqtt.Message) Begun {
	return FinishFunc(func(context.Context) Reply { panic("a fault") })
}

// untold is a Requests that could not store what it has to tell.
type untold struct{ after chan struct{} }

func (u untold) Begin(Requester, mqtt.Message) Begun {
	return FinishFunc(func(context.Context) Reply {
		return Reply{
			Messages: []mqtt.Message{{Topic: getTopic + "/accepted"}}, Err: errors.New("no room"),
			After: func() { u.after <- struct{}{} },
		}
	})
}

func TestARequestIsNotAcknowledgedIfWhatItTellsIsNotStored(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		u := untold{make(chan struct{}, 1)}
		p := start(t, Config{Requests: u}).connect(version, "dev")
		p.send(&mqtt.Publish{Message: mqtt.Message{Topic: getTopic, QoS: 1}, ID: 9})
		<-u.after
		if version == mqtt.V5 {
			p.wantAck(9, mqtt.Unspecified)
			p.wantNothing()
			return
		}
		p.wantEnd(mqtt.Success)
	})
}
