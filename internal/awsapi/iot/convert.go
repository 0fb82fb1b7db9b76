package iot

import (
	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
)

// This file is the step between wire shapes that were checked and the values
// of the domain, in both directions.

// Settings is what a request chooses for its job.
func (r CreateJobRequest) Settings() job.Settings {
	return r.patch().Over(job.Settings{})
}

func (r CreateJobRequest) patch() job.Patch {
	return UpdateJobRequest{
		Description: r.Description, PresignedURLConfig: r.PresignedURLConfig,
		JobExecutionsRolloutConfig: r.JobExecutionsRolloutConfig, AbortConfig: r.AbortConfig,
		TimeoutConfig: r.TimeoutConfig, JobExecutionsRetryConfig: r.JobExecutionsRetryConfig,
	}.Patch()
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

func (c JobExecutionsRolloutConfig) domain() job.RolloutConfig {
	d := job.RolloutConfig{MaximumPerMinute: c.MaximumPerMinute}
	if e := c.ExponentialRate; e != nil {
		factor, _ := e.IncrementFactor.Scaled(1) // its rule allows one digit
		d.Exponential = job.Exponential{
			Base: e.BaseRatePerMinute, Factor: int(factor),
			Notified:  e.RateIncreaseCriteria.NumberOfNotifiedThings,
			Succeeded: e.RateIncreaseCriteria.NumberOfSucceededThings,
		}
	}
	return d
}

func (c AbortConfig) domain() []job.Criterion {
	criteria := make([]job.Criterion, 0, len(c.CriteriaList))
	for _, a := range c.CriteriaList {
		failure, _ := job.ParseFailure(a.FailureType)
		percent, _ := a.ThresholdPercentage.Scaled(2) // its rule allows two digits
		criteria = append(criteria, job.Criterion{Failure: failure, Percent: int(percent), Min: a.MinNumberOfExecutedThings})
	}
	return criteria
}

func (c JobExecutionsRetryConfig) domain() []job.Retry {
	criteria := make([]job.Retry, 0, len(c.CriteriaList))
	for _, r := range c.CriteriaList {
		failure, _ := job.ParseFailure(r.FailureType)
		criteria = append(criteria, job.Retry{Failure: failure, Number: r.NumberOfRetries})
	}
	return criteria
}

// JobOf is j as DescribeJob shows it.
// spec: job-lifecycle.md#81-validation-in-this-order-order-is-a-decision
func JobOf(j job.Job, s awsapi.Scope) Job {
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
		JobExecutionsRetryConfig: retryOf(j.Settings.Retry),
		IsConcurrent:             j.Concurrent(),
	}
	shown.JobProcessDetails.ProcessingTargets = targetARNs(j.Processing(), s)
	return shown
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

func rolloutOf(c job.RolloutConfig) JobExecutionsRolloutConfig {
	shown := JobExecutionsRolloutConfig{MaximumPerMinute: c.MaximumPerMinute}
	if e := c.Exponential; e.Base != 0 {
		shown.ExponentialRate = &ExponentialRolloutRate{
			BaseRatePerMinute: e.Base, IncrementFactor: awsapi.NewDecimal(int64(e.Factor), 1),
			RateIncreaseCriteria: &RateIncreaseCriteria{NumberOfNotifiedThings: e.Notified, NumberOfSucceededThings: e.Succeeded},
		}
	}
	return shown
}

func abortOf(criteria []job.Criterion) *AbortConfig {
	if len(criteria) == 0 {
		return nil
	}
	shown := &AbortConfig{}
	for _, c := range criteria {
		shown.CriteriaList = append(shown.CriteriaList, AbortCriteria{
			FailureType: c.Failure.String(), Action: "CANCEL",
			ThresholdPercentage:       awsapi.NewDecimal(int64(c.Percent), 2),
			MinNumberOfExecutedThings: c.Min,
		})
	}
	return shown
}

func retryOf(criteria []job.Retry) *JobExecutionsRetryConfig {
	if len(criteria) == 0 {
		return nil
	}
	shown := &JobExecutionsRetryConfig{}
	for _, c := range criteria {
		shown.CriteriaList = append(shown.CriteriaList, RetryCriteria{FailureType: c.Failure.String(), NumberOfRetries: c.Number})
	}
	return shown
}

func countsOf(c job.Counts) JobProcessDetails {
	return JobProcessDetails{
		NumberOfCanceledThings: int(c.Canceled), NumberOfSucceededThings: int(c.Succeeded),
		NumberOfFailedThings: int(c.Failed), NumberOfRejectedThings: int(c.Rejected),
		NumberOfQueuedThings: int(c.Queued), NumberOfInProgressThings: int(c.InProgress),
		NumberOfRemovedThings: int(c.Removed), NumberOfTimedOutThings: int(c.TimedOut),
	}
}

// ExecutionSummaryOf is x in a list.
func ExecutionSummaryOf(x job.Execution) JobExecutionSummary {
	return JobExecutionSummary{
		Status: x.State.String(), QueuedAt: awsapi.At(x.QueuedAt), StartedAt: awsapi.At(x.StartedAt),
		LastUpdatedAt: awsapi.At(x.UpdatedAt), ExecutionNumber: x.Number, RetryAttempt: x.Retries.Attempt(),
	}
}

// TagsOf are tags as the domain has them.
func TagsOf(tags []Tag) []fleet.Tag {
	var list []fleet.Tag
	for _, t := range tags {
		list = append(list, fleet.Tag(t))
	}
	return list
}

// domain is the attributes given, nil if none were.
func (p *AttributePayload) domain() *fleet.Attributes {
	if p == nil {
		return nil
	}
	return &fleet.Attributes{Values: p.Attributes, Merge: p.Merge}
}

// Thing is the thing that a request describes.
func (r CreateThingRequest) Thing() fleet.Thing {
	t := fleet.Thing{Name: r.ThingName, Type: r.ThingTypeName}
	if r.AttributePayload != nil {
		t.Attributes = r.AttributePayload.Attributes
	}
	return t
}

// Patch is what a request changes of its thing.
func (r UpdateThingRequest) Patch() fleet.ThingPatch {
	return fleet.ThingPatch{
		Expected: r.ExpectedVersion, Type: r.ThingTypeName, RemoveType: r.RemoveThingType,
		Attributes: r.AttributePayload.domain(),
	}
}

// Group is the group that a request describes.
func (r CreateThingGroupRequest) Group() fleet.Group {
	g := fleet.Group{Name: r.ThingGroupName, ParentName: r.ParentGroupName}
	if p := r.ThingGroupProperties; p != nil {
		if p.ThingGroupDescription != nil {
			g.Description = *p.ThingGroupDescription
		}
		if p.AttributePayload != nil {
			g.Attributes = p.AttributePayload.Attributes
		}
	}
	return g
}

// Patch is what a request changes of its group.
func (r UpdateThingGroupRequest) Patch() fleet.GroupPatch {
	return fleet.GroupPatch{
		Expected:    r.ExpectedVersion,
		Description: r.ThingGroupProperties.ThingGroupDescription,
		Attributes:  r.ThingGroupProperties.AttributePayload.domain(),
	}
}

// Type is the thing type that a request describes.
func (r CreateThingTypeRequest) Type() fleet.Type {
	y := fleet.Type{Name: r.ThingTypeName}
	if p := r.ThingTypeProperties; p != nil {
		y.Description, y.Searchable = p.ThingTypeDescription, p.SearchableAttributes
	}
	return y
}
