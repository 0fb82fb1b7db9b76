package crash

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/jobsdata"
	"github.com/drover-iot/drover/internal/drovertest"
	"github.com/drover-iot/drover/internal/mqtt"
)

// overMQTT is the door of a connection: an answer has its request's token.
type overMQTT struct {
	*device
	p *peer
}

func (d overMQTT) report(r report) (drovertest.Answer, error) {
	if r.job == "" { // a namespace has no such request
		return d.ask("start-next", map[string]any{"statusDetails": map[string]string{"step": "0"}})
	}
	return d.ask(r.job+within(d.namespace)+"/update", r.body())
}

func (r report) body() map[string]any {
	_, said, _ := strings.Cut(r.step, "=")
	return map[string]any{
		"status": r.status, "statusDetails": map[string]string{"step": said},
		"expectedVersion": r.version, "executionNumber": r.number, "includeJobExecutionState": true,
	}
}

func (d overMQTT) pending() (drovertest.Answer, error) { return d.ask("get", map[string]any{}) }

func (d overMQTT) describe(job string) (drovertest.Answer, error) {
	return d.ask(job+within(d.namespace)+"/get", map[string]any{})
}

func (d overMQTT) ask(below string, body map[string]any) (a drovertest.Answer, err error) {
	d.tokens++
	token := fmt.Sprint(d.tokens)
	body["clientToken"] = token
	payload, err := json.Marshal(body)
	if err != nil {
		return a, err
	}
	topic := "$aws/things/" + d.thing + "/jobs/" + below
	if _, err := d.p.begin(func(id uint16) mqtt.Packet { return message(id, topic, string(payload), false) }); err != nil {
		return a, err
	}
	return d.answer(topic, token)
}

// answer waits for the answer to a request; others may still come that were
// asked for on a connection that is gone.
func (d overMQTT) answer(topic, token string) (a drovertest.Answer, err error) {
	for {
		m, err := await(d.p, d.session.answers)
		if err != nil {
			return a, err
		}
		a = drovertest.Answer{}
		if err := json.Unmarshal(m.Payload, &a); err != nil {
			return a, fmt.Errorf("answer on %s: %q: %w", m.Topic, m.Payload, err)
		}
		if a.ClientToken == nil || *a.ClientToken != token {
			d.t.Errorf("%s waits for %s to %s and gets %s on %s", d.thing, token, topic, m.Payload, m.Topic)
			continue
		}
		a.Accepted = m.Topic == topic+"/accepted"
		return a, nil
	}
}

// https is the other door.
type https struct {
	*device
	l *life
}

func (d https) report(r report) (drovertest.Answer, error) {
	_, said, _ := strings.Cut(r.step, "=")
	details := map[string]string{"step": said}
	if r.job == "" {
		return d.ask(jobsdata.StartNextPendingJobExecution,
			jobsdata.StartNextPendingJobExecutionRequest{ThingName: d.thing, StatusDetails: details})
	}
	return d.ask(jobsdata.UpdateJobExecution, jobsdata.UpdateJobExecutionRequest{
		ThingName: d.thing, JobID: r.job, Status: r.status, StatusDetails: details,
		ExpectedVersion: &r.version, ExecutionNumber: &r.number, IncludeJobExecutionState: true,
	})
}

func (d https) pending() (drovertest.Answer, error) {
	return d.ask(jobsdata.GetPendingJobExecutions, jobsdata.GetPendingJobExecutionsRequest{ThingName: d.thing})
}

func (d https) describe(job string) (drovertest.Answer, error) {
	return d.ask(jobsdata.DescribeJobExecution, jobsdata.DescribeJobExecutionRequest{ThingName: d.thing, JobID: job})
}

func (d https) ask(op awsapi.Operation, in awsapi.Shaped) (a drovertest.Answer, err error) {
	err = d.l.call(op, in, &a)
	if refused(err) {
		return drovertest.Answer{}, nil
	}
	a.Accepted = err == nil
	return a, err
}
