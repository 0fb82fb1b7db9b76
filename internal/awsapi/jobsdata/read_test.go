package jobsdata

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/drover-iot/drover/internal/fault"
)

var (
	fw3    = Topic{Thing: "press-07", Job: "fw-3"}
	reader = NewReader(nil)
)

func TestReportsThatAreRead(t *testing.T) {
	base := UpdateJobExecutionRequest{JobID: "fw-3", ThingName: "press-07", Status: "IN_PROGRESS"}
	with := func(change func(*UpdateJobExecutionRequest)) UpdateJobExecutionRequest {
		r := base
		change(&r)
		return r
	}
	for _, c := range []struct {
		name, payload string
		want          UpdateJobExecutionRequest
	}{
		{"a status is enough", `{"status":"IN_PROGRESS"}`, base},
		{"white space around it", " \t\r\n{ \"status\" : \"IN_PROGRESS\" } \n", base},
		{
			"the device client's first update: empty details are given, not absent",
			`{"status":"IN_PROGRESS","clientToken":"x","statusDetails":{}}`,
			with(func(r *UpdateJobExecutionRequest) { r.ClientToken, r.StatusDetails = new("x"), map[string]string{} }),
		},
		{
			"the embedded library's version is a string of digits", `{"status":"IN_PROGRESS","expectedVersion":"2"}`,
			with(func(r *UpdateJobExecutionRequest) { r.ExpectedVersion = new(int64(2)) }),
		},
		{
			"a version as an integer", `{"status":"IN_PROGRESS","expectedVersion":2}`,
			with(func(r *UpdateJobExecutionRequest) { r.ExpectedVersion = new(int64(2)) }),
		},
		{
			"version 0 is a number, not absent", `{"status":"IN_PROGRESS","expectedVersion":0}`,
			with(func(r *UpdateJobExecutionRequest) { r.ExpectedVersion = new(int64(0)) }),
		},
		{
			"an execution number and a timer as digits", `{"status":"IN_PROGRESS","executionNumber":"3","stepTimeoutInMinutes":"15"}`,
			with(func(r *UpdateJobExecutionRequest) { r.ExecutionNumber, r.StepTimeoutInMinutes = new(int64(3)), 15 }),
		},
		{
			"minus one takes the timer away", `{"status":"IN_PROGRESS","stepTimeoutInMinutes":-1}`,
			with(func(r *UpdateJobExecutionRequest) { r.StepTimeoutInMinutes = -1 }),
		},
		{
			"booleans", `{"status":"IN_PROGRESS","includeJobExecutionState":true,"includeJobDocument":false}`,
			with(func(r *UpdateJobExecutionRequest) { r.IncludeJobExecutionState = true }),
		},
		{
			"booleans as strings", `{"status":"IN_PROGRESS","includeJobExecutionState":"true","includeJobDocument":"false"}`,
			with(func(r *UpdateJobExecutionRequest) { r.IncludeJobExecutionState = true }),
		},
		{"null equals absent", `{"status":"IN_PROGRESS","clientToken":null,"statusDetails":null,"expectedVersion":null}`, base},
		{
			"unknown members are ignored, and ids in the payload too",
			`{"status":"IN_PROGRESS","thingName":"other","jobId":7,"namespaceId":[],"x":{"status":"FAILED"}}`, base,
		},
		{"the last duplicate wins, even over a bad one", `{"status":7,"status":"FAILED","status":"IN_PROGRESS"}`, base},
		{
			"the last duplicate of a detail wins too", `{"status":"IN_PROGRESS","statusDetails":{"a":1,"b":"2","a":"3"}}`,
			with(func(r *UpdateJobExecutionRequest) { r.StatusDetails = map[string]string{"a": "3", "b": "2"} }),
		},
		{"names may be escaped", `{"st\u0061tus":"IN\u005fPROGRESS"}`, base},
		{
			"a queued report is a state, not malformed", `{"status":"QUEUED"}`,
			with(func(r *UpdateJobExecutionRequest) { r.Status = "QUEUED" }),
		},
		{
			"a long token", `{"status":"IN_PROGRESS","clientToken":"` + strings.Repeat("t", 200) + `"}`,
			with(func(r *UpdateJobExecutionRequest) { r.ClientToken = new(strings.Repeat("t", 200)) }),
		},
		{
			"a detail of 1024 characters, each of four bytes", `{"status":"IN_PROGRESS","statusDetails":{"a":"` + strings.Repeat("\U0001F600", 1024) + `"}}`,
			with(func(r *UpdateJobExecutionRequest) {
				r.StatusDetails = map[string]string{"a": strings.Repeat("\U0001F600", 1024)}
			}),
		},
		{"64 levels deep", `{"status":"IN_PROGRESS","x":` + strings.Repeat("[", 63) + strings.Repeat("]", 63) + `}`, base},
		{
			"a surrogate pair", `{"status":"IN_PROGRESS","clientToken":"\ud83d\ude00"}`,
			with(func(r *UpdateJobExecutionRequest) { r.ClientToken = new("\U0001F600") }),
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := reader.Update(fw3, []byte(c.payload))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReportsThatAreRefused(t *testing.T) {
	token := new("u1")
	for _, c := range []struct {
		name, payload string
		kind          fault.Kind
		token         *string
		message       string
	}{
		{"no JSON", `{"status"`, fault.InvalidJSON, nil, "Payload is not a JSON object in UTF-8"},
		{"an array", `[1]`, fault.InvalidJSON, nil, "no object"},
		{"a string", `"{}"`, fault.InvalidJSON, nil, "no object"},
		{"null", `null`, fault.InvalidJSON, nil, "no object"},
		{"trailing garbage", `{"clientToken":"u1"} x`, fault.InvalidJSON, nil, "not valid JSON"},
		{"two objects", `{"clientToken":"u1"}{}`, fault.InvalidJSON, nil, "not valid JSON"},
		{"a NUL behind it, as C strings have", "{}\x00", fault.InvalidJSON, nil, "not valid JSON"},
		{"a byte order mark", "\ufeff{}", fault.InvalidJSON, nil, "byte order mark"},
		{"bytes that are not UTF-8", "{\"clientToken\":\"\xff\"}", fault.InvalidJSON, nil, "UTF-8"},
		{"half of a surrogate pair", `{"clientToken":"\ud800"}`, fault.InvalidJSON, nil, "surrogate"},
		{"the other half", `{"clientToken":"\udc00\ud800"}`, fault.InvalidJSON, nil, "surrogate"},
		{"65 levels deep", `{"x":` + strings.Repeat("[", 64) + strings.Repeat("]", 64) + `}`, fault.InvalidJSON, nil, "deeper than 64"},
		{"an empty payload has no status", ``, fault.InvalidRequest, nil, "Value null at 'status' is not allowed"},
		{"no status", `{"clientToken":"u1"}`, fault.InvalidRequest, token, "Value null at 'status' is not allowed"},
		{"null as status", `{"clientToken":"u1","status":null}`, fault.InvalidRequest, token, "'status'"},
		{"names know upper and lower case", `{"clientToken":"u1","Status":"FAILED"}`, fault.InvalidRequest, token, "Value null at 'status'"},
		{"a status in lower case", `{"clientToken":"u1","status":"failed"}`, fault.InvalidRequest, token, `Value "failed" at 'status'`},
		{"a status that only the server sets", `{"clientToken":"u1","status":"TIMED_OUT"}`, fault.InvalidRequest, token, "must be one of QUEUED, IN_PROGRESS"},
		{"a status that is a number", `{"clientToken":"u1","status":3}`, fault.InvalidRequest, token, "Value 3 at 'status' failed to satisfy constraint: must be a string"},
		{"a token that is no string is not echoed", `{"clientToken":5,"status":"FAILED"}`, fault.InvalidRequest, nil, "'clientToken'"},
		{"a token in an object is not echoed", `{"clientToken":{"a":"u1"},"status":"FAILED"}`, fault.InvalidRequest, nil, "'clientToken'"},
		{"a version with a fraction", `{"clientToken":"u1","status":"FAILED","expectedVersion":2.0}`, fault.InvalidRequest, token, "Value 2.0 at 'expectedVersion'"},
		{"a version with an exponent", `{"clientToken":"u1","status":"FAILED","expectedVersion":1e2}`, fault.InvalidRequest, token, "must be an integer"},
		{"a version as digits with a fraction", `{"clientToken":"u1","status":"FAILED","expectedVersion":"2.0"}`, fault.InvalidRequest, token, "'expectedVersion'"},
		{"a version as a word", `{"clientToken":"u1","status":"FAILED","expectedVersion":"x"}`, fault.InvalidRequest, token, "'expectedVersion'"},
		{"an empty version", `{"clientToken":"u1","status":"FAILED","expectedVersion":""}`, fault.InvalidRequest, token, "'expectedVersion'"},
		{"a version with a plus", `{"clientToken":"u1","status":"FAILED","expectedVersion":"+2"}`, fault.InvalidRequest, token, "'expectedVersion'"},
		{"a version beyond 64 bits", `{"clientToken":"u1","status":"FAILED","expectedVersion":9223372036854775808}`, fault.InvalidRequest, token, "'expectedVersion'"},
		{"a boolean as a number", `{"clientToken":"u1","status":"FAILED","includeJobDocument":1}`, fault.InvalidRequest, token, "must be true or false"},
		{"a boolean as another word", `{"clientToken":"u1","status":"FAILED","includeJobDocument":"True"}`, fault.InvalidRequest, token, "must be true or false"},
		{"a step timer of 0", `{"clientToken":"u1","status":"IN_PROGRESS","stepTimeoutInMinutes":0}`, fault.InvalidRequest, token, "must be 1 to 10080 or -1"},
		{"a step timer of -2", `{"clientToken":"u1","status":"IN_PROGRESS","stepTimeoutInMinutes":-2}`, fault.InvalidRequest, token, "'stepTimeoutInMinutes'"},
		{"a step timer over a week", `{"clientToken":"u1","status":"IN_PROGRESS","stepTimeoutInMinutes":10081}`, fault.InvalidRequest, token, "'stepTimeoutInMinutes'"},
		{"details that are no object", `{"clientToken":"u1","status":"FAILED","statusDetails":"x"}`, fault.InvalidRequest, token, "'statusDetails'"},
		{"a detail that is no string", `{"clientToken":"u1","status":"FAILED","statusDetails":{"n":1}}`, fault.InvalidRequest, token, "Value 1 at 'statusDetails.n'"},
		{"a detail that is null", `{"clientToken":"u1","status":"FAILED","statusDetails":{"n":null}}`, fault.InvalidRequest, token, "'statusDetails.n'"},
		{"an empty detail", `{"clientToken":"u1","status":"FAILED","statusDetails":{"n":""}}`, fault.InvalidRequest, token, "1 to 1024 characters"},
		{"a detail of 1025 characters", `{"clientToken":"u1","status":"FAILED","statusDetails":{"n":"` + strings.Repeat("a", 1025) + `"}}`, fault.InvalidRequest, token, "1 to 1024 characters"},
		{"a detail with a line break", `{"clientToken":"u1","status":"FAILED","statusDetails":{"n":"a\nb"}}`, fault.InvalidRequest, token, `must match [^\p{C}]+`},
		{"a detail with a control character of Unicode", `{"clientToken":"u1","status":"FAILED","statusDetails":{"n":"a\u0085b"}}`, fault.InvalidRequest, token, `must match`},
		{"a key with a space", `{"clientToken":"u1","status":"FAILED","statusDetails":{"a b":"c"}}`, fault.InvalidRequest, token, `Value "a b" at 'statusDetails (key)'`},
		{"an empty key", `{"clientToken":"u1","status":"FAILED","statusDetails":{"":"c"}}`, fault.InvalidRequest, token, "1 to 128 characters"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := reader.Update(fw3, []byte(c.payload))
			if !fault.Is(err, c.kind) {
				t.Fatalf("got %v, want kind %d", err, c.kind)
			}
			if !strings.Contains(err.Error(), c.message) {
				t.Errorf("message %q does not say %q", err, c.message)
			}
			if diff := cmp.Diff(c.token, got.ClientToken); diff != "" {
				t.Errorf("token: %s", diff)
			}
		})
	}
}

func TestTopicsAreChecked(t *testing.T) {
	for _, c := range []struct {
		name  string
		topic Topic
		ok    bool
	}{
		{"a job and a thing", fw3, true},
		{"colons in the thing's name", Topic{Thing: "a:b_c-D9", Job: "J"}, true},
		{"the longest names", Topic{Thing: strings.Repeat("t", 128), Job: strings.Repeat("j", 64)}, true},
		{"a thing name too long", Topic{Thing: strings.Repeat("t", 129), Job: "j"}, false},
		{"a job id too long", Topic{Thing: "t", Job: strings.Repeat("j", 65)}, false},
		{"a colon in a job id", Topic{Thing: "t", Job: "a:b"}, false},
		{"an update of the head of the list", Topic{Thing: "t", Job: Next}, false},
		{"an empty thing", Topic{Thing: "", Job: "j"}, false},
		{"a letter that is not ASCII", Topic{Thing: "thüng", Job: "j"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := reader.Update(c.topic, []byte(`{"status":"FAILED","clientToken":"t"}`))
			if (err == nil) != c.ok {
				t.Errorf("got %v", err)
			}
			if r.ClientToken == nil {
				t.Error("the token was not read")
			}
		})
	}
}

func TestDescribeRequests(t *testing.T) {
	for _, c := range []struct {
		name, payload string
		job           string
		document      bool
		number        *int64
	}{
		{"an empty payload wants the document", ``, "fw-3", true, nil},
		{"the head of the list", `{}`, Next, true, nil},
		{"only false leaves the document out", `{"includeJobDocument":false}`, "fw-3", false, nil},
		{"false as a string", `{"includeJobDocument":"false"}`, "fw-3", false, nil},
		{"one attempt", `{"executionNumber":"2","includeJobDocument":true}`, "fw-3", true, new(int64(2))},
		{
			"greengrass sends ids in the payload",
			`{"jobId":"$next","thingName":"T","includeJobDocument":true,"clientToken":"jobs-nucleus-lite"}`, Next, true, nil,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := reader.Describe(Topic{Thing: "press-07", Job: c.job}, []byte(c.payload))
			if err != nil {
				t.Fatal(err)
			}
			if got.JobID != c.job || got.WantsDocument() != c.document {
				t.Errorf("got %+v", got)
			}
			if diff := cmp.Diff(c.number, got.ExecutionNumber); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheTwoRequestsWithoutAJob(t *testing.T) {
	pending, err := reader.GetPending(Topic{Thing: "press-07"}, nil)
	if err != nil || pending.ThingName != "press-07" || pending.ClientToken != nil {
		t.Errorf("get: %+v, %v", pending, err)
	}
	start, err := reader.StartNext(Topic{Thing: "press-07"}, []byte(`{"clientToken":"s1","statusDetails":{"phase":"accepted"},"stepTimeoutInMinutes":15}`))
	want := StartNextPendingJobExecutionRequest{
		ClientToken: new("s1"), ThingName: "press-07",
		StatusDetails: map[string]string{"phase": "accepted"}, StepTimeoutInMinutes: 15,
	}
	if diff := cmp.Diff(want, start); err != nil || diff != "" {
		t.Errorf("start-next: %v %s", err, diff)
	}
}
