package awsapi

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/fault"
)

// What is still read of a body that was refused, and thrown away: many clients
// read no answer before they have sent everything.
const (
	mostRefused   = 64 << 20
	refusedWithin = 5 * time.Second
)

// body is a request's body, within the limit of its service.
type body struct {
	io.ReadCloser
	answer   http.ResponseWriter
	share    *share
	declared int64 // by the request; -1: it does not say
	limit    int64
	taken    int64
	refused  bool
}

// limited puts limits on the body of r: its own, and the budget of all.
func limited(w http.ResponseWriter, r *http.Request, limit int64, all *budget) *body {
	stop := func() {
		_ = http.NewResponseController(w).SetReadDeadline(clock.Wall()) // if it fails, the next read is refused
	}
	own := &body{ReadCloser: r.Body, answer: w, share: all.share(stop), declared: r.ContentLength, limit: limit}
	r.Body = own
	return own
}

// counted is what the body counts for.
func (b *body) counted() int64 { return max(b.taken-freeBytes, 0) }

// Read implements io.Reader. A body that says it is too long is not read, and
// one that is long is not read further while all together take too much.
func (b *body) Read(p []byte) (int, error) {
	if b.declared > b.limit {
		return 0, b.refuse(&http.MaxBytesError{Limit: b.limit})
	}
	p = p[:min(int64(len(p)), b.limit+1-b.taken)]
	n, err := b.ReadCloser.Read(p)
	before := b.counted()
	b.taken += int64(n)
	switch {
	case b.taken > b.limit:
		return 0, b.refuse(&http.MaxBytesError{Limit: b.limit})
	case b.counted() == 0:
		return n, err
	}
	if full := b.share.grow(b.counted() - before); full != nil {
		return 0, b.refuse(full)
	}
	if err == io.EOF {
		b.share.keep()
	}
	return n, err
}

// refuse ends the connection behind the answer, which does not wait for the
// rest of the body.
func (b *body) refuse(err error) error {
	b.refused = true
	b.answer.Header().Set("Connection", "close")
	_ = http.NewResponseController(b.answer).EnableFullDuplex() // if it cannot be, the answer comes later
	return err
}

// end gives back what the body took, when the request was answered.
func (b *body) end() {
	b.share.end()
	if !b.refused {
		return
	}
	c := http.NewResponseController(b.answer)
	if errors.Join(c.Flush(), c.SetReadDeadline(clock.Wall().Add(refusedWithin))) == nil {
		_, _ = io.CopyN(io.Discard, b.ReadCloser, mostRefused) // the answer has left; that it is read is all that is wanted
	}
}

// readBody reads a whole body; the Mux has put limits on it.
func readBody(body io.Reader) ([]byte, error) {
	b, err := io.ReadAll(body)
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, fault.Wrap(fault.TooLarge, err, fmt.Sprintf("Body is larger than %d bytes", tooLarge.Limit))
	}
	if fault.Is(err, fault.Throttled) {
		return nil, err
	}
	if err != nil {
		return nil, fault.Wrap(fault.InvalidRequest, err, "Body could not be read")
	}
	return b, nil
}
