package device

import (
	"context"
	"net"
	"strings"

	"github.com/google/uuid"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/events"
	"github.com/drover-iot/drover/internal/broker"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/mqtt"
)

// principal stands for who a client proved to be, as long as none has to.
const principal = "anonymous"

// visit is a client's connection.
type visit struct {
	door    *Door
	client  string
	session string
	version int64
}

// Connected implements broker.Presence: a thing is connected, and whoever
// subscribes is told.
func (d *Door) Connected(ctx context.Context, from broker.Requester) broker.Visit {
	v := &visit{
		door: d, client: from.Client, session: strings.ReplaceAll(uuid.NewString(), "-", ""),
		version: d.visits.next(from.Client, d.engine.Now()),
	}
	address, _, _ := net.SplitHostPort(from.Remote)
	v.note(ctx, fleet.Connection{Connected: true})
	v.announce(ctx, events.Client{Type: events.Connected, Address: address, Version: &v.version})
	return v
}

// Disconnected implements broker.Visit.
func (v *visit) Disconnected(ctx context.Context, why broker.Cause) {
	v.door.visits.ended(v.client, v.version, v.door.engine.Now())
	reason, initiated := reasonOf(why), why == broker.ClientInitiated
	v.note(ctx, fleet.Connection{Reason: reason})
	v.announce(ctx, events.Client{Type: events.Disconnected, Initiated: &initiated, Reason: reason, Version: &v.version})
}

// Subscribed implements broker.Visit.
func (v *visit) Subscribed(ctx context.Context, filters []string) {
	v.announce(ctx, events.Client{Type: events.Subscribed, Topics: filters})
}

// Unsubscribed implements broker.Visit.
func (v *visit) Unsubscribed(ctx context.Context, filters []string) {
	v.announce(ctx, events.Client{Type: events.Unsubscribed, Topics: filters})
}

// reasonOf is a cause in the words of the protocol, which has none for a client
// that does not read.
func reasonOf(why broker.Cause) string {
	if why == broker.SlowReader {
		why = broker.ClientError
	}
	return why.String()
}

// note has the thing of that name connected or not, as of now.
func (v *visit) note(ctx context.Context, c fleet.Connection) {
	c.At = v.door.engine.Now()
	if err := v.door.engine.Connected(ctx, v.client, c); err != nil {
		v.door.log.Error("note a connection", "client", v.client, "err", err)
	}
}

// announce publishes an event, if anybody is to hear it. A client whose id cannot
// stand in a topic has none.
func (v *visit) announce(ctx context.Context, e events.Client) {
	topic := events.ClientTopic(e.Type, v.client)
	if !mqtt.ValidTopic(topic) || !answerable(topic) || !v.door.heard(topic) {
		return
	}
	e.ID, e.Timestamp, e.Session, e.Principal = v.client, v.door.engine.Now().UnixMilli(), v.session, principal
	payload, err := awsapi.Encode(e)
	if err == nil {
		err = v.door.say(ctx, []mqtt.Message{{Topic: topic, Payload: payload}})
	}
	if err != nil {
		v.door.log.Error("announce an event", "client", v.client, "err", err)
	}
}

// heard tells whether a message to topic would reach a session, now or later.
func (d *Door) heard(topic string) bool {
	p := d.publisher.Load()
	return p != nil && (*p).Subscribed(topic)
}
