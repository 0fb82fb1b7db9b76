package broker

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/drover-iot/drover/internal/mqtt"
)

// diary is a Presence that writes down what it is told, by client.
type diary struct {
	mu    sync.Mutex
	lines map[string][]string
	wrote chan struct{}
}

func newDiary() *diary { return &diary{lines: map[string][]string{}, wrote: make(chan struct{}, 1000)} }

func (d *diary) Connected(_ context.Context, from Requester) Visit {
	d.write(from.Client, "connected")
	return visitor{d, from.Client}
}

func (d *diary) write(client, line string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines[client] = append(d.lines[client], line)
	d.wrote <- struct{}{}
}

// of is what was written of a client.
func (d *diary) of(client string) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.lines[client])
}

type visitor struct {
	*diary
	client string
}

func (p visitor) Subscribed(_ context.Context, filters []string) {
	p.write(p.client, "subscribed "+strings.Join(filters, ","))
}

func (p visitor) Unsubscribed(_ context.Context, filters []string) {
	p.write(p.client, "unsubscribed "+strings.Join(filters, ","))
}

func (p visitor) Disconnected(_ context.Context, why Cause) {
	p.write(p.client, "disconnected "+why.String())
}

// want waits until so much was written of a client.
func (d *diary) want(t *testing.T, client string, lines ...string) {
	t.Helper()
	for {
		if got := d.of(client); len(got) >= len(lines) {
			if diff := cmp.Diff(lines, got); diff != "" {
				t.Errorf("told of %s (-want +got):\n%s", client, diff)
			}
			return
		}
		<-d.wrote
	}
}

// spec: device-api.md#113-presence-and-subscription-events-always-on
func TestPresenceIsToldOfEachVisitFromItsBeginToItsEnd(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(b *testBroker, p *peer)
		why  string
	}{
		{"DISCONNECT", func(_ *testBroker, p *peer) { p.send(&mqtt.Disconnect{}) }, "CLIENT_INITIATED_DISCONNECT"},
		{"the socket ends", func(_ *testBroker, p *peer) { p.nc.Close() }, "CONNECTION_LOST"},
		{"a violation", func(_ *testBroker, p *peer) { p.send(&mqtt.Connect{Version: p.version, Client: "dev", Clean: true}) }, "CLIENT_ERROR"},
		{"another with its id", func(b *testBroker, p *peer) { b.connect(p.version, "dev") }, "DUPLICATE_CLIENTID"},
	} {
		t.Run(c.name, func(t *testing.T) {
			eachVersion(t, func(t *testing.T, version byte) {
				d := newDiary()
				b := start(t, Config{Presence: d})
				p := b.connect(version, "dev")
				p.send(&mqtt.Subscribe{ID: 1, Filters: []mqtt.Wish{{Filter: "a/#"}, {Filter: "$SYS/#"}, {Filter: "b"}}})
				p.send(&mqtt.Unsubscribe{ID: 2, Filters: []string{"b", "never"}})
				d.want(t, "dev", "connected", "subscribed a/#,b", "unsubscribed b")
				c.end(b, p)
				want := []string{"connected", "subscribed a/#,b", "unsubscribed b", "disconnected " + c.why}
				if c.why == "DUPLICATE_CLIENTID" {
					want = append(want, "connected")
				}
				d.want(t, "dev", want...)
			})
		})
	}
}

func TestVisitsOfOneClientFollowEachOther(t *testing.T) {
	d := newDiary()
	b := start(t, Config{Presence: d})
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			p := b.dial(mqtt.V5)
			p.send(&mqtt.Connect{Version: mqtt.V5, Client: "dev", Clean: true, KeepAlive: 60})
			_, _ = p.read() // who is taken over before it is let in has no visit
		})
	}
	all.Wait()
	lines := d.of("dev")
	for ; len(lines)%2 == 0; lines = d.of("dev") { // the last visit is told behind its CONNACK
		<-d.wrote
	}
	for i, line := range lines {
		if want := []string{"connected", "disconnected DUPLICATE_CLIENTID"}[i%2]; line != want {
			t.Errorf("line %d is %q, want %q", i, line, want)
		}
	}
}

// slowDiary lets a visit begin when the test says so, and writes down what is
// asked.
type slowDiary struct {
	*diary
	begin chan struct{}
}

func (d slowDiary) Connected(ctx context.Context, from Requester) Visit {
	<-d.begin
	return d.diary.Connected(ctx, from)
}

func (d slowDiary) Begin(from Requester, m mqtt.Message) Begun {
	d.write(from.Client, "asked "+string(m.Payload))
	return echo{}.Begin(from, m)
}

func TestNothingOfAClientIsBegunBeforeItsVisitHas(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		d := slowDiary{newDiary(), make(chan struct{})}
		b := start(t, Config{Presence: d, Requests: d})
		for _, client := range numbered("dev", 20) {
			p := b.dial(version)
			p.send(&mqtt.Connect{Version: version, Client: client, Clean: true, KeepAlive: 60},
				&mqtt.Publish{Message: mqtt.Message{Topic: getTopic, Payload: []byte("x"), QoS: 1}, ID: 9})
			p.wantConnack(mqtt.Success)
			d.begin <- struct{}{}
			p.wantAck(9, mqtt.Success)
			d.want(t, client, "connected", "asked x")
		}
	})
}

func TestPresenceIsNotToldOfWhoWasRefused(t *testing.T) {
	d := newDiary()
	b := start(t, Config{Presence: d})
	p := b.dial(mqtt.V5)
	refused := strings.Repeat("x", 200)
	p.send(&mqtt.Connect{Version: mqtt.V5, Client: refused, Clean: true})
	p.wantConnack(mqtt.BadClientID)
	b.connect(mqtt.V5, "dev")
	d.want(t, "dev", "connected")
	if lines := d.of(refused); lines != nil {
		t.Errorf("told of %s", lines)
	}
}
