package awsapi

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"

	"github.com/drover-iot/drover/internal/fault"
)

// What request bodies may take in memory.
const (
	freeBody   = 16 << 10 // of one, which counts for nothing
	mostBodies = 64 << 20 // of all together, beyond what is free
)

// bodies is what the bodies of all requests together take in memory.
type bodies struct{ held atomic.Int64 }

// body is a request's body, within the limit of its service.
type body struct {
	io.ReadCloser
	all      *bodies
	declared int64 // by the request; -1: it does not say
	limit    int64
	taken    int64
}

// limited puts limits on the body of r; release gives back what it took.
func (b *bodies) limited(w http.ResponseWriter, r *http.Request, limit int64) (release func()) {
	own := &body{ReadCloser: http.MaxBytesReader(w, r.Body, limit), all: b, declared: r.ContentLength, limit: limit}
	r.Body = own
	return func() { b.held.Add(-own.counted()) }
}

// counted is what the body counts for.
func (b *body) counted() int64 { return max(b.taken-freeBody, 0) }

// Read implements io.Reader. A body that says it is too long is not read, and
// one that is long is not read further while all together take too much.
func (b *body) Read(p []byte) (int, error) {
	switch {
	case b.declared > b.limit:
		return 0, &http.MaxBytesError{Limit: b.limit}
	case b.taken >= freeBody && b.all.held.Load() >= mostBodies:
		return 0, fault.New(fault.Throttled, "Too many large requests at once")
	}
	n, err := b.ReadCloser.Read(p)
	before := b.counted()
	b.taken += int64(n)
	b.all.held.Add(b.counted() - before)
	return n, err
}

// readBody reads a whole body; the Mux has put limits on it.
func readBody(body io.Reader) ([]byte, error) {
	b, err := io.ReadAll(body)
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, fault.Wrap(fault.InvalidRequest, err, fmt.Sprintf("Body is larger than %d bytes", tooLarge.Limit))
	}
	if fault.Is(err, fault.Throttled) {
		return nil, err
	}
	if err != nil {
		return nil, fault.Wrap(fault.InvalidRequest, err, "Body could not be read")
	}
	return b, nil
}
