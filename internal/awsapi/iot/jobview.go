package iot

import (
	"time"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/job"
)

// DescribeJob asks for a job. Before and after substitution are the same
// as long as documents have no placeholders.
var DescribeJob = awsapi.MustLookup(awsapi.IoT, "DescribeJob")

// DescribeJobRequest is what DescribeJob takes.
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
	DocumentSource string `json:"documentSource,omitempty"`
	Job            Job    `json:"job"`
	Version        int64  `json:"-"` // as its ETag
}

// Tag implements awsapi.Tagged.
func (a *DescribeJobAnswer) Tag() int64 { return a.Version }

// GetJobDocument asks for a job's document.
var GetJobDocument = awsapi.MustLookup(awsapi.IoT, "GetJobDocument")

// GetJobDocumentRequest is what GetJobDocument takes.
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

// ListJobs asks for a page of jobs. spec: wire-protocol.md#7-paging
var ListJobs = awsapi.MustLookup(awsapi.IoT, "ListJobs")

// ListJobsRequest is what ListJobs takes.
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

// SummaryOf is j in a list.
func SummaryOf(j job.Job, s awsapi.Scope) JobSummary {
	return JobSummary{
		JobARN: s.ARN(awsapi.ResourceJob, j.Name), JobID: j.Name,
		TargetSelection: j.Selection.String(), Status: j.Status.String(),
		CreatedAt: awsapi.At(j.CreatedAt), LastUpdatedAt: awsapi.At(j.UpdatedAt), CompletedAt: awsapi.At(j.CompletedAt),
		IsConcurrent: j.Concurrent(),
	}
}

// Job is a job in full. The configurations that were not given are absent,
// but for three that come empty: set those to empty structs.
// spec: job-lifecycle.md#84-what-describejob-shows
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
	NamespaceID                string                     `json:"namespaceId,omitempty"`
	JobTemplateARN             string                     `json:"jobTemplateArn,omitempty"`
	JobExecutionsRetryConfig   *JobExecutionsRetryConfig  `json:"jobExecutionsRetryConfig,omitempty"`
	DocumentParameters         map[string]string          `json:"documentParameters,omitempty"`
	IsConcurrent               bool                       `json:"isConcurrent"`
	SchedulingConfig           *SchedulingConfig          `json:"schedulingConfig,omitempty"`
	ScheduledJobRollouts       []ScheduledJobRollout      `json:"scheduledJobRollouts,omitempty"`
	DestinationPackageVersions []string                   `json:"destinationPackageVersions,omitempty"`
}

// JobOf is j as DescribeJob shows it at now.
// spec: job-lifecycle.md#84-what-describejob-shows
func JobOf(j job.Job, s awsapi.Scope, now time.Time) Job {
	shown := Job{
		JobARN: s.ARN(awsapi.ResourceJob, j.Name), JobID: j.Name,
		TargetSelection: j.Selection.String(), Status: j.Status.String(),
		ForceCanceled: j.Forced, ReasonCode: j.Reason, Comment: j.Comment,
		Targets: targetARNs(j.Targets, s), Description: j.Settings.Description,
		PresignedURLConfig:         PresignedURLConfig{RoleARN: j.Settings.Presigned.RoleARN, ExpiresInSec: int64(j.Settings.Presigned.ExpiresIn)},
		JobExecutionsRolloutConfig: rolloutOf(j.Settings.Rollout),
		AbortConfig:                abortOf(j.Settings.Abort),
		CreatedAt:                  awsapi.At(j.CreatedAt), LastUpdatedAt: awsapi.At(j.UpdatedAt), CompletedAt: awsapi.At(j.CompletedAt),
		JobProcessDetails:        countsOf(j.Counts),
		TimeoutConfig:            TimeoutConfig{InProgressTimeoutInMinutes: int64(j.Settings.Timeout.InProgressMinutes)},
		NamespaceID:              j.Namespace,
		JobTemplateARN:           originARN(j.Settings.Origin, s),
		JobExecutionsRetryConfig: retryOf(j.Settings.Retry),
		DocumentParameters:       j.Settings.Origin.Parameters,
		IsConcurrent:             j.Concurrent(),
		SchedulingConfig:         scheduleOf(j.Settings.Schedule),
		ScheduledJobRollouts:     rolloutsOf(j.Upcoming(now)),

		DestinationPackageVersions: DestinationsOf(j.Settings, s, false),
	}
	shown.JobProcessDetails.ProcessingTargets = targetARNs(j.Processing(), s)
	return shown
}

// DestinationsOf are the ARNs of the package versions that a job of these
// settings brings: as they are, or as they were given.
func DestinationsOf(of job.Settings, s awsapi.Scope, given bool) []string {
	var arns []string
	for _, d := range of.Packages {
		version := d.Version
		switch {
		case d.Default && given:
			version = DefaultVersion
		case version == "":
			version = NullVersion
		}
		arns = append(arns, s.PackageVersionARN(d.Package, version))
	}
	return arns
}

// What stands for a version in the ARN of a destination.
// spec: wire-protocol.md#6-arns
const (
	DefaultVersion = "$default"
	NullVersion    = "$null"
)

func targetARNs(targets []job.Target, s awsapi.Scope) []string {
	var arns []string
	for _, t := range targets {
		kind := awsapi.ResourceThing
		if t.Group {
			kind = awsapi.ResourceThingGroup
		}
		arns = append(arns, s.ARN(kind, t.Name))
	}
	return arns
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

func countsOf(c job.Counts) JobProcessDetails {
	return JobProcessDetails{
		NumberOfCanceledThings: int(c.Canceled), NumberOfSucceededThings: int(c.Succeeded),
		NumberOfFailedThings: int(c.Failed), NumberOfRejectedThings: int(c.Rejected),
		NumberOfQueuedThings: int(c.Queued), NumberOfInProgressThings: int(c.InProgress),
		NumberOfRemovedThings: int(c.Removed), NumberOfTimedOutThings: int(c.TimedOut),
	}
}
