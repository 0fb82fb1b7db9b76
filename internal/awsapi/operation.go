package awsapi

import (
	"fmt"
	"strings"
)

// Service is one of the AWS services whose operations Drover knows.
type Service uint8

// The services. spec: wire-protocol.md#1-services-hosts-signing
const (
	IoT      Service = iota // control plane, signed as iot
	JobsData                // device plane of Jobs over HTTPS, signed as iot-jobs-data
	Data                    // publish, retained messages and shadows, signed as iotdata
)

// String is the name of the service as the specification prints it.
func (s Service) String() string {
	return [...]string{"iot", "iot-jobs-data", "iot-data"}[s]
}

// bodyLimit is the most bytes that a request body may have.
// spec: wire-protocol.md#2-rest-json-rules-model-protocol-restjson1
func (s Service) bodyLimit() int64 {
	if s == IoT {
		return 1 << 20
	}
	return 128 << 10
}

// Operation is one row of the service models: where it listens and which
// errors it may answer.
type Operation struct {
	Name    string
	Service Service
	Method  string
	Path    string // a ServeMux pattern: {label} is one segment
	Errors  Exceptions
}

// ours tells whether AWS does not have the operation.
func (op Operation) ours() bool { return strings.HasPrefix(op.Path, "/drover/v1/") }

// Lookup finds an operation of the index by its service and name.
func Lookup(of Service, name string) (Operation, bool) {
	for _, op := range operations {
		if op.Service == of && op.Name == name {
			return op, true
		}
	}
	return Operation{}, false
}

// MustLookup is Lookup for names written in the source; it panics on one
// that the index does not have.
func MustLookup(of Service, name string) Operation {
	op, ok := Lookup(of, name)
	if !ok {
		panic(fmt.Sprintf("awsapi: no operation %s in %s", name, of))
	}
	return op
}
