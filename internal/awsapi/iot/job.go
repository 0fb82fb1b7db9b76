package iot

import (
	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/fault"
)

// CreateJobRequest makes a job. spec: job-lifecycle.md#8-createjob
type CreateJobRequest struct {
	JobID                      string                      `json:"jobId"`
	Targets                    []string                    `json:"targets"` // ARNs of things and thing groups
	Document                   string                      `json:"document,omitempty"`
	Description                string                      `json:"description,omitempty"`
	PresignedURLConfig         *PresignedURLConfig         `json:"presignedUrlConfig,omitempty"`
	TargetSelection            string                      `json:"targetSelection,omitempty"` // "": SNAPSHOT
	JobExecutionsRolloutConfig *JobExecutionsRolloutConfig `json:"jobExecutionsRolloutConfig,omitempty"`
	AbortConfig                *AbortConfig                `json:"abortConfig,omitempty"`
	TimeoutConfig              *TimeoutConfig              `json:"timeoutConfig,omitempty"`
	JobExecutionsRetryConfig   *JobExecutionsRetryConfig   `json:"jobExecutionsRetryConfig,omitempty"`
	Tags                       []Tag                       `json:"tags,omitempty"`
}

// Shape implements awsapi.Shaped.
func (CreateJobRequest) Shape() awsapi.Shape {
	return awsapi.Shape{
		jobIDLabel,
		{Name: "targets", Required: true, Rule: awsapi.Rule{List: awsapi.Span{Min: 1, Max: 100}, Item: &target}},
		{Name: "documentSource", NotBuilt: true},
		{Name: "jobTemplateArn", NotBuilt: true},
		{Name: "documentParameters", NotBuilt: true},
		{Name: "schedulingConfig", NotBuilt: true},
		{Name: "namespaceId", NotBuilt: true},
		{Name: "destinationPackageVersions", NotBuilt: true},
		{Name: "document", Rule: awsapi.Rule{Length: awsapi.Span{Max: 32768}}},
		{Name: "description", Rule: text},
		{Name: "presignedUrlConfig"},
		{Name: "targetSelection", Rule: targetSelection},
		{Name: "jobExecutionsRolloutConfig"},
		{Name: "abortConfig"},
		{Name: "timeoutConfig"},
		{Name: "jobExecutionsRetryConfig"},
		{Name: "tags", Rule: tagList},
	}
}

// Check implements awsapi.Checked: the document is there, and no tag comes
// twice. What a document may be is the domain's to say.
func (r *CreateJobRequest) Check(string) error {
	if r.Document == "" {
		return fault.New(fault.InvalidRequest, "Value null at 'document' is not allowed")
	}
	return checkTags(r.Tags)
}

// JobAnswer is what CreateJob, CancelJob and AssociateTargetsWithJob answer.
type JobAnswer struct {
	JobARN      string `json:"jobArn,omitempty"`
	JobID       string `json:"jobId,omitempty"`
	Description string `json:"description,omitempty"`
}

// UpdateJobRequest changes a job in flight: a member that is given replaces
// that whole setting, an absent one leaves it.
// spec: job-lifecycle.md#9-updatejob-patch-jobsjobid
type UpdateJobRequest struct {
	JobID                      string                      `json:"jobId"`
	NamespaceID                string                      `json:"namespaceId,omitempty"`
	Description                string                      `json:"description,omitempty"` // "" cannot be sent
	PresignedURLConfig         *PresignedURLConfig         `json:"presignedUrlConfig,omitempty"`
	JobExecutionsRolloutConfig *JobExecutionsRolloutConfig `json:"jobExecutionsRolloutConfig,omitempty"`
	AbortConfig                *AbortConfig                `json:"abortConfig,omitempty"`
	TimeoutConfig              *TimeoutConfig              `json:"timeoutConfig,omitempty"`
	JobExecutionsRetryConfig   *JobExecutionsRetryConfig   `json:"jobExecutionsRetryConfig,omitempty"`
}

// Shape implements awsapi.Shaped.
func (UpdateJobRequest) Shape() awsapi.Shape {
	return awsapi.Shape{
		jobIDLabel,
		namespaceQuery,
		{Name: "description", Rule: text},
		{Name: "presignedUrlConfig"},
		{Name: "jobExecutionsRolloutConfig"},
		{Name: "abortConfig"},
		{Name: "timeoutConfig"},
		{Name: "jobExecutionsRetryConfig"},
	}
}

// CancelJobRequest ends a job. spec: job-lifecycle.md#51-canceljob-put-jobsjobidcancelforce
type CancelJobRequest struct {
	JobID      string `json:"jobId"`
	Force      bool   `json:"force,omitempty"`
	ReasonCode string `json:"reasonCode,omitempty"`
	Comment    string `json:"comment,omitempty"`
}

// Shape implements awsapi.Shaped.
func (CancelJobRequest) Shape() awsapi.Shape {
	return awsapi.Shape{
		jobIDLabel,
		forceQuery,
		{Name: "reasonCode", Rule: awsapi.Rule{Length: awsapi.Span{Max: 128}, Pattern: awsapi.ReasonCodePattern}},
		{Name: "comment", Rule: text},
	}
}

// DeleteJobRequest deletes a job and its executions.
// spec: job-lifecycle.md#6-delete
type DeleteJobRequest struct {
	JobID       string `json:"jobId"`
	Force       bool   `json:"force,omitempty"`
	NamespaceID string `json:"namespaceId,omitempty"`
}

// Shape implements awsapi.Shaped.
func (DeleteJobRequest) Shape() awsapi.Shape {
	return awsapi.Shape{jobIDLabel, forceQuery, namespaceQuery}
}

// AssociateTargetsWithJobRequest adds groups to a CONTINUOUS job.
// spec: job-lifecycle.md#83-associatetargetswithjob-post-jobsjobidtargets
type AssociateTargetsWithJobRequest struct {
	JobID       string   `json:"jobId"`
	NamespaceID string   `json:"namespaceId,omitempty"`
	Targets     []string `json:"targets"`
	Comment     string   `json:"comment,omitempty"`
}

// Shape implements awsapi.Shaped. How many targets a job may have is the
// domain's to say: it counts those that are there.
func (AssociateTargetsWithJobRequest) Shape() awsapi.Shape {
	return awsapi.Shape{
		jobIDLabel,
		namespaceQuery,
		{Name: "targets", Required: true, Rule: awsapi.Rule{List: awsapi.Span{Min: 1}, Item: &target}},
		{Name: "comment", Rule: text},
	}
}

// DescribeJobRequest asks for a job. Before and after substitution are the
// same as long as documents have no placeholders.
type DescribeJobRequest struct {
	JobID              string `json:"jobId"`
	BeforeSubstitution bool   `json:"beforeSubstitution,omitempty"`
}

// Shape implements awsapi.Shaped.
func (DescribeJobRequest) Shape() awsapi.Shape {
	return awsapi.Shape{jobIDLabel, {Name: "beforeSubstitution", In: awsapi.Query}}
}

// DescribeJobAnswer is a job.
type DescribeJobAnswer struct {
	Job Job `json:"job"`
}

// GetJobDocumentRequest asks for a job's document.
type GetJobDocumentRequest struct {
	JobID              string `json:"jobId"`
	BeforeSubstitution bool   `json:"beforeSubstitution,omitempty"`
}

// Shape implements awsapi.Shaped.
func (GetJobDocumentRequest) Shape() awsapi.Shape {
	return DescribeJobRequest{}.Shape()
}

// GetJobDocumentAnswer is the document's text as it was given.
type GetJobDocumentAnswer struct {
	Document string `json:"document"`
}

// ListJobsRequest asks for a page of jobs. spec: wire-protocol.md#7-paging
type ListJobsRequest struct {
	Status          string `json:"status,omitempty"`
	TargetSelection string `json:"targetSelection,omitempty"`
	ThingGroupName  string `json:"thingGroupName,omitempty"`
	ThingGroupID    string `json:"thingGroupId,omitempty"`
	NamespaceID     string `json:"namespaceId,omitempty"`
	MaxResults      int    `json:"maxResults,omitempty"` // 0: absent
	NextToken       string `json:"nextToken,omitempty"`
}

// Shape implements awsapi.Shaped.
func (ListJobsRequest) Shape() awsapi.Shape {
	groupID := awsapi.Rule{Length: awsapi.Span{Min: 1, Max: 128}, Pattern: awsapi.GroupIDPattern}
	return awsapi.Shape{
		{Name: "status", In: awsapi.Query, Rule: jobStatus},
		{Name: "targetSelection", In: awsapi.Query, Rule: targetSelection},
		{Name: "thingGroupName", In: awsapi.Query, Rule: name},
		{Name: "thingGroupId", In: awsapi.Query, Rule: groupID},
		namespaceQuery,
		maxResults,
		nextToken,
	}
}

// ListJobsAnswer is a page of jobs.
type ListJobsAnswer struct {
	Jobs      []JobSummary `json:"jobs"`
	NextToken string       `json:"nextToken,omitempty"`
}

// JobSummary is a job in a list. spec: api-shapes.md#jobsummary
type JobSummary struct {
	JobARN          string      `json:"jobArn"`
	JobID           string      `json:"jobId"`
	ThingGroupID    string      `json:"thingGroupId,omitempty"`
	TargetSelection string      `json:"targetSelection"`
	Status          string      `json:"status"`
	CreatedAt       awsapi.Time `json:"createdAt"`
	LastUpdatedAt   awsapi.Time `json:"lastUpdatedAt"`
	CompletedAt     awsapi.Time `json:"completedAt,omitzero"`
	IsConcurrent    bool        `json:"isConcurrent"`
}

// Job is a job in full. The configurations that were not given are absent,
// but for three that come empty: set those to empty structs.
// spec: job-lifecycle.md#81-validation-in-this-order-order-is-a-decision
type Job struct {
	JobARN                     string                     `json:"jobArn"`
	JobID                      string                     `json:"jobId"`
	TargetSelection            string                     `json:"targetSelection"`
	Status                     string                     `json:"status"`
	ForceCanceled              bool                       `json:"forceCanceled,omitempty"`
	ReasonCode                 string                     `json:"reasonCode,omitempty"`
	Comment                    string                     `json:"comment,omitempty"`
	Targets                    []string                   `json:"targets"`
	Description                string                     `json:"description,omitempty"`
	PresignedURLConfig         PresignedURLConfig         `json:"presignedUrlConfig"`
	JobExecutionsRolloutConfig JobExecutionsRolloutConfig `json:"jobExecutionsRolloutConfig"`
	AbortConfig                *AbortConfig               `json:"abortConfig,omitempty"`
	CreatedAt                  awsapi.Time                `json:"createdAt"`
	LastUpdatedAt              awsapi.Time                `json:"lastUpdatedAt"`
	CompletedAt                awsapi.Time                `json:"completedAt,omitzero"`
	JobProcessDetails          JobProcessDetails          `json:"jobProcessDetails"`
	TimeoutConfig              TimeoutConfig              `json:"timeoutConfig"`
	JobExecutionsRetryConfig   *JobExecutionsRetryConfig  `json:"jobExecutionsRetryConfig,omitempty"`
	IsConcurrent               bool                       `json:"isConcurrent"`
}

// JobProcessDetails counts the things of a job by the state of their latest
// execution; zeros are present.
// spec: job-lifecycle.md#7-counters-jobprocessdetails
type JobProcessDetails struct {
	ProcessingTargets        []string `json:"processingTargets,omitempty"` // absent when the rollout has finished
	NumberOfCanceledThings   int      `json:"numberOfCanceledThings"`
	NumberOfSucceededThings  int      `json:"numberOfSucceededThings"`
	NumberOfFailedThings     int      `json:"numberOfFailedThings"`
	NumberOfRejectedThings   int      `json:"numberOfRejectedThings"`
	NumberOfQueuedThings     int      `json:"numberOfQueuedThings"`
	NumberOfInProgressThings int      `json:"numberOfInProgressThings"`
	NumberOfRemovedThings    int      `json:"numberOfRemovedThings"`
	NumberOfTimedOutThings   int      `json:"numberOfTimedOutThings"`
}
