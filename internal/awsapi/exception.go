package awsapi

import (
	"math/bits"
	"net/http"
)

// Exceptions is a set of error names of the service models.
type Exceptions uint64

// The exceptions of the operations that Drover knows, one bit each.
// spec: wire-protocol.md#3-errors-on-http
const (
	InvalidRequest Exceptions = 1 << iota
	Validation
	Unauthorized
	ResourceNotFound
	MethodNotAllowed
	CertificateState
	Conflict
	ConflictingResourceUpdate
	DeleteConflict
	InvalidStateTransition
	ResourceAlreadyExists
	VersionConflict
	VersionsLimitExceeded
	CertificateConflict
	LimitExceeded
	TerminalState
	ServiceQuotaExceeded
	RequestEntityTooLarge
	UnsupportedDocumentEncoding
	Throttling
	InternalFailure
	InternalServer
	ServiceUnavailable
	IndexNotReady
	InvalidQuery
	InvalidAggregation
	MalformedPolicy
	CertificateValidation
	RegistrationCodeValidation
	ResourceRegistrationFailure
	UnknownOperation // what the front end says; no operation models it, nor those that follow
	AccessDenied
	Forbidden
	PreconditionFailed // of changes that bear an If-Match
)

// exceptions holds the wire name, without its ending, and the HTTP status of
// each exception, by its bit.
var exceptions = [...]struct {
	name   string
	status int
}{
	{"InvalidRequest", http.StatusBadRequest},
	{"Validation", http.StatusBadRequest},
	{"Unauthorized", http.StatusUnauthorized},
	{"ResourceNotFound", http.StatusNotFound},
	{"MethodNotAllowed", http.StatusMethodNotAllowed},
	{"CertificateState", http.StatusNotAcceptable},
	{"Conflict", http.StatusConflict},
	{"ConflictingResourceUpdate", http.StatusConflict},
	{"DeleteConflict", http.StatusConflict},
	{"InvalidStateTransition", http.StatusConflict},
	{"ResourceAlreadyExists", http.StatusConflict},
	{"VersionConflict", http.StatusConflict},
	{"VersionsLimitExceeded", http.StatusConflict},
	{"CertificateConflict", http.StatusConflict},
	{"LimitExceeded", http.StatusGone},
	{"TerminalState", http.StatusGone},
	{"ServiceQuotaExceeded", http.StatusPaymentRequired},
	{"RequestEntityTooLarge", http.StatusRequestEntityTooLarge},
	{"UnsupportedDocumentEncoding", http.StatusUnsupportedMediaType},
	{"Throttling", http.StatusBadRequest},
	{"InternalFailure", http.StatusInternalServerError},
	{"InternalServer", http.StatusInternalServerError},
	{"ServiceUnavailable", http.StatusServiceUnavailable},
	{"IndexNotReady", http.StatusBadRequest},
	{"InvalidQuery", http.StatusBadRequest},
	{"InvalidAggregation", http.StatusBadRequest},
	{"MalformedPolicy", http.StatusBadRequest},
	{"CertificateValidation", http.StatusBadRequest},
	{"RegistrationCodeValidation", http.StatusBadRequest},
	{"ResourceRegistrationFailure", http.StatusBadRequest},
	{"UnknownOperation", http.StatusNotFound},
	{"AccessDenied", http.StatusForbidden},
	{"Forbidden", http.StatusForbidden},
	{"PreconditionFailed", http.StatusPreconditionFailed},
}

// Has tells whether every exception of e is in the set.
func (s Exceptions) Has(e Exceptions) bool { return e != 0 && s&e == e }

// bit is the place of the one exception that e holds.
func (s Exceptions) bit() int { return bits.TrailingZeros64(uint64(s)) }

// Name is the wire name of the one exception that e holds.
func (s Exceptions) Name() string { return exceptions[s.bit()].name + "Exception" }

// Status is the HTTP status with which a service sends the one exception
// that e holds. Only throttling differs between services.
func (s Exceptions) Status(of Service) int {
	if s == Throttling && of != IoT {
		return http.StatusTooManyRequests
	}
	return exceptions[s.bit()].status
}
