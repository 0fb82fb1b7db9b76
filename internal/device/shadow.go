package device

import (
	"context"
	"time"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iotdata"
	"github.com/drover-iot/drover/internal/broker"
	"github.com/drover-iot/drover/internal/engine"
	"github.com/drover-iot/drover/internal/fleet/shadow"
	"github.com/drover-iot/drover/internal/mqtt"
)

// serveShadowTopic starts what a shadow's topic asks for. Unlike answers of Jobs
// its messages are ordinary ones, for whoever subscribes: they are published
// before the request is acknowledged, so that none is lost which was.
// spec: device-api.md#13-device-shadows
func (d *Door) serveShadowTopic(from broker.Requester, t shadowTopic, m mqtt.Message, began time.Time) broker.Begun {
	end, err := d.inFlight.take(from)
	wait := d.askShadow(t, m.Payload, err)
	return broker.FinishFunc(func(ctx context.Context) broker.Reply {
		defer end()
		a := wait(ctx)
		said := a.messages
		if a.err != nil {
			said = []mqtt.Message{{Topic: m.Topic + rejects, Payload: iotdata.Rejected(a.err, d.now(), a.token)}}
		}
		r := broker.Reply{Err: d.say(ctx, said)}
		op, _ := shadowOperation(t.verb)
		d.served(Served{From: from, Service: op.Service, Operation: op.Name, Thing: t.thing, Topic: m.Topic, Err: a.err}, began)
		if len(a.changes) > 0 {
			r.After = func() { d.Changed(a.changes) }
		}
		return r
	})
}

// shadowAnswer is what became of a request for a shadow.
type shadowAnswer struct {
	body     []byte         // for HTTPS
	messages []mqtt.Message // for all who listen
	err      error
	token    string // of the request, if it could be read
	changes  []engine.ListChange
}

// askShadow starts the operation of a request over MQTT, unless it is refused
// already.
func (d *Door) askShadow(t shadowTopic, payload []byte, err error) func(context.Context) shadowAnswer {
	if err == nil {
		err = d.shadowNames.check(t)
	}
	var u shadow.Update
	if t.verb == "update" && err == nil {
		u, err = shadow.Parse(payload)
	} else { // the token is told even so
		var unread error
		u.Token, unread = shadow.ParseToken(payload)
		if err == nil {
			err = unread
		}
	}
	if err != nil {
		return func(context.Context) shadowAnswer { return shadowAnswer{err: err, token: u.Token} }
	}
	switch t.verb {
	case "update":
		return d.updateShadow(t.thing, t.name, u)
	case "delete":
		return d.deleteShadow(t.thing, t.name, u.Token)
	default:
		return d.getShadow(t.thing, t.name, u.Token)
	}
}

// getShadow reads a shadow when it is its turn.
func (d *Door) getShadow(thing, name, token string) func(context.Context) shadowAnswer {
	return func(ctx context.Context) shadowAnswer {
		s, err := d.engine.Shadow(ctx, thing, name)
		if err != nil {
			return shadowAnswer{err: err, token: token}
		}
		body := iotdata.Shown(s, d.now(), token)
		return shadowAnswer{body: body, messages: []mqtt.Message{{Topic: iotdata.ShadowTopic(thing, name) + "get" + accepts, Payload: body}}}
	}
}

// updateShadow submits an update, and tells of it: what was accepted, what is
// still to be done, and what has become of the document.
func (d *Door) updateShadow(thing, name string, u shadow.Update) func(context.Context) shadowAnswer {
	submitted := d.engine.UpdateShadow(thing, name, u)
	return func(ctx context.Context) shadowAnswer {
		done, changes, err := submitted.Wait(ctx)
		if err != nil {
			return shadowAnswer{err: err, token: u.Token}
		}
		topic, now := iotdata.ShadowTopic(thing, name)+"update", d.now()
		a := shadowAnswer{body: iotdata.Accepted(u, done.After, now), changes: changes}
		a.messages = []mqtt.Message{{Topic: topic + accepts, Payload: a.body}}
		if delta := iotdata.Delta(done.After, now, u.Token); delta != nil {
			a.messages = append(a.messages, mqtt.Message{Topic: topic + "/delta", Payload: delta})
		}
		documents := iotdata.Documents(done.Before, done.After, now, u.Token)
		a.messages = append(a.messages, mqtt.Message{Topic: topic + "/documents", Payload: documents})
		return a
	}
}

// deleteShadow submits a deletion.
func (d *Door) deleteShadow(thing, name, token string) func(context.Context) shadowAnswer {
	submitted := d.engine.DeleteShadow(thing, name)
	return func(ctx context.Context) shadowAnswer {
		done, changes, err := submitted.Wait(ctx)
		if err != nil {
			return shadowAnswer{err: err, token: token}
		}
		body := iotdata.Deleted(done.After, d.now(), token)
		return shadowAnswer{
			body: body, changes: changes,
			messages: []mqtt.Message{{Topic: iotdata.ShadowTopic(thing, name) + "delete" + accepts, Payload: body}},
		}
	}
}

// say publishes messages at QoS 1, in order. One whose topic could not be
// subscribed to either is not sent.
func (d *Door) say(ctx context.Context, messages []mqtt.Message) error {
	p := d.publisher.Load()
	if p == nil {
		return nil
	}
	for _, m := range messages {
		m.QoS = 1
		if !answerable(m.Topic) {
			continue
		}
		if err := (*p).Publish(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// shadowRoutes are the HTTPS twins of the requests for shadows.
func (d *Door) shadowRoutes() []awsapi.Route {
	return []awsapi.Route{
		awsapi.Handle(iotdata.GetThingShadow, d.serveGetShadow),
		awsapi.Handle(iotdata.UpdateThingShadow, d.serveUpdateShadow),
		awsapi.Handle(iotdata.DeleteThingShadow, d.serveDeleteShadow),
		awsapi.Handle(iotdata.ListNamedShadowsForThing, d.listNamedShadows),
	}
}

// serveGetShadow tells nobody but who asks.
func (d *Door) serveGetShadow(ctx context.Context, in *iotdata.GetThingShadowRequest) (*iotdata.Payload, error) {
	a := d.getShadow(in.ThingName, in.ShadowName, "")(ctx)
	return (*iotdata.Payload)(&a.body), a.err
}

func (d *Door) serveUpdateShadow(ctx context.Context, in *iotdata.UpdateThingShadowRequest) (*iotdata.Payload, error) {
	u, err := shadow.Parse(in.Payload)
	if err != nil {
		return nil, err
	}
	return d.serveShadow(ctx, d.updateShadow(in.ThingName, in.ShadowName, u)(ctx))
}

func (d *Door) serveDeleteShadow(ctx context.Context, in *iotdata.DeleteThingShadowRequest) (*iotdata.Payload, error) {
	return d.serveShadow(ctx, d.deleteShadow(in.ThingName, in.ShadowName, "")(ctx))
}

// serveShadow tells all who listen of a change that came over HTTPS; an error
// is told to nobody but who made it.
func (d *Door) serveShadow(ctx context.Context, a shadowAnswer) (*iotdata.Payload, error) {
	if a.err != nil {
		return nil, a.err
	}
	if err := d.say(ctx, a.messages); err != nil {
		return nil, err
	}
	d.Changed(a.changes)
	return (*iotdata.Payload)(&a.body), nil
}

func (d *Door) listNamedShadows(ctx context.Context, in *iotdata.ListNamedShadowsForThingRequest) (*iotdata.NamedShadowsAnswer, error) {
	p, err := awsapi.Listing{Operation: iotdata.ListNamedShadowsForThing, Filters: []string{in.ThingName}}.Open(in.NextToken, in.PageSize)
	if err != nil {
		return nil, err
	}
	names, cursor, err := d.engine.NamedShadows(ctx, in.ThingName, storePage(p))
	if err != nil {
		return nil, err
	}
	out := &iotdata.NamedShadowsAnswer{Results: names, Timestamp: d.now()}
	out.NextToken, err = p.NextAt(string(cursor))
	return out, err
}
