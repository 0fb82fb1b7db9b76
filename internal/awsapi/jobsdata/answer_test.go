package jobsdata

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/fault"
)

// specText is the specification, whose examples are the wanted payloads.
func specText(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile("../../../docs/spec/device-api.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func document(t testing.TB, text string) *Document {
	t.Helper()
	d, err := NewDocument(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// flash is the execution of the specification's examples.
func flash(t testing.TB) *Execution {
	return &Execution{
		JobID: "fw-3", ThingName: "press-07", Status: "IN_PROGRESS",
		StatusDetails: map[string]string{"phase": "accepted"},
		QueuedAt:      1770000000, StartedAt: 1770000200, LastUpdatedAt: 1770000200, SecondsLeft: new(int64(900)),
		VersionNumber: 2, ExecutionNumber: 1,
		Document: document(t, ` { "op" : "flash", "url": "https://files.example.net/fw3.bin" } `),
	}
}

func described(t testing.TB) *Execution {
	e := flash(t)
	e.SecondsLeft, e.Document = new(int64(800)), nil
	return e
}

func queued(id string) Summary {
	return Summary{JobID: id, QueuedAt: 1770000000, LastUpdatedAt: 1770000000, VersionNumber: 1, ExecutionNumber: 1}
}

func TestPayloadsAreTheSpecificationsExamples(t *testing.T) {
	fw4 := Summary{JobID: "fw-4", QueuedAt: 1770000690, LastUpdatedAt: 1770000690, VersionNumber: 1, ExecutionNumber: 1}
	progress := &State{Status: "IN_PROGRESS", StatusDetails: map[string]string{"progress": "40"}, VersionNumber: 3}
	stale := Reject(fault.New(fault.VersionConflict, "Expected version 2 but found version 3"), progress)
	stale.ClientToken, stale.Timestamp = new("u3"), 1770000450
	next := &Execution{
		JobID: "fw-4", Status: "QUEUED", QueuedAt: 1770000690, LastUpdatedAt: 1770000690, VersionNumber: 1,
		ExecutionNumber: 1, Document: document(t, `{"op":"reboot"}`),
	}
	config := &Execution{
		JobID: "cfg-12", ThingName: "press-07", Status: "QUEUED", QueuedAt: 1770000000,
		LastUpdatedAt: 1770000000, VersionNumber: 1, ExecutionNumber: 1, Document: document(t, `{"op":"config"}`),
	}
	spec := specText(t)
	for _, c := range []struct {
		name string
		got  []byte
		want string
	}{
		{
			"get with one job queued",
			PendingAnswer{ClientToken: new("a1"), Timestamp: 1770000100, Queued: []Summary{queued("fw-3")}}.AppendMQTT(nil),
			`{"clientToken":"a1","timestamp":1770000100,"inProgressJobs":[],"queuedJobs":[{"jobId":"fw-3","queuedAt":1770000000,"lastUpdatedAt":1770000000,"versionNumber":1,"executionNumber":1}]}`,
		},
		{
			"get with nothing pending",
			PendingAnswer{ClientToken: new("a1"), Timestamp: 1770000100}.AppendMQTT(nil),
			`{"clientToken":"a1","timestamp":1770000100,"inProgressJobs":[],"queuedJobs":[]}`,
		},
		{
			"start-next",
			ExecutionAnswer{ClientToken: new("s1"), Timestamp: 1770000200, Execution: flash(t)}.AppendMQTT(nil),
			`{"clientToken":"s1","timestamp":1770000200,"execution":{"jobId":"fw-3","status":"IN_PROGRESS","statusDetails":{"phase":"accepted"},"queuedAt":1770000000,"startedAt":1770000200,"lastUpdatedAt":1770000200,"approximateSecondsBeforeTimedOut":900,"versionNumber":2,"executionNumber":1,"jobDocument":{"op":"flash","url":"https://files.example.net/fw3.bin"}}}`,
		},
		{
			"start-next with nothing pending has no execution",
			ExecutionAnswer{ClientToken: new("s1"), Timestamp: 1770000200}.AppendMQTT(nil),
			`{"clientToken":"s1","timestamp":1770000200}`,
		},
		{
			"describe without the document",
			ExecutionAnswer{ClientToken: new("d1"), Timestamp: 1770000300, Execution: described(t)}.AppendMQTT(nil),
			`{"clientToken":"d1","timestamp":1770000300,"execution":{"jobId":"fw-3","status":"IN_PROGRESS","statusDetails":{"phase":"accepted"},"queuedAt":1770000000,"startedAt":1770000200,"lastUpdatedAt":1770000200,"approximateSecondsBeforeTimedOut":800,"versionNumber":2,"executionNumber":1}}`,
		},
		{
			"describe of $next with nothing pending, without a token",
			ExecutionAnswer{Timestamp: 1770000301}.AppendMQTT(nil), `{"timestamp":1770000301}`,
		},
		{
			"update with the state",
			UpdateAnswer{ClientToken: new("u1"), Timestamp: 1770000400, State: progress}.AppendMQTT(nil),
			`{"clientToken":"u1","timestamp":1770000400,"executionState":{"status":"IN_PROGRESS","statusDetails":{"progress":"40"},"versionNumber":3}}`,
		},
		{
			"update",
			UpdateAnswer{ClientToken: new("u2"), Timestamp: 1770000500}.AppendMQTT(nil), `{"clientToken":"u2","timestamp":1770000500}`,
		},
		{
			"rejected", stale.AppendMQTT(nil),
			`{"clientToken":"u3","timestamp":1770000450,"code":"VersionMismatch","message":"Expected version 2 but found version 3","executionState":{"status":"IN_PROGRESS","statusDetails":{"progress":"40"},"versionNumber":3}}`,
		},
		{
			"notify", Notify{Timestamp: 1770000700, Queued: []Summary{fw4}}.AppendMQTT(nil),
			`{"timestamp":1770000700,"jobs":{"QUEUED":[{"jobId":"fw-4","queuedAt":1770000690,"lastUpdatedAt":1770000690,"versionNumber":1,"executionNumber":1}]}}`,
		},
		{"notify of an empty list", Notify{Timestamp: 1770000710}.AppendMQTT(nil), `{"timestamp":1770000710,"jobs":{}}`},
		{
			"notify-next", NotifyNext{Timestamp: 1770000700, Execution: next}.AppendMQTT(nil),
			`{"timestamp":1770000700,"execution":{"jobId":"fw-4","status":"QUEUED","queuedAt":1770000690,"lastUpdatedAt":1770000690,"versionNumber":1,"executionNumber":1,"jobDocument":{"op":"reboot"}}}`,
		},
		{"notify-next of an empty list", NotifyNext{Timestamp: 1770000710}.AppendMQTT(nil), `{"timestamp":1770000710}`},
		{
			"update over HTTP",
			UpdateAnswer{ClientToken: new("u"), Timestamp: 1, State: &State{Status: "SUCCEEDED", VersionNumber: 4}}.AppendJSON(nil),
			`{"executionState":{"status":"SUCCEEDED","versionNumber":4}}`,
		},
		{
			"describe over HTTP has the thing and the document as a string",
			ExecutionAnswer{Timestamp: 1, Execution: config}.AppendJSON(nil),
			`{"execution":{"jobId":"cfg-12","thingName":"press-07","status":"QUEUED","queuedAt":1770000000,"lastUpdatedAt":1770000000,"versionNumber":1,"executionNumber":1,"jobDocument":"{\"op\":\"config\"}"}}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if string(c.got) != c.want {
				t.Errorf("got  %s\nwant %s", c.got, c.want)
			}
			if !strings.Contains(spec, c.want) {
				t.Errorf("the specification has no %s", c.want)
			}
		})
	}
}

func TestAnswersBeyondTheExamples(t *testing.T) {
	running := Summary{JobID: "a", QueuedAt: 1, StartedAt: 2, LastUpdatedAt: 2, VersionNumber: 2, ExecutionNumber: 1}
	waiting := Summary{JobID: "b", QueuedAt: 1, LastUpdatedAt: 1, VersionNumber: 1, ExecutionNumber: 3}
	for _, c := range []struct {
		name string
		got  []byte
		want string
	}{
		{"both lists over HTTP, always", PendingAnswer{}.AppendJSON(nil), `{"inProgressJobs":[],"queuedJobs":[]}`},
		{"nothing pending over HTTP", ExecutionAnswer{}.AppendJSON(nil), `{}`},
		{"an update over HTTP that asked for nothing", UpdateAnswer{}.AppendJSON(nil), `{}`},
		{
			"a document beside the state, over HTTP a string",
			UpdateAnswer{State: &State{Status: "FAILED", VersionNumber: 2}, Document: document(t, `[1.10]`)}.AppendJSON(nil),
			`{"executionState":{"status":"FAILED","versionNumber":2},"jobDocument":"[1.10]"}`,
		},
		{
			"a document beside the state, over MQTT a value",
			UpdateAnswer{Timestamp: 5, State: &State{Status: "FAILED", VersionNumber: 2}, Document: document(t, `[1.10]`)}.AppendMQTT(nil),
			`{"timestamp":5,"executionState":{"status":"FAILED","versionNumber":2},"jobDocument":[1.10]}`,
		},
		{
			"notify holds what runs before what waits",
			Notify{Timestamp: 9, InProgress: []Summary{running}, Queued: []Summary{waiting, waiting}}.AppendMQTT(nil),
			`{"timestamp":9,"jobs":{"IN_PROGRESS":[{"jobId":"a","queuedAt":1,"startedAt":2,"lastUpdatedAt":2,"versionNumber":2,"executionNumber":1}],` +
				`"QUEUED":[{"jobId":"b","queuedAt":1,"lastUpdatedAt":1,"versionNumber":1,"executionNumber":3},{"jobId":"b","queuedAt":1,"lastUpdatedAt":1,"versionNumber":1,"executionNumber":3}]}}`,
		},
		{
			"details in the order of their keys",
			UpdateAnswer{State: &State{Status: "FAILED", StatusDetails: map[string]string{"b": "2", "a": "1", "c": "3"}}}.AppendJSON(nil),
			`{"executionState":{"status":"FAILED","statusDetails":{"a":"1","b":"2","c":"3"},"versionNumber":0}}`,
		},
		{"an empty token is a token", ExecutionAnswer{ClientToken: new(""), Timestamp: 5}.AppendMQTT(nil), `{"clientToken":"","timestamp":5}`},
		{
			"a refusal of an unexpected error says two words",
			Reject(os.ErrClosed, &State{Status: "QUEUED"}).AppendMQTT(nil), `{"timestamp":0,"code":"InternalError","message":"Internal error"}`,
		},
		{
			"only some refusals carry the state",
			Reject(fault.New(fault.NotFound, "No execution of job J on thing T"), &State{}).AppendMQTT(nil),
			`{"timestamp":0,"code":"ResourceNotFound","message":"No execution of job J on thing T"}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if string(c.got) != c.want {
				t.Errorf("got  %s\nwant %s", c.got, c.want)
			}
		})
	}
}

func TestADocumentKeepsItsBytes(t *testing.T) {
	for _, c := range []struct{ name, text, value string }{
		{"big numbers and trailing zeros survive", `{"n":12345678901234567890,"m":1.10,"e":1E400}`, `{"n":12345678901234567890,"m":1.10,"e":1E400}`},
		{"HTML is not escaped", `{"h":"<a&b>"}`, `{"h":"<a&b>"}`},
		{"escapes stay as they were written", `"é\/é"`, `"é\/é"`},
		{"line separators are left alone", "\"\u2028\"", "\"\u2028\""},
		{"white space goes, order and duplicates stay", "{ \"b\" : 1,\n\t\"a\": [ 1 , 2 ], \"b\": 2 }", `{"b":1,"a":[1,2],"b":2}`},
		{"an array is a document", ` [ ] `, `[]`},
		{"a number is a document", `1.50`, `1.50`},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := document(t, c.text)
			if got := string(d.append(nil, mqtt)); got != c.value {
				t.Errorf("over MQTT: %s, want %s", got, c.value)
			}
			var text string
			if err := json.Unmarshal(d.append(nil, https), &text); err != nil || text != c.text || d.Text() != c.text {
				t.Errorf("over HTTP: %q (%v), want %q", text, err, c.text)
			}
		})
	}
}

func TestWhatIsNoJSONIsNoDocument(t *testing.T) {
	if _, err := NewDocument(`{"a":`); err == nil {
		t.Error("half a document was accepted")
	}
}
