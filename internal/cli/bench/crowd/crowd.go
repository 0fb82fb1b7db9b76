// Package crowd is MQTT clients that behave badly, all at once: they do not
// read, stop in the middle of a packet, send a byte a second, never
// acknowledge, come under the same client id, leave wills behind. It is for
// measuring and testing what such clients cost those who behave.
//
// Begin with [Gather]. A client is a goroutine, and one more where it reads;
// who is cut comes back a second later, until [Crowd.Close]. Each is slow, not a
// flood: it sends a request a second at most.
//
// What must stay out: anything that a node has to answer in time.
package crowd

import (
	"context"
	"fmt"
	"net"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/drover-iot/drover/internal/clock"
)

// Config is which crowd gathers.
type Config struct {
	// Addr is where the node listens for MQTT, as HOST:PORT.
	Addr string
	// Size is how many clients there are, about equal parts of each kind.
	Size int
	// Slow leaves out those who make a node work: all are only slow.
	Slow bool
	// Busy is a filter of topics on which much is published, for those who
	// subscribe and do not read or acknowledge it.
	Busy string
}

// Crowd is clients at work.
type Crowd struct {
	cfg    Config
	kinds  []kind
	wishes []byte // a SUBSCRIBE for very many filters; to make it costs more than to send it
	cancel context.CancelFunc
	wg     sync.WaitGroup
	visits atomic.Int64
}

// Gather begins a crowd; it does not wait until all are there.
func Gather(ctx context.Context, cfg Config) *Crowd {
	c := &Crowd{cfg: cfg, kinds: kinds(cfg.Slow), wishes: tooManyWishes()}
	ctx, c.cancel = context.WithCancel(ctx)
	for i := range cfg.Size {
		c.wg.Go(func() { c.haunt(ctx, i) })
	}
	return c
}

// Close sends all away and waits until they are gone.
func (c *Crowd) Close() {
	c.cancel()
	c.wg.Wait()
}

// Visits is how many connections were opened.
func (c *Crowd) Visits() int64 { return c.visits.Load() }

// Kinds are the words for what the clients do, in the order of their numbers.
func Kinds() []string {
	var words []string
	for _, k := range kinds(false) {
		words = append(words, k.word)
	}
	return words
}

// between is how long a client waits before it comes again.
const between = time.Second

// haunt comes again and again as client i.
func (c *Crowd) haunt(ctx context.Context, i int) {
	k := c.kinds[i%len(c.kinds)]
	_ = clock.Rest(ctx, c.moment(i))
	for first := true; ctx.Err() == nil; first = false {
		if !first {
			_ = clock.Rest(ctx, between)
		}
		if nc, err := c.dial(ctx, i); err == nil { // else there is no room
			c.visits.Add(1)
			v := &visit{ctx: ctx, nc: nc, number: i, crowd: c}
			v.pay(k)
		}
	}
}

// moment is when in a second client i comes, and from then on does something:
// strangers keep no common time.
func (c *Crowd) moment(i int) time.Duration {
	const step = 7_919 // a prime: each moment comes once, in no order of the kinds
	return between * time.Duration(i*step%c.cfg.Size) / time.Duration(c.cfg.Size)
}

// dial opens a connection, from one of several addresses where the system has
// them: there are fewer ports than connections and those that have just ended.
func (c *Crowd) dial(ctx context.Context, i int) (net.Conn, error) {
	return Dial(ctx, c.cfg.Addr, i)
}

// Dial opens the i-th of very many connections.
func Dial(ctx context.Context, addr string, i int) (net.Conn, error) {
	d := net.Dialer{Timeout: 10 * time.Second}
	if host, _, err := net.SplitHostPort(addr); err == nil && host == "127.0.0.1" && runtime.GOOS == "linux" {
		d.LocalAddr = &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(1+i%16))}
	}
	nc, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("dial as client %s: %w", strconv.Itoa(i), err)
	}
	return nc, nil
}
