package s3

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/drover-iot/drover/internal/artifact"
	"github.com/drover-iot/drover/internal/clock"
)

// statusOf is the status of each code that is not 400.
var statusOf = map[artifact.Code]int{
	artifact.AccessDenied:          http.StatusForbidden,
	artifact.BucketAlreadyOwned:    http.StatusConflict,
	artifact.BucketNotEmpty:        http.StatusConflict,
	artifact.InternalError:         http.StatusInternalServerError,
	artifact.InvalidAccessKey:      http.StatusForbidden,
	artifact.InvalidRange:          http.StatusRequestedRangeNotSatisfiable,
	artifact.MethodNotAllowed:      http.StatusMethodNotAllowed,
	artifact.NoSuchBucket:          http.StatusNotFound,
	artifact.NoSuchKey:             http.StatusNotFound,
	artifact.NoSuchUpload:          http.StatusNotFound,
	artifact.NoSuchVersion:         http.StatusNotFound,
	artifact.NotImplemented:        http.StatusNotImplemented,
	artifact.PreconditionFailed:    http.StatusPreconditionFailed,
	artifact.SignatureDoesNotMatch: http.StatusForbidden,
	artifact.SlowDown:              http.StatusServiceUnavailable,
	artifact.Unavailable:           http.StatusServiceUnavailable,
}

// errorBody is an error as S3 writes it.
type errorBody struct {
	XMLName   xml.Name `xml:"Error"`
	Code      artifact.Code
	Message   string
	Bucket    string `xml:"BucketName,omitempty"`
	Key       string `xml:",omitempty"`
	Resource  string
	RequestID string `xml:"RequestId"`
}

// What is still read of a body that was refused, and thrown away: many clients
// read no answer before they have sent everything.
const (
	mostRefused   = 64 << 20
	refusedWithin = 5 * time.Second
)

// writeError answers err, and lets the client send the rest in vain for a while.
func writeError(in *request, err error) {
	r := said(err)
	status, ok := statusOf[r.Code]
	if !ok {
		status = http.StatusBadRequest
	}
	if in.Body != http.NoBody {
		in.w.Header().Set("Connection", "close")
		_ = http.NewResponseController(in.w).EnableFullDuplex() // if it cannot be, the answer comes later
	}
	ofObject := []string{"Content-Length", "Etag", "Last-Modified", "Accept-Ranges"}
	maps.DeleteFunc(in.w.Header(), func(name string, _ []string) bool {
		return strings.HasPrefix(name, checksumHeader) || strings.HasPrefix(name, "x-amz-meta-") ||
			slices.Contains(ofObject, name) || slices.Contains(keptHeaders, name)
	})
	body := errorBody{Code: r.Code, Message: r.Message, Bucket: in.bucket, Key: in.key, Resource: in.URL.Path, RequestID: in.id}
	writeXML(in, status, body)
	if in.Body != http.NoBody {
		drain(in)
	}
}

func drain(in *request) {
	c := http.NewResponseController(in.w)
	if errors.Join(c.Flush(), c.SetReadDeadline(clock.Wall().Add(refusedWithin))) == nil {
		_, _ = io.CopyN(io.Discard, in.Body, mostRefused) // the answer has left; that it is read is all that is wanted
	}
}

// ofClient is err as a refusal if the client caused it, who may read that, else
// err.
func ofClient(err error) error {
	switch {
	case err == nil, artifact.As(err) != nil:
		return err
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("%w (%w)", artifact.Refuse(artifact.RequestTimeout, "Your socket connection to the server was not read from or written to within the timeout period."), err)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, context.Canceled):
		return fmt.Errorf("%w (%w)", artifact.Refuse(artifact.IncompleteBody, "You did not provide the number of bytes specified by the Content-Length HTTP header"), err)
	}
	return err
}

// said is err as a client may read it.
func said(err error) *artifact.Refusal {
	if r := artifact.As(err); r != nil {
		return r
	}
	return &artifact.Refusal{Code: artifact.InternalError, Message: "We encountered an internal error. Please try again."}
}

// writeXML answers v.
func writeXML(in *request, status int, v any) {
	body, err := xml.Marshal(v)
	if err != nil {
		body, status = nil, http.StatusInternalServerError
	}
	body = append([]byte(xml.Header), body...)
	h := in.w.Header()
	h.Set("Content-Type", "application/xml")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	_ = http.NewResponseController(in.w).SetWriteDeadline(clock.Wall().Add(moveWithin)) // if it fails, the client has gone
	in.w.WriteHeader(status)
	if in.Method != http.MethodHead {
		_, _ = in.w.Write(body) // the client has gone; there is nobody to tell
	}
}

// done answers that it was done, with nothing more to say.
func done(in *request, status int) error {
	_ = http.NewResponseController(in.w).SetWriteDeadline(clock.Wall().Add(moveWithin)) // if it fails, the client has gone
	in.w.WriteHeader(status)
	return nil
}

// What is read of a body of XML.
const (
	mostXML     = 4 << 20
	mostReading = 8 // bodies at once
	readWithin  = 20 * time.Second
)

// readXML reads a body into v, which holds what the request may have.
func (d *Door) readXML(in *request, v any) error {
	select {
	case d.reading <- struct{}{}:
		defer func() { <-d.reading }()
	default:
		return slowDown()
	}
	_ = http.NewResponseController(in.w).SetReadDeadline(clock.Wall().Add(readWithin)) // if it fails, the client has gone
	body, err := d.content(in)
	if err != nil {
		return err
	}
	limited := &io.LimitedReader{R: body, N: mostXML + 1}
	text, err := io.ReadAll(limited)
	switch {
	case err != nil:
		return err
	case limited.N == 0:
		return artifact.Refuse(artifact.EntityTooLarge, "The body has more than %d bytes.", mostXML)
	case xml.Unmarshal(text, v) != nil:
		return artifact.Refuse(artifact.MalformedXML, "The XML you provided was not well-formed or did not validate against our published schema")
	}
	return nil
}

func slowDown() error {
	return artifact.Refuse(artifact.SlowDown, "Please reduce your request rate.")
}

// stamp is a time as S3 writes it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
