package paho

import (
	"errors"
	"strings"
	"testing"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"github.com/drover-iot/drover/test/node"
)

// connect311 connects Paho's client for MQTT 3.1.1.
func connect311(t *testing.T, url string, s session) *client {
	t.Helper()
	c := &client{t: t, got: make(chan message, 100)}
	wire := mqtt.NewClient(mqtt.NewClientOptions().
		AddBroker(strings.Replace(url, "mqtt://", "tcp://", 1)).
		SetClientID(s.id).SetCleanSession(!s.persistent).
		SetDefaultPublishHandler(func(_ mqtt.Client, m mqtt.Message) {
			c.got <- message{m.Topic(), string(m.Payload()), m.Duplicate()}
		}))
	c.subscribe = func(filter string) error { return settled(wire.Subscribe(filter, 1, nil)) }
	c.publish = func(topic, payload string, retain bool) error {
		return settled(wire.Publish(topic, 1, retain, payload))
	}
	c.leave = func() error { wire.Disconnect(uint(node.Patience.Milliseconds())); return nil }
	c.must(settled(wire.Connect()))
	t.Cleanup(func() { wire.Disconnect(0) })
	return c
}

func settled(token mqtt.Token) error {
	if !token.WaitTimeout(node.Patience) {
		return errors.New("no acknowledgement came")
	}
	return token.Error()
}
