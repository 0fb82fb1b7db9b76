package broker

import (
	"bytes"
	"context"
	"io"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/mqtt"
)

// doors are the ways to a broker: each dials and says nothing.
var doors = map[string]func(*testBroker, byte) *peer{
	"TCP":       func(b *testBroker, version byte) *peer { return b.dial(version) },
	"WebSocket": func(b *testBroker, version byte) *peer { _, p := b.dialWeb(version, "mqtt"); return p },
}

// comeWithWill opens a clean session with a will.
func (p *peer) comeWithWill(client string) {
	p.t.Helper()
	p.send(&mqtt.Connect{Version: p.version, Client: client, Clean: true, KeepAlive: 60, Will: &mqtt.Will{
		Message: mqtt.Message{Topic: "will", Payload: []byte(client)},
	}})
	p.wantConnack(mqtt.Success)
}

func TestWhatWasSentBeforeTheStopIsAnswered(t *testing.T) {
	for name, dial := range doors {
		t.Run(name, func(t *testing.T) {
			eachVersion(t, func(t *testing.T, version byte) {
				b := start(t, Config{})
				p := dial(b, version)
				p.comeWithWill("dev")
				const n = 90
				var all []mqtt.Packet
				for i := range n {
					all = append(all, &mqtt.Publish{Message: mqtt.Message{Topic: getTopic, QoS: 1}, ID: uint16(i + 1)})
				}
				p.send(all...)
				p.raw([]byte{0x30, 100, 0}) // and half a packet
				stopped := make(chan error, 1)
				go func() { stopped <- b.Shutdown(context.Background()) }()
				for i := range n {
					p.wantAck(uint16(i+1), 0)
					p.unacknowledged(getTopic+"/accepted", "")
				}
				p.wantEnd(mqtt.ShuttingDown)
				if err := <-stopped; err != nil {
					t.Errorf("shutdown: %v", err)
				}
			})
		})
	}
}

func TestWhoGoesOnSendingOrDoesNotReadHoldsNoStopUp(t *testing.T) {
	b := start(t, Config{Limits: Limits{WriteTimeout: patience / 10}})
	flood, slow := b.connect(mqtt.V5, "flood"), b.connect(mqtt.V5, "slow")
	slow.subscribe(0, "a")
	waitFor(b, 4*ease)
	go func() {
		for {
			if _, err := flood.nc.Write([]byte{0xC0, 0}); err != nil { // a ping
				return
			}
		}
	}()
	stopped := make(chan error, 1)
	go func() { stopped <- b.Shutdown(context.Background()) }()
	go func() {
		for {
			if _, err := flood.read(); err != nil {
				return
			}
		}
	}()
	if err := <-stopped; err != nil {
		t.Errorf("shutdown: %v", err)
	}
}

// spec: device-api.md#92-connect
func TestWhoLeavesAndComesBackAtOnceHasLeft(t *testing.T) {
	for name, dial := range doors {
		t.Run(name, func(t *testing.T) {
			eachVersion(t, func(t *testing.T, version byte) {
				b := start(t, Config{})
				watcher := b.connect(version, "watcher")
				watcher.subscribe(0, "last", "will")
				p := dial(b, version)
				p.comeWithWill("dev")
				const rounds = 40
				for _, last := range numbered("m", rounds) {
					again := dial(b, version)
					p.send(&mqtt.Publish{Message: mqtt.Message{Topic: "last", Payload: []byte(last)}}, &mqtt.Disconnect{})
					again.comeWithWill("dev")
					watcher.wantMessage("last", last)
					p = again
				}
				watcher.wantNothing()
				b.wantEnded(ClientInitiated, rounds)
			})
		})
	}
}

func TestWhatWasSentBeforeTheTakeoverIsAnswered(t *testing.T) {
	for name, dial := range doors {
		t.Run(name, func(t *testing.T) {
			eachVersion(t, func(t *testing.T, version byte) {
				b := start(t, Config{})
				watcher := b.connect(version, "watcher")
				watcher.subscribe(0, "will")
				old, p := dial(b, version), dial(b, version)
				old.comeWithWill("dev")
				const n = 90
				var all []mqtt.Packet
				for i := range n {
					all = append(all, &mqtt.Publish{Message: mqtt.Message{Topic: getTopic, QoS: 1}, ID: uint16(i + 1)})
				}
				old.send(all...)
				old.raw([]byte{0x30, 100, 0}) // and half a packet
				p.comeWithWill("dev")
				for i := range n {
					old.wantAck(uint16(i+1), 0)
					old.unacknowledged(getTopic+"/accepted", "")
				}
				old.wantEnd(mqtt.SessionTakenOver)
				watcher.wantMessage("will", "dev")
				b.wantEnded(Duplicate, 1)
			})
		})
	}
}

func TestWhoGoesOnSendingHoldsNoTakeoverUp(t *testing.T) {
	b := start(t, Config{Limits: Limits{MinKeepAlive: time.Hour, MaxKeepAlive: time.Hour}})
	flood := b.connect(mqtt.V311, "dev")
	go func() {
		for {
			if _, err := flood.nc.Write(bytes.Repeat([]byte{0xC0, 0}, 1000)); err != nil { // pings
				return
			}
		}
	}()
	go func() { _, _ = io.Copy(io.Discard, flood.nc) }()
	b.connect(mqtt.V311, "dev").wantNothing()
}

func TestWhoDoesNotReadHoldsNoTakeoverUp(t *testing.T) {
	b := start(t, Config{Limits: Limits{MinKeepAlive: time.Hour, MaxKeepAlive: time.Hour}})
	slow := b.connect(mqtt.V311, "dev")
	slow.subscribe(0, "a")
	waitFor(b, 4*ease)
	slow.send(&mqtt.Ping{})
	b.connect(mqtt.V311, "dev").wantNothing()
}
