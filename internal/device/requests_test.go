package device_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/drovertest"
)

// wantBoth asserts an accepted answer on the wire: one text for MQTT, where
// the token is t1, and one for HTTPS.
func (d testDevice) wantBoth(a drovertest.Answer, mqtt, https string) {
	d.t.Helper()
	d.wantAccepted(a)
	if d.Door == drovertest.HTTPS {
		d.wantWire(a.Raw, https)
		return
	}
	d.wantWire(a.Raw, mqtt)
}

// spec: device-api.md#4-the-four-requests
func TestEmptyListsAreAnswersAndNotErrors(t *testing.T) {
	eachDoor(t, func(t *testing.T, d testDevice) {
		d.wantBoth(d.Get(`{"clientToken":"t1"}`),
			`{"clientToken":"t1","timestamp":T,"inProgressJobs":[],"queuedJobs":[]}`,
			`{"inProgressJobs":[],"queuedJobs":[]}`)
		d.wantBoth(d.StartNext(`{"clientToken":"t1"}`), `{"clientToken":"t1","timestamp":T}`, `{}`)
		d.wantBoth(d.Describe("$next", `{"clientToken":"t1"}`), `{"clientToken":"t1","timestamp":T}`, `{}`)
		d.wantBoth(d.Describe("$next", `{}`), `{"timestamp":T}`, `{}`)
	})
}

// spec: device-api.md#4-the-four-requests
func TestTheFourRequestsOnTheWire(t *testing.T) {
	eachDoor(t, func(t *testing.T, d testDevice) {
		timer := &iot.TimeoutConfig{InProgressTimeoutInMinutes: 20}
		d.node.CreateJob(iot.CreateJobRequest{JobID: "fw-3", Document: `{ "op":"flash", "n":1.10 }`, TimeoutConfig: timer}, d.Thing)
		d.node.Advance(time.Minute)
		d.queue("cfg-12")

		const fw3 = `{"jobId":"fw-3","queuedAt":T,"lastUpdatedAt":T,"versionNumber":1,"executionNumber":1}`
		const cfg12 = `{"jobId":"cfg-12","queuedAt":T+60,"lastUpdatedAt":T+60,"versionNumber":1,"executionNumber":1}`
		d.wantBoth(d.Get(`{"clientToken":"t1"}`),
			`{"clientToken":"t1","timestamp":T+60,"inProgressJobs":[],"queuedJobs":[`+fw3+`,`+cfg12+`]}`,
			`{"inProgressJobs":[],"queuedJobs":[`+fw3+`,`+cfg12+`]}`)

		const started = `"status":"IN_PROGRESS","statusDetails":{"phase":"accepted"},"queuedAt":T,"startedAt":T+60,"lastUpdatedAt":T+60,` +
			`"approximateSecondsBeforeTimedOut":900,"versionNumber":2,"executionNumber":1`
		d.wantBoth(d.StartNext(`{"clientToken":"t1","statusDetails":{"phase":"accepted"},"stepTimeoutInMinutes":15}`),
			`{"clientToken":"t1","timestamp":T+60,"execution":{"jobId":"fw-3",`+started+`,"jobDocument":{"op":"flash","n":1.10}}}`,
			`{"execution":{"jobId":"fw-3","thingName":"press-01",`+started+`,"jobDocument":"{ \"op\":\"flash\", \"n\":1.10 }"}}`)
		d.wantBoth(d.Describe("fw-3", `{"clientToken":"t1","includeJobDocument":false}`),
			`{"clientToken":"t1","timestamp":T+60,"execution":{"jobId":"fw-3",`+started+`}}`,
			`{"execution":{"jobId":"fw-3","thingName":"press-01",`+started+`}}`)

		d.wantBoth(d.Update("fw-3", `{"clientToken":"t1","status":"IN_PROGRESS","expectedVersion":"2","statusDetails":{"progress":"40"},"includeJobExecutionState":true}`),
			`{"clientToken":"t1","timestamp":T+60,"executionState":{"status":"IN_PROGRESS","statusDetails":{"progress":"40"},"versionNumber":3}}`,
			`{"executionState":{"status":"IN_PROGRESS","statusDetails":{"progress":"40"},"versionNumber":3}}`)
		d.wantBoth(d.Update("fw-3", `{"clientToken":"t1","status":"SUCCEEDED","includeJobDocument":true}`),
			`{"clientToken":"t1","timestamp":T+60,"jobDocument":{"op":"flash","n":1.10}}`,
			`{"jobDocument":"{ \"op\":\"flash\", \"n\":1.10 }"}`)
		d.wantBoth(d.Update("cfg-12", `{"clientToken":"t1","status":"FAILED"}`), `{"clientToken":"t1","timestamp":T+60}`, `{}`)
	})
}

// spec: device-api.md#8-the-job-document-on-its-way-to-the-device
func TestDocumentsKeepTheirBytes(t *testing.T) {
	documents := map[string]struct{ given, mqtt, https string }{
		"numbers beyond any float": {
			`{"big":12345678901234567890,"price":1.10,"exp":1E400}`,
			`{"big":12345678901234567890,"price":1.10,"exp":1E400}`, `"{\"big\":12345678901234567890,\"price\":1.10,\"exp\":1E400}"`,
		},
		"order and duplicates of members": {`{"b":1, "a":2, "b":3}`, `{"b":1,"a":2,"b":3}`, `"{\"b\":1, \"a\":2, \"b\":3}"`},
		"no escapes that were not there":  {`{"html":"<a href='x'>&</a>"}`, `{"html":"<a href='x'>&</a>"}`, `"{\"html\":\"<a href='x'>&</a>\"}"`},
		"escapes that were there":         {`{"text":"\u00fc\n\/"}`, `{"text":"\u00fc\n\/"}`, `"{\"text\":\"\\u00fc\\n\\/\"}"`},
		"an array":                        {`[1, 2]`, `[1,2]`, `"[1, 2]"`},
		"a string":                        {`"run"`, `"run"`, `"\"run\""`},
		"other placeholders":              {`{"a":"${HOME}","b":"${aws:iot:unknown}"}`, `{"a":"${HOME}","b":"${aws:iot:unknown}"}`, `"{\"a\":\"${HOME}\",\"b\":\"${aws:iot:unknown}\"}"`},
	}
	for name, doc := range documents {
		t.Run(name, func(t *testing.T) {
			eachDoor(t, func(t *testing.T, d testDevice) {
				d.Listen()
				d.node.CreateJob(iot.CreateJobRequest{JobID: "a", Document: doc.given}, d.Thing)
				told := d.Notices()
				if got := told[len(told)-1].Raw; !strings.HasSuffix(got, `"jobDocument":`+doc.mqtt+`}}`) {
					t.Errorf("notify-next %s", got)
				}
				want := `"jobDocument":` + doc.mqtt + `}}`
				if d.Door == drovertest.HTTPS {
					want = `"jobDocument":` + doc.https + `}}`
				}
				for _, a := range []drovertest.Answer{d.Describe("$next", "{}"), d.StartNext("{}"), d.Describe("a", "{}")} {
					if !strings.HasSuffix(a.Raw, want) {
						t.Errorf("got  %s\nwant …%s", a.Raw, want)
					}
				}
			})
		})
	}
}

// spec: device-api.md#43-describejobexecution
func TestDescribe(t *testing.T) {
	eachDoor(t, func(t *testing.T, d testDevice) {
		d.queue("a", "b")
		for _, payload := range []string{"", "{}", `{"includeJobDocument":true}`, `{"executionNumber":1}`, `{"executionNumber":"1"}`, `{"includeJobDocument":"true"}`} {
			x := d.wantAccepted(d.Describe("b", payload)).Execution
			if x.Name() != "b#1" || x.Status != "QUEUED" || string(x.JobDocument) != `{"op":"b"}` {
				t.Errorf("%s describes %+v", payload, x)
			}
		}
		if x := d.Describe("$next", `{"executionNumber":7}`).Execution; x == nil || x.Name() != "a#1" {
			t.Errorf("$next with a number describes %+v", x)
		}
		if x := d.Describe("a", `{"includeJobDocument":"false"}`).Execution; x.JobDocument != nil {
			t.Errorf("a document that was not asked for: %s", x.JobDocument)
		}
		d.wantRejected(d.Describe("a", `{"executionNumber":2}`), "ResourceNotFound")
		d.wantRejected(d.Describe("a", `{"executionNumber":0}`), "ResourceNotFound")
		d.wantRejected(d.Describe("nobody", "{}"), "ResourceNotFound")
		d.wantRejected(d.Describe("bad!id", "{}"), "InvalidRequest")
		d.wantRejected(d.Describe("a", `{"executionNumber":"x"}`), "InvalidRequest")
		d.report("a", "SUCCEEDED")
		d.wantRejected(d.Describe("a", "{}"), "TerminalStateReached")
	})
}

// spec: device-api.md#42-startnextpendingjobexecution
func TestStartNextTakesTheHeadAndThenTheSameAgain(t *testing.T) {
	eachDoor(t, func(t *testing.T, d testDevice) {
		d.queue("a", "b")
		first := d.wantAccepted(d.StartNext(`{"statusDetails":{"phase":"1"}}`)).Execution
		second := d.wantAccepted(d.StartNext(`{"statusDetails":{"phase":"2"}}`)).Execution
		for _, x := range []*drovertest.Execution{first, second} {
			if x.Name() != "a#1" || x.VersionNumber != 2 || x.StatusDetails["phase"] != "1" {
				t.Errorf("started %+v", x)
			}
		}
	})
}

// spec: device-api.md#44-updatejobexecution
func TestDetailsAreLeftReplacedOrEmptied(t *testing.T) {
	eachDoor(t, func(t *testing.T, d testDevice) {
		d.queue("a")
		steps := []struct{ sent, kept string }{
			{`,"statusDetails":{"a":"1","b":"2"}`, `{"status":"IN_PROGRESS","statusDetails":{"a":"1","b":"2"},"versionNumber":2}`},
			{``, `{"status":"IN_PROGRESS","statusDetails":{"a":"1","b":"2"},"versionNumber":3}`},
			{`,"statusDetails":null`, `{"status":"IN_PROGRESS","statusDetails":{"a":"1","b":"2"},"versionNumber":4}`},
			{`,"statusDetails":{"c":"3"}`, `{"status":"IN_PROGRESS","statusDetails":{"c":"3"},"versionNumber":5}`},
			{`,"statusDetails":{}`, `{"status":"IN_PROGRESS","versionNumber":6}`},
		}
		for _, step := range steps {
			a := d.wantAccepted(d.Update("a", `{"status":"IN_PROGRESS","includeJobExecutionState":true`+step.sent+`}`))
			if !strings.HasSuffix(a.Raw, `"executionState":`+step.kept+`}`) {
				t.Errorf("after %q: %s", step.sent, a.Raw)
			}
		}
	})
}

// spec: device-api.md#3-common-request-and-answer-rules
func TestPayloadsAreReadByTheCommonRules(t *testing.T) {
	const ok = ""
	long := strings.Repeat("x", 130)
	rows := []struct{ name, payload, code string }{
		{"an empty payload is an empty object, and has no status", ``, "InvalidRequest"},
		{"an empty object has no status", `{}`, "InvalidRequest"},
		{"a byte order mark", "\ufeff" + `{"status":"IN_PROGRESS"}`, "InvalidJson"},
		{"bytes that are not UTF-8", "{\"status\":\"IN_PROGRESS\",\"x\":\"\xff\"}", "InvalidJson"},
		{"text", `status`, "InvalidJson"},
		{"a cut object", `{"status":"IN_PROGRESS"`, "InvalidJson"},
		{"an array", `[]`, "InvalidJson"},
		{"a string", `"IN_PROGRESS"`, "InvalidJson"},
		{"null", `null`, "InvalidJson"},
		{"trailing garbage", `{"status":"IN_PROGRESS"}x`, "InvalidJson"},
		{"two objects", `{"status":"IN_PROGRESS"}{}`, "InvalidJson"},
		{"depth 64", `{"status":"IN_PROGRESS","x":` + nested(63) + `}`, ok},
		{"depth 65", `{"status":"IN_PROGRESS","x":` + nested(64) + `}`, "InvalidJson"},
		{"white space around", " \n{ \"status\" : \"IN_PROGRESS\" }\t", ok},
		{"duplicate members: the last wins", `{"status":"nonsense","status":"IN_PROGRESS"}`, ok},
		{"duplicate members: the last wins, though it is wrong", `{"status":"IN_PROGRESS","status":"nonsense"}`, "InvalidRequest"},
		{"unknown members", `{"status":"IN_PROGRESS","thingName":"x","jobId":"$next","namespaceId":"y","more":[1]}`, ok},
		{"a member in another case is unknown", `{"STATUS":"IN_PROGRESS"}`, "InvalidRequest"},
		{"null is absent", `{"status":"IN_PROGRESS","expectedVersion":null,"statusDetails":null,"clientToken":null}`, ok},
		{"a null status", `{"status":null}`, "InvalidRequest"},
		{"a status of another type", `{"status":1}`, "InvalidRequest"},
		{"details of another type", `{"status":"IN_PROGRESS","statusDetails":"x"}`, "InvalidRequest"},
		{"a version of another type", `{"status":"IN_PROGRESS","expectedVersion":{}}`, "InvalidRequest"},
		{"a version as digits", `{"status":"IN_PROGRESS","expectedVersion":"1"}`, ok},
		{"a version as a number", `{"status":"IN_PROGRESS","expectedVersion":1}`, ok},
		{"a number as digits", `{"status":"IN_PROGRESS","executionNumber":"1"}`, ok},
		{"a step as digits", `{"status":"IN_PROGRESS","stepTimeoutInMinutes":"10080"}`, ok},
		{"a version with a fraction in digits", `{"status":"IN_PROGRESS","expectedVersion":"1.0"}`, "InvalidRequest"},
		{"a version as a word", `{"status":"IN_PROGRESS","expectedVersion":"x"}`, "InvalidRequest"},
		{"a version as nothing", `{"status":"IN_PROGRESS","expectedVersion":""}`, "InvalidRequest"},
		{"another version as digits", `{"status":"IN_PROGRESS","expectedVersion":"2"}`, "VersionMismatch"},
		{"version 0", `{"status":"IN_PROGRESS","expectedVersion":0}`, "VersionMismatch"},
		{"booleans as words", `{"status":"IN_PROGRESS","includeJobDocument":"true","includeJobExecutionState":"false"}`, ok},
		{"booleans as other words", `{"status":"IN_PROGRESS","includeJobDocument":"yes"}`, "InvalidRequest"},
		{"an empty map of details", `{"status":"IN_PROGRESS","statusDetails":{}}`, ok},
		{"a key of 128", `{"status":"IN_PROGRESS","statusDetails":{"` + long[:128] + `":"v"}}`, ok},
		{"a key of 129", `{"status":"IN_PROGRESS","statusDetails":{"` + long[:129] + `":"v"}}`, "InvalidRequest"},
		{"a key with a space", `{"status":"IN_PROGRESS","statusDetails":{"a b":"v"}}`, "InvalidRequest"},
		{"an empty key", `{"status":"IN_PROGRESS","statusDetails":{"":"v"}}`, "InvalidRequest"},
		{"a key with all that is allowed", `{"status":"IN_PROGRESS","statusDetails":{"aZ09:_-":"v"}}`, ok},
		{"a value of 1024", `{"status":"IN_PROGRESS","statusDetails":{"k":"` + strings.Repeat("ü", 1024) + `"}}`, ok},
		{"a value of 1025", `{"status":"IN_PROGRESS","statusDetails":{"k":"` + strings.Repeat("ü", 1025) + `"}}`, "InvalidRequest"},
		{"an empty value", `{"status":"IN_PROGRESS","statusDetails":{"k":""}}`, "InvalidRequest"},
		{"a value with a newline", `{"status":"IN_PROGRESS","statusDetails":{"k":"a\nb"}}`, "InvalidRequest"},
		{"a value with a tab", `{"status":"IN_PROGRESS","statusDetails":{"k":"a\tb"}}`, "InvalidRequest"},
		{"a value that is a number", `{"status":"IN_PROGRESS","statusDetails":{"k":1}}`, "InvalidRequest"},
		{"many details", `{"status":"IN_PROGRESS","statusDetails":{` + pairs(50) + `}}`, ok},
		{"QUEUED", `{"status":"QUEUED"}`, "InvalidStateTransition"},
		{"CANCELED", `{"status":"CANCELED"}`, "InvalidRequest"},
		{"TIMED_OUT", `{"status":"TIMED_OUT"}`, "InvalidRequest"},
		{"REMOVED", `{"status":"REMOVED"}`, "InvalidRequest"},
		{"lower case", `{"status":"succeeded"}`, "InvalidRequest"},
		{"an unknown word", `{"status":"FAILURE"}`, "InvalidRequest"},
		{"step 0", `{"status":"IN_PROGRESS","stepTimeoutInMinutes":0}`, "InvalidRequest"},
		{"step -2", `{"status":"IN_PROGRESS","stepTimeoutInMinutes":-2}`, "InvalidRequest"},
		{"step 10081", `{"status":"IN_PROGRESS","stepTimeoutInMinutes":10081}`, "InvalidRequest"},
		{"step -1", `{"status":"IN_PROGRESS","stepTimeoutInMinutes":-1}`, ok},
		{"another number", `{"status":"IN_PROGRESS","executionNumber":2}`, "ResourceNotFound"},
	}
	eachDoor(t, func(t *testing.T, d testDevice) {
		for i, row := range rows {
			t.Run(row.name, func(t *testing.T) {
				d := testDevice{d.Device, t, d.node}
				id := fmt.Sprintf("job-%d", i)
				d.queue(id)
				a := d.Update(id, row.payload)
				if row.code == ok {
					d.wantAccepted(a)
				} else {
					d.wantRejected(a, row.code)
				}
			})
		}
	})
}

func nested(depth int) string {
	return strings.Repeat("[", depth) + strings.Repeat("]", depth)
}

func pairs(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(`"k%d":"v"`, i)
	}
	return strings.Join(all, ",")
}

// spec: device-api.md#3-common-request-and-answer-rules
func TestUnknownThingsJobsAndTheOrderOfChecks(t *testing.T) {
	eachDoor(t, func(t *testing.T, d testDevice) {
		d.wantRejected(d.Update("nobody", `{"status":"SUCCEEDED"}`), "ResourceNotFound")
		d.wantRejected(d.Update("nobody", `{}`), "InvalidRequest")
		d.queue("a")
		d.report("a", "SUCCEEDED")
		d.wantRejected(d.Update("a", `{"status":"SUCCEEDED"}`), "InvalidStateTransition")
		d.wantRejected(d.Update("a", `{"status":"SUCCEEDED","expectedVersion":1}`), "VersionMismatch")
		d.wantRejected(d.Update("a", `{"status":"SUCCEEDED","expectedVersion":1,"executionNumber":9}`), "ResourceNotFound")

		ghost := testDevice{d.node.Device(d.Door, "ghost"), t, d.node}
		ghost.wantRejected(ghost.Get(`{}`), "ResourceNotFound")
		ghost.wantRejected(ghost.StartNext(`{}`), "ResourceNotFound")
		ghost.wantRejected(ghost.Describe("$next", `{}`), "ResourceNotFound")
		ghost.wantRejected(ghost.Describe("a", `{}`), "ResourceNotFound")
		ghost.wantRejected(ghost.Update("a", `{"status":"SUCCEEDED"}`), "ResourceNotFound")
	})
}

// spec: device-api.md#5-rejected
func TestARefusalTellsThePresentState(t *testing.T) {
	eachMQTT(t, func(t *testing.T, d testDevice) {
		d.queue("a")
		d.wantAccepted(d.Update("a", `{"status":"IN_PROGRESS","statusDetails":{"progress":"40"}}`))
		d.wantWire(d.Update("a", `{"status":"SUCCEEDED","expectedVersion":1,"clientToken":"u3"}`).Raw,
			`{"clientToken":"u3","timestamp":T,"code":"VersionMismatch","message":"Expected version 1 but found version 2",`+
				`"executionState":{"status":"IN_PROGRESS","statusDetails":{"progress":"40"},"versionNumber":2}}`)
		d.wantAccepted(d.Update("a", `{"status":"SUCCEEDED","statusDetails":{}}`))
		d.wantWire(d.Update("a", `{"status":"FAILED"}`).Raw,
			`{"timestamp":T,"code":"InvalidStateTransition","message":"Execution is SUCCEEDED and cannot change to FAILED",`+
				`"executionState":{"status":"SUCCEEDED","versionNumber":3}}`)
		d.wantWire(d.Describe("a", `{}`).Raw,
			`{"timestamp":T,"code":"TerminalStateReached","message":"Job Execution has reached terminal state. It is neither IN_PROGRESS nor QUEUED"}`)
		d.wantWire(d.Update("b", `{"status":"FAILED"}`).Raw,
			`{"timestamp":T,"code":"ResourceNotFound","message":"No execution of job b on thing press-01"}`)
		if a := d.Update("a", `[]`); a.Code != "InvalidJson" || !strings.HasPrefix(a.Message, "Payload is not a JSON object in UTF-8") {
			t.Errorf("refused with %s", a.Raw)
		}
	})
}

// spec: device-api.md#3-common-request-and-answer-rules
func TestTheClientTokenComesBackAsItWas(t *testing.T) {
	none := "none"
	rows := []struct{ name, payload, want string }{
		{"plain", `{"clientToken":"a1"}`, "a1"},
		{"none", `{}`, none},
		{"null", `{"clientToken":null}`, none},
		{"empty", `{"clientToken":""}`, ""},
		{"130 characters", `{"clientToken":"` + strings.Repeat("0:", 65) + `"}`, strings.Repeat("0:", 65)},
		{"anything", `{"clientToken":"ü \"\\<>&\n\u0001 🙂"}`, "ü \"\\<>&\n\x01 🙂"},
		{"with a wrong type beside it", `{"statusDetails":1,"clientToken":"w"}`, "w"},
		{"a number", `{"clientToken":5}`, none},
		{"in what is no object", `["clientToken"]`, none},
		{"in a cut object", `{"clientToken":"a"`, none},
	}
	eachMQTT(t, func(t *testing.T, d testDevice) {
		for _, row := range rows {
			a := d.StartNext(row.payload)
			switch {
			case row.want == none && a.ClientToken != nil:
				t.Errorf("%s: token %q, want none", row.name, *a.ClientToken)
			case row.want != none && (a.ClientToken == nil || *a.ClientToken != row.want):
				t.Errorf("%s: %s, want %q", row.name, a.Raw, row.want)
			}
		}
		d.wantRejected(d.StartNext(`{"clientToken":5}`), "InvalidRequest")
	})
}
