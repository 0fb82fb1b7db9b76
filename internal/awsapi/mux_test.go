package awsapi_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/awsapi/jobsdata"
	"github.com/drover-iot/drover/internal/fault"
)

func send(h http.Handler, method, path, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
	return w
}

func TestBodiesHaveALimit(t *testing.T) {
	mux := awsapi.NewMux(awsapi.MuxConfig{Routes: wireRoutes()})
	padded := func(start string, size int) string { return start + strings.Repeat(" ", size-len(start)) }
	for _, c := range []struct {
		name, method, path, body string
		status                   int
	}{
		{"1 MiB on the control plane", "PATCH", "/jobs/a", padded(`{}`, 1<<20), 200},
		{"a byte more", "PATCH", "/jobs/a", padded(`{}`, 1<<20+1), 400},
		{"128 KiB on the device plane", "POST", "/things/T/jobs/J", padded(`{"status":"FAILED"}`, 128<<10), 200},
		{"a byte more", "POST", "/things/T/jobs/J", padded(`{"status":"FAILED"}`, 128<<10+1), 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			if w := send(mux, c.method, c.path, c.body); w.Code != c.status {
				t.Errorf("got %d %s", w.Code, w.Body)
			}
		})
	}
}

func TestTheDoorHearsOfEveryRequestInFull(t *testing.T) {
	var heard []awsapi.Served
	mux := awsapi.NewMux(awsapi.MuxConfig{
		Routes: wireRoutes(),
		Served: func(_ *http.Request, s awsapi.Served) { heard = append(heard, s) },
	})
	answers := []*httptest.ResponseRecorder{
		send(mux, "PATCH", "/jobs/a", ""), send(mux, "PATCH", "/jobs/broken", ""), send(mux, "PATCH", "/jobs/panics", ""), send(mux, "GET", "/x", ""),
	}
	want := []struct {
		op     string
		status int
		err    string
	}{
		{"UpdateJob", 200, ""}, {"UpdateJob", 503, "disk on fire"}, {"UpdateJob", 503, "a mistake in the source"}, {"", 404, "No operation GET /x"},
	}
	for i, w := range want {
		got := heard[i]
		if got.Operation.Name != w.op || got.Status != w.status || (got.Err == nil) != (w.err == "") {
			t.Errorf("request %d: %+v", i, got)
		}
		if got.Err != nil && !strings.Contains(got.Err.Error(), w.err) {
			t.Errorf("request %d: %v does not say %q", i, got.Err, w.err)
		}
		if id := answers[i].Header().Get("X-Amzn-RequestId"); id == "" || id != got.RequestID {
			t.Errorf("request %d: the client was told id %q, the door %q", i, id, got.RequestID)
		}
	}
}

func TestOtherHandlersStandBesideTheOperations(t *testing.T) {
	mux := awsapi.NewMux(awsapi.MuxConfig{Beside: map[string]http.Handler{
		"GET /healthz": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }),
	}})
	for _, c := range []struct {
		name, method, path string
		status             int
	}{
		{"theirs", "GET", "/healthz", 204},
		{"theirs knows HEAD", "HEAD", "/healthz", 204},
		{"an operation", "GET", "/jobs", 400},
		{"neither", "POST", "/healthz", 404},
	} {
		t.Run(c.name, func(t *testing.T) {
			if w := send(mux, c.method, c.path, ""); w.Code != c.status {
				t.Errorf("got %d %s", w.Code, w.Body)
			}
		})
	}
}

func TestAHandlerMaySayNothing(t *testing.T) {
	mux := awsapi.NewMux(awsapi.MuxConfig{Routes: []awsapi.Route{
		awsapi.Handle(iot.UpdateJob, func(context.Context, *iot.UpdateJobRequest) (*iot.Empty, error) { return nil, nil }),
	}})
	if w := send(mux, "PATCH", "/jobs/a", ""); w.Code != 200 || w.Body.String() != "{}" {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

func TestAnOperationHasOneRoute(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("two routes for UpdateJob were taken")
		}
	}()
	routes := wireRoutes()
	awsapi.NewMux(awsapi.MuxConfig{Routes: append(routes, routes[0])})
}

// mistaken is a request whose shape and fields differ.
type mistaken struct {
	A string `json:"a"`
	B string `json:"b"`
}

func (mistaken) Shape() awsapi.Shape { return awsapi.Shape{{Name: "a"}} }

func TestAFieldWithoutARowIsAMistake(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a field that no request can fill was taken")
		}
	}()
	awsapi.NewDecoder[mistaken]()
}

// FuzzMux sends a stranger's request lines and bodies through every route.
// Whatever comes, the answer is JSON, never a redirect, and an error is one
// of those that the protocol knows.
func FuzzMux(f *testing.F) {
	for _, seed := range []struct{ method, path, body string }{
		{"PATCH", "/jobs/fw-3", `{"jobExecutionsRolloutConfig":{"exponentialRate":{"incrementFactor":1e1}}}`},
		{"PUT", "//jobs/a%2Fb", `{"targets":[null],"tags":[{"Key":"aws:x"}]}`},
		{"PUT", "/things/T/jobs/%24next", `{"statusDetails":{"a":"b"}}`},
		{"GET", "/things/./jobs?maxResults=1&X-Amz-Credential=a/b/c/iotdata/aws4_request", ``},
		{"HEAD", "/", ``},
		{"OPTIONS", "*", ``},
		{"POST", "/things/T", `{"attributePayload":{"attributes":{"a":1}}}`},
	} {
		f.Add(seed.method, seed.path, []byte(seed.body))
	}
	mux := awsapi.NewMux(awsapi.MuxConfig{Routes: wireRoutes()})
	f.Fuzz(func(t *testing.T, method, target string, body []byte) {
		r, err := http.NewRequest(method, "/", strings.NewReader(string(body)))
		if err != nil {
			t.Skip("no method")
		}
		if r.URL, err = r.URL.Parse(target); err != nil {
			t.Skip("no path")
		}
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		checkProtocol(t, w)
	})
}

func checkProtocol(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	if err := awsapi.CheckJSON(w.Body.Bytes()); err != nil || w.Body.Bytes()[0] != '{' {
		t.Fatalf("answer %d %q: %v", w.Code, w.Body, err)
	}
	name := w.Header().Get("X-Amzn-ErrorType")
	if (w.Code == 200) != (name == "") || w.Code >= 300 && w.Code < 400 || w.Header().Get("X-Amzn-RequestId") == "" {
		t.Fatalf("answer %d %v", w.Code, w.Header())
	}
	if name != "" && !strings.HasSuffix(name, "Exception") {
		t.Fatalf("error type %q", name)
	}
}

// FuzzCreateJob sends a stranger's body to the largest shape.
func FuzzCreateJob(f *testing.F) {
	for _, seed := range []string{
		``, `{"targets":["a"],"document":"{\"a\":1}"}`, `{"targets":["a"],"document":"[","tags":[{"Key":"a","Value":"b"},{"Key":"a"}]}`,
		`{"abortConfig":{"criteriaList":[{"failureType":"ALL","action":"CANCEL","thresholdPercentage":1e-2,"minNumberOfExecutedThings":1}]}}`,
		`{"jobExecutionsRetryConfig":{"criteriaList":[{},{},{}]},"timeoutConfig":{"inProgressTimeoutInMinutes":-0}}`,
	} {
		f.Add([]byte(seed))
	}
	decoder := awsapi.NewDecoder[iot.CreateJobRequest]()
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequest(http.MethodPut, "/jobs/a", strings.NewReader(string(body)))
		r.SetPathValue("jobId", "a")
		in, err := decoder.Request(r)
		if err != nil && !fault.Is(err, fault.InvalidRequest) && !fault.Is(err, fault.InvalidJSON) {
			t.Fatalf("refused with %v", err)
		}
		if err == nil && len(in.Targets) == 0 { // that the document is one is for package job to say
			t.Fatalf("%q became %+v", body, in)
		}
	})
}

func BenchmarkUpdateJobOverHTTP(b *testing.B) {
	mux := awsapi.NewMux(awsapi.MuxConfig{Routes: wireRoutes()})
	body := `{"description":"faster","jobExecutionsRolloutConfig":{"maximumPerMinute":100}}`
	b.ReportAllocs()
	for b.Loop() {
		if w := send(mux, "PATCH", "/jobs/fw-3", body); w.Code != 200 {
			b.Fatal(w.Body)
		}
	}
}

func BenchmarkReportOverHTTP(b *testing.B) {
	mux := awsapi.NewMux(awsapi.MuxConfig{Routes: []awsapi.Route{
		awsapi.Handle(jobsdata.UpdateJobExecution, func(context.Context, *jobsdata.UpdateJobExecutionRequest) (*jobsdata.UpdateAnswer, error) {
			return &jobsdata.UpdateAnswer{}, nil
		}),
	}})
	b.ReportAllocs()
	for b.Loop() {
		if w := send(mux, "POST", "/things/press-07/jobs/fw-3", `{"status":"IN_PROGRESS","statusDetails":{"progress":"40"}}`); w.Code != 200 {
			b.Fatal(w.Body)
		}
	}
}
