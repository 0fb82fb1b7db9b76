package server

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/drover-iot/drover/internal/clock"
)

// webBuffer bounds what the system keeps of an HTTP connection each way. Left
// to itself, it takes megabytes of answers for a peer that does not read.
const webBuffer = 64 << 10

// webListener makes webConns.
type webListener struct{ *net.TCPListener }

func listenWeb(addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	return webListener{l.(*net.TCPListener)}, nil
}

// Accept implements net.Listener.
func (l webListener) Accept() (net.Conn, error) {
	nc, err := l.AcceptTCP()
	if err != nil {
		return nil, err
	}
	_ = nc.SetWriteBuffer(webBuffer) // if it fails, the system's is used
	_ = nc.SetReadBuffer(webBuffer)
	return &webConn{TCPConn: nc}, nil
}

// webConn is an HTTP connection to which the last call can be made: what has
// come in already is still read, and then it ends. A server that shuts down
// would close it unread.
type webConn struct {
	*net.TCPConn

	mu      sync.Mutex // guards what follows, and deadlines
	leaving bool
}

// SetReadDeadline implements net.Conn.
func (c *webConn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.leaving {
		return nil
	}
	return c.TCPConn.SetReadDeadline(t)
}

// SetDeadline implements net.Conn.
func (c *webConn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// lastCall wakes whoever reads.
func (c *webConn) lastCall() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.leaving = true
	_ = c.TCPConn.SetReadDeadline(time.Unix(1, 0)) // if it fails, the connection has ended
}

func (c *webConn) isLeaving() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.leaving
}

// Read implements net.Conn.
func (c *webConn) Read(p []byte) (int, error) {
	n, err := c.TCPConn.Read(p)
	if n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) || !c.isLeaving() {
		return n, err
	}
	return c.left(p)
}

// left reads what has come in already.
func (c *webConn) left(p []byte) (n int, err error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, err
	}
	done := false
	control := raw.Control(func(fd uintptr) { n, done, err = readNow(fd, p) })
	switch {
	case control != nil:
		return 0, control
	case !done, err == nil && n == 0:
		return 0, io.EOF
	case n > 0:
		return n, c.stay()
	default:
		return 0, err
	}
}

// stay takes the last call back while a request is served. The rest of its
// header has to follow soon; when it is there, the server sets the deadline.
func (c *webConn) stay() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.leaving = false
	return c.TCPConn.SetReadDeadline(clock.Wall().Add(lastCall))
}
