package broker

import (
	"io"
	"sync"
	"syscall"

	"github.com/drover-iot/drover/internal/tcp"
)

// inlet waits for a socket to be readable without a buffer at hand: a chunk is
// borrowed for each attempt to read and given back if there was nothing.
type inlet struct {
	raw  syscall.RawConn // nil: the socket cannot be tried
	try  func(fd uintptr) bool
	pool *sync.Pool // the argument of an attempt

	got *chunk // its results
	n   int
	err error
}

func (i *inlet) await(pool *sync.Pool) (*chunk, int, error) {
	i.pool = pool
	err := i.raw.Read(i.try)
	got, n := i.got, i.n
	i.got, i.pool = nil, nil
	switch {
	case err != nil:
	case i.err != nil:
		err = i.err
	case n == 0:
		err = io.EOF
	default:
		return got, n, nil
	}
	if got != nil {
		pool.Put(got)
	}
	return nil, 0, err
}

// attempt reads what is there; false is nothing.
func (i *inlet) attempt(fd uintptr) bool {
	p := i.pool.Get().(*chunk)
	n, done, err := tcp.TryRead(fd, p[:])
	if !done {
		i.pool.Put(p)
		return false
	}
	i.got, i.n, i.err = p, n, err
	return true
}
