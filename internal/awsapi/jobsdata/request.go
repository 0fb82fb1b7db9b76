package jobsdata

import "github.com/drover-iot/drover/internal/awsapi"

// The operations of the device plane.
var (
	GetPendingJobExecutions      = awsapi.MustLookup(awsapi.JobsData, "GetPendingJobExecutions")
	StartNextPendingJobExecution = awsapi.MustLookup(awsapi.JobsData, "StartNextPendingJobExecution")
	DescribeJobExecution         = awsapi.MustLookup(awsapi.JobsData, "DescribeJobExecution")
	UpdateJobExecution           = awsapi.MustLookup(awsapi.JobsData, "UpdateJobExecution")
)

// DetailPairs is how many pairs statusDetails may have: any number, unless a
// node sets it. spec: job-lifecycle.md#11-limits-and-quotas
const DetailPairs awsapi.Limit = "pairs of statusDetails"

// Next is the job id that means the head of a thing's list.
const Next = "$next"

// GetPendingJobExecutionsRequest asks for what a thing has to do.
// spec: device-api.md#41-getpendingjobexecutions
type GetPendingJobExecutionsRequest struct {
	ClientToken *string `json:"clientToken"` // nil: none; never over HTTP
	ThingName   string  `json:"thingName"`
}

// Shape implements awsapi.Shaped.
func (GetPendingJobExecutionsRequest) Shape() awsapi.Shape {
	return awsapi.Shape{clientToken, thingName}
}

// StartNextPendingJobExecutionRequest starts the head of a thing's list.
// spec: device-api.md#42-startnextpendingjobexecution
type StartNextPendingJobExecutionRequest struct {
	ClientToken          *string           `json:"clientToken"`
	ThingName            string            `json:"thingName"`
	StatusDetails        map[string]string `json:"statusDetails"`        // nil: absent
	StepTimeoutInMinutes int64             `json:"stepTimeoutInMinutes"` // 0: absent; -1: no timer
}

// Shape implements awsapi.Shaped.
func (StartNextPendingJobExecutionRequest) Shape() awsapi.Shape {
	return awsapi.Shape{clientToken, thingName, statusDetails, stepTimeout}
}

// DescribeJobExecutionRequest asks for one execution, or the head of the
// list. spec: device-api.md#43-describejobexecution
type DescribeJobExecutionRequest struct {
	ClientToken        *string `json:"clientToken"`
	JobID              string  `json:"jobId"` // or Next
	ThingName          string  `json:"thingName"`
	IncludeJobDocument *bool   `json:"includeJobDocument"`
	ExecutionNumber    *int64  `json:"executionNumber"` // nil: the latest; ignored with Next
	Namespace          string  `json:"-"`               // of the topic; "": it has none
}

// Shape implements awsapi.Shaped.
func (DescribeJobExecutionRequest) Shape() awsapi.Shape {
	orNext := jobID
	orNext.Or = Next
	return awsapi.Shape{
		clientToken,
		{Name: "jobId", In: awsapi.Path, Required: true, Rule: orNext},
		thingName,
		{Name: "includeJobDocument", In: awsapi.Query, Text: true},
		{Name: "executionNumber", In: awsapi.Query, Text: true},
	}
}

// WantsDocument tells whether the answer has the document: unless the
// request says false.
func (r DescribeJobExecutionRequest) WantsDocument() bool {
	return r.IncludeJobDocument == nil || *r.IncludeJobDocument
}

// UpdateJobExecutionRequest is a device's report.
// spec: device-api.md#44-updatejobexecution
type UpdateJobExecutionRequest struct {
	ClientToken              *string           `json:"clientToken"`
	JobID                    string            `json:"jobId"`
	ThingName                string            `json:"thingName"`
	Status                   string            `json:"status"`
	StatusDetails            map[string]string `json:"statusDetails"`   // nil: unchanged
	ExpectedVersion          *int64            `json:"expectedVersion"` // nil: any
	ExecutionNumber          *int64            `json:"executionNumber"` // nil: the latest
	IncludeJobExecutionState bool              `json:"includeJobExecutionState"`
	IncludeJobDocument       bool              `json:"includeJobDocument"`
	StepTimeoutInMinutes     int64             `json:"stepTimeoutInMinutes"` // 0: absent; -1: no timer
	Namespace                string            `json:"-"`                    // of the topic; "": it has none
}

// Shape implements awsapi.Shaped. A device may report QUEUED as far as the
// shape goes: that is refused as a state, the states that only the server
// sets as malformed.
func (UpdateJobExecutionRequest) Shape() awsapi.Shape {
	status := awsapi.Rule{Enum: []string{"QUEUED", "IN_PROGRESS", "SUCCEEDED", "FAILED", "REJECTED"}}
	return awsapi.Shape{
		clientToken,
		{Name: "jobId", In: awsapi.Path, Required: true, Rule: jobID},
		thingName,
		{Name: "status", Required: true, Rule: status},
		statusDetails,
		{Name: "expectedVersion", Text: true},
		{Name: "executionNumber", Text: true},
		{Name: "includeJobExecutionState", Text: true},
		{Name: "includeJobDocument", Text: true},
		stepTimeout,
	}
}

// Rules and members that the requests share.
var (
	jobID = awsapi.Rule{Length: awsapi.Span{Min: 1, Max: 64}, Pattern: awsapi.IDPattern}
	name  = awsapi.Rule{Length: awsapi.Span{Min: 1, Max: 128}, Pattern: awsapi.NamePattern}

	// clientToken comes first, so that it is read whatever else is wrong.
	// Its length is bounded so that every answer fits an MQTT packet.
	clientToken   = awsapi.Member{Name: "clientToken", In: awsapi.Payload, Rule: awsapi.Rule{Length: awsapi.Span{Max: 1024}}}
	thingName     = awsapi.Member{Name: "thingName", In: awsapi.Path, Required: true, Rule: name}
	statusDetails = awsapi.Member{Name: "statusDetails", Rule: awsapi.Rule{
		Limit: DetailPairs,
		Key:   &name,
		Item:  &awsapi.Rule{Length: awsapi.Span{Min: 1, Max: 1024}, Pattern: awsapi.TextPattern},
	}}
	stepTimeout = awsapi.Member{
		Name: "stepTimeoutInMinutes", Text: true,
		Rule: awsapi.Rule{Range: awsapi.Span{Min: 1, Max: 10080}, Also: -1},
	}
)
