package drovertest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/drover-iot/drover/internal/awsapi/iot"
)

func (p *player) describeJob(c command) (iot.Job, error) {
	var out iot.DescribeJobAnswer
	err := p.node.Call(iot.DescribeJob, iot.DescribeJobRequest{JobID: c.arg(0)}, &out)
	return out.Job, err
}

func (p *player) tellJob(c command) error {
	j, err := p.describeJob(c)
	if err != nil {
		return err
	}
	var line strings.Builder
	line.WriteString(j.Status)
	word(&line, j.IsConcurrent, "concurrent")
	word(&line, j.ForceCanceled, "forced")
	word(&line, j.Description != "", "description=%q", j.Description)
	word(&line, j.ReasonCode != "", "reason=%s", j.ReasonCode)
	word(&line, j.Comment != "", "comment=%q", j.Comment)
	word(&line, true, "updated=%s", p.at(j.LastUpdatedAt.Time))
	word(&line, !j.CompletedAt.IsZero(), "completed=%s", p.at(j.CompletedAt.Time))
	p.tell("%s", line.String())
	return nil
}

func word(line *strings.Builder, when bool, format string, args ...any) {
	if when {
		fmt.Fprintf(line, " "+format, args...)
	}
}

func (p *player) tellSettings(c command) error {
	j, err := p.describeJob(c)
	if err != nil {
		return err
	}
	for _, setting := range []struct {
		name  string
		value any
		given bool
	}{
		{"rollout", j.JobExecutionsRolloutConfig, true},
		{"timeout", j.TimeoutConfig, true},
		{"abort", j.AbortConfig, j.AbortConfig != nil},
		{"retry", j.JobExecutionsRetryConfig, j.JobExecutionsRetryConfig != nil},
		{"schedule", j.SchedulingConfig, j.SchedulingConfig != nil},
	} {
		if !setting.given {
			continue
		}
		text, err := json.Marshal(setting.value)
		if err != nil {
			return err
		}
		p.tell("%s %s", setting.name, text)
	}
	return nil
}

func (p *player) tellRollouts(c command) error {
	j, err := p.describeJob(c)
	for _, r := range j.ScheduledJobRollouts {
		p.tell("%s", r.StartTime)
	}
	if err == nil && len(j.ScheduledJobRollouts) == 0 {
		p.tell("none")
	}
	return err
}

func (p *player) tellCounts(c command) error {
	j, err := p.describeJob(c)
	if err != nil {
		return err
	}
	d := j.JobProcessDetails
	var line strings.Builder
	for _, counter := range []struct {
		name string
		n    int
	}{
		{"queued", d.NumberOfQueuedThings},
		{"in-progress", d.NumberOfInProgressThings},
		{"succeeded", d.NumberOfSucceededThings},
		{"failed", d.NumberOfFailedThings},
		{"rejected", d.NumberOfRejectedThings},
		{"timed-out", d.NumberOfTimedOutThings},
		{"canceled", d.NumberOfCanceledThings},
		{"removed", d.NumberOfRemovedThings},
	} {
		word(&line, counter.n != 0, "%s=%d", counter.name, counter.n)
	}
	word(&line, len(d.ProcessingTargets) > 0, "rolling")
	p.tell("%s", strings.TrimSpace(cmp.Or(line.String(), "none")))
	return nil
}

func (p *player) tellExecutions(c command) error {
	all, err := p.node.executionsOf(c.arg(0), "", 0)
	for _, x := range all {
		p.tell("%s %s", nameOf(x.ThingARN), p.summary(x.JobExecutionSummary))
	}
	return err
}

// executionsOf lists the executions of a job, at most some unless that is 0.
func (n *Node) executionsOf(job, status string, most int) ([]iot.JobExecutionSummaryForJob, error) {
	var all []iot.JobExecutionSummaryForJob
	in := iot.ListJobExecutionsForJobRequest{JobID: job, Status: status, MaxResults: 250}
	for {
		var page iot.ListJobExecutionsForJobAnswer
		if err := n.Call(iot.ListJobExecutionsForJob, in, &page); err != nil {
			return nil, err
		}
		all = append(all, page.ExecutionSummaries...)
		if most > 0 && len(all) >= most {
			return all[:most], nil
		}
		if in.NextToken = page.NextToken; in.NextToken == "" {
			return all, nil
		}
	}
}

func (p *player) tellHistory(c command) error {
	var out iot.ListJobExecutionsForThingAnswer
	err := p.node.Call(iot.ListJobExecutionsForThing, iot.ListJobExecutionsForThingRequest{ThingName: c.arg(0)}, &out)
	for _, x := range out.ExecutionSummaries {
		p.tell("%s %s", x.JobID, p.summary(x.JobExecutionSummary))
	}
	return err
}

func (p *player) summary(x iot.JobExecutionSummary) string {
	var line strings.Builder
	fmt.Fprintf(&line, "#%d %s retry=%d queued=%s", x.ExecutionNumber, x.Status, x.RetryAttempt, p.at(x.QueuedAt.Time))
	word(&line, !x.StartedAt.IsZero(), "started=%s", p.at(x.StartedAt.Time))
	return line.String()
}

func (p *player) tellExecution(c command) error {
	in := iot.DescribeJobExecutionRequest{ThingName: c.arg(0), JobID: c.arg(1)}
	if text := c.arg(2); text != "" {
		number, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return err
		}
		in.ExecutionNumber = &number
	}
	var out iot.DescribeJobExecutionAnswer
	if err := p.node.Call(iot.DescribeJobExecution, in, &out); err != nil {
		return err
	}
	x := out.Execution
	var line strings.Builder
	fmt.Fprintf(&line, "%s#%d %s v%d queued=%s", x.JobID, x.ExecutionNumber, x.Status, x.VersionNumber, p.at(x.QueuedAt.Time))
	word(&line, !x.StartedAt.IsZero(), "started=%s", p.at(x.StartedAt.Time))
	word(&line, x.ForceCanceled, "forced")
	if x.ApproximateSecondsBeforeTimedOut != nil {
		word(&line, true, "left=%ds", *x.ApproximateSecondsBeforeTimedOut)
	}
	word(&line, len(x.StatusDetails.DetailsMap) > 0, "%s", detailsOf(x.StatusDetails.DetailsMap))
	p.tell("%s", line.String())
	return nil
}

func (p *player) listJobs(c command) error {
	query := url.Values{}
	for name, text := range c.opts {
		query.Set(name, text)
	}
	for {
		var page iot.ListJobsAnswer
		if err := p.node.CallJSON(iot.ListJobs, nil, query, nil, &page); err != nil {
			return err
		}
		ids := make([]string, 0, len(page.Jobs))
		for _, j := range page.Jobs {
			ids = append(ids, j.JobID)
		}
		p.tell("[%s]", strings.Join(ids, " "))
		if page.NextToken == "" {
			return nil
		}
		query.Set("nextToken", page.NextToken)
	}
}

func nameOf(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }
