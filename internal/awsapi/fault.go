package awsapi

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/drover-iot/drover/internal/fault"
)

// face is how one kind of error looks from outside: the exceptions to try in
// order, the first that the operation models being the one, and the word of
// the Jobs topics.
type face struct {
	kind       fault.Kind
	exceptions [3]Exceptions
	word       string
}

// faces is the error table, one row per kind.
// spec: wire-protocol.md#3-errors-on-http, device-api.md#5-rejected
var faces = [...]face{
	{fault.Internal, [3]Exceptions{InternalFailure, InternalServer, ServiceUnavailable}, "InternalError"},
	{fault.Unavailable, [3]Exceptions{ServiceUnavailable, InternalFailure, InternalServer}, "InternalError"},
	{fault.InvalidRequest, [3]Exceptions{InvalidRequest, Validation}, "InvalidRequest"},
	{fault.InvalidJSON, [3]Exceptions{InvalidRequest, Validation}, "InvalidJson"},
	{fault.InvalidTopic, [3]Exceptions{InvalidRequest, Validation}, "InvalidTopic"},
	{fault.NotFound, [3]Exceptions{ResourceNotFound}, "ResourceNotFound"},
	{fault.AlreadyExists, [3]Exceptions{ResourceAlreadyExists, Conflict}, "InvalidRequest"},
	{fault.VersionConflict, [3]Exceptions{VersionConflict, InvalidStateTransition, Conflict}, "VersionMismatch"},
	{fault.PreconditionFailed, [3]Exceptions{PreconditionFailed}, "VersionMismatch"},
	{fault.InvalidStateTransition, [3]Exceptions{InvalidStateTransition}, "InvalidStateTransition"},
	{fault.TerminalState, [3]Exceptions{TerminalState}, "TerminalStateReached"},
	{fault.LimitExceeded, [3]Exceptions{LimitExceeded, ServiceQuotaExceeded}, "InvalidRequest"},
	{fault.Throttled, [3]Exceptions{Throttling}, "RequestThrottled"},
	{fault.InvalidQuery, [3]Exceptions{InvalidQuery, InvalidRequest, Validation}, "InvalidRequest"},
	{fault.InvalidAggregation, [3]Exceptions{InvalidAggregation, InvalidRequest, Validation}, "InvalidRequest"},
	{fault.IndexNotReady, [3]Exceptions{IndexNotReady, InvalidRequest, Validation}, "InvalidRequest"},
	{fault.TooLarge, [3]Exceptions{RequestEntityTooLarge, InvalidRequest, Validation}, "InvalidRequest"},
	{fault.BadEncoding, [3]Exceptions{UnsupportedDocumentEncoding, InvalidRequest, Validation}, "InvalidRequest"},
	{fault.Forbidden, [3]Exceptions{AccessDenied, Forbidden}, "InvalidRequest"},
	{fault.UnknownOperation, [3]Exceptions{UnknownOperation}, "InvalidTopic"},
}

// faceOf is the row of k; a kind without a row looks like an internal error.
func faceOf(k fault.Kind) face {
	for _, f := range faces {
		if f.kind == k {
			return f
		}
	}
	return faces[0]
}

// ExceptionFor is the exception that op answers for an error of kind k: the
// first of the kind's that op models. Clients build exception classes for
// modelled names only, so what op does not model becomes an invalid request.
// spec: wire-protocol.md#3-errors-on-http
func ExceptionFor(op Operation, k fault.Kind) Exceptions {
	for _, e := range faceOf(k).exceptions {
		if op.Errors.Has(e) {
			return e
		}
	}
	if front := faceOf(k).ofFrontEnd(op.Service); front != 0 {
		return front
	}
	if op.Errors.Has(Validation) || op.Errors.Has(InternalServer) && !op.Errors.Has(InvalidRequest) {
		return Validation
	}
	return InvalidRequest
}

// ofFrontEnd is what a service says whatever the operation models: before it is
// known, or because the client sent what AWS does not have; 0 is nothing.
func (f face) ofFrontEnd(s Service) Exceptions {
	switch {
	case f.kind == fault.UnknownOperation && s == IoT:
		return UnknownOperation
	case f.kind == fault.PreconditionFailed:
		return PreconditionFailed
	case f.kind == fault.Forbidden && s == IoT:
		return AccessDenied
	case f.kind == fault.Forbidden:
		return Forbidden
	}
	return 0
}

// CodeWord is the code of a rejected message for an error of kind k.
// spec: device-api.md#5-rejected
func CodeWord(k fault.Kind) string { return faceOf(k).word }

// CodeNumber is the code of a shadow's rejected message for an error of kind k:
// the HTTP status, where a fault of ours is always the same.
// spec: device-api.md#13-device-shadows
func CodeNumber(k fault.Kind) int {
	if k == fault.Unavailable {
		k = fault.Internal
	}
	return faceOf(k).exceptions[0].Status(Data)
}

// MessageOf is what a client may read of err, never empty: the message of a
// known kind, and two words for everything unexpected.
func MessageOf(err error) string {
	e := fault.As(err)
	if e == nil || e.Kind == fault.Internal || e.Message == "" {
		return "Internal error"
	}
	return e.Message
}

// errorBody is the body of an error. It never has a member named code, which
// would override the type in one client.
type errorBody struct {
	Message     string `json:"message"`
	ResourceID  string `json:"resourceId,omitempty"`
	ResourceARN string `json:"resourceArn,omitempty"`
	Version     int64  `json:"version,omitempty"`
	Job         any    `json:"job,omitempty"`
}

// Present is a resource as it is, the Detail of an error of kind
// PreconditionFailed: the body of the answer shows it.
type Present struct {
	Version int64
	Job     any
}

// WriteError answers err as op's service spells it and returns the status.
// The header x-amzn-RequestId is the caller's to set. If err names the
// resource that stands in the way, by id or by ARN, the body names it too.
// spec: wire-protocol.md#3-errors-on-http
func WriteError(w http.ResponseWriter, op Operation, err error) (status int) {
	exception := ExceptionFor(op, fault.KindOf(err))
	body := errorBody{Message: MessageOf(err)}
	if exception.Has(ResourceAlreadyExists) || exception.Has(Conflict) {
		body.ResourceID, body.ResourceARN = resourceOf(fault.As(err))
	}
	if p, ok := present(err); ok {
		body.Version, body.Job = p.Version, p.Job
		w.Header().Set("ETag", ETag(p.Version))
	}
	status = exception.Status(op.Service)
	w.Header().Set("X-Amzn-Errortype", exception.Name())
	write(w, status, encodeError(body))
	return status
}

// present is the resource that an error shows.
func present(err error) (p Present, ok bool) {
	if e := fault.As(err); e != nil {
		p, ok = e.Detail.(Present)
	}
	return p, ok
}

// NewRequestID is the id of one request, for the header x-amzn-RequestId.
func NewRequestID() string { return uuid.NewString() }

// resourceOf splits what an error names into an id and, if it is one, an ARN.
func resourceOf(e *fault.Error) (id, arn string) {
	if e == nil || !strings.HasPrefix(e.Resource, "arn:") {
		if e == nil {
			return "", ""
		}
		return e.Resource, ""
	}
	if parsed, ok := ParseARN(e.Resource); ok {
		id = parsed.ID
	}
	return id, e.Resource
}

// encodeError cannot fail: the body is strings, and a job that was made to be
// written.
func encodeError(body errorBody) []byte {
	b, err := Encode(body)
	if err != nil {
		b, _ = json.Marshal(errorBody{Message: "Internal error"})
	}
	return b
}

// write sends one JSON answer in one piece.
func write(w http.ResponseWriter, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client has gone; there is nobody to tell
}
