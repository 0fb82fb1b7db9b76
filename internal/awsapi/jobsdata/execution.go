package jobsdata

import "github.com/drover-iot/drover/internal/awsapi"

// Execution is an execution as its device sees it.
// spec: device-api.md#62-jobexecution
type Execution struct {
	JobID           string
	ThingName       string // on HTTP only
	Status          string
	StatusDetails   map[string]string // left out when empty
	QueuedAt        awsapi.Seconds
	StartedAt       awsapi.Seconds // 0: not yet
	LastUpdatedAt   awsapi.Seconds
	SecondsLeft     *int64 // approximateSecondsBeforeTimedOut; nil: no timer runs
	VersionNumber   int64
	ExecutionNumber int64
	Document        *Document // nil: not asked for
}

func (e *Execution) append(dst []byte, f form) []byte {
	o := open(dst)
	o.string("jobId", e.JobID)
	if f == https {
		o.string("thingName", e.ThingName)
	}
	o.string("status", e.Status)
	o.details(e.StatusDetails)
	o.int("queuedAt", int64(e.QueuedAt))
	o.started(e.StartedAt)
	o.int("lastUpdatedAt", int64(e.LastUpdatedAt))
	if e.SecondsLeft != nil {
		o.int("approximateSecondsBeforeTimedOut", *e.SecondsLeft)
	}
	o.int("versionNumber", e.VersionNumber)
	o.int("executionNumber", e.ExecutionNumber)
	if e.Document != nil {
		o.name("jobDocument")
		o.b = e.Document.append(o.b, f)
	}
	return o.close()
}

// Summary is an execution in a list. spec: device-api.md#61-jobexecutionsummary
type Summary struct {
	JobID           string
	QueuedAt        awsapi.Seconds
	StartedAt       awsapi.Seconds // 0: not yet
	LastUpdatedAt   awsapi.Seconds
	VersionNumber   int64
	ExecutionNumber int64
}

func (s *Summary) append(dst []byte) []byte {
	o := open(dst)
	o.string("jobId", s.JobID)
	o.int("queuedAt", int64(s.QueuedAt))
	o.started(s.StartedAt)
	o.int("lastUpdatedAt", int64(s.LastUpdatedAt))
	o.int("versionNumber", s.VersionNumber)
	o.int("executionNumber", s.ExecutionNumber)
	return o.close()
}

// list writes a member that is a list of summaries, maybe an empty one.
func (o *object) list(name string, all []Summary) {
	o.name(name)
	o.b = append(o.b, '[')
	for i := range all {
		o.b = appendSeparator(o.b)
		o.b = all[i].append(o.b)
	}
	o.b = append(o.b, ']')
}

// State is the present state of an execution, beside an answer to an update.
// spec: device-api.md#63-jobexecutionstate
type State struct {
	Status        string
	StatusDetails map[string]string // left out when empty
	VersionNumber int64
}

// state writes the member executionState, unless s is nil.
func (o *object) state(s *State) {
	if s == nil {
		return
	}
	o.name("executionState")
	inner := open(o.b)
	inner.string("status", s.Status)
	inner.details(s.StatusDetails)
	inner.int("versionNumber", s.VersionNumber)
	o.b = inner.close()
}
