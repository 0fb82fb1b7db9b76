package iot

import (
	"time"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/job"
)

// extension is an operation that AWS does not have, with errors as those of
// UpdateJob are.
func extension(name, method, path string) awsapi.Operation {
	return awsapi.Operation{Name: name, Service: awsapi.IoT, Method: method, Path: "/drover/v1" + path, Errors: UpdateJob.Errors}
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
	Job     Job   `json:"job"`
}

// Tag implements awsapi.Tagged.
func (a *DroverJob) Tag() int64 { return a.Version }

// DroverJobOf is j at now with what AWS does not know of it.
func DroverJobOf(j job.Job, s awsapi.Scope, now time.Time) *DroverJob {
	return &DroverJob{Version: j.Version, Job: JobOf(j, s, now)}
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
	By        string      `json:"by"` // an access key, an address, or drover
	Operation string      `json:"operation"`
	Before    Members     `json:"before"`
	After     Members     `json:"after"`
}

// nobody is who changed a job that has changed by itself.
const nobody = "drover"

// JobChangeOf is an entry of a history as it is shown.
func JobChangeOf(c job.Change, s awsapi.Scope) (JobChange, error) {
	changed, err := ChangesOf(c.Before.Job(), c.After.Job(), s)
	shown := JobChange{
		Version: c.Version, At: awsapi.At(c.At), By: c.By, Operation: string(c.Operation),
		Before: Members{}, After: Members{},
	}
	if shown.By == "" {
		shown.By = nobody
	}
	for _, m := range changed {
		shown.Before.put(m.Member, m.Before)
		shown.After.put(m.Member, m.After)
	}
	return shown, err
}
