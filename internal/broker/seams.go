package broker

import (
	"context"
	"iter"

	"github.com/drover-iot/drover/internal/mqtt"
)

// Sessions keeps what survives the process: sessions, the messages stored for
// them, and retained messages. The stores have it. Methods are called by many
// goroutines at once; calls for one session's connection do not overlap, but
// Enqueue for its client may run beside them.
type Sessions interface {
	// Sessions are all stored sessions, once, at start.
	Sessions(ctx context.Context) iter.Seq2[mqtt.Session, error]
	// SaveSession writes s whole, new or changed; durable on return, which is
	// before SUBACK. It leaves the messages stored for it alone.
	SaveSession(ctx context.Context, s mqtt.Session) error
	// DropSession forgets the session and its messages; no error if there is
	// none. Durable on return.
	DropSession(ctx context.Context, client string) error
	// Enqueue stores m once, and its place at the end of each client's queue;
	// durable on return, which is before PUBACK. A client without a session is
	// skipped. The store holds the queue limit: beyond it, the oldest message
	// of that client that it was not Sent is dropped. m.Retain is the flag the client is to see.
	Enqueue(ctx context.Context, m mqtt.Message, clients []string) error
	// EnqueueAll is Enqueue for messages in order and in one commit, which also
	// notes that whatever they tell of is told, up to the number that their
	// sender gave it.
	EnqueueAll(ctx context.Context, posts []mqtt.Post, told int64) error
	// Stored are the first n messages of the client with a Seq over after, in
	// order. What was Acked may still be among them until the next commit.
	Stored(ctx context.Context, client string, after int64, n int) ([]mqtt.Stored, error)
	// Sent says that the client is about to get its messages up to seq, which
	// are not to be dropped before they are Acked. It does not wait.
	Sent(client string, seq int64)
	// Acked says that the client has the message. It does not wait.
	Acked(client string, seq int64)
	// Retain keeps m as its topic's retained message; one with an empty
	// payload removes it. Durable on return.
	Retain(ctx context.Context, m mqtt.Message) error
	// Retained is the topic's retained message; without one, a zero Message or
	// an error of kind fault.NotFound.
	Retained(ctx context.Context, topic string) (mqtt.Message, error)
}

// Requests executes what is published to a topic whose rule says [Request].
type Requests interface {
	// Begin takes a request and submits what it writes. It is called in the
	// order in which a connection sent its requests, and must not wait.
	// m.Payload may be kept. Nil stands for an empty Reply. Under QoS 1 the
	// PUBACK leaves just before the answer. The request's Correlation Data is
	// copied to messages without Props.
	Begin(from Requester, m mqtt.Message) Begun
}

// Begun is a request that was begun.
type Begun interface {
	// Then has ready called, by whoever knows, once Finish waits for no commit
	// any more; maybe at once. Ready does not wait. It is false if nobody will
	// know, as Finish does the work: ready is then not called. It is called once
	// at most, before Finish.
	Then(ready func()) bool
	// Waits tells, once ready is called, whether Finish has something else to
	// wait for. It must not wait itself.
	Waits() bool
	// Finish waits for the commit, if need be, and returns the answer. It is
	// called once, in the order of Begin, maybe after the connection is gone.
	Finish(context.Context) Reply
}

// FinishFunc is a request whose work is done when it is finished.
type FinishFunc func(context.Context) Reply

// Then implements Begun.
func (FinishFunc) Then(func()) bool { return false }

// Waits implements Begun.
func (FinishFunc) Waits() bool { return true }

// Finish implements Begun.
func (f FinishFunc) Finish(ctx context.Context) Reply { return f(ctx) }

// Reply is the answer to a request. Its messages go to the requester alone,
// subscribed or not, at most at the request's QoS and that of a subscription
// which matches.
// spec: device-api.md#22-subscriptions-and-what-reaches-them
type Reply struct {
	Messages []mqtt.Message
	// After, if not nil, is called when the messages were handed to the
	// connection, or the connection is gone.
	After func()
	// Err is why what the request has to tell others could not be stored: it is
	// then not acknowledged, like any message that is not kept.
	Err error
}

// Requester is who sends a request; zero when it came over HTTPS.
type Requester struct {
	Client  string
	Version byte   // mqtt.V311 or mqtt.V5
	Remote  string // address and port
}

// Debts tells what a persistent session is owed on topics of Config.Unqueued.
// spec: device-api.md#71-payloads
type Debts interface {
	// Owed are the messages that the client is owed now, for what happened
	// after upTo, 0 for all; seen is the upTo of what they cover. It is asked
	// for each resumed session, when the messages stored for it are sent, and
	// again if Deliver had something for it meanwhile.
	Owed(ctx context.Context, client string, upTo int64) (owed []mqtt.Message, seen int64, err error)
	// Paid says that the client of a persistent session has m: at its PUBACK,
	// at QoS 0 when it was handed over. It must not wait.
	Paid(client string, m mqtt.Message)
}

// Presence is told who connects. It is called on the connection's reader, which
// takes nothing of the client before it returns.
type Presence interface {
	// Connected tells that a client was told that it is connected. Of one client
	// the visits follow each other: the next begins when the one before was told
	// that it has ended.
	Connected(ctx context.Context, from Requester) Visit
}

// Visit is told what becomes of a connection. Its methods are called one after
// the other, and hold up what the connection does next.
type Visit interface {
	// Subscribed names the filters that were granted.
	Subscribed(ctx context.Context, filters []string)
	// Unsubscribed names the filters that were subscriptions.
	Unsubscribed(ctx context.Context, filters []string)
	// Disconnected tells that the connection has ended. It is the last call.
	Disconnected(ctx context.Context, why Cause)
}
