package drovertest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/drover-iot/drover/internal/mqtt"
)

// Answer is what a device was answered. Documents are in the spelling of MQTT
// whatever the door, so that one test can look at them; Raw is what came.
type Answer struct {
	Door     Door   `json:"-"`
	Accepted bool   `json:"-"`
	Raw      string `json:"-"` // payload or body
	Topic    string `json:"-"` // behind $aws/things/THING/jobs/; "" over HTTPS
	Type     string `json:"-"` // exception, over HTTPS
	Status   int    `json:"-"` // over HTTPS, of a refusal

	ClientToken    *string
	Timestamp      int64
	InProgressJobs []Summary
	QueuedJobs     []Summary
	Execution      *Execution
	ExecutionState *State
	JobDocument    json.RawMessage
	Code           string // over MQTT
	Message        string
}

// Summary is an execution in a list. Times are whole epoch seconds.
type Summary struct {
	JobID           string `json:"jobId"`
	QueuedAt        int64  `json:"queuedAt"`
	StartedAt       int64  `json:"startedAt"`
	LastUpdatedAt   int64  `json:"lastUpdatedAt"`
	VersionNumber   int64  `json:"versionNumber"`
	ExecutionNumber int64  `json:"executionNumber"`
}

// Execution is an execution as a device sees it.
type Execution struct {
	Summary
	ThingName     string            `json:"thingName"`
	Status        string            `json:"status"`
	StatusDetails map[string]string `json:"statusDetails"`
	SecondsLeft   *int64            `json:"approximateSecondsBeforeTimedOut"`
	JobDocument   json.RawMessage   `json:"jobDocument"`
}

// State is the present state of an execution beside an answer.
type State struct {
	Status        string            `json:"status"`
	StatusDetails map[string]string `json:"statusDetails"`
	VersionNumber int64             `json:"versionNumber"`
}

// Notice is a message on notify or notify-next.
type Notice struct {
	Topic     string `json:"-"` // notify or notify-next, maybe with -namespace-NAME
	Raw       string `json:"-"`
	Timestamp int64
	// Jobs is what notify tells: by status.
	Jobs map[string][]Summary
	// Execution is the head that notify-next tells; nil if the list is empty.
	Execution *Execution
}

func (a *Answer) read(n *Node) {
	n.t.Helper()
	if err := json.Unmarshal([]byte(a.Raw), a); err != nil {
		n.t.Fatalf("answer %q: %v", a.Raw, err)
	}
	if a.Door != HTTPS {
		return
	}
	a.JobDocument = value(n, a.JobDocument)
	if a.Execution != nil {
		a.Execution.JobDocument = value(n, a.Execution.JobDocument)
	}
}

// value makes of a document that came as a string what MQTT would bring.
func value(n *Node, text json.RawMessage) json.RawMessage {
	n.t.Helper()
	if text == nil {
		return nil
	}
	var document string
	if err := json.Unmarshal(text, &document); err != nil {
		n.t.Fatalf("over HTTPS a document is a string, not %s", text)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(document)); err != nil {
		n.t.Fatalf("document %q: %v", document, err)
	}
	return compact.Bytes()
}

func (n *Node) notice(thing string, m *mqtt.Publish) Notice {
	n.t.Helper()
	told := Notice{Topic: below(thing, m.Topic), Raw: string(m.Payload)}
	if err := json.Unmarshal(m.Payload, &told); err != nil {
		n.t.Fatalf("message on %s: %q: %v", m.Topic, m.Payload, err)
	}
	return told
}

// Name is the execution as JOB#NUMBER.
func (s Summary) Name() string { return s.JobID + "#" + strconv.FormatInt(s.ExecutionNumber, 10) }

// Word is the code of a refusal as MQTT spells it. HTTPS has one exception for
// each of two pairs of them; the message tells which.
// spec: device-api.md#5-rejected
func (a Answer) Word() string {
	switch {
	case a.Door != HTTPS:
		return a.Code
	case a.Type == "InvalidStateTransitionException" && strings.HasPrefix(a.Message, "Expected version"):
		return "VersionMismatch"
	case a.Type == "TerminalStateException":
		return "TerminalStateReached"
	default:
		return strings.TrimSuffix(a.Type, "Exception")
	}
}

// String is the notice in a line, without its times.
func (n Notice) String() string {
	switch next := strings.HasPrefix(n.Topic, "notify-next"); {
	case !next && len(n.Jobs) == 0:
		return n.Topic + ": nothing"
	case !next:
		return fmt.Sprintf("%s: in progress: %s; queued: %s", n.Topic, names(n.Jobs["IN_PROGRESS"]), names(n.Jobs["QUEUED"]))
	case n.Execution == nil:
		return n.Topic + ": nothing"
	default:
		return fmt.Sprintf("%s: %s %s", n.Topic, n.Execution.Name(), n.Execution.Status)
	}
}

func names(all []Summary) string {
	if len(all) == 0 {
		return "-"
	}
	var each []string
	for _, s := range all {
		each = append(each, s.Name())
	}
	return strings.Join(each, " ")
}
