package iot

import (
	"time"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
)

// CancelJobExecution cancels the latest execution of a job on a thing.
// spec: job-lifecycle.md#52-canceljobexecution-put-thingsthingjobsjobidcancelforce
var CancelJobExecution = awsapi.MustLookup(awsapi.IoT, "CancelJobExecution")

// CancelJobExecutionRequest is what CancelJobExecution takes.
type CancelJobExecutionRequest struct {
	JobID           string            `json:"jobId"`
	ThingName       string            `json:"thingName"`
	Force           bool              `json:"force,omitempty"`
	ExpectedVersion *int64            `json:"expectedVersion,omitempty"`
	StatusDetails   map[string]string `json:"statusDetails,omitempty"` // nil: keep what is stored
}

// Shape implements awsapi.Shaped.
func (CancelJobExecutionRequest) Shape() awsapi.Shape {
	return awsapi.Shape{
		jobIDLabel, thingNameLabel, forceQuery, expected,
		{Name: "statusDetails", Rule: statusDetails},
	}
}

// DeleteJobExecution deletes one execution.
// spec: job-lifecycle.md#6-delete
var DeleteJobExecution = awsapi.MustLookup(awsapi.IoT, "DeleteJobExecution")

// DeleteJobExecutionRequest is what DeleteJobExecution takes.
type DeleteJobExecutionRequest struct {
	JobID           string `json:"jobId"`
	ThingName       string `json:"thingName"`
	ExecutionNumber int64  `json:"executionNumber"`
	Force           bool   `json:"force,omitempty"`
	NamespaceID     string `json:"namespaceId,omitempty"`
}

// Shape implements awsapi.Shaped.
func (DeleteJobExecutionRequest) Shape() awsapi.Shape {
	return awsapi.Shape{
		jobIDLabel, thingNameLabel,
		{Name: "executionNumber", In: awsapi.Path, Required: true},
		forceQuery, namespaceQuery,
	}
}

// DescribeJobExecution asks for an execution, the latest one if no number is
// given.
var DescribeJobExecution = awsapi.MustLookup(awsapi.IoT, "DescribeJobExecution")

// DescribeJobExecutionRequest is what DescribeJobExecution takes.
type DescribeJobExecutionRequest struct {
	JobID           string `json:"jobId"`
	ThingName       string `json:"thingName"`
	ExecutionNumber *int64 `json:"executionNumber,omitempty"`
}

// Shape implements awsapi.Shaped.
func (DescribeJobExecutionRequest) Shape() awsapi.Shape {
	return awsapi.Shape{jobIDLabel, thingNameLabel, {Name: "executionNumber", In: awsapi.Query}}
}

// DescribeJobExecutionAnswer is an execution.
type DescribeJobExecutionAnswer struct {
	Execution JobExecution `json:"execution"`
}

// JobExecution is an execution as the control plane shows it, without its
// document. spec: api-shapes.md#jobexecution
type JobExecution struct {
	JobID                            string        `json:"jobId"`
	Status                           string        `json:"status"`
	ForceCanceled                    bool          `json:"forceCanceled,omitempty"`
	StatusDetails                    StatusDetails `json:"statusDetails"`
	ThingARN                         string        `json:"thingArn"`
	QueuedAt                         awsapi.Time   `json:"queuedAt"`
	StartedAt                        awsapi.Time   `json:"startedAt,omitzero"`
	LastUpdatedAt                    awsapi.Time   `json:"lastUpdatedAt"`
	ExecutionNumber                  int64         `json:"executionNumber"`
	VersionNumber                    int64         `json:"versionNumber"`
	ApproximateSecondsBeforeTimedOut *int64        `json:"approximateSecondsBeforeTimedOut,omitempty"` // nil: no timer runs
}

// ExecutionOf is x, of j on t, as DescribeJobExecution shows it at now.
func ExecutionOf(x job.Execution, j job.Job, t fleet.Thing, s awsapi.Scope, now time.Time) JobExecution {
	shown := JobExecution{
		JobID: j.Name, Status: x.State.String(), ForceCanceled: x.Forced,
		StatusDetails: StatusDetails{DetailsMap: x.Details},
		ThingARN:      s.ARN(awsapi.ResourceThing, t.Name),
		QueuedAt:      awsapi.At(x.QueuedAt), StartedAt: awsapi.At(x.StartedAt), LastUpdatedAt: awsapi.At(x.UpdatedAt),
		ExecutionNumber: x.Number, VersionNumber: x.Version,
	}
	if left, ok := x.SecondsLeft(now); ok {
		shown.ApproximateSecondsBeforeTimedOut = &left
	}
	return shown
}

// StatusDetails wraps what a device said of its progress; it comes as {}
// when there is nothing. spec: api-shapes.md#jobexecutionstatusdetails
type StatusDetails struct {
	DetailsMap map[string]string `json:"detailsMap,omitempty"`
}

// JobExecutionSummary is an execution in a list.
// spec: api-shapes.md#jobexecutionsummary
type JobExecutionSummary struct {
	Status          string      `json:"status"`
	QueuedAt        awsapi.Time `json:"queuedAt"`
	StartedAt       awsapi.Time `json:"startedAt,omitzero"`
	LastUpdatedAt   awsapi.Time `json:"lastUpdatedAt"`
	ExecutionNumber int64       `json:"executionNumber"`
	RetryAttempt    int         `json:"retryAttempt"` // present when it is 0
}

// ExecutionSummaryOf is x in a list.
func ExecutionSummaryOf(x job.Execution) JobExecutionSummary {
	return JobExecutionSummary{
		Status: x.State.String(), QueuedAt: awsapi.At(x.QueuedAt), StartedAt: awsapi.At(x.StartedAt),
		LastUpdatedAt: awsapi.At(x.UpdatedAt), ExecutionNumber: x.Number, RetryAttempt: x.Retries.Attempt(),
	}
}

// ListJobExecutionsForJob asks for a page of a job's executions.
var ListJobExecutionsForJob = awsapi.MustLookup(awsapi.IoT, "ListJobExecutionsForJob")

// ListJobExecutionsForJobRequest is what ListJobExecutionsForJob takes.
type ListJobExecutionsForJobRequest struct {
	JobID      string `json:"jobId"`
	Status     string `json:"status,omitempty"`
	MaxResults int    `json:"maxResults,omitempty"` // 0: absent
	NextToken  string `json:"nextToken,omitempty"`
}

// Shape implements awsapi.Shaped.
func (ListJobExecutionsForJobRequest) Shape() awsapi.Shape {
	return awsapi.Shape{jobIDLabel, {Name: "status", In: awsapi.Query, Rule: executionStatus}, maxResults, nextToken}
}

// ListJobExecutionsForJobAnswer is a page of a job's executions.
type ListJobExecutionsForJobAnswer struct {
	ExecutionSummaries []JobExecutionSummaryForJob `json:"executionSummaries"`
	NextToken          string                      `json:"nextToken,omitempty"`
}

// JobExecutionSummaryForJob is an execution in the list of its job.
type JobExecutionSummaryForJob struct {
	ThingARN            string              `json:"thingArn"`
	JobExecutionSummary JobExecutionSummary `json:"jobExecutionSummary"`
}

// ListJobExecutionsForThing asks for a page of a thing's executions.
var ListJobExecutionsForThing = awsapi.MustLookup(awsapi.IoT, "ListJobExecutionsForThing")

// ListJobExecutionsForThingRequest is what ListJobExecutionsForThing takes.
type ListJobExecutionsForThingRequest struct {
	ThingName   string `json:"thingName"`
	Status      string `json:"status,omitempty"`
	NamespaceID string `json:"namespaceId,omitempty"`
	JobID       string `json:"jobId,omitempty"`
	MaxResults  int    `json:"maxResults,omitempty"` // 0: absent
	NextToken   string `json:"nextToken,omitempty"`
}

// Shape implements awsapi.Shaped.
func (ListJobExecutionsForThingRequest) Shape() awsapi.Shape {
	return awsapi.Shape{
		thingNameLabel,
		{Name: "status", In: awsapi.Query, Rule: executionStatus},
		namespaceQuery,
		{Name: "jobId", In: awsapi.Query, Rule: jobID},
		maxResults,
		nextToken,
	}
}

// ListJobExecutionsForThingAnswer is a page of a thing's executions.
type ListJobExecutionsForThingAnswer struct {
	ExecutionSummaries []JobExecutionSummaryForThing `json:"executionSummaries"`
	NextToken          string                        `json:"nextToken,omitempty"`
}

// JobExecutionSummaryForThing is an execution in the list of its thing.
type JobExecutionSummaryForThing struct {
	JobID               string              `json:"jobId"`
	JobExecutionSummary JobExecutionSummary `json:"jobExecutionSummary"`
}
