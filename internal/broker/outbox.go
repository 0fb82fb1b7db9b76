package broker

import (
	"errors"
	"net"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/tcp"
)

// outbox is the one writer of a socket. A write is tried once on the socket
// itself, without waiting; what it does not take is queued, and a goroutine
// that lives only while the queue is not empty writes it out. So nobody who
// sends to a client ever waits for it.
type outbox struct {
	conn    net.Conn
	raw     syscall.RawConn // nil: no attempt, everything is queued
	try     func(fd uintptr) bool
	limit   int           // bytes that may wait
	timeout time.Duration // for the peer to take anything
	owner   owner

	mu       sync.Mutex    // guards what follows, and the order of bytes
	queue    [][]byte      // pieces; the last may have room at its end
	queued   int           // bytes of them
	taken    int           // bytes the flusher took out of the queue and has not written
	room     chan struct{} // closed when little waits; nil: nobody asked
	flushing chan struct{} // closed when the flusher ends; nil: there is none
	shut     bool          // no more writes are taken
	half     bool          // close our direction once all is out

	now       []byte // the argument of an attempt
	done      int    // its results
	attempted error
}

// owner is told how a peer reads.
type owner interface {
	// slow: the peer is given up. It comes once.
	slow(Why)
	// waits: n bytes more wait for the peer, or fewer. It must not wait.
	waits(n int)
	// drained: nothing waits any more.
	drained()
}

// nobody is the owner before there is a connection.
type nobody struct{}

func (nobody) slow(Why) {}

func (nobody) waits(int) {}

func (nobody) drained() {}

// ease is how much may wait for a peer without consequence for it.
const ease = 64 << 10

var errSlow = errors.New("peer does not read")

func newOutbox(nc net.Conn, l Limits) *outbox {
	o := &outbox{conn: nc, limit: l.Outbound, timeout: l.WriteTimeout, owner: nobody{}}
	o.try = func(fd uintptr) bool {
		o.done, o.attempted = tcp.TryWrite(fd, o.now)
		return true
	}
	if sc, ok := nc.(syscall.Conn); ok && tcp.CanTry {
		if raw, err := sc.SyscallConn(); err == nil {
			o.raw = raw
		}
	}
	return o
}

// Write takes all of p or cuts the connection; it does not keep p.
func (o *outbox) Write(p []byte) (int, error) { return o.put(p, o.keepCopy) }

// Share is Write of bytes that nobody changes any more: it may keep them.
func (o *outbox) Share(p []byte) (int, error) {
	return o.put(slices.Clip(p), o.keep) // without room, or keepCopy would fill what others share
}

func (o *outbox) put(p []byte, keep func([]byte)) (int, error) {
	n, err := o.write(p, keep)
	if errors.Is(err, errSlow) {
		o.owner.slow(outboundFull)
	}
	return n, err
}

func (o *outbox) write(p []byte, keep func([]byte)) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.shut {
		return 0, net.ErrClosed
	}
	rest, err := o.attempt(p)
	if err != nil {
		o.drop()
		return 0, err
	}
	if len(rest) == 0 {
		return len(p), nil
	}
	if o.waiting()+len(rest) > o.limit {
		o.drop()
		return 0, errSlow
	}
	keep(rest)
	o.owner.waits(len(rest))
	if o.flushing == nil {
		o.flushing = make(chan struct{})
		go o.flush(o.flushing)
	}
	return len(p), nil
}

// attempt writes what the socket takes at once and returns the rest. While
// something waits, nothing may overtake it.
func (o *outbox) attempt(p []byte) ([]byte, error) {
	if o.raw == nil || o.flushing != nil {
		return p, nil
	}
	o.now, o.done, o.attempted = p, 0, nil
	err := o.raw.Write(o.try)
	o.now = nil
	return p[o.done:], errors.Join(err, o.attempted)
}

// mostRoom is up to what size a piece of the queue has room for more.
const mostRoom = 64 << 10

// keepCopy queues a copy of p. What is queued already is not moved for it: a
// peer that never reads would cost that again and again. A piece is twice as
// large as the one before it, if that was filled: room that is not used counts
// nowhere. It is called under the lock.
func (o *outbox) keepCopy(p []byte) {
	room := 0
	if last := len(o.queue) - 1; last >= 0 {
		piece := o.queue[last]
		n := min(len(p), cap(piece)-len(piece))
		room = min(2*cap(piece), mostRoom)
		o.queue[last] = append(piece, p[:n]...)
		o.queued += n
		p = p[n:]
	}
	if len(p) > 0 {
		o.keep(append(make([]byte, 0, max(len(p), room)), p...))
	}
}

// keep queues p itself. It is called under the lock.
func (o *outbox) keep(p []byte) {
	o.queue = append(o.queue, p)
	o.queued += len(p)
}

// flush writes the queue out.
func (o *outbox) flush(ended chan struct{}) {
	defer close(ended)
	for {
		piece, ok := o.next()
		if !ok {
			o.owner.drained()
			return
		}
		if err := o.push(piece); err != nil {
			o.giveUp(err)
			return
		}
	}
}

// push writes a piece. A peer that takes anything of it in time does read.
func (o *outbox) push(piece []byte) error {
	for len(piece) > 0 {
		o.conn.SetWriteDeadline(clock.Wall().Add(o.timeout))
		n, err := o.conn.Write(piece)
		piece = piece[n:]
		o.took(n)
		if err != nil && (n == 0 || !errors.Is(err, os.ErrDeadlineExceeded)) {
			return err
		}
	}
	return nil
}

// took notes that the peer has n bytes more.
func (o *outbox) took(n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n = min(n, o.taken) // less if the outbox was closed meanwhile
	o.taken -= n
	o.owner.waits(-n)
	if o.waiting() <= ease {
		o.open()
	}
}

// next takes a piece out of the queue; false when it is empty.
func (o *outbox) next() ([]byte, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.queue) == 0 {
		o.conn.SetWriteDeadline(time.Time{})
		o.queue, o.flushing = nil, nil
		if o.half {
			halfClose(o.conn)
		}
		return nil, false
	}
	piece := o.queue[0]
	o.queue[0] = nil
	o.queue = o.queue[1:]
	o.taken = len(piece)
	o.queued -= len(piece)
	return piece, true
}

// giveUp closes the socket after an error of it; a deadline is that of a peer
// who does not read.
func (o *outbox) giveUp(err error) {
	o.mu.Lock()
	first := !o.shut
	o.drop()
	o.mu.Unlock()
	if first && errors.Is(err, os.ErrDeadlineExceeded) {
		o.owner.slow(writeTimeout)
	}
	o.conn.Close()
}

// waiting is how many bytes wait. It is called under the lock.
func (o *outbox) waiting() int { return o.queued + o.taken }

// holds is how many bytes wait.
func (o *outbox) holds() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.waiting()
}

// space is what to wait for until little waits; nil: nothing.
func (o *outbox) space() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.shut || o.waiting() <= ease {
		return nil
	}
	if o.room == nil {
		o.room = make(chan struct{})
	}
	return o.room
}

// open lets go of whoever waits for room. It is called under the lock.
func (o *outbox) open() {
	if o.room != nil {
		close(o.room)
		o.room = nil
	}
}

// drop takes no more writes and drops what waits. It is called under the lock.
func (o *outbox) drop() {
	o.owner.waits(-o.waiting())
	o.shut, o.queue, o.queued, o.taken = true, nil, 0, 0
	o.open()
}

// finish takes no more writes, and ends our direction of the connection when
// all that was taken is out.
func (o *outbox) finish() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.shut = true
	o.open()
	if o.half {
		return
	}
	o.half = true
	if o.flushing == nil {
		halfClose(o.conn)
	}
}

// wait returns when there is no flusher. After shut there will be none.
func (o *outbox) wait() {
	o.mu.Lock()
	ended := o.flushing
	o.mu.Unlock()
	if ended != nil {
		<-ended
	}
}

// close takes no more writes and closes the socket at once.
func (o *outbox) close() {
	o.mu.Lock()
	o.drop()
	o.mu.Unlock()
	o.conn.Close()
}

// halfClose says that nothing more will come. A full close here could make the
// peer lose what it has not read yet.
func halfClose(nc net.Conn) {
	if h, ok := nc.(interface{ CloseWrite() error }); ok {
		_ = h.CloseWrite() // if it fails, the connection has ended already
		return
	}
	nc.Close()
}
