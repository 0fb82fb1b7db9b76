package broker

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/tcp"
)

// transport carries a connection's bytes.
type transport interface {
	io.Reader
	// Await waits for bytes and reads the first of them into a chunk of the
	// pool. While it waits it holds none, if the transport can do that, or
	// reads a single byte. The caller gives the chunk back.
	Await(pool *sync.Pool) (*chunk, int, error)
	// Write takes all of p without waiting, or fails; it does not keep p.
	io.Writer
	// Share is Write of bytes that nobody changes any more: it may keep them.
	Share(p []byte) (int, error)
	// Own says who is to be told how the peer reads, before the first Write.
	Own(owner)
	// Queued is how many bytes wait for the peer to read.
	Queued() int
	// Space is what to wait for until few do; nil: nothing.
	Space() <-chan struct{}
	// Finish takes no more writes; what was taken still leaves.
	Finish()
	// LastCall lets Read wait until from and then return what has come in
	// already, but not after until and no more than can have come in; then
	// errLastCall.
	LastCall(from, until time.Time)
	// Wake makes a Read that waits return.
	Wake()
	// Linger waits for the peer to end, for a moment, and closes. Only the
	// reader calls it.
	Linger()
	// Close ends both directions at once.
	Close()
	// Remote is the peer's address.
	Remote() string
}

// lingerTime is how long a peer that was sent away may take to read why.
const lingerTime = time.Second

// chunk is what is read of a socket at once.
type chunk [readBuffer]byte

// socket is the transport of plain TCP.
type socket struct {
	net.Conn
	out *outbox
	in  inlet

	until atomic.Int64 // of the last call, in Unix nanoseconds; 0: there was none
	late  int          // bytes that were read after it; of the reader alone
}

func newSocket(nc net.Conn, l Limits) *socket {
	if plain, ok := nc.(*net.TCPConn); ok {
		tcp.Bound(plain)
	}
	s := &socket{Conn: nc, out: newOutbox(nc, l)}
	s.in.raw = s.out.raw
	s.in.try = s.in.attempt
	return s
}

// Await implements transport.
func (s *socket) Await(pool *sync.Pool) (*chunk, int, error) {
	if s.in.raw == nil {
		return awaitByte(s.Conn, pool)
	}
	p, n, err := s.in.await(pool)
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		return p, n, err
	}
	p = pool.Get().(*chunk)
	if n, err = s.left(p[:]); err != nil {
		pool.Put(p)
		return nil, 0, err
	}
	return p, n, nil
}

// Read implements transport.
func (s *socket) Read(p []byte) (int, error) {
	n, err := s.Conn.Read(p)
	if n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		return n, err
	}
	return s.left(p)
}

// errLastCall is the end of what has come in before the last call.
var errLastCall = errors.New("nothing is read any more")

// left reads what has come in, after the last call.
func (s *socket) left(p []byte) (n int, err error) {
	until := s.until.Load()
	switch {
	case until == 0:
		return 0, os.ErrDeadlineExceeded
	case s.out.raw == nil, s.late >= tcp.Most, clock.Wall().UnixNano() > until:
		return 0, errLastCall
	}
	n, err = tcp.Left(s.out.raw, p, errLastCall)
	s.late += n
	return n, err
}

// awaitByte waits in a read of one byte.
func awaitByte(r io.Reader, pool *sync.Pool) (*chunk, int, error) {
	var first [1]byte
	if _, err := io.ReadFull(r, first[:]); err != nil {
		return nil, 0, err
	}
	p := pool.Get().(*chunk)
	p[0] = first[0]
	return p, 1, nil
}

// Write implements transport.
func (s *socket) Write(p []byte) (int, error) { return s.out.Write(p) }

// Share implements transport.
func (s *socket) Share(p []byte) (int, error) { return s.out.Share(p) }

// Own implements transport.
func (s *socket) Own(by owner) { s.out.owner = by }

// Queued implements transport.
func (s *socket) Queued() int { return s.out.holds() }

// Space implements transport.
func (s *socket) Space() <-chan struct{} { return s.out.space() }

// Finish implements transport.
func (s *socket) Finish() { s.out.finish() }

// LastCall implements transport.
func (s *socket) LastCall(from, until time.Time) {
	s.until.Store(until.UnixNano())
	s.Conn.SetReadDeadline(from)
}

// Wake implements transport.
func (s *socket) Wake() { s.Conn.SetReadDeadline(time.Unix(1, 0)) }

// Linger implements transport.
func (s *socket) Linger() {
	late := time.AfterFunc(s.out.timeout, s.out.close)
	defer late.Stop()
	s.out.finish()
	s.out.wait()
	s.Conn.SetReadDeadline(clock.Wall().Add(lingerTime))
	_, _ = io.Copy(io.Discard, io.LimitReader(s.Conn, 1<<20)) // until it ends, in whatever way
	s.Conn.Close()
}

// Close implements transport.
func (s *socket) Close() { s.out.close() }

// Remote implements transport.
func (s *socket) Remote() string { return s.Conn.RemoteAddr().String() }
