package iot

import (
	"time"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/job"
)

// extension is an operation that AWS does not have, with errors as those of
// UpdateJob are.
func extension(name, method, path string) awsapi.Operation {
	return awsapi.Operation{Name: name, Service: awsapi.IoT, Method: method, Path: "/drover/v1" + path, Errors: UpdateJob.Errors | awsapi.InvalidStateTransition}
}

// GetDroverJob asks for a job with what AWS does not know of it.
var GetDroverJob = extension("GetDroverJob", "GET", "/jobs/{jobId}")

// GetDroverJobRequest is what GetDroverJob takes.
type GetDroverJobRequest struct {
	JobID string `json:"jobId"`
}

// Shape implements awsapi.Shaped.
func (GetDroverJobRequest) Shape() awsapi.Shape { return awsapi.Shape{jobIDLabel} }

// DroverJob is what AWS does not know of a job, beside what DescribeJob shows.
type DroverJob struct {
	Version int64 `json:"version"` // also its ETag
	Hold
	Job Job `json:"job"`
}

// Hold is how an operator holds a job back.
type Hold struct {
	Paused            bool `json:"paused"`
	HideQueued        bool `json:"hideQueued,omitempty"`
	MaximumInProgress int  `json:"maximumInProgress,omitempty"` // 0: any number
}

// holdOf is how j is held back, whether it lives or not.
func holdOf(j job.Job) Hold {
	return Hold{Paused: !j.Rollout.Pause.Since.IsZero(), HideQueued: j.Rollout.Pause.Hides, MaximumInProgress: j.Settings.MaximumInProgress}
}

// Tag implements awsapi.Tagged.
func (a *DroverJob) Tag() int64 { return a.Version }

// DroverJobOf is j at now with what AWS does not know of it.
func DroverJobOf(j job.Job, s awsapi.Scope, now time.Time) *DroverJob {
	return &DroverJob{Version: j.Version, Hold: holdOf(j), Job: JobOf(j, s, now)}
}

// PauseJob holds a job, ResumeJob lets it go on.
// spec: job-lifecycle.md#124-pause-and-resume
var (
	PauseJob  = extension("PauseJob", "POST", "/jobs/{jobId}/pause")
	ResumeJob = extension("ResumeJob", "POST", "/jobs/{jobId}/resume")
)

// PauseJobRequest is what PauseJob takes. hideQueued may stand in the body or in
// the query, and says the same where it stands in both.
type PauseJobRequest struct {
	JobID      string `json:"jobId"`
	HideQueued *bool  `json:"hideQueued,omitempty"`
	HideToo    *bool  `json:"?hideQueued,omitempty"`
	By         string `json:"by"`
	IfMatch    string `json:"ifMatch"`
}

// Shape implements awsapi.Shaped.
func (PauseJobRequest) Shape() awsapi.Shape {
	return awsapi.Shape{
		jobIDLabel,
		{Name: "hideQueued"},
		{Name: "?hideQueued", In: awsapi.Query, As: "hideQueued"},
		pausedElsewhere,
		limitedElsewhere,
		caller,
		ifMatch,
	}
}

// Hides is whether a request hides what is queued.
func (r PauseJobRequest) Hides() (bool, error) {
	body, query := r.HideQueued, r.HideToo
	if body != nil && query != nil && *body != *query {
		return false, fault.New(fault.InvalidRequest, "Value %t at 'hideQueued' in the body is not allowed with %t in the query", *body, *query)
	}
	return body != nil && *body || query != nil && *query, nil
}

// ResumeJobRequest is what ResumeJob takes.
type ResumeJobRequest struct {
	JobID   string `json:"jobId"`
	By      string `json:"by"`
	IfMatch string `json:"ifMatch"`
}

// Shape implements awsapi.Shaped.
func (ResumeJobRequest) Shape() awsapi.Shape { return awsapi.Shape{jobIDLabel, caller, ifMatch} }

// UpdateDroverJob sets what AWS does not know of a job.
// spec: job-lifecycle.md#125-things-in-flight
var UpdateDroverJob = extension("UpdateDroverJob", "PATCH", "/jobs/{jobId}")

// inFlight is how many things may have a job to do at once.
var inFlight = awsapi.Rule{Range: awsapi.Span{Min: 0, Max: 1_000_000_000}}

// UpdateDroverJobRequest is what UpdateDroverJob takes.
type UpdateDroverJobRequest struct {
	JobID             string `json:"jobId"`
	MaximumInProgress int    `json:"maximumInProgress"` // 0: any number
	By                string `json:"by"`
	IfMatch           string `json:"ifMatch"`
}

// Shape implements awsapi.Shaped.
func (UpdateDroverJobRequest) Shape() awsapi.Shape {
	return awsapi.Shape{
		jobIDLabel,
		{Name: "maximumInProgress", Required: true, Rule: inFlight},
		pausedElsewhere,
		hiddenElsewhere,
		caller,
		ifMatch,
	}
}

// ListJobChanges asks for a page of the history of a job.
var ListJobChanges = extension("ListJobChanges", "GET", "/jobs/{jobId}/history")

// ListJobChangesRequest is what ListJobChanges takes.
type ListJobChangesRequest struct {
	JobID      string `json:"jobId"`
	MaxResults int    `json:"maxResults,omitempty"` // 0: absent
	NextToken  string `json:"nextToken,omitempty"`
}

// Shape implements awsapi.Shaped.
func (ListJobChangesRequest) Shape() awsapi.Shape {
	return awsapi.Shape{jobIDLabel, maxResults, nextToken}
}

// ListJobChangesAnswer is a page of a history, the newest change first.
type ListJobChangesAnswer struct {
	Changes   []JobChange `json:"changes"`
	NextToken string      `json:"nextToken,omitempty"`
}

// JobChange is one change of a job. Before and After have the members that it
// changed, as DescribeJob spells them.
type JobChange struct {
	Version   int64       `json:"version"` // of the job behind it
	At        awsapi.Time `json:"at"`
	By        string      `json:"by,omitempty"` // an access key or an address; "": the job by itself
	Operation string      `json:"operation"`
	Before    Members     `json:"before"`
	After     Members     `json:"after"`
}

// JobChangeOf is an entry of a history as it is shown.
func JobChangeOf(c job.Change, s awsapi.Scope) (JobChange, error) {
	changed, err := changesOf(c.Before.Job(), c.After.Job(), s)
	shown := JobChange{
		Version: c.Version, At: awsapi.At(c.At), By: c.By, Operation: string(c.Operation),
		Before: Members{}, After: Members{},
	}
	for _, m := range changed {
		shown.Before.put(m.Member, m.Before)
		shown.After.put(m.Member, m.After)
	}
	return shown, err
}
