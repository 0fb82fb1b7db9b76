package jobsdata

import (
	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/fault"
)

// Rejected is the refusal of a request over MQTT; over HTTP awsapi.WriteError
// does it. spec: device-api.md#5-rejected
type Rejected struct {
	ClientToken *string // if it could be read
	Timestamp   awsapi.Seconds
	Code        string // one of nine words
	Message     string
	// State goes with VersionMismatch and InvalidStateTransition; nil
	// otherwise.
	State *State
}

// Reject makes the refusal that err means. State is the present state of
// the execution where the caller knows it; it is sent only with the codes
// that carry one.
func Reject(err error, state *State) Rejected {
	kind := fault.KindOf(err)
	if kind != fault.VersionConflict && kind != fault.InvalidStateTransition {
		state = nil
	}
	return Rejected{Code: awsapi.CodeWord(kind), Message: awsapi.MessageOf(err), State: state}
}

// AppendMQTT appends the payload of a rejected message.
func (r Rejected) AppendMQTT(dst []byte) []byte {
	o := open(dst)
	o.head(r.ClientToken, r.Timestamp)
	o.string("code", r.Code)
	o.string("message", r.Message)
	o.state(r.State)
	return o.close()
}

// Notify tells a thing that its list has changed.
// spec: device-api.md#71-payloads
type Notify struct {
	Timestamp  awsapi.Seconds
	InProgress []Summary
	Queued     []Summary
}

// AppendMQTT appends the payload of notify. A status without entries is left
// out: one client asks again for ever if its key is there.
func (n Notify) AppendMQTT(dst []byte) []byte {
	o := open(dst)
	o.head(nil, n.Timestamp)
	o.name("jobs")
	jobs := open(o.b)
	if len(n.InProgress) > 0 {
		jobs.list("IN_PROGRESS", n.InProgress)
	}
	if len(n.Queued) > 0 {
		jobs.list("QUEUED", n.Queued)
	}
	o.b = jobs.close()
	return o.close()
}

// NotifyNext tells a thing that the head of its list is another one.
// spec: device-api.md#71-payloads
type NotifyNext struct {
	Timestamp awsapi.Seconds
	Execution *Execution // nil: the list is empty
}

// AppendMQTT appends the payload of notify-next.
func (n NotifyNext) AppendMQTT(dst []byte) []byte {
	return ExecutionAnswer{Timestamp: n.Timestamp, Execution: n.Execution}.AppendMQTT(dst)
}
