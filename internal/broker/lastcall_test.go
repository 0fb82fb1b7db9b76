package broker

import (
	"context"
	"testing"

	"github.com/drover-iot/drover/internal/mqtt"
)

func TestWhatWasSentBeforeTheStopIsAnswered(t *testing.T) {
	doors := map[string]func(*testBroker, byte) *peer{
		"TCP":       func(b *testBroker, version byte) *peer { return b.connect(version, "dev") },
		"WebSocket": func(b *testBroker, version byte) *peer { _, p := b.connectWeb(version, "dev"); return p },
	}
	for name, dial := range doors {
		t.Run(name, func(t *testing.T) {
			eachVersion(t, func(t *testing.T, version byte) {
				b := start(t, Config{})
				p := dial(b, version)
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
