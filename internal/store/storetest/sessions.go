package storetest

import (
	"cmp"
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/mqtt"
	"github.com/drover-iot/drover/internal/store"
)

// Sessions holds a store to what the broker must not forget.
func Sessions(t *testing.T, fresh Fresh) {
	for _, c := range []struct {
		name string
		test func(*house)
	}{
		{"a session is kept with its filters", keptSession},
		{"a saved session replaces what was there, but for its messages", replacedSession},
		{"a dropped session is forgotten with all that waited for it", droppedSession},
		{"all sessions are found, however many", manySessions},
		{"a retained message is the last of its topic", retainedMessages},
		{"an expired retained message is not there", expiredRetained},
		{"retained messages are listed by topic", listedRetained},
		{"a session listens to what its filters match", listeners},
		{"what is paid is what was owed when the list was read", paid},
		{"what a session does not listen to any more is forgiven", forgiven},
		{"who listens to the notices of a namespace", spacedListeners},
		{"each namespace is paid apart", paidApart},
		{"what a session does not listen to any more is forgiven by namespace", forgivenApart},
		{"the highest sequence owed is known, also after a restart", owedSequence},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(newBroker(t, fresh, 0)) })
	}
	queues(t, fresh)
}

// newBroker opens an empty store with two notices and a limit for queues.
func newBroker(t testing.TB, fresh Fresh, limit int) *house {
	t.Helper()
	h := &house{TB: t, clock: clock.NewVirtual(start)}
	open := fresh(t)
	h.open = func(o store.Options) (store.Store, error) {
		o.Notices = []string{"$aws/things/{}/jobs/notify", "$aws/things/{}/jobs/notify-next"}
		o.Spaced = "-namespace-"
		o.QueueLimit = cmp.Or(o.QueueLimit, limit)
		return open(o)
	}
	h.reopen()
	t.Cleanup(func() { h.must(h.Store.Close()) })
	return h
}

// limited opens the store again with another limit for queues.
func (h *house) limited(limit int) {
	h.Helper()
	open := h.open
	h.open = func(o store.Options) (store.Store, error) {
		o.QueueLimit = limit
		return open(o)
	}
	h.again()
}

// again closes the store and opens it.
func (h *house) again() {
	h.Helper()
	h.must(h.Store.Close())
	h.reopen()
}

// sessions is all sessions.
func (h *house) sessions() (list []mqtt.Session) {
	h.Helper()
	for m, err := range h.Sessions(context.Background()) {
		h.must(err)
		list = append(list, m)
	}
	return list
}

// session saves a session with filters of QoS 1.
func (h *house) session(client string, filters ...string) {
	h.Helper()
	m := mqtt.Session{Client: client, Version: mqtt.V311, Expiry: time.Hour}
	for _, text := range filters {
		m.Filters = append(m.Filters, mqtt.Filter{Text: text, QoS: 1})
	}
	h.must(h.SaveSession(context.Background(), m))
}

func keptSession(h *house) {
	m := mqtt.Session{Client: "ünit/1", Version: mqtt.V5, Expiry: 7 * 24 * time.Hour, Filters: []mqtt.Filter{
		{Text: "$aws/things/T/jobs/notify", QoS: 1, Form: 2, Name: "T"},
		{Text: "$share/g/a/+", QoS: 0},
		{Text: "a/#", QoS: 1, NoLocal: true, AsPublished: true},
	}}
	bare := mqtt.Session{Client: "zero", Version: mqtt.V311}
	h.must(h.SaveSession(context.Background(), m))
	h.must(h.SaveSession(context.Background(), bare))
	h.again()
	h.same(h.sessions(), []mqtt.Session{bare, m})
}

func replacedSession(h *house) {
	h.session("c", "a", "b")
	h.enqueue("1", "c")
	h.session("c", "b", "d")
	h.same(h.sessions(), []mqtt.Session{
		{Client: "c", Version: mqtt.V311, Expiry: time.Hour, Filters: []mqtt.Filter{{Text: "b", QoS: 1}, {Text: "d", QoS: 1}}},
	})
	h.must(h.SaveSession(context.Background(), mqtt.Session{Client: "c", Version: mqtt.V5}))
	h.same(h.sessions(), []mqtt.Session{{Client: "c", Version: mqtt.V5}})
	h.wantStored("c", "1")
}

func droppedSession(h *house) {
	h.session("c", "$aws/things/+/jobs/notify")
	h.session("other")
	h.enqueue("1", "c", "other")
	h.owes("T")
	h.must(h.DropSession(context.Background(), "c"))
	h.must(h.DropSession(context.Background(), "never"))
	h.owes("T")
	h.session("c")
	h.wantStored("c")
	h.wantOwedThings("c")
	h.wantStored("other", "1")
	h.same(len(h.sessions()), 2)
}

func manySessions(h *house) {
	const n = 1201
	for i := range n {
		h.session(fmt.Sprintf("c-%04d", i), "a", "b")
	}
	list := h.sessions()
	h.same(len(list), n)
	for i, m := range list {
		if m.Client != fmt.Sprintf("c-%04d", i) || len(m.Filters) != 2 {
			h.Fatalf("session %d is %+v", i, m)
		}
	}
	for range h.Sessions(context.Background()) {
		break // a reader may have enough
	}
}

var fullMessage = mqtt.Message{
	Topic: "a/ü", Payload: []byte{0, 255, 'x'}, QoS: 1, Expires: time.Date(2100, 1, 1, 0, 0, 1, 5e6, time.UTC),
	Props: &mqtt.Properties{
		Format: new(byte), ContentType: "text/<&>", ResponseTopic: "r", Correlation: []byte{0, 1},
		User: []mqtt.UserProperty{{Name: "b", Value: "1"}, {Name: "a", Value: "2"}, {Name: "b", Value: "3"}},
	},
}

func retainedMessages(h *house) {
	ctx := context.Background()
	h.must(h.Retain(ctx, mqtt.Message{Topic: "a/ü", Payload: []byte("old"), Retain: true}))
	m := fullMessage
	m.Retain = true
	h.must(h.Retain(ctx, m))
	h.must(h.Retain(ctx, mqtt.Message{Topic: "a", Payload: []byte("1"), Retain: true}))
	h.again()
	got, err := h.Retained(ctx, "a/ü")
	h.must(err)
	h.same(got, m)
	h.must(h.Retain(ctx, mqtt.Message{Topic: "a/ü", Retain: true}))
	_, err = h.Retained(ctx, "a/ü")
	h.refused(err, fault.NotFound)
	_, err = h.Retained(ctx, "never")
	h.refused(err, fault.NotFound)
	_, err = h.Retained(ctx, "a")
	h.must(err)
}

func expiredRetained(h *house) {
	ctx := context.Background()
	h.must(h.Retain(ctx, mqtt.Message{Topic: "a", Payload: []byte("1"), Expires: clock.Wall().Add(-time.Second)}))
	_, err := h.Retained(ctx, "a")
	h.refused(err, fault.NotFound)
}

func listedRetained(h *house) {
	ctx := context.Background()
	for _, m := range []mqtt.Message{
		{Topic: "b", Payload: []byte("12"), QoS: 1},
		fullMessage,
		{Topic: "gone", Payload: []byte("1"), Expires: clock.Wall().Add(-time.Second)},
		{Topic: "B", Payload: []byte("1")},
	} {
		h.must(h.Retain(ctx, m))
	}
	var got []store.Retained
	for p := (store.Page{Limit: 2}); ; {
		list, next, err := h.RetainedMessages(ctx, p)
		h.must(err)
		got = append(got, list...)
		if p.After = next; next == "" {
			break
		}
	}
	row := func(topic string, size int, qos byte, expires time.Time) store.Retained {
		return store.Retained{Message: mqtt.Message{Topic: topic, QoS: qos, Retain: true, Expires: expires}, Size: size, ModifiedAt: h.clock.Now()}
	}
	h.same(got, []store.Retained{row("B", 1, 0, time.Time{}), row("a/ü", 3, 1, fullMessage.Expires), row("b", 2, 1, time.Time{})})
	whole, err := h.RetainedMessage(ctx, "a/ü")
	h.must(err)
	want := row("a/ü", 3, 1, fullMessage.Expires)
	want.Payload, want.Props = fullMessage.Payload, fullMessage.Props
	h.same(whole, want)
	for _, topic := range []string{"gone", "never"} {
		_, err = h.RetainedMessage(ctx, topic)
		h.refused(err, fault.NotFound)
	}
}
