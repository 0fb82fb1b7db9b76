package paho

import (
	"context"
	"net/url"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/autopaho"
	"github.com/eclipse/paho.golang/paho"

	"github.com/drover-iot/drover/test/node"
)

// connect5 connects Paho's client for MQTT 5.
func connect5(t *testing.T, at string, s session) *client {
	t.Helper()
	c := &client{t: t, got: make(chan message, 100)}
	address, err := url.Parse(at)
	c.must(err)
	config := autopaho.ClientConfig{
		ServerUrls: []*url.URL{address}, KeepAlive: 30, CleanStartOnInitialConnection: !s.persistent,
		ReconnectBackoff: func(int) time.Duration { return 100 * time.Millisecond },
		ClientConfig: paho.ClientConfig{ClientID: s.id, OnPublishReceived: []func(paho.PublishReceived) (bool, error){
			func(r paho.PublishReceived) (bool, error) {
				c.got <- message{r.Packet.Topic, string(r.Packet.Payload), r.Packet.Duplicate()}
				return true, nil
			},
		}},
	}
	if s.persistent {
		config.SessionExpiryInterval = 3600
	}
	ctx, end := context.WithCancel(context.Background())
	t.Cleanup(end)
	wire, err := autopaho.NewConnection(ctx, config)
	c.must(err)
	c.speak(wire)
	waiting, cancel := context.WithTimeout(ctx, node.Patience)
	defer cancel()
	c.must(wire.AwaitConnection(waiting))
	return c
}

// speak gives the client its functions.
func (c *client) speak(wire *autopaho.ConnectionManager) {
	patiently := func(do func(context.Context) error) error {
		ctx, cancel := context.WithTimeout(context.Background(), node.Patience)
		defer cancel()
		return do(ctx)
	}
	c.subscribe = func(filter string) error {
		return patiently(func(ctx context.Context) error {
			_, err := wire.Subscribe(ctx, &paho.Subscribe{Subscriptions: []paho.SubscribeOptions{{Topic: filter, QoS: 1}}})
			return err
		})
	}
	c.publish = func(topic, payload string, retain bool) error {
		return patiently(func(ctx context.Context) error {
			_, err := wire.Publish(ctx, &paho.Publish{Topic: topic, QoS: 1, Retain: retain, Payload: []byte(payload)})
			return err
		})
	}
	c.leave = func() error { return patiently(wire.Disconnect) }
}
