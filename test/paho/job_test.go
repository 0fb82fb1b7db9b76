package paho

import (
	"testing"

	"github.com/drover-iot/drover/test/node"
)

func TestADeviceIsToldOfAJobTakesItAndFinishesIt(t *testing.T) {
	throughEachDoor(t, func(t *testing.T, n *node.Node, connect func(session) *client) {
		c := connect(session{id: thing})
		c.listen()
		n.Job("fw-3", `{ "op": "flash", "size": 18446744073709551616 }`, thing)
		told := c.read("notify")
		equal(t, "queued", told.Jobs["QUEUED"][0].JobID, "fw-3")
		told = c.read("notify-next")
		equal(t, "job", told.Execution.JobID, "fw-3")
		equal(t, "document", string(told.Execution.JobDocument), `{"op":"flash","size":18446744073709551616}`)

		started := c.ask("start-next", `{"clientToken":"s1"}`, "accepted")
		equal(t, "token", started.ClientToken, "s1")
		equal(t, "status", started.Execution.Status, "IN_PROGRESS")
		equal(t, "version", started.Execution.VersionNumber, 2)

		updated := c.ask("fw-3/update", `{"status":"IN_PROGRESS","expectedVersion":"2","statusDetails":{"progress":"40"},"includeJobExecutionState":true}`, "accepted")
		equal(t, "version", updated.State.VersionNumber, 3)

		c.ask("fw-3/update", `{"status":"SUCCEEDED"}`, "accepted")
		equal(t, "jobs left", len(c.read("notify").Jobs), 0)
		equal(t, "next", c.read("notify-next").Execution, nil)
		equal(t, "status for operators", n.Status(thing, "fw-3"), "SUCCEEDED")
	})
}

func TestADeviceThatSubscribesToNothingIsAnswered(t *testing.T) {
	throughEachDoor(t, func(t *testing.T, n *node.Node, connect func(session) *client) {
		c := connect(session{id: thing})
		equal(t, "next", c.ask("$next/get", `{"clientToken":"d1"}`, "accepted").Execution, nil)
		n.Job("fw-3", "{}", thing)
		equal(t, "next", c.ask("$next/get", "", "accepted").Execution.JobID, "fw-3")
		equal(t, "queued", c.ask("get", "", "accepted").QueuedJobs[0].JobID, "fw-3")
	})
}

func TestADeviceLearnsWhyItWasRefused(t *testing.T) {
	throughEachDoor(t, func(t *testing.T, n *node.Node, connect func(session) *client) {
		c := connect(session{id: thing})
		n.Job("live", "{}", thing)
		n.Job("over", "{}", thing)
		n.Report(thing, "over", "FAILED")
		for _, refused := range []struct{ request, payload, code string }{
			{"live/update", `{"status":"SUCCEEDED","expectedVersion":7,"clientToken":"u"}`, "VersionMismatch"},
			{"over/update", `{"status":"SUCCEEDED","clientToken":"u"}`, "InvalidStateTransition"},
			{"live/update", `{"status":"TIMED_OUT","clientToken":"u"}`, "InvalidRequest"},
			{"over/get", `{"clientToken":"u"}`, "TerminalStateReached"},
			{"gone/get", `{"clientToken":"u"}`, "ResourceNotFound"},
		} {
			a := c.ask(refused.request, refused.payload, "rejected")
			equal(t, refused.request, a.Code, refused.code)
			equal(t, "token", a.ClientToken, "u")
		}
		equal(t, "invalid JSON", c.ask("get", "[1]", "rejected").Code, "InvalidJson")
		equal(t, "unknown topic", c.ask("live/grab", "{}", "rejected").Code, "InvalidTopic")
	})
}

func TestADeviceThatWasAwayIsToldOnceWhatIsNext(t *testing.T) {
	throughEachDoor(t, func(t *testing.T, n *node.Node, connect func(session) *client) {
		away := session{id: thing, persistent: true}
		c := connect(away)
		c.must(c.subscribe(below + "notify-next"))
		c.must(c.leave())
		n.Job("a", "{}", thing)
		n.Job("b", "{}", thing)
		n.Report(thing, "a", "REJECTED")
		n.Kill()

		c = connect(away)
		equal(t, "next", c.read("notify-next").Execution.JobID, "b")
		c.ask("b/update", `{"status":"SUCCEEDED"}`, "accepted")
		equal(t, "next", c.read("notify-next").Execution, nil)
	})
}

func TestADeviceThatIsConnectedThroughAKillComesBackByItself(t *testing.T) {
	throughEachDoor(t, func(t *testing.T, n *node.Node, connect func(session) *client) {
		c := connect(session{id: thing, persistent: true})
		c.must(c.subscribe(below + "notify-next"))
		n.Kill()
		n.Job("fw-3", "{}", thing)
		equal(t, "next", c.read("notify-next").Execution.JobID, "fw-3")
	})
}

func TestDevicesTalkToEachOther(t *testing.T) {
	throughEachDoor(t, func(t *testing.T, n *node.Node, connect func(session) *client) {
		away := session{id: "listener", persistent: true}
		listener, speaker := connect(away), connect(session{id: "speaker"})
		listener.must(listener.subscribe("hall/+/heat"))
		speaker.must(speaker.publish("hall/2/heat", "21.5", false))
		equal(t, "live", listener.next("hall/2/heat").payload, "21.5")

		listener.must(listener.leave())
		for _, degrees := range []string{"22", "23", "24"} {
			speaker.must(speaker.publish("hall/2/heat", degrees, false))
		}
		n.Kill()
		listener = connect(away)
		for _, degrees := range []string{"22", "23", "24"} {
			equal(t, "stored", listener.next("hall/2/heat").payload, degrees)
		}
	})
}

func TestALastWordIsRetained(t *testing.T) {
	throughEachDoor(t, func(t *testing.T, n *node.Node, connect func(session) *client) {
		speaker := connect(session{id: "speaker"})
		speaker.must(speaker.publish("hall/2/door", "open", true))
		n.Kill()
		late := connect(session{id: "late"})
		late.must(late.subscribe("hall/2/door"))
		equal(t, "retained", late.next("hall/2/door").payload, "open")
	})
}
