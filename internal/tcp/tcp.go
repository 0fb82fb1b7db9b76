// Package tcp is what servers want of TCP sockets and package net does not
// give: to try one without waiting, and to bound what the system keeps of it.
// It is for those who serve connections. Begin with [TryRead]. It has no
// goroutines and no state.
package tcp

import (
	"io"
	"net"
	"syscall"
	"time"
)

// Lull is how long after a server's last call a connection must be silent to
// be at rest: what was sent before may be on its way through the system.
const Lull = 50 * time.Millisecond

// buffer bounds what the system keeps of a connection each way, in bytes. Left
// to itself, it takes megabytes for a peer that does not read.
const buffer = 64 << 10

// Most is how many bytes a bounded connection may have for us to read, at most:
// some systems keep twice what they are asked for.
const Most = 2 * buffer

// Bound bounds what the system keeps of a connection.
func Bound(nc *net.TCPConn) {
	_ = nc.SetWriteBuffer(buffer) // if it fails, the system's is used
	_ = nc.SetReadBuffer(buffer)
}

// Left reads what has come in already, without waiting. Nothing is the error
// none; the end of the stream is io.EOF.
func Left(raw syscall.RawConn, p []byte, none error) (n int, err error) {
	done := false
	control := raw.Control(func(fd uintptr) { n, done, err = TryRead(fd, p) })
	switch {
	case control != nil:
		return 0, control
	case !done:
		return 0, none
	case err == nil && n == 0:
		return 0, io.EOF
	default:
		return n, err
	}
}
