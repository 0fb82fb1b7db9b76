package server

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/tcp"
)

// restOfHeader is how long the rest of a header may take after the last call.
const restOfHeader = time.Second

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
	tcp.Bound(nc)
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

// lastCall lets whoever reads have what comes within a moment.
func (c *webConn) lastCall() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.leaving = true
	_ = c.TCPConn.SetReadDeadline(clock.Wall().Add(tcp.Lull)) // if it fails, the connection has ended
}

func (c *webConn) isLeaving() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.leaving
}

// Read implements net.Conn.
func (c *webConn) Read(p []byte) (int, error) {
	n, err := c.TCPConn.Read(p)
	if !c.isLeaving() {
		return n, err
	}
	if n == 0 && errors.Is(err, os.ErrDeadlineExceeded) {
		n, err = c.left(p)
	}
	if n > 0 {
		c.stay(restOfHeader)
	}
	return n, err
}

// left reads what has come in already.
func (c *webConn) left(p []byte) (n int, err error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, err
	}
	return tcp.Left(raw, p, io.EOF)
}

// stay takes the last call back, if it was made: there is a request. What is
// read next has to come within d, unless the server says otherwise.
func (c *webConn) stay(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.leaving {
		c.leaving = false
		_ = c.TCPConn.SetReadDeadline(clock.Wall().Add(d)) // if it fails, the connection has ended
	}
}
