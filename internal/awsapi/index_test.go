package awsapi

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/fault"
)

// specOperations reads the operations that the specification lists.
func specOperations(t *testing.T) []specOperation {
	t.Helper()
	text, err := os.ReadFile("../../docs/spec/api-operations.md")
	if err != nil {
		t.Fatal(err)
	}
	section := regexp.MustCompile(`(?s)### (\w+)\n\n.([A-Z]+) (\S+). success.*?\nErrors: ([^\n]*)\.\n`)
	data, publish := strings.Index(string(text), "## Jobs data plane"), strings.Index(string(text), "## IoT data plane")
	var all []specOperation
	for _, m := range section.FindAllSubmatchIndex(text, -1) {
		part := func(i int) string { return string(text[m[2*i]:m[2*i+1]]) }
		of := IoT
		if m[0] > publish {
			of = Data
		} else if m[0] > data {
			of = JobsData
		}
		all = append(all, specOperation{of, part(1), part(2), strings.Trim(part(3), "`"), strings.Split(part(4), ", ")})
	}
	return all
}

type specOperation struct {
	service            Service
	name, method, path string
	errors             []string // "LimitExceededException 410"
}

func TestTheIndexIsTheSpecification(t *testing.T) {
	spec := specOperations(t)
	if len(spec) != len(operations) {
		t.Fatalf("the specification has %d operations, the index %d", len(spec), len(operations))
	}
	for i, want := range spec {
		got := operations[i]
		if got.Name != want.name || got.Service != want.service || got.Method != want.method || got.Path != want.path {
			t.Errorf("row %d is %s %s %s %s, the specification says %s %s %s %s", i,
				got.Service, got.Name, got.Method, got.Path, want.service, want.name, want.method, want.path)
		}
		if g, w := strings.Join(wireErrors(got), " "), strings.Join(sorted(want.errors), " "); g != w {
			t.Errorf("%s models\n%s, the specification says\n%s", got.Name, g, w)
		}
	}
}

// kinds are all kinds of error that an operation can run into.
var kinds = []fault.Kind{
	fault.Internal, fault.Unavailable, fault.InvalidRequest, fault.InvalidJSON, fault.InvalidTopic, fault.NotFound,
	fault.AlreadyExists, fault.VersionConflict, fault.InvalidStateTransition, fault.TerminalState,
	fault.LimitExceeded, fault.Throttled, fault.InvalidQuery, fault.InvalidAggregation, fault.IndexNotReady,
}

func TestAnOperationAnswersOnlyWithErrorsOfItsModel(t *testing.T) {
	// Two models have no error for a bad request; they are refused by name.
	unmodelled := map[string]bool{"DescribeEventConfigurations": true, "GetPackageConfiguration": true}
	for _, op := range operations {
		for _, kind := range kinds {
			e := ExceptionFor(op, kind)
			if !op.Errors.Has(e) && !unmodelled[op.Name] {
				t.Errorf("%s answers kind %d with %s, which it does not model", op.Name, kind, e.Name())
			}
		}
	}
}

func TestEveryKindHasItsRowInTheErrorTable(t *testing.T) {
	for i, f := range faces {
		if int(f.kind) != i {
			t.Errorf("row %d of the table is for kind %d", i, f.kind)
		}
	}
	if want := int(fault.UnknownOperation) + 1; len(faces) != want {
		t.Errorf("the table has %d rows for %d kinds", len(faces), want)
	}
}

func TestErrorsByOperation(t *testing.T) {
	for _, c := range []struct {
		name, op string
		service  Service
		kind     fault.Kind
		want     string
		status   int
	}{
		{"UpdateJob in the wrong state models no state error", "UpdateJob", IoT, fault.InvalidStateTransition, "InvalidRequestException", 400},
		{"CancelJob in the wrong state models no state error", "CancelJob", IoT, fault.InvalidStateTransition, "InvalidRequestException", 400},
		{"DeleteJob in the wrong state", "DeleteJob", IoT, fault.InvalidStateTransition, "InvalidStateTransitionException", 409},
		{"CancelJobExecution in the wrong state", "CancelJobExecution", IoT, fault.InvalidStateTransition, "InvalidStateTransitionException", 409},
		{"CancelJobExecution with a stale version", "CancelJobExecution", IoT, fault.VersionConflict, "VersionConflictException", 409},
		{"UpdateJobExecution with a stale version", "UpdateJobExecution", JobsData, fault.VersionConflict, "InvalidStateTransitionException", 409},
		{"a finished execution described by its device", "DescribeJobExecution", JobsData, fault.TerminalState, "TerminalStateException", 410},
		{"a page of another site", "ListJobs", IoT, fault.Forbidden, "AccessDeniedException", 403},
		{"a page of another site on the device plane", "GetPendingJobExecutions", JobsData, fault.Forbidden, "ForbiddenException", 403},
		{"the job quota", "CreateJob", IoT, fault.LimitExceeded, "LimitExceededException", 410},
		{"throttling of the control plane", "ListJobs", IoT, fault.Throttled, "ThrottlingException", 400},
		{"throttling of the device plane", "GetPendingJobExecutions", JobsData, fault.Throttled, "ThrottlingException", 429},
		{"an internal error where it is modelled", "CreateThing", IoT, fault.Internal, "InternalFailureException", 500},
		{"an internal error of packages", "CreatePackage", IoT, fault.Internal, "InternalServerException", 500},
		{"an internal error where only unavailability is modelled", "CreateJob", IoT, fault.Internal, "ServiceUnavailableException", 503},
		{"an internal error of the device plane", "UpdateJobExecution", JobsData, fault.Internal, "ServiceUnavailableException", 503},
		{"a bad package request", "CreatePackage", IoT, fault.InvalidRequest, "ValidationException", 400},
		{"a command that is not built", "StartCommandExecution", JobsData, fault.InvalidRequest, "ValidationException", 400},
		{"a query that cannot be read", "SearchIndex", IoT, fault.InvalidQuery, "InvalidQueryException", 400},
		{"a field that cannot be aggregated", "GetPercentiles", IoT, fault.InvalidAggregation, "InvalidAggregationException", 400},
		{"a search while the index is off", "SearchIndex", IoT, fault.IndexNotReady, "IndexNotReadyException", 400},
		{"a dynamic group while the index is off", "CreateDynamicThingGroup", IoT, fault.IndexNotReady, "InvalidRequestException", 400},
		{"a template that exists", "CreateJobTemplate", IoT, fault.AlreadyExists, "ConflictException", 409},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := ExceptionFor(MustLookup(c.service, c.op), c.kind)
			if e.Name() != c.want || e.Status(c.service) != c.status {
				t.Errorf("got %s %d, want %s %d", e.Name(), e.Status(c.service), c.want, c.status)
			}
		})
	}
}

func TestCodeWordsOfTheJobsTopics(t *testing.T) {
	want := map[fault.Kind]string{
		fault.Internal: "InternalError", fault.Unavailable: "InternalError",
		fault.InvalidRequest: "InvalidRequest", fault.InvalidJSON: "InvalidJson", fault.InvalidTopic: "InvalidTopic",
		fault.NotFound: "ResourceNotFound", fault.VersionConflict: "VersionMismatch",
		fault.InvalidStateTransition: "InvalidStateTransition", fault.TerminalState: "TerminalStateReached",
		fault.Throttled: "RequestThrottled",
	}
	for kind, word := range want {
		if got := CodeWord(kind); got != word {
			t.Errorf("kind %d is %s, want %s", kind, got, word)
		}
	}
}
