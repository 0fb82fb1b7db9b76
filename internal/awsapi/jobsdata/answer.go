package jobsdata

import "github.com/drover-iot/drover/internal/awsapi"

// Each answer can write itself for either door: AppendMQTT appends the
// payload of the accepted message, AppendJSON the body of the HTTP answer,
// which has neither token nor timestamp.

// PendingAnswer is what a thing has to do. Both lists are always there.
// spec: device-api.md#41-getpendingjobexecutions
type PendingAnswer struct {
	ClientToken *string // of the request
	Timestamp   awsapi.Seconds
	InProgress  []Summary
	Queued      []Summary
}

// AppendMQTT appends the payload of get/accepted.
func (a PendingAnswer) AppendMQTT(dst []byte) []byte {
	o := open(dst)
	o.head(a.ClientToken, a.Timestamp)
	return a.lists(o)
}

// AppendJSON implements awsapi.Appender.
func (a PendingAnswer) AppendJSON(dst []byte) []byte { return a.lists(open(dst)) }

func (a PendingAnswer) lists(o object) []byte {
	o.list("inProgressJobs", a.InProgress)
	o.list("queuedJobs", a.Queued)
	return o.close()
}

// ExecutionAnswer answers both start-next and describe.
type ExecutionAnswer struct {
	ClientToken *string // of the request
	Timestamp   awsapi.Seconds
	Execution   *Execution // nil: nothing is pending, and there is no member
}

// AppendMQTT appends the payload of start-next/accepted or get/accepted.
func (a ExecutionAnswer) AppendMQTT(dst []byte) []byte {
	o := open(dst)
	o.head(a.ClientToken, a.Timestamp)
	o.execution(a.Execution, mqtt)
	return o.close()
}

// AppendJSON implements awsapi.Appender.
func (a ExecutionAnswer) AppendJSON(dst []byte) []byte {
	o := open(dst)
	o.execution(a.Execution, https)
	return o.close()
}

// execution writes the member of that name, unless e is nil.
func (o *object) execution(e *Execution, f form) {
	if e != nil {
		o.name("execution")
		o.b = e.append(o.b, f)
	}
}

// UpdateAnswer accepts a report. spec: device-api.md#44-updatejobexecution
type UpdateAnswer struct {
	ClientToken *string // of the request
	Timestamp   awsapi.Seconds
	State       *State    // nil: not asked for
	Document    *Document // nil: not asked for
}

// AppendMQTT appends the payload of update/accepted.
func (a UpdateAnswer) AppendMQTT(dst []byte) []byte {
	o := open(dst)
	o.head(a.ClientToken, a.Timestamp)
	return a.asked(o, mqtt)
}

// AppendJSON implements awsapi.Appender.
func (a UpdateAnswer) AppendJSON(dst []byte) []byte { return a.asked(open(dst), https) }

func (a UpdateAnswer) asked(o object, f form) []byte {
	o.state(a.State)
	if a.Document != nil {
		o.name("jobDocument")
		o.b = a.Document.append(o.b, f)
	}
	return o.close()
}
