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

// jobVerbs are those of an operator of jobs:
//
//	create-job ID on=TARGET,... [continuous] [SETTINGS]
//	update-job ID [SETTINGS]
//	cancel-job ID [force] [reasonCode=R] [comment=C]
//	delete-job ID [force]
//	associate ID on=GROUP,... [comment=C]
//	cancel-execution THING ID [force] [version=N] [details=JSON]
//	delete-execution THING ID NUMBER [force]
//
// SETTINGS are rate=N, base=N factor=F notified=N succeeded=N, timeout=MINUTES,
// abort=TYPE:PERCENT:MIN,... and retry=TYPE:N,...; any other option is a member
// of the request as it is, in JSON or a bare string. An on that no thing or
// group answers to is an ARN, or the name of a thing that is not there.
//
//	job ID             its state, and what an operator would look at
//	settings ID        its configurations as JSON
//	counts ID          its counters that are not zero; rolling while it rolls out
//	executions ID      its executions, by thing and number
//	history THING      a thing's executions, the newest first
//	execution THING ID [NUMBER]   one of them, as the control plane sees it
//	list-jobs [OPTIONS]           ids, page by page, a line each
func jobVerbs() map[string]verb {
	return map[string]verb{
		"create-job":       (*player).createJob,
		"update-job":       (*player).updateJob,
		"cancel-job":       (*player).cancelJob,
		"delete-job":       (*player).deleteJob,
		"associate":        (*player).associate,
		"cancel-execution": (*player).cancelExecution,
		"delete-execution": (*player).deleteExecution,
		"job":              (*player).tellJob,
		"settings":         (*player).tellSettings,
		"counts":           (*player).tellCounts,
		"executions":       (*player).tellExecutions,
		"history":          (*player).tellHistory,
		"execution":        (*player).tellExecution,
		"list-jobs":        (*player).listJobs,
	}
}

func (p *player) createJob(c command) error {
	body, err := p.settings(c)
	if err != nil {
		return err
	}
	if c.has("continuous") {
		body["targetSelection"] = "CONTINUOUS"
	}
	if _, given := body["document"]; !given {
		body["document"] = `{"op":"` + c.arg(0) + `"}`
	}
	return p.node.CallJSON(iot.CreateJob, p.id(c), nil, body, nil)
}

func (p *player) updateJob(c command) error {
	body, err := p.settings(c)
	if err != nil {
		return err
	}
	return p.node.CallJSON(iot.UpdateJob, p.id(c), nil, body, nil)
}

func (p *player) cancelJob(c command) error {
	return p.node.CallJSON(iot.CancelJob, p.id(c), c.force(), c.members(), nil)
}

func (p *player) deleteJob(c command) error {
	return p.node.CallJSON(iot.DeleteJob, p.id(c), c.force(), nil, nil)
}

func (p *player) associate(c command) error {
	body, err := p.settings(c)
	if err != nil {
		return err
	}
	return p.node.CallJSON(iot.AssociateTargetsWithJob, p.id(c), nil, body, nil)
}

func (p *player) cancelExecution(c command) error {
	body := map[string]any{}
	for option, member := range map[string]string{"version": "expectedVersion", "details": "statusDetails"} {
		if text, ok := c.opts[option]; ok {
			body[member] = raw(text)
		}
	}
	labels := map[string]string{"thingName": c.arg(0), "jobId": c.arg(1)}
	return p.node.CallJSON(iot.CancelJobExecution, labels, c.force(), body, nil)
}

func (p *player) deleteExecution(c command) error {
	labels := map[string]string{"thingName": c.arg(0), "jobId": c.arg(1), "executionNumber": c.arg(2)}
	return p.node.CallJSON(iot.DeleteJobExecution, labels, c.force(), nil, nil)
}

func (p *player) id(c command) map[string]string { return map[string]string{"jobId": c.arg(0)} }

func (c command) force() url.Values {
	if c.has("force") {
		return url.Values{"force": {"true"}}
	}
	return nil
}

// members are the options as members of a request.
func (c command) members() map[string]any {
	body := map[string]any{}
	for name, text := range c.opts {
		body[name] = raw(text)
	}
	return body
}

// settings are the options with the short ones spelt out.
func (p *player) settings(c command) (map[string]any, error) {
	body := c.members()
	for _, member := range []string{"document", "comment", "description"} {
		if text, ok := c.opts[member]; ok {
			body[member] = text // a string, though it may look like JSON
		}
	}
	if on, ok := c.opts["on"]; ok {
		body["targets"] = p.targets(on)
	}
	if minutes, ok := c.opts["timeout"]; ok {
		body["timeoutConfig"] = map[string]any{"inProgressTimeoutInMinutes": raw(minutes)}
	}
	c.rollout(body)
	err := c.criteria(body)
	for _, short := range []string{"on", "timeout", "rate", "base", "factor", "notified", "succeeded", "abort", "retry"} {
		delete(body, short)
	}
	return body, err
}

func (p *player) targets(on string) []string {
	arns := []string{}
	for _, name := range list(on) {
		switch {
		case strings.HasPrefix(name, "arn:"):
			arns = append(arns, name)
		case p.groups[name]:
			arns = append(arns, p.node.GroupARN(name))
		default:
			arns = append(arns, p.node.ThingARN(name))
		}
	}
	return arns
}

// rollout spells jobExecutionsRolloutConfig out.
func (c command) rollout(body map[string]any) {
	config := map[string]any{}
	if rate, ok := c.opts["rate"]; ok {
		config["maximumPerMinute"] = raw(rate)
	}
	if base, ok := c.opts["base"]; ok {
		criteria := map[string]any{}
		for option, member := range map[string]string{"notified": "numberOfNotifiedThings", "succeeded": "numberOfSucceededThings"} {
			if text, ok := c.opts[option]; ok {
				criteria[member] = raw(text)
			}
		}
		config["exponentialRate"] = map[string]any{
			"baseRatePerMinute": raw(base), "incrementFactor": raw(c.opts["factor"]), "rateIncreaseCriteria": criteria,
		}
	}
	if len(config) > 0 {
		body["jobExecutionsRolloutConfig"] = config
	}
}

// criteria spells abortConfig and jobExecutionsRetryConfig out.
func (c command) criteria(body map[string]any) error {
	var abort, retry []any
	for _, text := range list(c.opts["abort"]) {
		part := strings.Split(text, ":")
		if len(part) != 3 {
			return fmt.Errorf("abort=%s is not TYPE:PERCENT:MIN", text)
		}
		abort = append(abort, map[string]any{
			"failureType": part[0], "action": "CANCEL", "thresholdPercentage": raw(part[1]), "minNumberOfExecutedThings": raw(part[2]),
		})
	}
	for _, text := range list(c.opts["retry"]) {
		kind, number, ok := strings.Cut(text, ":")
		if !ok {
			return fmt.Errorf("retry=%s is not TYPE:N", text)
		}
		retry = append(retry, map[string]any{"failureType": kind, "numberOfRetries": raw(number)})
	}
	if abort != nil {
		body["abortConfig"] = map[string]any{"criteriaList": abort}
	}
	if retry != nil {
		body["jobExecutionsRetryConfig"] = map[string]any{"criteriaList": retry}
	}
	return nil
}

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
		{"queued", d.NumberOfQueuedThings}, {"in-progress", d.NumberOfInProgressThings},
		{"succeeded", d.NumberOfSucceededThings}, {"failed", d.NumberOfFailedThings},
		{"rejected", d.NumberOfRejectedThings}, {"timed-out", d.NumberOfTimedOutThings},
		{"canceled", d.NumberOfCanceledThings}, {"removed", d.NumberOfRemovedThings},
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
