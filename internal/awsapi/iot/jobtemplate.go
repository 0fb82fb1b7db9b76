package iot

import (
	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/job"
)

var jobTemplateLabel = awsapi.Member{Name: "jobTemplateId", In: awsapi.Path, Required: true, Rule: jobID}

// CreateJobTemplate makes a job template, from scratch or from a job.
var CreateJobTemplate = awsapi.MustLookup(awsapi.IoT, "CreateJobTemplate")

// CreateJobTemplateRequest is what CreateJobTemplate takes.
type CreateJobTemplateRequest struct {
	JobTemplateID              string                      `json:"jobTemplateId"`
	JobARN                     string                      `json:"jobArn,omitempty"`
	Document                   string                      `json:"document,omitempty"`
	DocumentSource             string                      `json:"documentSource,omitempty"`
	Description                string                      `json:"description"`
	PresignedURLConfig         *PresignedURLConfig         `json:"presignedUrlConfig,omitempty"`
	JobExecutionsRolloutConfig *JobExecutionsRolloutConfig `json:"jobExecutionsRolloutConfig,omitempty"`
	AbortConfig                *AbortConfig                `json:"abortConfig,omitempty"`
	TimeoutConfig              *TimeoutConfig              `json:"timeoutConfig,omitempty"`
	Tags                       []Tag                       `json:"tags,omitempty"`
	JobExecutionsRetryConfig   *JobExecutionsRetryConfig   `json:"jobExecutionsRetryConfig,omitempty"`
	MaintenanceWindows         []MaintenanceWindow         `json:"maintenanceWindows,omitempty"`
	DestinationPackageVersions []string                    `json:"destinationPackageVersions,omitempty"` // ARNs
}

// Shape implements awsapi.Shaped. What a document may be is the domain's to
// say.
func (CreateJobTemplateRequest) Shape() awsapi.Shape {
	return awsapi.Shape{
		jobTemplateLabel,
		destinations,
		{Name: "jobArn"},
		{Name: "document"},
		{Name: "documentSource", Rule: documentSource},
		{Name: "description", Required: true, Rule: text},
		{Name: "presignedUrlConfig"},
		{Name: "jobExecutionsRolloutConfig"},
		{Name: "abortConfig"},
		{Name: "timeoutConfig"},
		{Name: "tags"},
		{Name: "jobExecutionsRetryConfig"},
		{Name: "maintenanceWindows"},
		pausedNotByTemplate,
		hiddenNotByTemplate,
		limitedNotByTemplate,
	}
}

// What a template does not keep, and a job is made with.
const createdWith = "PUT /drover/v1/jobs/{jobId}"

var (
	pausedNotByTemplate  = awsapi.Member{Name: "paused", Elsewhere: createdWith}
	hiddenNotByTemplate  = awsapi.Member{Name: "hideQueued", Elsewhere: createdWith}
	limitedNotByTemplate = awsapi.Member{Name: "maximumInProgress", Elsewhere: createdWith}
)

// Settings is what a request chooses for the jobs of its template.
func (r CreateJobTemplateRequest) Settings() job.Settings {
	return UpdateJobRequest{
		Description: r.Description, PresignedURLConfig: r.PresignedURLConfig,
		JobExecutionsRolloutConfig: r.JobExecutionsRolloutConfig, AbortConfig: r.AbortConfig,
		TimeoutConfig: r.TimeoutConfig, JobExecutionsRetryConfig: r.JobExecutionsRetryConfig,
	}.Patch().Over(job.Settings{Source: r.DocumentSource, Schedule: job.Schedule{Windows: windowsOf(r.MaintenanceWindows)}})
}

// CreateJobTemplateAnswer names the template.
type CreateJobTemplateAnswer struct {
	JobTemplateARN string `json:"jobTemplateArn"`
	JobTemplateID  string `json:"jobTemplateId"`
}

// DescribeJobTemplate asks for a job template.
var DescribeJobTemplate = awsapi.MustLookup(awsapi.IoT, "DescribeJobTemplate")

// DescribeJobTemplateRequest is what DescribeJobTemplate takes.
type DescribeJobTemplateRequest struct {
	JobTemplateID string `json:"jobTemplateId"`
}

// Shape implements awsapi.Shaped.
func (DescribeJobTemplateRequest) Shape() awsapi.Shape { return awsapi.Shape{jobTemplateLabel} }

// DescribeJobTemplateAnswer is a job template. The configurations that were not
// given are absent.
type DescribeJobTemplateAnswer struct {
	JobTemplateARN             string                      `json:"jobTemplateArn"`
	JobTemplateID              string                      `json:"jobTemplateId"`
	Description                string                      `json:"description"`
	Document                   string                      `json:"document"`
	DocumentSource             string                      `json:"documentSource,omitempty"`
	CreatedAt                  awsapi.Time                 `json:"createdAt"`
	PresignedURLConfig         *PresignedURLConfig         `json:"presignedUrlConfig,omitempty"`
	JobExecutionsRolloutConfig *JobExecutionsRolloutConfig `json:"jobExecutionsRolloutConfig,omitempty"`
	AbortConfig                *AbortConfig                `json:"abortConfig,omitempty"`
	TimeoutConfig              *TimeoutConfig              `json:"timeoutConfig,omitempty"`
	JobExecutionsRetryConfig   *JobExecutionsRetryConfig   `json:"jobExecutionsRetryConfig,omitempty"`
	MaintenanceWindows         []MaintenanceWindow         `json:"maintenanceWindows,omitempty"`
	DestinationPackageVersions []string                    `json:"destinationPackageVersions,omitempty"` // as they were given
}

// JobTemplateOf is t as DescribeJobTemplate shows it.
func JobTemplateOf(t job.Template, s awsapi.Scope) *DescribeJobTemplateAnswer {
	summary := JobTemplateSummaryOf(t, s)
	shown := &DescribeJobTemplateAnswer{
		JobTemplateARN: summary.JobTemplateARN, JobTemplateID: summary.JobTemplateID,
		Description: summary.Description, CreatedAt: summary.CreatedAt,
		Document: string(t.Document), DocumentSource: t.Settings.Source,
		AbortConfig: abortOf(t.Settings.Abort), JobExecutionsRetryConfig: retryOf(t.Settings.Retry),
		MaintenanceWindows:         windowsShown(t.Settings.Schedule.Windows),
		DestinationPackageVersions: DestinationsOf(t.Settings, s, true),
	}
	if c := t.Settings.Presigned; c != (job.Presigned{}) {
		shown.PresignedURLConfig = &PresignedURLConfig{RoleARN: c.RoleARN, ExpiresInSec: int64(c.ExpiresIn)}
	}
	if c := t.Settings.Rollout; c != (job.RolloutConfig{}) {
		shown.JobExecutionsRolloutConfig = new(rolloutOf(c))
	}
	if c := t.Settings.Timeout; c != (job.TimeoutConfig{}) {
		shown.TimeoutConfig = &TimeoutConfig{InProgressTimeoutInMinutes: int64(c.InProgressMinutes)}
	}
	return shown
}

// DeleteJobTemplate deletes a job template.
var DeleteJobTemplate = awsapi.MustLookup(awsapi.IoT, "DeleteJobTemplate")

// DeleteJobTemplateRequest is what DeleteJobTemplate takes.
type DeleteJobTemplateRequest struct {
	JobTemplateID string `json:"jobTemplateId"`
}

// Shape implements awsapi.Shaped.
func (DeleteJobTemplateRequest) Shape() awsapi.Shape { return awsapi.Shape{jobTemplateLabel} }

// ListJobTemplates asks for a page of job templates.
var ListJobTemplates = awsapi.MustLookup(awsapi.IoT, "ListJobTemplates")

// ListJobTemplatesRequest is what ListJobTemplates takes.
type ListJobTemplatesRequest struct {
	MaxResults int    `json:"maxResults,omitempty"` // 0: absent
	NextToken  string `json:"nextToken,omitempty"`
}

// Shape implements awsapi.Shaped.
func (ListJobTemplatesRequest) Shape() awsapi.Shape { return awsapi.Shape{maxResults, nextToken} }

// ListJobTemplatesAnswer is a page of job templates.
type ListJobTemplatesAnswer struct {
	JobTemplates []JobTemplateSummary `json:"jobTemplates"`
	NextToken    string               `json:"nextToken,omitempty"`
}

// JobTemplateSummary is a job template in a list.
// spec: api-shapes.md#jobtemplatesummary
type JobTemplateSummary struct {
	JobTemplateARN string      `json:"jobTemplateArn"`
	JobTemplateID  string      `json:"jobTemplateId"`
	Description    string      `json:"description"`
	CreatedAt      awsapi.Time `json:"createdAt"`
}

// JobTemplateSummaryOf is t in a list.
func JobTemplateSummaryOf(t job.Template, s awsapi.Scope) JobTemplateSummary {
	return JobTemplateSummary{
		JobTemplateARN: s.ARN(awsapi.ResourceJobTemplate, t.Name), JobTemplateID: t.Name,
		Description: t.Settings.Description, CreatedAt: awsapi.At(t.CreatedAt),
	}
}

// originARN is the ARN of the template that a job was made from, "" if of none.
func originARN(o job.Origin, s awsapi.Scope) string {
	switch {
	case o.Template == "":
		return ""
	case o.Managed():
		return s.Provider().ARN(awsapi.ResourceJobTemplate, o.Template+":"+o.Version)
	default:
		return s.ARN(awsapi.ResourceJobTemplate, o.Template)
	}
}
