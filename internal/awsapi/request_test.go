package awsapi_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iot"
)

func decimal(t *testing.T, text string) (d awsapi.Decimal) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// roundTrip writes in as a client does and reads it as the server does.
func roundTrip[T awsapi.Shaped](t *testing.T, op awsapi.Operation, in T) (out T) {
	t.Helper()
	r, err := awsapi.NewRequest(t.Context(), "http://127.0.0.1:7070/", op, in)
	if err != nil {
		t.Fatal(err)
	}
	decoder, mux := awsapi.NewDecoder[T](), http.NewServeMux()
	mux.HandleFunc(op.Method+" "+op.Path, func(_ http.ResponseWriter, r *http.Request) { out, err = decoder.Request(r) })
	mux.ServeHTTP(httptest.NewRecorder(), r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestWhatAClientWritesTheServerReads(t *testing.T) {
	version, yes, empty := int64(0), false, ""
	same := cmp.Comparer(func(a, b awsapi.Decimal) bool { return a.String() == b.String() })
	check := func(name string, want, got any) {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(want, got, same); diff != "" {
				t.Error(diff)
			}
		})
	}
	create := iot.CreateJobRequest{
		JobID: "fw-3", Targets: []string{"arn:a"}, Document: `{"h":"<&>"}`, Description: "x", TargetSelection: "CONTINUOUS",
		PresignedURLConfig: &iot.PresignedURLConfig{ExpiresInSec: 60},
		JobExecutionsRolloutConfig: &iot.JobExecutionsRolloutConfig{MaximumPerMinute: 5, ExponentialRate: &iot.ExponentialRolloutRate{
			BaseRatePerMinute: 1, IncrementFactor: decimal(t, "1.5"), RateIncreaseCriteria: &iot.RateIncreaseCriteria{NumberOfSucceededThings: 5},
		}},
		AbortConfig: &iot.AbortConfig{CriteriaList: []iot.AbortCriteria{
			{FailureType: "ALL", Action: "CANCEL", ThresholdPercentage: decimal(t, "33.33"), MinNumberOfExecutedThings: 3},
		}},
		TimeoutConfig:            &iot.TimeoutConfig{InProgressTimeoutInMinutes: 10080},
		JobExecutionsRetryConfig: &iot.JobExecutionsRetryConfig{CriteriaList: []iot.RetryCriteria{{FailureType: "FAILED"}}},
		Tags:                     []iot.Tag{{Key: "team"}},
	}
	check("a job with everything", create, roundTrip(t, iot.CreateJob, create))
	update := iot.UpdateJobRequest{JobID: "fw-3", NamespaceID: "n", TimeoutConfig: &iot.TimeoutConfig{}}
	check("an update with an empty setting", update, roundTrip(t, iot.UpdateJob, update))
	cancel := iot.CancelJobExecutionRequest{JobID: "j", ThingName: "a:b", Force: true, ExpectedVersion: &version, StatusDetails: map[string]string{}}
	check("labels, query and a version of zero", cancel, roundTrip(t, iot.CancelJobExecution, cancel))
	del := iot.DeleteJobExecutionRequest{JobID: "j", ThingName: "t", ExecutionNumber: 12}
	check("a number in the path", del, roundTrip(t, iot.DeleteJobExecution, del))
	list := iot.ListThingGroupsRequest{Recursive: &yes, MaxResults: 250, NextToken: "a+/=&"}
	check("a false that is given", list, roundTrip(t, iot.ListThingGroups, list))
	group := iot.UpdateThingGroupRequest{ThingGroupName: "g", ThingGroupProperties: &iot.ThingGroupProperties{ThingGroupDescription: &empty}}
	check("a text that is given and empty", group, roundTrip(t, iot.UpdateThingGroup, group))
	things := iot.ListThingsRequest{}
	check("nothing at all", things, roundTrip(t, iot.ListThings, things))
}

func TestALabelHasToBeThere(t *testing.T) {
	if _, err := awsapi.NewRequest(t.Context(), "http://x", iot.UpdateJob, iot.UpdateJobRequest{}); err == nil {
		t.Error("a request without a job id was written")
	}
}
