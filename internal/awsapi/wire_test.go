package awsapi_test

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/awsapi/jobsdata"
	"github.com/drover-iot/drover/internal/fault"
)

var rewrite = flag.Bool("update", false, "rewrite the answers in testdata/wire")

// refusals are what the routes of the wire files answer, by job id or name.
var refusals = map[string]error{
	"unknown":   fault.New(fault.NotFound, "No job unknown"),
	"done":      fault.New(fault.InvalidStateTransition, "Job done is COMPLETED"),
	"stale":     fault.New(fault.VersionConflict, "Expected version 2 but found version 3"),
	"finished":  fault.New(fault.TerminalState, "Job Execution has reached terminal state. It is neither IN_PROGRESS nor QUEUED"),
	"slow":      fault.New(fault.Throttled, "Too many requests"),
	"full":      fault.New(fault.LimitExceeded, "No more than 100 targets"),
	"stopping":  fault.New(fault.Unavailable, "The server is stopping"),
	"broken":    fmt.Errorf("load job: %w", errors.New("disk on fire at /var/lib/secret")),
	"wrapped":   fmt.Errorf("update job: %w", fault.New(fault.NotFound, "No job wrapped")),
	"taken":     &fault.Error{Kind: fault.AlreadyExists, Message: "Job taken already exists", Resource: "arn:aws:iot:us-east-1:000000000000:job/taken"},
	"takenById": &fault.Error{Kind: fault.AlreadyExists, Message: "Job takenById already exists", Resource: "takenById"},
}

// refuse answers the refusal of a name, or nothing.
func refuse(name string) (*iot.Empty, error) {
	if name == "panics" {
		panic("a mistake in the source")
	}
	return &iot.Empty{}, refusals[name]
}

func wireRoutes() []awsapi.Route {
	return []awsapi.Route{
		awsapi.Handle(iot.UpdateJob, func(_ context.Context, in *iot.UpdateJobRequest) (*iot.Empty, error) { return refuse(in.JobID) }),
		awsapi.Handle(iot.CreateJob, func(_ context.Context, in *iot.CreateJobRequest) (*iot.JobAnswer, error) {
			return &iot.JobAnswer{JobID: in.JobID, Description: in.Description}, refusals[in.JobID]
		}),
		awsapi.Handle(iot.DeleteJob, func(_ context.Context, in *iot.DeleteJobRequest) (*iot.Empty, error) { return refuse(in.JobID) }),
		awsapi.Handle(iot.CancelJobExecution, func(_ context.Context, in *iot.CancelJobExecutionRequest) (*iot.Empty, error) {
			return refuse(in.JobID)
		}),
		awsapi.Handle(iot.CreateThing, func(_ context.Context, in *iot.CreateThingRequest) (*iot.Empty, error) { return refuse(in.ThingName) }),
		awsapi.Handle(iot.DescribeThing, func(_ context.Context, in *iot.DescribeThingRequest) (*iot.DescribeThingAnswer, error) {
			return &iot.DescribeThingAnswer{ThingName: in.ThingName}, nil
		}),
		awsapi.Handle(iot.ListJobs, func(_ context.Context, in *iot.ListJobsRequest) (*iot.ListJobsAnswer, error) {
			return &iot.ListJobsAnswer{NextToken: fmt.Sprint(in.Status, in.MaxResults)}, refusals[in.NextToken]
		}),
		awsapi.Handle(iot.DescribeEndpoint, func(_ context.Context, in *iot.DescribeEndpointRequest) (*iot.DescribeEndpointAnswer, error) {
			return &iot.DescribeEndpointAnswer{EndpointAddress: in.Host}, nil
		}),
		awsapi.Handle(iot.DescribeJobExecution, func(_ context.Context, in *iot.DescribeJobExecutionRequest) (*iot.DescribeJobExecutionAnswer, error) {
			at := awsapi.At(time.UnixMilli(1486687079743))
			return &iot.DescribeJobExecutionAnswer{Execution: iot.JobExecution{JobID: in.JobID, QueuedAt: at, LastUpdatedAt: at}}, nil
		}),
		awsapi.Handle(iot.ListJobExecutionsForThing, func(context.Context, *iot.ListJobExecutionsForThingRequest) (*iot.ListJobExecutionsForThingAnswer, error) {
			return &iot.ListJobExecutionsForThingAnswer{}, nil
		}),
		awsapi.Handle(jobsdata.GetPendingJobExecutions, func(_ context.Context, in *jobsdata.GetPendingJobExecutionsRequest) (*jobsdata.PendingAnswer, error) {
			return &jobsdata.PendingAnswer{}, refusals[in.ThingName]
		}),
		awsapi.Handle(jobsdata.DescribeJobExecution, func(_ context.Context, in *jobsdata.DescribeJobExecutionRequest) (*jobsdata.ExecutionAnswer, error) {
			return &jobsdata.ExecutionAnswer{Execution: &jobsdata.Execution{JobID: in.JobID, ThingName: in.ThingName}}, refusals[in.JobID]
		}),
		awsapi.Handle(jobsdata.StartNextPendingJobExecution, func(_ context.Context, in *jobsdata.StartNextPendingJobExecutionRequest) (*jobsdata.ExecutionAnswer, error) {
			return &jobsdata.ExecutionAnswer{}, refusals[in.ThingName]
		}),
		awsapi.Handle(jobsdata.UpdateJobExecution, func(_ context.Context, in *jobsdata.UpdateJobExecutionRequest) (*jobsdata.UpdateAnswer, error) {
			return &jobsdata.UpdateAnswer{State: &jobsdata.State{Status: in.Status, VersionNumber: 4}}, refusals[in.JobID]
		}),
	}
}

// TestWire sends the requests of testdata/wire and compares the answers. A
// file holds exchanges: a line that says what it shows, the request without
// its length, a line of dashes, the answer.
func TestWire(t *testing.T) {
	files, err := filepath.Glob("testdata/wire/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no wire files: %v", err)
	}
	mux := awsapi.NewMux(awsapi.MuxConfig{Routes: wireRoutes()})
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		exchanges := strings.Split(string(text), "\n====\n")
		for i, exchange := range exchanges {
			request, want, _ := strings.Cut(exchange, "\n----\n")
			title, request, _ := strings.Cut(request, "\n")
			t.Run(filepath.Base(file)+"/"+title, func(t *testing.T) {
				got := answer(t, mux, request)
				exchanges[i] = title + "\n" + request + "\n----\n" + got
				if strings.TrimSuffix(want, "\n") != got && !*rewrite {
					t.Errorf("got\n%s\nwant\n%s", got, want)
				}
			})
		}
		if *rewrite {
			if err := os.WriteFile(file, []byte(strings.Join(exchanges, "\n====\n")+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

var uuids = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}`)

// answer sends a raw request and prints the raw answer.
func answer(t *testing.T, h http.Handler, raw string) string {
	t.Helper()
	head, body, _ := strings.Cut(raw, "\n\n")
	head += fmt.Sprintf("\nContent-Length: %d\n\n", len(body))
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(strings.ReplaceAll(head, "\n", "\r\n") + body)))
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var b strings.Builder
	fmt.Fprintf(&b, "HTTP/1.1 %d\n", w.Code)
	if err := w.Header().WriteSubset(&b, nil); err != nil {
		t.Fatal(err)
	}
	out := strings.ReplaceAll(b.String(), "\r\n", "\n") + "\n" + w.Body.String()
	return uuids.ReplaceAllString(out, "<uuid>")
}
