package iot

import (
	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/job"
)

// CreateJob makes a job. spec: job-lifecycle.md#8-createjob
var CreateJob = awsapi.MustLookup(awsapi.IoT, "CreateJob")

// CreateJobExtended is CreateJob with what AWS does not have: a window may name
// a time zone, and the job may be paused or capped from its beginning on.
// spec: rollout-abort-timeout-retry-schedule.md#55-time-zone-extension
// spec: job-lifecycle.md#126-held-back-from-the-beginning
var CreateJobExtended = awsapi.Operation{
	Name: CreateJob.Name, Service: CreateJob.Service, Method: CreateJob.Method, Path: "/drover/v1/jobs/{jobId}", Errors: CreateJob.Errors,
}

// CreateJobRequest is what CreateJob takes.
type CreateJobRequest struct {
	JobID                      string                      `json:"jobId"`
	Targets                    []string                    `json:"targets"` // ARNs of things and thing groups
	Document                   string                      `json:"document,omitempty"`
	DocumentSource             string                      `json:"documentSource,omitempty"` // the URL of an object in S3
	Description                string                      `json:"description,omitempty"`
	PresignedURLConfig         *PresignedURLConfig         `json:"presignedUrlConfig,omitempty"`
	TargetSelection            string                      `json:"targetSelection,omitempty"` // "": SNAPSHOT
	JobExecutionsRolloutConfig *JobExecutionsRolloutConfig `json:"jobExecutionsRolloutConfig,omitempty"`
	AbortConfig                *AbortConfig                `json:"abortConfig,omitempty"`
	TimeoutConfig              *TimeoutConfig              `json:"timeoutConfig,omitempty"`
	JobExecutionsRetryConfig   *JobExecutionsRetryConfig   `json:"jobExecutionsRetryConfig,omitempty"`
	SchedulingConfig           *SchedulingConfig           `json:"schedulingConfig,omitempty"`
	Tags                       []Tag                       `json:"tags,omitempty"`
	JobTemplateARN             string                      `json:"jobTemplateArn,omitempty"`
	DocumentParameters         map[string]string           `json:"documentParameters,omitempty"`
	NamespaceID                string                      `json:"namespaceId,omitempty"`
	DestinationPackageVersions []string                    `json:"destinationPackageVersions,omitempty"` // ARNs
	Paused                     bool                        `json:"paused,omitempty"`
	HideQueued                 bool                        `json:"hideQueued,omitempty"`
	MaximumInProgress          int                         `json:"maximumInProgress,omitempty"` // 0: any number
	By                         string                      `json:"by"`                          // who asks
}

// Shape implements awsapi.Shaped. Where the document comes from, and what it
// may be, is the domain's to say.
func (CreateJobRequest) Shape() awsapi.Shape {
	return awsapi.Shape{
		jobIDLabel,
		{Name: "targets", Required: true, Rule: awsapi.Rule{List: awsapi.Span{Min: 1, Max: 100}, Item: &target}},
		destinations,
		{Name: "document"},
		{Name: "documentSource", Rule: documentSource},
		{Name: "description", Rule: text},
		{Name: "presignedUrlConfig"},
		{Name: "targetSelection", Rule: targetSelection},
		{Name: "jobExecutionsRolloutConfig"},
		{Name: "abortConfig"},
		{Name: "timeoutConfig"},
		{Name: "jobExecutionsRetryConfig"},
		{Name: "schedulingConfig"},
		{Name: "tags"},
		{Name: "jobTemplateArn", Rule: arn},
		{Name: "documentParameters", Rule: documentParameters},
		{Name: "namespaceId", Rule: namespaceID},
		{Name: "paused", Extension: true},
		{Name: "hideQueued", Extension: true},
		{Name: "maximumInProgress", Extension: true, Rule: inFlight},
		caller,
	}
}

// destinations are the package versions that a job brings.
var destinations = awsapi.Member{
	Name: "destinationPackageVersions", Rule: awsapi.Rule{List: awsapi.Span{Max: job.MaxDestinations}, Item: &arn},
}

// documentSource is the URL of an object in S3.
var documentSource = awsapi.Rule{Length: awsapi.Span{Min: 1, Max: 1350}}

// documentParameters bounds what is filled into the document of a managed
// template; how many pairs there are, its parameters bound.
var documentParameters = awsapi.Rule{
	Key:  &awsapi.Rule{Length: awsapi.Span{Min: 1, Max: 128}, Pattern: awsapi.IDPattern},
	Item: &awsapi.Rule{Length: awsapi.Span{Min: 1, Max: 30720}, Pattern: awsapi.TextPattern},
}

// Settings is what a request chooses for its job.
func (r CreateJobRequest) Settings() job.Settings {
	return r.patch().Over(job.Settings{
		Schedule: r.SchedulingConfig.domain(), Source: r.DocumentSource, MaximumInProgress: r.MaximumInProgress,
	})
}

func (r CreateJobRequest) patch() job.Patch {
	return UpdateJobRequest{
		Description: r.Description, PresignedURLConfig: r.PresignedURLConfig,
		JobExecutionsRolloutConfig: r.JobExecutionsRolloutConfig, AbortConfig: r.AbortConfig,
		TimeoutConfig: r.TimeoutConfig, JobExecutionsRetryConfig: r.JobExecutionsRetryConfig,
	}.Patch()
}

// JobAnswer is what CreateJob, CancelJob and AssociateTargetsWithJob answer.
type JobAnswer struct {
	JobARN      string `json:"jobArn,omitempty"`
	JobID       string `json:"jobId,omitempty"`
	Description string `json:"description,omitempty"`
	Version     int64  `json:"-"` // as its ETag
}

// Tag implements awsapi.Tagged.
func (a *JobAnswer) Tag() int64 { return a.Version }

// JobAnswerOf is what an operation that changed j answers.
func JobAnswerOf(j job.Job, s awsapi.Scope) *JobAnswer {
	return &JobAnswer{JobARN: s.ARN(awsapi.ResourceJob, j.Name), JobID: j.Name, Description: j.Settings.Description, Version: j.Version}
}

// UpdateJob changes a job in flight: a member that is given replaces that
// whole setting, an absent one leaves it.
// spec: job-lifecycle.md#9-updatejob-patch-jobsjobid
var UpdateJob = awsapi.MustLookup(awsapi.IoT, "UpdateJob")

// UpdateJobRequest is what UpdateJob takes.
type UpdateJobRequest struct {
	JobID                      string                      `json:"jobId"`
	NamespaceID                string                      `json:"namespaceId,omitempty"`
	Description                string                      `json:"description,omitempty"` // "" cannot be sent
	PresignedURLConfig         *PresignedURLConfig         `json:"presignedUrlConfig,omitempty"`
	JobExecutionsRolloutConfig *JobExecutionsRolloutConfig `json:"jobExecutionsRolloutConfig,omitempty"`
	AbortConfig                *AbortConfig                `json:"abortConfig,omitempty"`
	TimeoutConfig              *TimeoutConfig              `json:"timeoutConfig,omitempty"`
	JobExecutionsRetryConfig   *JobExecutionsRetryConfig   `json:"jobExecutionsRetryConfig,omitempty"`
	DryRun                     bool                        `json:"dryRun,omitempty"` // changes nothing, and tells what it would
	By                         string                      `json:"by"`               // who asks
	IfMatch                    string                      `json:"ifMatch"`          // versions, for awsapi.IfMatch
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
		{Name: "dryRun", In: awsapi.Query, Extension: true},
		pausedElsewhere,
		hiddenElsewhere,
		limitedElsewhere,
		caller,
		ifMatch,
	}
}

// Patch is what a request changes of its job.
func (r UpdateJobRequest) Patch() job.Patch {
	var p job.Patch
	if r.Description != "" {
		p.Description = &r.Description
	}
	if c := r.PresignedURLConfig; c != nil {
		p.Presigned = &job.Presigned{RoleARN: c.RoleARN, ExpiresIn: int(c.ExpiresInSec)}
	}
	if c := r.JobExecutionsRolloutConfig; c != nil {
		p.Rollout = new(c.domain())
	}
	if c := r.AbortConfig; c != nil {
		p.Abort = new(c.domain())
	}
	if c := r.TimeoutConfig; c != nil {
		p.Timeout = &job.TimeoutConfig{InProgressMinutes: int(c.InProgressTimeoutInMinutes)}
	}
	if c := r.JobExecutionsRetryConfig; c != nil {
		p.Retry = new(c.domain())
	}
	return p
}

// UpdateJobAnswer is what UpdateJob answers: nothing but the version, unless it
// was to change nothing.
type UpdateJobAnswer struct {
	Tagged int64 `json:"-"` // version, as its ETag
	*DryRun
}

// Tag implements awsapi.Tagged.
func (a *UpdateJobAnswer) Tag() int64 { return a.Tagged }

// CancelJob ends a job. spec: job-lifecycle.md#51-canceljob-put-jobsjobidcancelforce
var CancelJob = awsapi.MustLookup(awsapi.IoT, "CancelJob")

// CancelJobRequest is what CancelJob takes.
type CancelJobRequest struct {
	JobID      string `json:"jobId"`
	Force      bool   `json:"force,omitempty"`
	ReasonCode string `json:"reasonCode,omitempty"`
	Comment    string `json:"comment,omitempty"`
	By         string `json:"by"`      // who asks
	IfMatch    string `json:"ifMatch"` // versions, for awsapi.IfMatch
}

// Shape implements awsapi.Shaped.
func (CancelJobRequest) Shape() awsapi.Shape {
	return awsapi.Shape{
		jobIDLabel,
		forceQuery,
		{Name: "reasonCode", Rule: awsapi.Rule{Length: awsapi.Span{Max: 128}, Pattern: awsapi.ReasonCodePattern}},
		{Name: "comment", Rule: text},
		caller,
		ifMatch,
	}
}

// DeleteJob deletes a job and its executions.
// spec: job-lifecycle.md#6-delete
var DeleteJob = awsapi.MustLookup(awsapi.IoT, "DeleteJob")

// DeleteJobRequest is what DeleteJob takes.
type DeleteJobRequest struct {
	JobID       string `json:"jobId"`
	Force       bool   `json:"force,omitempty"`
	NamespaceID string `json:"namespaceId,omitempty"`
	By          string `json:"by"`      // who asks
	IfMatch     string `json:"ifMatch"` // versions, for awsapi.IfMatch
}

// Shape implements awsapi.Shaped.
func (DeleteJobRequest) Shape() awsapi.Shape {
	return awsapi.Shape{jobIDLabel, forceQuery, namespaceQuery, caller, ifMatch}
}

// AssociateTargetsWithJob adds groups to a CONTINUOUS job.
// spec: job-lifecycle.md#83-associatetargetswithjob-post-jobsjobidtargets
var AssociateTargetsWithJob = awsapi.MustLookup(awsapi.IoT, "AssociateTargetsWithJob")

// AssociateTargetsWithJobRequest is what AssociateTargetsWithJob takes.
type AssociateTargetsWithJobRequest struct {
	JobID       string   `json:"jobId"`
	NamespaceID string   `json:"namespaceId,omitempty"`
	Targets     []string `json:"targets"`
	Comment     string   `json:"comment,omitempty"`
	By          string   `json:"by"`      // who asks
	IfMatch     string   `json:"ifMatch"` // versions, for awsapi.IfMatch
}

// Shape implements awsapi.Shaped. How many targets a job may have is the
// domain's to say: it counts those that are there.
func (AssociateTargetsWithJobRequest) Shape() awsapi.Shape {
	return awsapi.Shape{
		jobIDLabel,
		namespaceQuery,
		{Name: "targets", Required: true, Rule: awsapi.Rule{List: awsapi.Span{Min: 1}, Item: &target}},
		{Name: "comment", Rule: text},
		caller,
		ifMatch,
	}
}
