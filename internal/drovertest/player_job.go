package drovertest

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iot"
)

// jobVerbs are those of an operator of jobs:
//
//	create-job ID on=TARGET,... [continuous] [SETTINGS]
//	update-job ID [SETTINGS]
//	cancel-job ID [force] [reasonCode=R] [comment=C]
//	pause ID [hide], resume ID, limit ID N   tell how the job is held back
//	delete-job ID [force]
//	associate ID on=GROUP,... [comment=C]
//	cancel-execution THING ID [force] [version=N] [details=JSON]
//	delete-execution THING ID NUMBER [force]
//
// SETTINGS are rate=N, base=N factor=F notified=N succeeded=N, timeout=MINUTES,
// abort=TYPE:PERCENT:MIN,... and retry=TYPE:N,..., for create-job also
// start=TIME, end=TIME, behavior=WORD and window=CRON minutes=N [zone=NAME]; any
// other option is a member of the request as it is, in JSON or a bare string. An on that no thing or
// group answers to is an ARN, or the name of a thing that is not there.
//
//	job ID             its state, and what an operator would look at
//	settings ID        its configurations as JSON
//	rollouts ID        when its windows open next, in UTC
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
		"pause":            (*player).pause,
		"resume":           (*player).resume,
		"limit":            (*player).limit,
		"delete-job":       (*player).deleteJob,
		"associate":        (*player).associate,
		"cancel-execution": (*player).cancelExecution,
		"delete-execution": (*player).deleteExecution,
		"job":              (*player).tellJob,
		"settings":         (*player).tellSettings,
		"rollouts":         (*player).tellRollouts,
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
	c.schedule(body)
	if _, given := c.opts["zone"]; given {
		return p.node.CallJSON(iot.CreateJobExtended, p.id(c), nil, body, nil)
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

func (p *player) pause(c command) error {
	return p.hold(iot.PauseJob, iot.PauseJobRequest{JobID: c.arg(0), HideQueued: new(c.has("hide"))})
}

func (p *player) resume(c command) error {
	return p.hold(iot.ResumeJob, iot.ResumeJobRequest{JobID: c.arg(0)})
}

func (p *player) limit(c command) error {
	n, err := strconv.Atoi(c.arg(1))
	if err != nil {
		return err
	}
	return p.hold(iot.UpdateDroverJob, iot.UpdateDroverJobRequest{JobID: c.arg(0), MaximumInProgress: n})
}

// hold changes how a job is held back, and tells it.
func (p *player) hold(op awsapi.Operation, in awsapi.Shaped) error {
	var out iot.DroverJob
	if err := p.node.Call(op, in, &out); err != nil {
		return err
	}
	line := strings.Builder{}
	fmt.Fprintf(&line, "%s v%d", out.Job.Status, out.Version)
	word(&line, out.Paused, "paused")
	word(&line, out.HideQueued, "hidden")
	word(&line, out.MaximumInProgress > 0, "most=%d", out.MaximumInProgress)
	p.tell("%s", line.String())
	return nil
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

// schedule spells schedulingConfig out.
func (c command) schedule(body map[string]any) {
	move := func(from string, to map[string]any, member string, value any) {
		if _, given := c.opts[from]; given {
			to[member] = value
			delete(body, from)
		}
	}
	config, window := map[string]any{}, map[string]any{}
	move("start", config, "startTime", c.opts["start"])
	move("end", config, "endTime", c.opts["end"])
	move("behavior", config, "endBehavior", c.opts["behavior"])
	move("window", window, "startTime", c.opts["window"])
	move("minutes", window, "durationInMinutes", raw(c.opts["minutes"]))
	move("zone", window, "timeZone", c.opts["zone"])
	if len(window) > 0 {
		config["maintenanceWindows"] = []any{window}
	}
	if len(config) > 0 {
		body["schedulingConfig"] = config
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
