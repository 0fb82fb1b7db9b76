package device_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/drovertest"
)

// spec: device-api.md#12-iot-jobs-data-over-http
func TestHTTPSIsARestJSONService(t *testing.T) {
	n := drovertest.Start(t, drovertest.Options{})
	n.CreateThings("press-01")
	n.CreateJob(iot.CreateJobRequest{JobID: "a"}, "press-01")
	n.CreateJob(iot.CreateJobRequest{JobID: "b"}, "press-01")
	n.Settle()
	rows := []struct {
		name, method, path, body string
		status                   int
		want                     string // exception, or a part of the body
	}{
		{"$next as it is", "GET", "/things/press-01/jobs/$next", "", 200, `"jobId":"a","thingName":"press-01","status":"QUEUED"`},
		{"$next percent-encoded", "GET", "/things/press-01/jobs/%24next", "", 200, `"jobId":"a"`},
		{"a query that is tolerated", "GET", "/things/press-01/jobs?namespaceId=x", "", 200, `{"inProgressJobs":[],"queuedJobs":[{"jobId":"a",`},
		{"no document", "GET", "/things/press-01/jobs/a?includeJobDocument=false", "", 200, `"executionNumber":1}}`},
		{"a document", "GET", "/things/press-01/jobs/a?includeJobDocument=true&executionNumber=1", "", 200, `"jobDocument":"{\"op\":\"a\"}"}}`},
		{"an unknown number", "GET", "/things/press-01/jobs/a?executionNumber=2", "", 404, "ResourceNotFoundException"},
		{"a number that is none", "GET", "/things/press-01/jobs/a?executionNumber=x", "", 400, "InvalidRequestException"},
		{"start-next without a body", "PUT", "/things/press-01/jobs/$next", "", 200, `{"execution":{"jobId":"a","thingName":"press-01","status":"IN_PROGRESS"`},
		{"start-next percent-encoded", "PUT", "/things/press-01/jobs/%24next", "{}", 200, `"jobId":"a"`},
		{"an update without a body", "POST", "/things/press-01/jobs/a", "", 400, "InvalidRequestException"},
		{"an update of $next", "POST", "/things/press-01/jobs/$next", `{"status":"SUCCEEDED"}`, 400, "InvalidRequestException"},
		{"a body that is not JSON", "POST", "/things/press-01/jobs/a", `{`, 400, "InvalidRequestException"},
		{"a body that is no object", "POST", "/things/press-01/jobs/a", `[]`, 400, "InvalidRequestException"},
		{"a body that is not UTF-8", "POST", "/things/press-01/jobs/a", "{\"status\":\"\xff\"}", 400, "InvalidRequestException"},
		{"a body over 128 KiB", "POST", "/things/press-01/jobs/a", `{"status":"SUCCEEDED","x":"` + strings.Repeat("x", 128<<10) + `"}`, 400, "InvalidRequestException"},
		{"another method", "PATCH", "/things/press-01/jobs/a", `{}`, 400, "InvalidRequestException"},
		{"another path", "GET", "/things/press-01/tasks", "", 400, "InvalidRequestException"},
		{"a stale version", "POST", "/things/press-01/jobs/a", `{"status":"SUCCEEDED","expectedVersion":1}`, 409, "InvalidStateTransitionException"},
		{"the state when asked", "POST", "/things/press-01/jobs/a", `{"status":"SUCCEEDED","expectedVersion":2,"includeJobExecutionState":true}`, 200, `{"executionState":{"status":"SUCCEEDED","versionNumber":3}}`},
		{"what has ended cannot be described", "GET", "/things/press-01/jobs/a", "", 410, "TerminalStateException"},
		{"nor changed", "POST", "/things/press-01/jobs/a", `{"status":"FAILED"}`, 409, "InvalidStateTransitionException"},
		{"an unknown thing", "GET", "/things/nobody/jobs", "", 404, "ResourceNotFoundException"},
		{"an answer without members", "POST", "/things/press-01/jobs/b", `{"status":"REJECTED"}`, 200, `{}`},
		{"nothing pending", "GET", "/things/press-01/jobs/$next", "", 200, `{}`},
		{"nothing to start", "PUT", "/things/press-01/jobs/$next", "", 200, `{}`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			status, exception, body := signed(t, n, row.method, row.path, row.body)
			if status != row.status || !strings.Contains(exception+body, row.want) {
				t.Errorf("%d %s %s, want %d %s", status, exception, body, row.status, row.want)
			}
		})
	}
}

// signed sends a request with the scope of iot-jobs-data.
func signed(t *testing.T, n *drovertest.Node, method, path, body string) (status int, exception, answer string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, n.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=k/20260101/us-east-1/iot-jobs-data/aws4_request, SignedHeaders=host, Signature=00")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header.Get("X-Amzn-Errortype"), string(text)
}
