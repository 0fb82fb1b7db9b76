package s3

import (
	"container/list"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/drover-iot/drover/internal/artifact"
	"github.com/drover-iot/drover/internal/clock"
)

// A body has to move on by step bytes, or to its end, within moveWithin. While
// there are as many as there may be, the one that has not moved for longest makes
// room, if that is over patience.
const (
	step       = 64 << 10
	moveWithin = time.Minute
	patience   = 5 * time.Second
)

// streams are the bodies that come or go.
type streams struct {
	most   int
	moving func(*http.Request)

	mu    sync.Mutex // guards what follows, and the streams
	lines list.List  // of *stream, those first that have not moved for longest
}

// stream is one of them.
type stream struct {
	of    *streams
	w     *http.ResponseController
	r     *http.Request
	place *list.Element // nil: it has ended, or was cut
	moved time.Time
	bytes int // since then
}

// open begins a stream, if there is room.
func (s *streams) open(w http.ResponseWriter, r *http.Request) (*stream, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lines.Len() >= s.most && !s.makeRoom() {
		return nil, slowDown()
	}
	own := &stream{of: s, w: http.NewResponseController(w), r: r}
	own.place = s.lines.PushBack(own)
	own.extend()
	return own, nil
}

// count is how many there are.
func (s *streams) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lines.Len()
}

// makeRoom cuts the stream that has not moved for longest, if it stalls.
func (s *streams) makeRoom() bool {
	first := s.lines.Front()
	if first == nil {
		return false
	}
	oldest := first.Value.(*stream)
	if clock.Wall().Sub(oldest.moved) < patience {
		return false
	}
	oldest.end()
	_ = oldest.w.SetReadDeadline(clock.Wall()) // if it fails, the client has gone
	_ = oldest.w.SetWriteDeadline(clock.Wall())
	return true
}

// extend gives the stream until later to move on.
func (s *stream) extend() {
	s.moved, s.bytes = clock.Wall(), 0
	s.of.lines.MoveToBack(s.place)
	s.of.moving(s.r)
	_ = s.w.SetReadDeadline(s.moved.Add(moveWithin)) // if it fails, the client has gone
	_ = s.w.SetWriteDeadline(s.moved.Add(moveWithin))
}

// passed notes that so many bytes came or went.
func (s *stream) passed(n int) {
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	if s.bytes += n; s.bytes >= step && s.place != nil {
		s.extend()
	}
}

// alive lets the stream move on without bytes: the node is at work on it.
func (s *stream) alive() { s.passed(step) }

// alive is what a request that works without bytes of its own calls now and
// then.
func (in *request) alive() func() {
	if s, ok := in.w.(outgoing); ok {
		return s.stream.alive
	}
	return func() {}
}

// cut tells whether the stream had to make room.
func (s *stream) cut() bool {
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	return s.place == nil
}

func (s *stream) close() {
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	s.end()
}

func (s *stream) end() {
	if s.place != nil {
		s.of.lines.Remove(s.place)
		s.place = nil
	}
}

// incoming is a body that comes.
type incoming struct {
	io.ReadCloser
	stream *stream
}

// Read implements io.Reader.
func (b incoming) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.stream.passed(n)
	if err != nil && !errors.Is(err, io.EOF) && b.stream.cut() {
		err = artifact.Refuse(artifact.SlowDown, "Others waited, and this request did not move on.")
	}
	return n, err
}

// outgoing is an answer that goes.
type outgoing struct {
	http.ResponseWriter
	stream *stream
}

// Unwrap is for http.ResponseController.
func (o outgoing) Unwrap() http.ResponseWriter { return o.ResponseWriter }

// Write implements io.Writer.
func (o outgoing) Write(p []byte) (n int, err error) {
	for len(p) > 0 && err == nil {
		var some int
		some, err = o.ResponseWriter.Write(p[:min(len(p), step)])
		o.stream.passed(some)
		n, p = n+some, p[some:]
	}
	return n, err
}
