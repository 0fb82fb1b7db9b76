package crash

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/drover-iot/drover/internal/awsapi/jobsdata"
	"github.com/drover-iot/drover/internal/drovertest"
	"github.com/drover-iot/drover/internal/mqtt"
)

// space is the namespace of some of the jobs; their ids end with it.
const space = "gg"

// within is the level of a topic that names a namespace, if there is one.
// spec: device-api.md#23-namespaces
func within(namespace string) string {
	if namespace == "" {
		return ""
	}
	return "/namespace-" + namespace
}

// suffix is the end of the topic of the notices of a namespace.
func suffix(namespace string) string { return strings.Replace(within(namespace), "/", "-", 1) }

// mine finds an execution that a device is shown, of another namespace.
func (d *device) mine(x *drovertest.Execution) {
	if strings.HasSuffix(x.JobID, "-"+space) != (d.namespace == space) {
		d.t.Errorf("%s follows namespace %q and is shown %s", d.thing, d.namespace, x.JobID)
	}
}

// pending is the list of what a device has to do. A namespace has no request for
// it: there the head has to do.
func (d *device) pending(send door) (drovertest.Answer, error) {
	if d.namespace != "" {
		return drovertest.Answer{}, nil
	}
	return send.pending()
}

// startHead is start in a namespace: the head is asked for, then updated.
func (d *device) startHead(l *life, send door) (*drovertest.Execution, error) {
	for {
		head, err := send.describe(jobsdata.Next)
		if err != nil || head.Execution == nil {
			return nil, err
		}
		x := head.Execution
		d.mine(x)
		at := attempt{d.thing, x.JobID, x.ExecutionNumber}
		d.observe(at, state{x.Status, x.VersionNumber, step(x.StatusDetails)})
		started, err := d.report(l, send, report{attempt: at, status: "IN_PROGRESS", step: "step=0", version: x.VersionNumber})
		if err != nil {
			return nil, err
		}
		if started {
			x.VersionNumber++
			return x, nil
		}
	}
}

// headIn is the head of a thing's list in a namespace.
func headIn(n *node, thing, namespace string) (string, error) {
	answers := make(chan *mqtt.Publish, 1)
	p, err := dial(n, mqtt.Connect{Version: mqtt.V5, Client: "asker-" + thing, Clean: true}, 0, func(m *mqtt.Publish) { answers <- m })
	if err != nil {
		return "", err
	}
	defer p.leave()
	topic := "$aws/things/" + thing + "/jobs/" + jobsdata.Next + within(namespace) + "/get"
	if err := p.publish(topic, "{}", false); err != nil {
		return "", err
	}
	m, err := await(p, answers)
	if err != nil {
		return "", fmt.Errorf("wait for the head: %w", err)
	}
	var a drovertest.Answer
	if err := json.Unmarshal(m.Payload, &a); err != nil || a.Execution == nil {
		return "", err
	}
	return a.Execution.Name(), nil
}
