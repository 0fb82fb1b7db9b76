package store

import (
	"context"
	"iter"

	"github.com/drover-iot/drover/internal/mqtt"
)

// Sessions keeps what the broker must not forget, in the broker's own terms
// (package broker declares the same methods), and what persistent sessions
// are owed.
type Sessions interface {
	// Sessions yields every stored session with its filters.
	Sessions(context.Context) iter.Seq2[mqtt.Session, error]
	// SaveSession stores a session with its filters; durable on return.
	SaveSession(context.Context, mqtt.Session) error
	// DropSession forgets a session, its messages and what it is owed.
	DropSession(ctx context.Context, client string) error
	// Enqueue stores a message once for all the clients, in order of call;
	// beyond Options.QueueLimit a client's oldest are dropped, but for those
	// that it was Sent.
	Enqueue(ctx context.Context, m mqtt.Message, clients []string) error
	// Stored is the next n messages of a client behind sequence after.
	Stored(ctx context.Context, client string, after int64, n int) ([]mqtt.Stored, error)
	// Sent says that the client was sent its messages up to seq. It is
	// remembered until the session is dropped or the process ends.
	Sent(client string, seq int64)
	// Acked forgets a client's message. Next batch, nobody waits.
	Acked(client string, seq int64)
	// Retain keeps the message of its topic; an empty payload removes it.
	Retain(context.Context, mqtt.Message) error
	// Retained is the message kept for that very topic, or NotFound.
	Retained(ctx context.Context, topic string) (mqtt.Message, error)

	// OwedTo is what a session is to be told, the oldest first.
	OwedTo(ctx context.Context, client string) ([]Owed, error)
	// PaidTo takes the row of o's thing and namespace away if it has not
	// changed after o.Seq, unless the session listens to one of the topics
	// whose bits are in unless. Next batch, nobody waits.
	PaidTo(client string, o Owed, unless uint8)
	// OwedSeq is the highest Seq that is committed: a list read after it holds
	// all that rows up to it are about.
	OwedSeq() int64
}
