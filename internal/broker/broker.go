// Package broker is Drover's MQTT broker: MQTT 3.1.1 and 5 over TCP and
// WebSocket, with AWS IoT's rules and two promises more: what was acknowledged
// survives a kill, and a connection at rest costs less than 10 KiB. It knows
// topics as strings and nothing of Jobs: its [Config] says which topics are
// requests, and to whom they go.
//
// Begin with [New], then [Broker.Serve] a listener; [Broker.Shutdown] ends it.
//
// # The way of a packet
//
// A connection's reader decodes a packet and makes a step of it. Steps take
// effect one after the other, in the connection's line; what they send (PUBACK,
// answers) leaves in that order. The reader goes on meanwhile, up to
// [Limits.InFlight] steps. A request is begun by the reader, so that the writes
// of many requests share a commit, and finished by its step.
//
// # Goroutines
//
//   - a reader for each connection, parked without a buffer while the peer is
//     silent; it also takes the connection down;
//   - a worker for each connection, only while it is at steps that may wait, and
//     a few that wait for the next;
//   - a few more for all steps that wait for nothing, such as the answer to a
//     request whose commit is known: see answers;
//   - a flusher for each connection, only while its socket takes no more;
//   - a few feeders, only while something is stored that the client of a
//     persistent session has room for; they take these sessions in turns;
//   - one for each call of Serve; timers for keep alive, expiry and wills;
//   - one that cuts the connections that hold most, only while too much is held;
//   - one that waits for all of these, while Shutdown runs.
//
// Nobody who publishes, answers or delivers waits for a socket: what a peer
// does not read goes to a bounded queue, and a full one cuts the connection.
//
// # Locks
//
// Broker.mu guards the registry of sessions and connections; index.mu the
// subscriptions; session.mu one session's sending; feeders.mu the sessions that
// wait for a feeder; line.mu one connection's steps; answers.mu the connections
// that wait to answer. They are never held while waiting for the store, and
// taken in this order: Broker.mu, index.mu, session.mu, feeders.mu, line.mu,
// answers.mu.
//
// What must stay out: payloads' meaning, policies, and any topic by name.
package broker

import (
	"bufio"
	"bytes"
	"container/list"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/mqtt"
)

// Config is what a broker is made of.
type Config struct {
	// Sessions keeps what must survive; required.
	Sessions Sessions
	// Requests executes requests; needed if Reserved has any.
	Requests Requests
	// Debts tells what persistent sessions are owed on Unqueued topics; nil:
	// nothing.
	Debts Debts
	// Presence is told who connects; nil: nobody is.
	Presence Presence
	// Reserved are the topics below $ that a client may publish to; any other
	// is a violation. The first rule that fits decides.
	Reserved []Rule
	// Forms are filters with one hole that very many clients subscribe to, see
	// [mqtt.Forms]. Their order is stored.
	Forms []string
	// Unqueued are filters of topics whose messages are never stored.
	Unqueued []string
	// Origins are the hosts whose web pages may connect over WebSocket beside
	// our own, as patterns of path.Match. Clients that are no browsers send none.
	Origins []string
	// Limits bound what a client may do; the zero value means all defaults.
	Limits Limits
	// Now is what the rates among the limits are counted by; nil: real time.
	Now func() time.Time
	// Log gets what happens; nil: nothing is logged.
	Log *slog.Logger
}

// Broker is a running broker.
type Broker struct {
	cfg      Config
	limits   Limits
	log      *slog.Logger
	forms    mqtt.Forms
	index    *index
	stats    counters
	held     held
	connects pace // of Limits.Connects
	workers  workers
	answers  answers
	feeders  feeders
	readers  sync.Pool // of *bufio.Reader
	chunks   sync.Pool // of *chunk
	buffers  sync.Pool // of *bytes.Buffer
	wg       sync.WaitGroup

	// ctx is of whatever waits for the store; it ends when Shutdown does, or
	// cuts. It is stored because no caller could hand one in: packets, timers
	// and feeders begin that work, and some of it outlives its connection.
	ctx    context.Context
	cancel context.CancelFunc

	relieving atomic.Bool // see relieve

	mu        sync.Mutex // guards what follows
	sessions  map[string]*session
	conns     map[*conn]struct{}
	strangers list.List // of the *conn that have not said who they are, the oldest first
	listeners map[net.Listener]struct{}
	stopping  bool
}

const readBuffer = 2048

// New makes a broker and restores the sessions that cfg.Sessions has.
func New(ctx context.Context, cfg Config) (*Broker, error) {
	forms, err := cfg.validate()
	if err != nil {
		return nil, fmt.Errorf("broker configuration: %w", err)
	}
	b := &Broker{
		cfg: cfg, limits: cfg.Limits.withDefaults(), log: cfg.Log, forms: forms, index: newIndex(forms),
		sessions: map[string]*session{}, conns: map[*conn]struct{}{}, listeners: map[net.Listener]struct{}{},
	}
	if b.cfg.Now == nil {
		b.cfg.Now = clock.Wall
	}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	b.held.limit, b.held.over = int64(b.limits.Held), b.relieve
	b.readers.New = func() any { return bufio.NewReaderSize(nil, readBuffer) }
	b.chunks.New = func() any { return new(chunk) }
	b.buffers.New = func() any { return new(bytes.Buffer) }
	b.ctx, b.cancel = context.WithCancel(context.WithoutCancel(ctx))
	b.answers.workers = &b.workers
	b.workers.waiting, b.workers.end = make(chan duty), b.ctx.Done()
	if err := b.restore(ctx); err != nil {
		b.cancel()
		return nil, fmt.Errorf("restore sessions: %w", err)
	}
	return b, nil
}

func (cfg Config) validate() (mqtt.Forms, error) {
	if cfg.Sessions == nil {
		return mqtt.Forms{}, errors.New("no Sessions to keep what must survive")
	}
	for _, r := range cfg.Reserved {
		if !mqtt.Reserved(r.Pattern) {
			return mqtt.Forms{}, fmt.Errorf("rule %q: not below $", r.Pattern)
		}
		if r.Verdict == Request && cfg.Requests == nil {
			return mqtt.Forms{}, errors.New("requests without Requests")
		}
	}
	for _, f := range cfg.Unqueued {
		if !mqtt.ValidFilter(f) {
			return mqtt.Forms{}, fmt.Errorf("unqueued %q: not a filter", f)
		}
	}
	return mqtt.NewForms(cfg.Forms)
}

// restore brings back the stored sessions. Their expiry counts from now.
func (b *Broker) restore(ctx context.Context) error {
	for stored, err := range b.cfg.Sessions.Sessions(ctx) {
		if err != nil {
			return err
		}
		s := newSession(stored.Client, stored.Version, stored.Expiry)
		s.kept = true
		s.unsure = b.limits.InFlight
		for _, f := range stored.Filters {
			b.index.add(s, f)
		}
		b.sessions[s.client] = s
		b.expireLater(s)
	}
	return nil
}

// later runs f after d, unless the broker stops before.
func (b *Broker) later(d time.Duration, f func()) *time.Timer {
	return time.AfterFunc(d, func() {
		b.mu.Lock()
		if b.stopping {
			b.mu.Unlock()
			return
		}
		b.wg.Add(1)
		b.mu.Unlock()
		defer b.wg.Done()
		f()
	})
}

const keptBuffer = 160 << 10 // that of the longest packet

func (b *Broker) buffer() *bytes.Buffer { return b.buffers.Get().(*bytes.Buffer) }

func (b *Broker) release(buf *bytes.Buffer) {
	if buf.Cap() <= keptBuffer {
		buf.Reset()
		b.buffers.Put(buf)
	}
}
