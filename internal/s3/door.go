// Package s3 is the door of the node's own artifact store: as much of S3's REST
// protocol as the AWS CLI's `aws s3 cp`, `mv`, `sync`, `ls`, `mb`, `rb` and `rm`
// need, and a device that gets an artifact by a presigned URL, or leaves one.
//
// Begin with [Door]. A request names its bucket in the path, below [Prefix]. One
// whose signature is in its query is always verified. Others are taken from this
// machine as they are; from elsewhere they need a signature too.
//
// Bodies are not held: they come and go through buffers of some KiB, and so many
// at once. Each has to move on, however long it takes in all; who does not makes
// room for others. The door has no goroutines. Its lock, streams.mu, is never
// held while anything is waited for.
package s3

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/drover-iot/drover/internal/artifact"
	"github.com/drover-iot/drover/internal/artifact/disk"
	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/tcp"
)

// Prefix is what the paths of all requests begin with.
const Prefix = "/s3"

// Config is what a Door is made of.
type Config struct {
	Store  *disk.Store
	Signer *artifact.Signer
	// Clock is what signatures are held against. On one that stands still,
	// Ahead has to be long: clients sign by their own.
	Clock clock.Clock
	Ahead time.Duration
	// Admit refuses a request before anything else is done.
	Admit func(*http.Request) error
	// Streams is how many bodies may come or go at once.
	Streams int
	// Moving is told of a request whose body comes or goes, at its beginning
	// and while it moves on; it must not block. Nil: nobody asks.
	Moving func(*http.Request)
	// Served is told of each request when it was answered. Nil: nobody asks.
	Served func(*http.Request, Served)
}

// Served is what became of a request.
type Served struct {
	Operation string // "PutObject"; "" if there is no such operation
	RequestID string
	Err       error // nil: it was done; with a *artifact.Refusal, or what went wrong here
	Took      time.Duration
}

// Door answers requests of S3.
type Door struct {
	store   *disk.Store
	signer  *artifact.Signer
	clock   clock.Clock
	ahead   time.Duration
	admit   func(*http.Request) error
	served  func(*http.Request, Served)
	streams streams
	reading chan struct{} // who reads a body of XML
}

// New makes a door.
func New(c Config) *Door {
	d := &Door{
		store: c.Store, signer: c.Signer, clock: c.Clock, ahead: c.Ahead, admit: c.Admit, served: c.Served,
		streams: streams{most: c.Streams, moving: c.Moving},
		reading: make(chan struct{}, mostReading),
	}
	if d.admit == nil {
		d.admit = func(*http.Request) error { return nil }
	}
	if d.served == nil {
		d.served = func(*http.Request, Served) {}
	}
	if d.streams.moving == nil {
		d.streams.moving = func(*http.Request) {}
	}
	return d
}

// request is a request under way.
type request struct {
	*http.Request
	w           http.ResponseWriter
	bucket, key string
	query       url.Values
	id          string
	chain       *artifact.Chain // that which the chunks of the body must be, or nil
}

// ServeHTTP implements http.Handler.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := clock.Wall()
	s := Served{RequestID: uuid.NewString()}
	w.Header().Set("X-Amz-Request-Id", s.RequestID)
	w.Header().Set("Server", "Drover")
	in, op, err := d.opened(w, r, s.RequestID)
	if s.Operation, s.Err = op.name, err; s.Err == nil {
		s.Err = ofClient(d.guarded(in, op))
	}
	if s.Err != nil {
		writeError(in, s.Err)
	}
	s.Took = clock.Wall().Sub(began)
	d.served(r, s)
}

// opened reads what a request asks for, and whether it may.
func (d *Door) opened(w http.ResponseWriter, r *http.Request, id string) (*request, operation, error) {
	in := &request{Request: r, w: w, id: id}
	if err := d.admit(r); err != nil {
		return in, operation{}, forbidden(err)
	}
	bucket, key, err := target(r.URL)
	if err != nil {
		return in, operation{}, err
	}
	in.bucket, in.key = bucket, key
	if in.query, err = url.ParseQuery(r.URL.RawQuery); err != nil {
		return in, operation{}, artifact.Refuse(artifact.InvalidURI, "Couldn't parse the specified URI.")
	}
	op, err := in.operation()
	if err != nil {
		return in, op, err
	}
	return in, op, d.may(in)
}

// forbidden is what was not admitted, in the words of S3.
func forbidden(err error) error {
	if e := fault.As(err); e != nil {
		return artifact.Refuse(artifact.AccessDenied, "%s", e.Message)
	}
	return err
}

// target is the bucket and the key that a path names.
func target(u *url.URL) (bucket, key string, err error) {
	path := strings.TrimPrefix(strings.TrimPrefix(u.EscapedPath(), Prefix), "/")
	bucket, encoded, _ := strings.Cut(path, "/")
	if key, err = url.PathUnescape(encoded); err != nil {
		return "", "", artifact.Refuse(artifact.InvalidURI, "Couldn't parse the specified URI.")
	}
	if bucket != "" {
		err = artifact.CheckBucket(bucket)
	}
	if err == nil && key != "" {
		err = artifact.CheckKey(key)
	}
	return bucket, key, err
}

// may refuses a request that nobody has signed who may. What of a body is signed
// is verified where it is read.
func (d *Door) may(in *request) error {
	switch signed := artifact.SignedBy(in.Request); {
	case signed == artifact.InQuery:
		return d.signer.Verify(in.Request, d.clock.Now(), d.ahead)
	case isLocal(in.RemoteAddr):
		return nil
	case signed == artifact.Unsigned:
		return artifact.Refuse(artifact.AccessDenied, "Requests from other machines have to be signed.")
	}
	form := in.Header.Get(contentSHA256)
	chained := strings.HasPrefix(form, signedChunks)
	if !chained && strings.HasPrefix(form, "STREAMING-") && form != unsignedChunks {
		return artifact.Refuse(artifact.NotImplemented, "This server does not verify bodies in the form %s.", form)
	}
	err := d.signer.Verify(in.Request, clock.Wall(), 0)
	if chained && err == nil {
		in.chain = d.signer.Chain(in.Request)
	}
	return err
}

// isLocal tells whether a peer is on this machine.
func isLocal(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	return err == nil && tcp.Local(host)
}

// guarded turns a panic into an error: one request may not take the node with
// it.
func (d *Door) guarded(in *request, op operation) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("serve %s: panic: %v\n%s", op.name, p, debug.Stack())
		}
	}()
	if !op.streams {
		return op.serve(d, in)
	}
	s, err := d.streams.open(in.w, in.Request)
	if err != nil {
		return err
	}
	defer s.close()
	in.Body, in.w = incoming{in.Body, s}, outgoing{in.w, s}
	return op.serve(d, in)
}
