package device_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/drovertest"
)

const greengrass = "aws-gg-deployment"

// inSpace is what a job id of a request's topic becomes in a namespace.
func inSpace(job string) string { return job + "/namespace-" + greengrass }

// queueIn gives the device jobs of the namespace, each behind the one before.
func (d testDevice) queueIn(namespace string, jobs ...string) {
	d.t.Helper()
	for _, id := range jobs {
		d.node.CreateJob(iot.CreateJobRequest{JobID: id, NamespaceID: namespace}, d.Thing)
		d.node.Settle()
	}
}

// listenIn subscribes to the notices of a namespace.
func (d testDevice) listenIn(namespace string) {
	d.t.Helper()
	base := "$aws/things/" + d.Thing + "/jobs/"
	for _, granted := range d.Conn.Subscribe(base+"notify-namespace-"+namespace, base+"notify-next-namespace-"+namespace) {
		if granted != 1 {
			d.t.Fatalf("granted %#x", granted)
		}
	}
}

// spec: device-api.md#23-namespaces
func TestPlainRequestsDoNotSeeJobsOfANamespace(t *testing.T) {
	eachDoor(t, func(t *testing.T, d testDevice) {
		d.queueIn(greengrass, "deploy")
		if a := d.wantAccepted(d.Get("{}")); len(a.QueuedJobs)+len(a.InProgressJobs) != 0 {
			t.Errorf("get answers %s", a.Raw)
		}
		for _, a := range []drovertest.Answer{d.Describe("$next", "{}"), d.StartNext("{}")} {
			if d.wantAccepted(a); a.Execution != nil {
				t.Errorf("the head of the plain list is %s", a.Execution.Name())
			}
		}
		d.queue("plain")
		if a := d.StartNext("{}"); a.Execution == nil || a.Execution.Name() != "plain#1" {
			t.Errorf("start-next answers %s", a.Raw)
		}
	})
}

// spec: device-api.md#23-namespaces
func TestAJobOfANamespaceIsDescribedAndUpdatedByItsID(t *testing.T) {
	eachDoor(t, func(t *testing.T, d testDevice) {
		d.queueIn(greengrass, "deploy")
		if a := d.wantAccepted(d.Describe("deploy", "{}")); a.Execution.Name() != "deploy#1" || string(a.Execution.JobDocument) != `{"op":"deploy"}` {
			t.Errorf("describe answers %s", a.Raw)
		}
		d.report("deploy", "IN_PROGRESS")
		d.report("deploy", "SUCCEEDED")
		if x := d.node.Execution(d.Thing, "deploy"); x.Status != "SUCCEEDED" {
			t.Errorf("the execution is %s", x.Status)
		}
	})
}

// spec: device-api.md#21-routing-a-published-topic
func TestRequestsInANamespace(t *testing.T) {
	eachMQTT(t, func(t *testing.T, d testDevice) {
		if a := d.wantAccepted(d.Describe(inSpace("$next"), `{"clientToken":"c"}`)); a.Execution != nil || *a.ClientToken != "c" {
			t.Errorf("with nothing to do $next answers %s", a.Raw)
		}
		d.queue("plain")
		d.queueIn(greengrass, "one", "two")
		d.queueIn("other", "else")
		a := d.wantAccepted(d.Describe(inSpace("$next"), `{"jobId":"$next","thingName":"T","includeJobDocument":true,"clientToken":"jobs-nucleus-lite"}`))
		if a.Topic != inSpace("$next")+"/get/accepted" || a.Execution.Name() != "one#1" || a.Execution.Status != "QUEUED" {
			t.Errorf("$next answers %s on %s", a.Raw, a.Topic)
		}
		a = d.wantAccepted(d.Update(inSpace("one"), `{"status":"IN_PROGRESS","expectedVersion":"1","includeJobExecutionState":true}`))
		if a.Topic != inSpace("one")+"/update/accepted" || a.ExecutionState.VersionNumber != 2 {
			t.Errorf("the update answers %s on %s", a.Raw, a.Topic)
		}
		if a = d.Describe(inSpace("two"), "{}"); !a.Accepted || a.Execution.Name() != "two#1" {
			t.Errorf("describe answers %s", a.Raw)
		}
		d.wantAccepted(d.Update(inSpace("one"), `{"status":"SUCCEEDED"}`))
		if a = d.Describe(inSpace("$next"), "{}"); a.Execution.Name() != "two#1" {
			t.Errorf("behind the first $next answers %s", a.Raw)
		}
	})
}

// spec: device-api.md#21-routing-a-published-topic
func TestRequestsInANamespaceThatAreRefused(t *testing.T) {
	const ask, fail = `{"clientToken":"t"}`, `{"clientToken":"t","status":"FAILED"}`
	eachMQTT(t, func(t *testing.T, d testDevice) {
		d.queue("plain")
		d.queueIn(greengrass, "deploy")
		for _, c := range []struct {
			name, topic, payload, code string
		}{
			{"a plain job", inSpace("plain") + "/get", ask, "ResourceNotFound"},
			{"an update of a plain job", inSpace("plain") + "/update", fail, "ResourceNotFound"},
			{"a job of another namespace", "deploy/namespace-other/get", ask, "ResourceNotFound"},
			{"an update of another namespace", "deploy/namespace-other/update", fail, "ResourceNotFound"},
			{"no job at all", inSpace("none") + "/get", ask, "ResourceNotFound"},
			{"no namespace", "deploy/namespace-/get", ask, "InvalidRequest"},
			{"no name of one", "deploy/namespace-a.b/get", ask, "InvalidRequest"},
			{"too long a name", "deploy/namespace-" + strings.Repeat("n", 65) + "/get", ask, "InvalidRequest"},
			{"an update of $next", inSpace("$next") + "/update", fail, "InvalidRequest"},
			{"no verb", inSpace("deploy") + "/start", ask, "InvalidTopic"},
			{"no namespace's level", "deploy/space-x/get", ask, "InvalidTopic"},
			{"a list, which has no such topic", inSpace("get"), ask, "InvalidTopic"},
			{"broken JSON", inSpace("deploy") + "/get", "{", "InvalidJson"},
		} {
			topic := "$aws/things/press-01/jobs/" + c.topic
			m := d.Conn.Request(topic, c.payload)
			if m.Topic != topic+"/rejected" || !strings.Contains(string(m.Payload), `"code":"`+c.code+`"`) {
				t.Errorf("%s: answered on %s with %s, want %s", c.name, m.Topic, m.Payload, c.code)
			}
			if c.code != "InvalidJson" && !strings.Contains(string(m.Payload), `"clientToken":"t"`) {
				t.Errorf("%s: the token is not told: %s", c.name, m.Payload)
			}
		}
		if x := d.node.Execution(d.Thing, "plain"); x.Status != "QUEUED" {
			t.Errorf("a refused update made the plain job %s", x.Status)
		}
	})
}

// spec: device-api.md#23-namespaces
func TestEachNamespaceHasItsOwnHeadAndNotices(t *testing.T) {
	eachDoor(t, func(t *testing.T, d testDevice) {
		d.Listen()
		d.listenIn(greengrass)
		d.queue("plain")
		d.wantNotices("notify: in progress: -; queued: plain#1", "notify-next: plain#1 QUEUED")
		d.queueIn(greengrass, "deploy") // the plain job in front holds back nothing
		d.wantNotices(
			"notify-namespace-aws-gg-deployment: in progress: -; queued: deploy#1",
			"notify-next-namespace-aws-gg-deployment: deploy#1 QUEUED")
		d.queueIn("other", "else")
		d.wantNotices()
		d.report("plain", "IN_PROGRESS")
		d.wantNotices()
		d.queueIn(greengrass, "more")
		d.wantNotices("notify-namespace-aws-gg-deployment: in progress: -; queued: deploy#1 more#1")
		d.report("more", "IN_PROGRESS")
		d.wantNotices("notify-next-namespace-aws-gg-deployment: more#1 IN_PROGRESS")
		d.report("plain", "SUCCEEDED")
		d.wantNotices(notifyNothing, nextNothing)
		d.report("more", "SUCCEEDED")
		d.wantNotices(
			"notify-namespace-aws-gg-deployment: in progress: -; queued: deploy#1",
			"notify-next-namespace-aws-gg-deployment: deploy#1 QUEUED")
		d.report("deploy", "SUCCEEDED")
		d.wantNotices(
			"notify-namespace-aws-gg-deployment: nothing",
			"notify-next-namespace-aws-gg-deployment: nothing")
	})
}

// spec: device-api.md#22-subscriptions-and-what-reaches-them
func TestAWildcardGetsTheNoticesOfEveryNamespaceOnce(t *testing.T) {
	eachMQTT(t, func(t *testing.T, d testDevice) {
		d.listenIn(greengrass)
		d.Conn.Subscribe("$aws/things/press-01/jobs/#")
		d.queueIn(greengrass, "deploy")
		d.queueIn("other", "else")
		d.wantNotices(
			"notify-namespace-aws-gg-deployment: in progress: -; queued: deploy#1",
			"notify-next-namespace-aws-gg-deployment: deploy#1 QUEUED",
			"notify-namespace-other: in progress: -; queued: else#1",
			"notify-next-namespace-other: else#1 QUEUED")
	})
}

// spec: device-api.md#71-payloads
func TestASessionIsOwedEachNamespaceApart(t *testing.T) {
	for _, restart := range []bool{false, true} {
		eachPersistent(t, func(t *testing.T, d testDevice) {
			d.Listen()
			d.listenIn(greengrass)
			d.Conn.Leave()
			d.queueIn(greengrass, "one", "two")
			d.queueIn("other", "else")
			d.queue("plain")
			if restart {
				d.node.Restart()
			}
			d.Reconnect()
			d.Conn.Await(4)
			var got []string
			for _, n := range d.Notices() {
				got = append(got, n.String())
			}
			slices.Sort(got)
			want := []string{
				"notify-namespace-aws-gg-deployment: in progress: -; queued: one#1 two#1",
				"notify-next-namespace-aws-gg-deployment: one#1 QUEUED",
				"notify-next: plain#1 QUEUED", "notify: in progress: -; queued: plain#1",
			}
			if !slices.Equal(got, want) {
				t.Errorf("the session is owed %q, want %q", got, want)
			}
			d.Reconnect() // what it has is paid
			d.wantNotices()
		})
	}
}

// eachPersistent runs a test for a persistent session of both versions.
func eachPersistent(t *testing.T, test func(t *testing.T, d testDevice)) {
	for _, door := range []drovertest.Door{drovertest.MQTT311, drovertest.MQTT5} {
		n := drovertest.Start(t, drovertest.Options{})
		n.CreateThings("press-01")
		test(t, testDevice{n.Persistent(door, "press-01"), t, n})
	}
}
