// Package device is the door of the device plane: the four Jobs requests and
// those for shadows over MQTT and HTTPS, the notices of what a thing has to do,
// who is connected and what is announced of that, and the rest of iot-data. Each operation is one function behind two encoders,
// so both doors decide alike.
//
// Begin with [Door]. It is the broker's Requests and Debts and the engine's
// Notifier. Its goroutines are those of [Door.Run], which tell listeners;
// every other method runs on its caller's.
//
// What must stay out: rules about jobs, which are the engine's, and sockets.
package device

import (
	"bytes"
	"cmp"
	"context"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/jobsdata"
	"github.com/drover-iot/drover/internal/broker"
	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/engine"
	"github.com/drover-iot/drover/internal/mqtt"
	"github.com/drover-iot/drover/internal/store"
)

// Config is what a Door is made of.
type Config struct {
	Engine   *engine.Engine
	Sessions store.Sessions
	Log      *slog.Logger
	// Limits are the upper ends of members that the node has set.
	Limits awsapi.Limits
	// Spend is asked of each request of Jobs over MQTT, by the name of its
	// operation, whether the quota allows one more; nil if there are none. The
	// error is a fault.Error. Those over HTTPS are asked for by awsapi.Mux.
	Spend func(operation string) error
	// Shadows is how many requests for shadows a connection may have in flight;
	// 0 is any number.
	Shadows int
	// Served is told of each request over MQTT when its answer is ready; it must
	// not block, which would hold up the answers to others. Nil: nobody asks. Those
	// over HTTPS are told by awsapi.Mux.
	Served func(Served)
}

// Door answers devices and tells them what has changed.
type Door struct {
	engine    *engine.Engine
	sessions  store.Sessions
	log       *slog.Logger
	read      *jobsdata.Reader
	limits    awsapi.Limits
	spend     func(operation string) error // may be nil
	documents *documents
	onServed  func(Served)              // may be nil
	publisher atomic.Pointer[Publisher] // nil until Through

	shadowNames shadowNames
	inFlight    *inFlight
	visits      *visits
	told        atomic.Int64 // notices, once for each session
	tellers     [tellers]*teller
	scratches   sync.Pool // of *scratch
}

// Publisher is the broker, as far as the door needs it.
type Publisher interface {
	// Publish stores a message for the persistent sessions that are to get it
	// and sends it to whoever is connected and listens.
	Publish(context.Context, mqtt.Message) error
	// Verdict is what a client's message to a topic comes to.
	Verdict(topic string) broker.Verdict
	// Deliver hands a message to whoever is connected and listens.
	Deliver(mqtt.Message) int
	// Listening tells whether a connected session listens to the topic.
	Listening(topic string) bool
	// Subscribed tells whether a session does, connected or not.
	Subscribed(topic string) bool
}

// New makes a door; notices are told while Run runs, through what Through was
// given.
func New(c Config) *Door {
	d := &Door{
		engine: c.Engine, sessions: c.Sessions, log: c.Log, onServed: c.Served,
		read: jobsdata.NewReader(c.Limits), limits: c.Limits, spend: c.Spend,
		documents: newDocuments(c.Engine), shadowNames: newShadowNames(), visits: newVisits(),
		inFlight: newInFlight(c.Shadows),
	}
	for i := range d.tellers {
		d.tellers[i] = newTeller()
	}
	d.scratches.New = func() any { return new(scratch) }
	return d
}

// Begin implements broker.Requests: it takes a request and submits what it
// writes.
func (d *Door) Begin(from broker.Requester, m mqtt.Message) broker.Begun {
	began := clock.Wall()
	t, ok := parse(m.Topic)
	if !ok {
		if s, ok := parseShadow(m.Topic); ok {
			return d.serveShadowTopic(from, s, m, began)
		}
		return broker.FinishFunc(func(context.Context) broker.Reply {
			d.served(Served{From: from, Service: awsapi.JobsData, Topic: m.Topic, Err: errUnbuilt}, began)
			return d.refuse(m)
		})
	}
	return &asked{d, from, m, t, d.begin(t, m.Payload), began}
}

// answer is what became of a request over MQTT.
type answer struct {
	accepted accepted // nil if there was an error
	err      error
	token    *string // of the request, if it could be read
	changes  []engine.ListChange
}

type accepted interface{ AppendMQTT(dst []byte) []byte }

// begin starts the operation that a topic asks for.
func (d *Door) begin(t topic, payload []byte) begun {
	labels := jobsdata.Topic{Thing: t.thing, Job: t.job, Namespace: t.namespace}
	over := d.over(t.request)
	switch t.request {
	case getPending:
		in, err := d.read.GetPending(labels, payload)
		return run(d.getPending, in, in.ClientToken, cmp.Or(over, err))
	case startNext:
		in, err := d.read.StartNext(labels, payload)
		return run(d.startNext, in, in.ClientToken, cmp.Or(over, err))
	case describe:
		in, err := d.read.Describe(labels, payload)
		return run(d.describe, in, in.ClientToken, cmp.Or(over, t.bad(), err))
	case update:
		in, err := d.read.Update(labels, payload)
		return run(d.update, in, in.ClientToken, cmp.Or(over, t.bad(), err))
	default: // the token is told even so
		in, _ := d.read.GetPending(labels, payload)
		return refused(errNoRequest, in.ClientToken)
	}
}

// over is why a request is one too many, if it is.
func (d *Door) over(r request) error {
	if d.spend == nil || r == unknown {
		return nil
	}
	return d.spend(r.operation())
}

// reply makes the message of an answer. Changes are told when it was handed
// over: the notice reaches the requester after its answer.
// spec: device-api.md#73-order-and-loss
func (d *Door) reply(m mqtt.Message, a answer) broker.Reply {
	suffix, body := accepts, a.accepted
	if a.err != nil {
		suffix, body = rejects, d.rejected(a)
	}
	r := broker.Reply{}
	if to := m.Topic + suffix; answerable(to) {
		r.Messages = []mqtt.Message{{Topic: to, Payload: d.payload(body), QoS: m.QoS}}
	}
	if len(a.changes) > 0 {
		r.After = func() { d.Changed(a.changes) }
	}
	return r
}

// scratch holds most answers.
type scratch [512]byte

// payload is an answer as its bytes, most without room behind them: very many
// are under way at once.
func (d *Door) payload(a accepted) []byte {
	s := d.scratches.Get().(*scratch)
	defer d.scratches.Put(s)
	p := a.AppendMQTT(s[:0])
	if len(p) > len(s) {
		return p
	}
	return bytes.Clone(p)
}
