// Package fault holds the kinds of error that Drover knows, without any wire
// name: floor 0 says what went wrong, package awsapi says how each protocol
// spells it.
//
// Begin with [New] and [KindOf]. An error without a kind is Internal: it is
// logged in full and told to a client in two words.
package fault

import (
	"errors"
	"fmt"
)

// Kind is what went wrong, as far as a client may know it.
type Kind uint8

// The kinds. One row of awsapi's table stands for each.
const (
	Internal               Kind = iota // anything unexpected
	Unavailable                        // stopping, overloaded, or the commit failed: try again
	InvalidRequest                     // malformed or out of range, names the member
	InvalidJSON                        // a device payload that is not a JSON object in UTF-8
	InvalidTopic                       // a device topic that is no request
	NotFound                           // no such resource
	AlreadyExists                      // the name is taken by something else
	VersionConflict                    // expectedVersion differs
	PreconditionFailed                 // If-Match names no version that the resource is at
	InvalidStateTransition             // not in this state
	TerminalState                      // describing an execution that has ended, on the device plane
	LimitExceeded                      // a quota
	Throttled                          // too many requests
	InvalidQuery                       // a query of the fleet index, says where
	InvalidAggregation                 // a field or a measure that cannot be aggregated
	IndexNotReady                      // the fleet index is off or being built
	TooLarge                           // what is to be kept is over a bound
	BadEncoding                        // text that is not UTF-8
	Forbidden                          // not from there, whoever it is
	UnknownOperation                   // no such method and path
)

// Error is an error with a kind and a message that a client may read.
type Error struct {
	Kind    Kind
	Message string
	// Resource is the id of what stands in the way, for AlreadyExists.
	Resource string
	// Detail is what is there now, for doors that show it: with VersionConflict
	// and InvalidStateTransition a job.Execution, with PreconditionFailed a
	// job.Job.
	Detail any
	cause  error
}

// New makes an error of kind k whose message may be shown to a client.
func New(k Kind, format string, args ...any) *Error {
	return &Error{Kind: k, Message: fmt.Sprintf(format, args...)}
}

// Wrap gives err the kind k. The message is for clients, err for the log.
func Wrap(k Kind, err error, message string) *Error {
	return &Error{Kind: k, Message: message, cause: err}
}

func (e *Error) Error() string {
	if e.cause != nil {
		return e.Message + ": " + e.cause.Error()
	}
	return e.Message
}

func (e *Error) Unwrap() error { return e.cause }

// As finds the Error in err's chain, or nil.
func As(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return nil
}

// KindOf is the kind of err; Internal if it has none. err must not be nil.
func KindOf(err error) Kind {
	if e := As(err); e != nil {
		return e.Kind
	}
	return Internal
}

// Is tells whether err is of kind k; a nil err is of none.
func Is(err error, k Kind) bool { return err != nil && KindOf(err) == k }
