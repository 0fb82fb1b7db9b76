package broker

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/drover-iot/drover/internal/mqtt"
)

// failing is a Sessions whose Enqueue and SaveSession can be made to fail.
type failing struct {
	*memory
	mu  sync.Mutex
	err error
}

func (f *failing) set(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

func (f *failing) get() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

func (f *failing) Enqueue(ctx context.Context, m mqtt.Message, clients []string) error {
	if err := f.get(); err != nil {
		return err
	}
	return f.memory.Enqueue(ctx, m, clients)
}

func (f *failing) SaveSession(ctx context.Context, s mqtt.Session) error {
	if err := f.get(); err != nil {
		return err
	}
	return f.memory.SaveSession(ctx, s)
}

func (f *failing) Retain(ctx context.Context, m mqtt.Message) error {
	if err := f.get(); err != nil {
		return err
	}
	return f.memory.Retain(ctx, m)
}

var errDisk = errors.New("the disk is full")

func TestAMessageThatCannotBeStoredIsNotAcknowledged(t *testing.T) {
	for _, retain := range []bool{false, true} {
		eachVersion(t, func(t *testing.T, version byte) {
			store := &failing{memory: newMemory(10)}
			b := start(t, Config{Sessions: store})
			p, _ := b.persistent(version, "dev")
			p.subscribe(1, "a")
			online := b.connect(version, "online")
			online.subscribe(1, "a")
			store.set(errDisk)
			pub := b.connect(version, "pub")
			m := message("a", 1, retain)
			m.Payload = []byte("x")
			pub.send(m)
			if version == mqtt.V5 {
				pub.wantAck(7, mqtt.Unspecified)
			} else {
				pub.wantEnd(0)
			}
			online.wantNothing()
			store.set(nil)
			b.connect(version, "pub2").publish(1, "a", "y")
			p.wantMessage("a", "y")
			online.wantMessage("a", "y")
		})
	}
}

func TestASubscriptionThatCannotBeStoredIsRefused(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		store := &failing{memory: newMemory(10)}
		b := start(t, Config{Sessions: store})
		p, _ := b.persistent(version, "dev")
		store.set(errDisk)
		p.send(&mqtt.Subscribe{ID: 1, Filters: []mqtt.Wish{{Filter: "a", QoS: 1}}})
		p.wantSuback(mqtt.Unspecified)
		b.connect(version, "pub").publish(1, "a", "x")
		p.wantNothing()
		store.set(nil)
		p.subscribe(1, "a")
	})
}

func TestASessionThatCannotBeStoredIsRefused(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		store := &failing{memory: newMemory(10)}
		store.set(errDisk)
		b := start(t, Config{Sessions: store})
		p := b.dial(version)
		p.send(persistentConnect(version, "dev"))
		p.wantConnack(map[byte]mqtt.Reason{mqtt.V311: 3, mqtt.V5: mqtt.ServerUnavailable}[version])
		p.wantEnd(0)
		b.eventually(func() bool { return b.Stats().Sessions == 0 })
	})
}
