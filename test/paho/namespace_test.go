package paho

import (
	"testing"

	"github.com/drover-iot/drover/test/node"
)

// space is where deployments of the Greengrass nuclei are.
const space = "/namespace-aws-gg-deployment/"

func TestADeviceFollowsTheJobsOfANamespace(t *testing.T) {
	throughEachDoor(t, func(t *testing.T, n *node.Node, connect func(session) *client) {
		c := connect(session{id: thing})
		for _, filter := range []string{
			"notify-namespace-aws-gg-deployment", "notify-next-namespace-aws-gg-deployment",
			"+" + space + "update/accepted", "+" + space + "update/rejected",
		} {
			c.must(c.subscribe(below + filter))
		}
		n.Job("plain", "{}", thing)
		n.JobIn("aws-gg-deployment", "deploy", `{"components":{}}`, thing)
		equal(t, "queued", c.read("notify-namespace-aws-gg-deployment").Jobs["QUEUED"][0].JobID, "deploy")
		equal(t, "next", c.read("notify-next-namespace-aws-gg-deployment").Execution.JobID, "deploy")

		const ask = `{"jobId":"$next","thingName":"` + thing + `","includeJobDocument":true,"clientToken":"jobs-nucleus-lite"}`
		head := c.ask("$next"+space+"get", ask, "accepted")
		equal(t, "job", head.Execution.JobID, "deploy")
		equal(t, "document", string(head.Execution.JobDocument), `{"components":{}}`)
		equal(t, "token", head.ClientToken, "jobs-nucleus-lite")

		c.ask("deploy"+space+"update", `{"status":"IN_PROGRESS","expectedVersion":"1","clientToken":"jobs-nucleus-lite"}`, "accepted")
		stale := c.ask("deploy"+space+"update", `{"status":"SUCCEEDED","expectedVersion":"1"}`, "rejected")
		equal(t, "code", stale.Code, "VersionMismatch")
		equal(t, "version", stale.State.VersionNumber, 2)
		c.ask("deploy"+space+"update", `{"status":"SUCCEEDED","expectedVersion":"2"}`, "accepted")
		equal(t, "jobs left", len(c.read("notify-namespace-aws-gg-deployment").Jobs), 0)
		equal(t, "next", c.read("notify-next-namespace-aws-gg-deployment").Execution, nil)
		equal(t, "the plain job", n.Status(thing, "plain"), "QUEUED")
	})
}
