package iot

import "github.com/drover-iot/drover/internal/awsapi"

// Rules that many members share. spec: api-operations.md
var (
	jobID        = awsapi.Rule{Length: awsapi.Span{Min: 1, Max: 64}, Pattern: awsapi.IDPattern}
	name         = awsapi.Rule{Length: awsapi.Span{Min: 1, Max: 128}, Pattern: awsapi.NamePattern}
	namespaceID  = awsapi.Rule{Pattern: awsapi.IDPattern}
	text         = awsapi.Rule{Length: awsapi.Span{Max: 2028}, Pattern: awsapi.TextPattern}
	arn          = awsapi.Rule{Length: awsapi.Span{Min: 1, Max: 1600}, Pattern: awsapi.ARNPattern}
	description  = awsapi.Rule{Length: awsapi.Span{Max: 2028}, Pattern: awsapi.GraphPattern}
	attributeKey = awsapi.Rule{Length: awsapi.Span{Max: 128}, Pattern: awsapi.AttributeKeyPattern}
	attribute    = awsapi.Rule{Length: awsapi.Span{Max: 800}, Pattern: awsapi.AttributeValuePattern}
	target       = awsapi.Rule{Length: awsapi.Span{Max: 2048}}
	rate         = awsapi.Rule{Range: awsapi.Span{Min: 1, Max: 1000}, Limit: RolloutRate}
	pageSize     = awsapi.Rule{Range: awsapi.Span{Min: 1, Max: 250}}

	jobStatus       = awsapi.Rule{Enum: []string{"IN_PROGRESS", "CANCELED", "COMPLETED", "DELETION_IN_PROGRESS", "SCHEDULED"}}
	targetSelection = awsapi.Rule{Enum: []string{"CONTINUOUS", "SNAPSHOT"}}
	executionStatus = awsapi.Rule{Enum: []string{"QUEUED", "IN_PROGRESS", "SUCCEEDED", "FAILED", "TIMED_OUT", "REJECTED", "REMOVED", "CANCELED"}}

	// statusDetails allows ten pairs here, where a device may send more.
	// spec: job-lifecycle.md#11-limits-and-quotas
	statusDetails = awsapi.Rule{
		Pairs: awsapi.Span{Max: 10},
		Key:   &awsapi.Rule{Length: awsapi.Span{Min: 1, Max: 128}, Pattern: awsapi.NamePattern},
		Item:  &awsapi.Rule{Length: awsapi.Span{Min: 1, Max: 1024}, Pattern: awsapi.TextPattern},
	}
)

// Members that many shapes share.
var (
	jobIDLabel     = awsapi.Member{Name: "jobId", In: awsapi.Path, Required: true, Rule: jobID}
	thingNameLabel = awsapi.Member{Name: "thingName", In: awsapi.Path, Required: true, Rule: name}
	namespaceQuery = awsapi.Member{Name: "namespaceId", In: awsapi.Query, Rule: namespaceID}
	forceQuery     = awsapi.Member{Name: "force", In: awsapi.Query}
	maxResults     = awsapi.Member{Name: "maxResults", In: awsapi.Query, Rule: pageSize}
	nextToken      = awsapi.Member{Name: "nextToken", In: awsapi.Query}
	caller         = awsapi.Member{Name: "by", In: awsapi.Header, As: awsapi.Caller}
	ifMatch        = awsapi.Member{Name: "ifMatch", In: awsapi.Header, As: "If-Match", Rule: awsapi.Rule{Length: awsapi.Span{Min: 1}}}
	expected       = awsapi.Member{Name: "expectedVersion", Text: true}
)

// Extensions that operations of their own take: what is sent to another would
// else be done without them.
var (
	pausedElsewhere  = awsapi.Member{Name: "paused", Elsewhere: PauseJob.Method + " " + PauseJob.Path}
	hiddenElsewhere  = awsapi.Member{Name: "hideQueued", Elsewhere: PauseJob.Method + " " + PauseJob.Path}
	limitedElsewhere = awsapi.Member{Name: "maximumInProgress", Elsewhere: UpdateDroverJob.Method + " " + UpdateDroverJob.Path}
)

// Empty is the answer of an operation that answers nothing.
type Empty struct{}
