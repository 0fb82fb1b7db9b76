package iot

import (
	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/job"
)

// PresignedURLConfig says who signs the URLs in a job document, and for how
// long they live. spec: api-shapes.md#presignedurlconfig
type PresignedURLConfig struct {
	RoleARN      string `json:"roleArn,omitempty"`
	ExpiresInSec int64  `json:"expiresInSec,omitempty"` // 0: absent, which means 3600
}

// Shape implements awsapi.Shaped.
func (PresignedURLConfig) Shape() awsapi.Shape {
	return awsapi.Shape{
		{Name: "roleArn", Rule: awsapi.Rule{Length: awsapi.Span{Min: 20, Max: 2048}}},
		{Name: "expiresInSec", Rule: awsapi.Rule{Range: awsapi.Span{Min: 60, Max: 3600}}},
	}
}

// JobExecutionsRolloutConfig is the rate at which a job reaches its things.
// spec: rollout-abort-timeout-retry-schedule.md#1-rollout-rate
type JobExecutionsRolloutConfig struct {
	MaximumPerMinute int                     `json:"maximumPerMinute,omitempty"` // 0: absent, which means 1000
	ExponentialRate  *ExponentialRolloutRate `json:"exponentialRate,omitempty"`
}

// RolloutRate is the highest rate that a job may ask for, in things a minute:
// 1000, the guide's, unless a node sets it otherwise.
// spec: job-lifecycle.md#11-limits-and-quotas
const RolloutRate awsapi.Limit = "rollout rate"

// Shape implements awsapi.Shaped.
func (JobExecutionsRolloutConfig) Shape() awsapi.Shape {
	return awsapi.Shape{
		{Name: "maximumPerMinute", Rule: rate},
		{Name: "exponentialRate"},
	}
}

// ExponentialRolloutRate is a rate that grows as things are reached or
// succeed. spec: api-shapes.md#exponentialrolloutrate
type ExponentialRolloutRate struct {
	BaseRatePerMinute    int                   `json:"baseRatePerMinute"`
	IncrementFactor      awsapi.Decimal        `json:"incrementFactor"` // in tenths
	RateIncreaseCriteria *RateIncreaseCriteria `json:"rateIncreaseCriteria"`
}

// Shape implements awsapi.Shaped.
func (ExponentialRolloutRate) Shape() awsapi.Shape {
	return awsapi.Shape{
		{Name: "baseRatePerMinute", Required: true, Rule: rate},
		{Name: "incrementFactor", Required: true, Rule: awsapi.Rule{Range: awsapi.Span{Min: 11, Max: 50}, Digits: 1}},
		{Name: "rateIncreaseCriteria", Required: true},
	}
}

// RateIncreaseCriteria is when the rate grows; 0 is absent.
// spec: api-shapes.md#rateincreasecriteria
type RateIncreaseCriteria struct {
	NumberOfNotifiedThings  int `json:"numberOfNotifiedThings,omitempty"`
	NumberOfSucceededThings int `json:"numberOfSucceededThings,omitempty"`
}

// Shape implements awsapi.Shaped.
func (RateIncreaseCriteria) Shape() awsapi.Shape {
	atLeastOne := awsapi.Rule{Range: awsapi.Span{Min: 1}}
	return awsapi.Shape{
		{Name: "numberOfNotifiedThings", Rule: atLeastOne},
		{Name: "numberOfSucceededThings", Rule: atLeastOne},
	}
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

// AbortConfig is when a job cancels itself.
// spec: rollout-abort-timeout-retry-schedule.md#2-abort
type AbortConfig struct {
	CriteriaList []AbortCriteria `json:"criteriaList"`
}

// Shape implements awsapi.Shaped.
func (AbortConfig) Shape() awsapi.Shape {
	return awsapi.Shape{{Name: "criteriaList", Required: true, Rule: awsapi.Rule{List: awsapi.Span{Min: 1}}}}
}

// AbortCriteria is one reason to cancel. spec: api-shapes.md#abortcriteria
type AbortCriteria struct {
	FailureType               string         `json:"failureType"`
	Action                    string         `json:"action"`
	ThresholdPercentage       awsapi.Decimal `json:"thresholdPercentage"` // in hundredths
	MinNumberOfExecutedThings int            `json:"minNumberOfExecutedThings"`
}

// Shape implements awsapi.Shaped.
func (AbortCriteria) Shape() awsapi.Shape {
	return awsapi.Shape{
		{Name: "failureType", Required: true, Rule: awsapi.Rule{Enum: []string{"FAILED", "REJECTED", "TIMED_OUT", "ALL"}}},
		{Name: "action", Required: true, Rule: awsapi.Rule{Enum: []string{"CANCEL"}}},
		{Name: "thresholdPercentage", Required: true, Rule: awsapi.Rule{Range: awsapi.Span{Min: 1, Max: 10000}, Digits: 2}},
		{Name: "minNumberOfExecutedThings", Required: true, Rule: awsapi.Rule{Range: awsapi.Span{Min: 1}}},
	}
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

// TimeoutConfig is how long an execution may be in progress.
// spec: rollout-abort-timeout-retry-schedule.md#3-timeouts
type TimeoutConfig struct {
	InProgressTimeoutInMinutes int64 `json:"inProgressTimeoutInMinutes,omitempty"` // 0: no timer
}

// Shape implements awsapi.Shaped. The range is the documentation's; the
// model has none. spec: job-lifecycle.md#11-limits-and-quotas
func (TimeoutConfig) Shape() awsapi.Shape {
	return awsapi.Shape{
		{Name: "inProgressTimeoutInMinutes", Rule: awsapi.Rule{Range: awsapi.Span{Min: 1, Max: 10080}}},
	}
}

// JobExecutionsRetryConfig is which failures are tried again, how often.
// spec: rollout-abort-timeout-retry-schedule.md#4-retries
type JobExecutionsRetryConfig struct {
	CriteriaList []RetryCriteria `json:"criteriaList"`
}

// Shape implements awsapi.Shaped.
func (JobExecutionsRetryConfig) Shape() awsapi.Shape {
	return awsapi.Shape{
		{Name: "criteriaList", Required: true, Rule: awsapi.Rule{List: awsapi.Span{Min: 1, Max: 2}}},
	}
}

// RetryCriteria is the retries of one kind of failure.
// spec: api-shapes.md#retrycriteria
type RetryCriteria struct {
	FailureType     string `json:"failureType"`
	NumberOfRetries int    `json:"numberOfRetries"`
}

// Shape implements awsapi.Shaped.
func (RetryCriteria) Shape() awsapi.Shape {
	return awsapi.Shape{
		{Name: "failureType", Required: true, Rule: awsapi.Rule{Enum: []string{"FAILED", "TIMED_OUT", "ALL"}}},
		{Name: "numberOfRetries", Required: true, Rule: awsapi.Rule{Range: awsapi.Span{Max: 10}}},
	}
}

func (c JobExecutionsRetryConfig) domain() []job.Retry {
	criteria := make([]job.Retry, 0, len(c.CriteriaList))
	for _, r := range c.CriteriaList {
		failure, _ := job.ParseFailure(r.FailureType)
		criteria = append(criteria, job.Retry{Failure: failure, Number: r.NumberOfRetries})
	}
	return criteria
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
