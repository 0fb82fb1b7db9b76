package paho

import (
	"encoding/json"
	"testing"

	"github.com/drover-iot/drover/test/node"
)

func TestASubscriberIsToldOfJobsAlsoOfThoseItMissed(t *testing.T) {
	throughEachDoor(t, func(t *testing.T, n *node.Node, connect func(session) *client) {
		n.AnnounceEvents("JOB", "JOB_EXECUTION")
		c := connect(session{id: "follower", persistent: true})
		c.must(c.subscribe("$aws/events/job/#"))
		c.must(c.subscribe("$aws/events/jobExecution/#"))
		n.Job("fw-1", "{}", thing)
		n.Report(thing, "fw-1", "SUCCEEDED")
		c.wantEvent("jobExecution/fw-1/succeeded", "SUCCEEDED")
		c.wantEvent("job/fw-1/completed", "COMPLETED")

		c.must(c.leave())
		n.Job("fw-2", "{}", thing)
		n.Report(thing, "fw-2", "FAILED")
		n.Kill()
		c = connect(session{id: "follower", persistent: true})
		c.wantEvent("jobExecution/fw-2/failed", "FAILED")
		c.wantEvent("job/fw-2/completed", "COMPLETED")
	})
}

// wantEvent waits for the next event, which has to say so.
func (c *client) wantEvent(topic, status string) {
	c.t.Helper()
	m := c.next("$aws/events/" + topic)
	var event struct{ Status string }
	c.must(json.Unmarshal([]byte(m.payload), &event))
	equal(c.t, topic, event.Status, status)
}
