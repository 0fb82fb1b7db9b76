package drovertest

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// deviceVerbs are those of devices, which are named after their things:
//
//	get THING                  its list
//	start-next THING [MEMBERS]
//	describe THING ID          ID may be $next
//	update THING ID STATUS [MEMBERS]
//
// MEMBERS are version=N, number=N, step=MINUTES and details=JSON; any other is
// a member of the request as it is.
//
//	listen THING [persistent]  subscribe to notify and notify-next
//	notices THING              what it was told since it was last asked
//	disconnect THING           and connect THING again
//
// In bulk, over HTTPS whatever the door, for the first N of a job's things:
//
//	report ID STATUS N [from=STATUS]   their executions, QUEUED ones unless said otherwise
//	pace ID MINUTES                    advance by minutes, and tell what each released
func deviceVerbs() map[string]verb {
	return map[string]verb{
		"get":        (*player).get,
		"start-next": (*player).startNext,
		"describe":   (*player).describe,
		"update":     (*player).update,
		"listen":     (*player).listen,
		"notices":    (*player).notices,
		"disconnect": (*player).disconnect,
		"connect":    (*player).connect,
		"report":     (*player).report,
		"pace":       (*player).pace,
	}
}

func (p *player) device(thing string) *Device {
	d := p.devices[thing]
	if d == nil {
		d = p.node.Device(p.door, thing)
		p.devices[thing] = d
	}
	return d
}

func (p *player) get(c command) error {
	a := p.device(c.arg(0)).Get("")
	if a.Accepted {
		p.tell("in progress: %s; queued: %s", names(a.InProgressJobs), names(a.QueuedJobs))
		return nil
	}
	p.tell("%s", p.rejected(a))
	return nil
}

func (p *player) startNext(c command) error {
	payload, err := c.payload(nil)
	if err != nil {
		return err
	}
	p.tell("%s", p.executionOf(p.device(c.arg(0)).StartNext(payload)))
	return nil
}

func (p *player) describe(c command) error {
	payload, err := c.payload(nil)
	if err != nil {
		return err
	}
	p.tell("%s", p.executionOf(p.device(c.arg(0)).Describe(c.arg(1), payload)))
	return nil
}

func (p *player) update(c command) error {
	payload, err := c.payload(map[string]any{"status": c.arg(2), "includeJobExecutionState": true})
	if err != nil {
		return err
	}
	a := p.device(c.arg(0)).Update(c.arg(1), payload)
	if a.Accepted {
		p.tell("%s", p.state(*a.ExecutionState))
		return nil
	}
	p.tell("%s", p.rejected(a))
	return nil
}

// payload is a request with the members of the options.
func (c command) payload(body map[string]any) (string, error) {
	if body == nil {
		body = map[string]any{}
	}
	for name, member := range c.members() {
		switch name {
		case "version":
			name = "expectedVersion"
		case "number":
			name = "executionNumber"
		case "step":
			name = "stepTimeoutInMinutes"
		case "details":
			name = "statusDetails"
		}
		body[name] = member
	}
	text, err := json.Marshal(body)
	return string(text), err
}

func (p *player) executionOf(a Answer) string {
	switch {
	case !a.Accepted:
		return p.rejected(a)
	case a.Execution == nil:
		return "nothing"
	}
	return p.execution(*a.Execution)
}

func (p *player) execution(x Execution) string {
	var line strings.Builder
	fmt.Fprintf(&line, "%s %s v%d queued=%s", x.Name(), x.Status, x.VersionNumber, p.at(time.Unix(x.QueuedAt, 0)))
	word(&line, x.StartedAt != 0, "started=%s", p.at(time.Unix(x.StartedAt, 0)))
	if x.SecondsLeft != nil {
		word(&line, true, "left=%ds", *x.SecondsLeft)
	}
	word(&line, len(x.StatusDetails) > 0, "%s", detailsOf(x.StatusDetails))
	return line.String()
}

func (p *player) state(s State) string {
	text := fmt.Sprintf("%s v%d", s.Status, s.VersionNumber)
	if len(s.StatusDetails) > 0 {
		text += " " + detailsOf(s.StatusDetails)
	}
	return text
}

func detailsOf(m map[string]string) string {
	text, err := json.Marshal(m)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// rejected tells a refusal, with the present state where it carries that.
func (p *player) rejected(a Answer) string {
	if a.ExecutionState == nil {
		return "rejected " + a.Word()
	}
	return fmt.Sprintf("rejected %s (%s)", a.Word(), p.state(*a.ExecutionState))
}

func (p *player) listen(c command) error {
	thing := c.arg(0)
	if c.has("persistent") {
		p.devices[thing] = p.node.Persistent(p.door, thing)
	}
	p.device(thing).Listen()
	return nil
}

func (p *player) disconnect(c command) error {
	p.device(c.arg(0)).Conn.Leave()
	return nil
}

func (p *player) connect(c command) error {
	p.device(c.arg(0)).Reconnect()
	return nil
}

func (p *player) notices(c command) error {
	told := p.device(c.arg(0)).Notices()
	if len(told) == 0 {
		p.tell("silence")
	}
	for _, n := range told {
		p.tell("%s", n)
	}
	return nil
}

// report lets the first things of a job report.
func (p *player) report(c command) error {
	var n int
	if _, err := fmt.Sscan(c.arg(2), &n); err != nil {
		return fmt.Errorf("how many: %w", err)
	}
	from := "QUEUED"
	if text, ok := c.opts["from"]; ok {
		from = text
	}
	p.node.Settle()
	all, err := p.node.executionsOf(c.arg(0), from, n)
	if err != nil || len(all) < n {
		return fmt.Errorf("only %d executions are %s: %w", len(all), from, err)
	}
	for _, x := range all {
		a := p.node.Device(HTTPS, nameOf(x.ThingARN)).Update(c.arg(0), `{"status":"`+c.arg(1)+`"}`)
		if !a.Accepted {
			return fmt.Errorf("%s: %s", x.ThingARN, p.rejected(a))
		}
	}
	return nil
}
