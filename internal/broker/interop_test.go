package broker

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/paho"
	v311 "github.com/eclipse/paho.mqtt.golang"
)

func TestPaho311(t *testing.T) {
	b := start(t, Config{})
	for name, url := range map[string]string{"TCP": "tcp://" + b.addr, "WebSocket": b.web()} {
		t.Run(name, func(t *testing.T) {
			c := v311.NewClient(v311.NewClientOptions().AddBroker(url).SetClientID("dev-" + name).SetCleanSession(false))
			wait := func(token v311.Token) {
				t.Helper()
				if !token.WaitTimeout(patience) || token.Error() != nil {
					t.Fatalf("no answer, or %v", token.Error())
				}
			}
			wait(c.Connect())
			defer c.Disconnect(0)
			got := make(chan string, 10)
			c.AddRoute("#", func(_ v311.Client, m v311.Message) { got <- m.Topic() + " " + string(m.Payload()) })
			wait(c.Subscribe("a/"+name, 1, nil))
			wait(c.Publish("a/"+name, 1, false, "hello"))
			wantString(t, got, "a/"+name+" hello")
			wait(c.Publish("$aws/things/T/jobs/get", 1, false, "{}"))
			wantString(t, got, "$aws/things/T/jobs/get/accepted {}")
			wait(c.Unsubscribe("a/" + name))
		})
	}
}

func wantString(t *testing.T, got <-chan string, want string) {
	t.Helper()
	select {
	case s := <-got:
		if s != want {
			t.Errorf("got %q, want %q", s, want)
		}
	case <-time.After(patience):
		t.Errorf("%q did not come", want)
	}
}

func TestPaho5(t *testing.T) {
	b := start(t, Config{})
	nc, err := net.Dial("tcp", b.addr)
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan string, 10)
	c := paho.NewClient(paho.ClientConfig{
		Conn: nc,
		OnPublishReceived: []func(paho.PublishReceived) (bool, error){func(r paho.PublishReceived) (bool, error) {
			got <- r.Packet.Topic + " " + string(r.Packet.Payload)
			return true, nil
		}},
	})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if _, err := c.Connect(ctx, &paho.Connect{ClientID: "dev", KeepAlive: 30, CleanStart: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Subscribe(ctx, &paho.Subscribe{Subscriptions: []paho.SubscribeOptions{{Topic: "a/+", QoS: 1}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Publish(ctx, &paho.Publish{Topic: "a/b", QoS: 1, Payload: []byte("hello")}); err != nil {
		t.Fatal(err)
	}
	wantString(t, got, "a/b hello")
	if _, err := c.Publish(ctx, &paho.Publish{Topic: "$aws/things/T/jobs/get", QoS: 1, Payload: []byte("{}")}); err != nil {
		t.Fatal(err)
	}
	wantString(t, got, "$aws/things/T/jobs/get/accepted {}")
	if err := c.Disconnect(&paho.Disconnect{}); err != nil {
		t.Error(err)
	}
}
