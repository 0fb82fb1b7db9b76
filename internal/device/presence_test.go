package device_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/drovertest"
	"github.com/drover-iot/drover/internal/mqtt"
)

// watcher hears the events of the clients that are not its own.
type watcher struct {
	*drovertest.Conn
	node *drovertest.Node
	t    *testing.T
}

func watch(t *testing.T, n *drovertest.Node, filters ...string) watcher {
	t.Helper()
	c := n.Connect(drovertest.Session{Client: "watcher"})
	c.Subscribe(filters...)
	return watcher{c, n, t}
}

var session = regexp.MustCompile(`"sessionIdentifier":"[0-9a-f]{32}"`)

// want waits for as many events, and asserts them without their session.
func (w watcher) want(events ...string) {
	w.t.Helper()
	w.Await(len(events))
	w.Sync()
	var got []string
	for _, m := range w.Take() {
		text := session.ReplaceAllString(string(m.Payload), `"sessionIdentifier":"S"`)
		text = strings.ReplaceAll(text, fmt.Sprint(w.node.Now().UnixMilli()), "NOW")
		got = append(got, strings.TrimPrefix(m.Topic, "$aws/events/")+" "+text)
	}
	if diff := cmp.Diff(events, got); diff != "" {
		w.t.Errorf("events (-want +got):\n%s", diff)
	}
}

func connectedEvent(client string, version int) string {
	return fmt.Sprintf(`presence/connected/%[1]s {"clientId":"%[1]s","timestamp":NOW,"eventType":"connected","sessionIdentifier":"S","principalIdentifier":"anonymous","ipAddress":"127.0.0.1","versionNumber":%[2]d}`, client, version)
}

func disconnectedEvent(client, reason string, initiated bool, version int) string {
	return fmt.Sprintf(`presence/disconnected/%[1]s {"clientId":"%[1]s","timestamp":NOW,"eventType":"disconnected","sessionIdentifier":"S","principalIdentifier":"anonymous",`+
		`"clientInitiatedDisconnect":%[3]v,"disconnectReason":"%[2]s","versionNumber":%[4]d}`, client, reason, initiated, version)
}

// spec: device-api.md#113-presence-and-subscription-events-always-on
func TestEventsTellWhoComesAndGoes(t *testing.T) {
	for _, version := range []byte{mqtt.V311, mqtt.V5} {
		t.Run(fmt.Sprintf("protocol level %d", version), func(t *testing.T) {
			n := drovertest.Start(t, drovertest.Options{})
			w := watch(t, n, "$aws/events/presence/+/press-01", "$aws/events/subscriptions/+/press-01")
			dev := n.Connect(drovertest.Session{Client: "press-01", Version: version})
			w.want(connectedEvent("press-01", 0))
			dev.Subscribe("a/#", "b")
			w.want(`subscriptions/subscribed/press-01 {"clientId":"press-01","timestamp":NOW,"eventType":"subscribed","sessionIdentifier":"S","principalIdentifier":"anonymous","topics":["a/#","b"]}`)
			dev.Unsubscribe("b", "never")
			w.want(`subscriptions/unsubscribed/press-01 {"clientId":"press-01","timestamp":NOW,"eventType":"unsubscribed","sessionIdentifier":"S","principalIdentifier":"anonymous","topics":["b"]}`)
			dev.Leave()
			w.want(disconnectedEvent("press-01", "CLIENT_INITIATED_DISCONNECT", true, 0))
			dev = n.Connect(drovertest.Session{Client: "press-01", Version: version})
			w.want(connectedEvent("press-01", 1))
			dev.Drop()
			w.want(disconnectedEvent("press-01", "CONNECTION_LOST", false, 1))
		})
	}
}

func TestClientsThatCannotStandInATopicHaveNoEvents(t *testing.T) {
	n := drovertest.Start(t, drovertest.Options{})
	w := watch(t, n, "$aws/events/presence/#", "#")
	for _, client := range []string{"a+b", "#", strings.Repeat("a/", 8)} {
		n.Connect(drovertest.Session{Client: client}).Leave()
	}
	n.Connect(drovertest.Session{Client: "dev"})
	w.Await(1)
	w.want(connectedEvent("dev", 0)) // # does not match what begins with $
}

func TestEventsReachPersistentSessionsThatWereAway(t *testing.T) {
	n := drovertest.Start(t, drovertest.Options{})
	back := n.Connect(drovertest.Session{Client: "back", Persistent: true})
	back.Subscribe("$aws/events/presence/+/press-01")
	back.Leave()
	n.Connect(drovertest.Session{Client: "press-01"}).Leave()
	back = n.Connect(drovertest.Session{Client: "back", Persistent: true})
	watcher{back, n, t}.want(connectedEvent("press-01", 0), disconnectedEvent("press-01", "CLIENT_INITIATED_DISCONNECT", true, 0))
}

func TestEventsKeepTheCharactersOfFilters(t *testing.T) {
	n := drovertest.Start(t, drovertest.Options{})
	w := watch(t, n, "$aws/events/subscriptions/+/press-01")
	n.Connect(drovertest.Session{Client: "press-01"}).Subscribe("a<b>&c")
	w.want(`subscriptions/subscribed/press-01 {"clientId":"press-01","timestamp":NOW,"eventType":"subscribed","sessionIdentifier":"S","principalIdentifier":"anonymous","topics":["a<b>&c"]}`)
}

func TestAClientCannotPublishEvents(t *testing.T) {
	n := drovertest.Start(t, drovertest.Options{})
	c := n.Connect(drovertest.Session{Client: "dev"})
	if reason := c.Publish("$aws/events/presence/connected/press-01", "{}"); reason != mqtt.BadTopic {
		t.Errorf("acknowledged with %#x", reason)
	}
}

// wantConnectivity asserts the answer of GetThingConnectivityData.
func wantConnectivity(t *testing.T, n *drovertest.Node, want string) {
	t.Helper()
	body, err := n.CallRaw(0, http.MethodPost, "/things/press-01/connectivity-data", "")
	if err != nil {
		t.Fatal(err)
	}
	if got := n.Timeless(body); got != want {
		t.Errorf("answered %s\nwant     %s", got, want)
	}
}

func TestTheConnectivityOfAThing(t *testing.T) {
	for _, process := range []bool{false, true} {
		t.Run(fmt.Sprintf("in a process of its own: %v", process), func(t *testing.T) {
			n := drovertest.Start(t, drovertest.Options{Process: process})
			n.CreateThings("press-01")
			wantConnectivity(t, n, `{"thingName":"press-01","connected":false,"disconnectReason":"UNKNOWN"}`)
			dev := n.Connect(drovertest.Session{Client: "press-01"})
			dev.Sync()
			const is = `{"thingName":"press-01","connected":true,"timestamp":T,"disconnectReason":"NONE"}`
			wantConnectivity(t, n, is)
			n.Connect(drovertest.Session{Client: "other"}).Leave()
			wantConnectivity(t, n, is)
			n.Advance(5 * time.Second)
			dev.Leave()
			n.Settle()
			n.Connect(drovertest.Session{Client: "press-01"}).Leave() // the visits of one client follow each other
			n.Connect(drovertest.Session{Client: "press-01"}).Sync()
			wantConnectivity(t, n, `{"thingName":"press-01","connected":true,"timestamp":T+5,"disconnectReason":"NONE"}`)
			if process {
				n.Kill()
				wantConnectivity(t, n, `{"thingName":"press-01","connected":false,"timestamp":T+5,"disconnectReason":"SERVER_ERROR"}`)
				return
			}
			n.Restart()
			wantConnectivity(t, n, `{"thingName":"press-01","connected":false,"timestamp":T+5,"disconnectReason":"SERVER_INITIATED_DISCONNECT"}`)
			n.Do(iot.DeleteThing, iot.DeleteThingRequest{ThingName: "press-01"}, nil)
			if err := n.Call(iot.GetThingConnectivityData, iot.GetThingConnectivityDataRequest{ThingName: "press-01"}, nil); err == nil || !strings.Contains(err.Error(), "ResourceNotFound") {
				t.Errorf("of no thing: %v", err)
			}
		})
	}
}
